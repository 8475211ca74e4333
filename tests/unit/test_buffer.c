// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl */
#include <string.h>

#include "mock.h"

/* What _IOC_SIZE() can carry, and one more. */
#define LONGEST	16383

static int get_info(const struct mmapper_buffer *buffer, void *answer,
		    size_t len)
{
	return mmapper_buffer_get_info(buffer, answer, len);
}

static int get_stats(const struct mmapper_buffer *buffer, void *answer,
		     size_t len)
{
	return mmapper_buffer_get_stats(buffer, answer, len);
}

/* Both take a structure of any length from that of their first version on. */
static const struct query {
	int		(*get)(const struct mmapper_buffer *buffer,
			       void *answer, size_t len);
	unsigned int	nr;
	size_t		first;
} queries[] = {
	{ get_info, 1, 184 },
	{ get_stats, 2, 72 },
};

static void asks(const struct query *query, size_t len, size_t known, int error)
{
	static const char zero[LONGEST];
	char answer[LONGEST + 1];
	char out[LONGEST];

	memset(answer, 'x', sizeof(answer));
	memset(out, 'd', sizeof(out));
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .in = zero,
	       .request = _IOC(_IOC_READ | _IOC_WRITE, 0xB8, query->nr, len),
	       .out = out, .out_len = known, .error = error);

	assert_returns(-error, query->get(mock_buffer, answer, len));
	assert_memory_equal(answer, out, known);
	assert_memory_equal(answer + known, zero, len - known);
	assert_int_equal(answer[len], 'x');
}

static void test_query(void **state)
{
	const struct query *query;
	size_t len;

	(void)state;
	for (query = queries; query < queries + 2; query++) {
		for (len = query->first; len < query->first + 64; len++)
			asks(query, len, query->first, 0);
		asks(query, LONGEST, query->first, 0);
		asks(query, LONGEST, LONGEST, 0);
		asks(query, query->first, 0, ENOTTY);
		asks(query, query->first + 8, 0, E2BIG);
	}
}

static void test_query_bad(void **state)
{
	const struct query *query;
	char answer[LONGEST + 1];
	size_t len;

	(void)state;
	for (query = queries; query < queries + 2; query++) {
		for (len = 0; len < query->first; len++)
			assert_int_equal(query->get(mock_buffer, answer, len),
					 -EINVAL);
		assert_int_equal(query->get(mock_buffer, answer, LONGEST + 1),
				 -EINVAL);
		assert_int_equal(query->get(mock_buffer, answer, SIZE_MAX),
				 -EINVAL);
		/* The size may not spill into the other bits. */
		assert_int_equal(query->get(mock_buffer, answer,
					    LONGEST + 1 + query->first),
				 -EINVAL);
		assert_int_equal(query->get(mock_buffer, NULL, query->first),
				 -EINVAL);
		assert_int_equal(query->get(NULL, answer, query->first),
				 -EINVAL);
	}
}

static void test_query_interrupted(void **state)
{
	static const struct mmapper_stats zero;
	const struct mmapper_stats out = { .opens = 3, .faults = UINT64_MAX };
	struct mmapper_stats stats;

	(void)state;
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = MMAPPER_IOC_STATS,
	       .in = &zero, .error = EINTR);
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = MMAPPER_IOC_STATS,
	       .in = &zero, .out = &out, .out_len = sizeof(out));
	assert_returns(0, mmapper_buffer_get_stats(mock_buffer, &stats,
						   sizeof(stats)));
	assert_memory_equal(&stats, &out, sizeof(out));
}

static void test_reset(void **state)
{
	static const int errors[] = { 0, EBADF, ENOTTY };
	static const struct mmapper_reset zero;
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		EXPECT(.call = "ioctl", .fd = MOCK_FD,
		       .request = MMAPPER_IOC_RESET, .in = &zero,
		       .error = errors[i]);
		assert_returns(-errors[i], mmapper_buffer_reset(mock_buffer));
	}
	assert_returns(-EINVAL, mmapper_buffer_reset(NULL));
}

static void expect_phys(unsigned long request, const struct mmapper_phys *in,
			const struct mmapper_phys *out, int error)
{
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = request, .in = in,
	       .out = out, .out_len = out ? sizeof(*out) : 0, .error = error);
}

static void test_lookup(void **state)
{
	static const int errors[] = { EPERM, EINVAL, ENOTTY };
	const struct mmapper_phys in = { .where = 0x1234567890abcdef };
	const struct mmapper_phys out = { .where = in.where,
					  .phys = 0xfedcba0987654321 };
	uint64_t phys = 0;
	size_t i;

	(void)state;
	expect_phys(MMAPPER_IOC_LOOKUP, &in, &out, 0);
	assert_returns(0, mmapper_buffer_lookup(mock_buffer, in.where, &phys));
	assert_int_equal(phys, out.phys);

	phys = 1;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_phys(MMAPPER_IOC_LOOKUP, &in, NULL, errors[i]);
		assert_returns(-errors[i],
			       mmapper_buffer_lookup(mock_buffer, in.where,
						     &phys));
		assert_int_equal(phys, 1);
	}
	assert_returns(-EINVAL, mmapper_buffer_lookup(NULL, 0, &phys));
	assert_returns(-EINVAL, mmapper_buffer_lookup(mock_buffer, 0, NULL));
}

static void test_translate(void **state)
{
	static const int errors[] = { EPERM, EINVAL, ENODATA, ENOTTY };
	void *const top = (void *)UINTPTR_MAX;
	const struct mmapper_phys in = { .where = UINTPTR_MAX };
	const struct mmapper_phys out = { .where = in.where, .phys = 4096 };
	uint64_t phys = 0;
	size_t i;

	(void)state;
	expect_phys(MMAPPER_IOC_TRANSLATE, &in, &out, 0);
	assert_returns(0, mmapper_buffer_translate(mock_buffer, top, &phys));
	assert_int_equal(phys, out.phys);

	phys = 1;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_phys(MMAPPER_IOC_TRANSLATE, &in, NULL, errors[i]);
		assert_returns(-errors[i],
			       mmapper_buffer_translate(mock_buffer, top,
							&phys));
		assert_int_equal(phys, 1);
	}
	assert_returns(-EINVAL, mmapper_buffer_translate(NULL, top, &phys));
	assert_returns(-EINVAL,
		       mmapper_buffer_translate(mock_buffer, top, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_buffer_test(test_query),
		mock_buffer_test(test_query_bad),
		mock_buffer_test(test_query_interrupted),
		mock_buffer_test(test_reset),
		mock_buffer_test(test_lookup),
		mock_buffer_test(test_translate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
