// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl mmap munmap malloc calloc reallocarray */
#include <sys/mman.h>

#include "mock.h"

#define PAGE	4096UL
#define WHOLE	(3 * PAGE)
#define RW	(PROT_READ | PROT_WRITE)

static char memory[WHOLE];

/* Where it points to does not matter: a failure leaves it alone. */
static struct mmapper_mapping *const untouched =
	(struct mmapper_mapping *)memory;

static void expect_mmap(off_t offset, size_t len, int prot, int flags,
			int error)
{
	EXPECT(.call = "mmap", .fd = MOCK_FD, .len = len, .offset = offset,
	       .prot = prot, .flags = flags, .map = memory, .error = error);
}

static void unmaps(struct mmapper_mapping *mapping, size_t len)
{
	EXPECT(.call = "munmap", .addr = memory, .len = len);
	assert_returns(0, mmapper_mapping_unmap(mapping));
}

static struct mmapper_mapping *map(uint64_t offset, size_t asked, size_t len,
				   int prot, int flags)
{
	struct mmapper_mapping *mapping = NULL;

	expect_mmap((off_t)offset, len, prot, flags, 0);
	assert_returns(0, mmapper_buffer_map(mock_buffer, offset, asked, prot,
					     flags, &mapping));
	assert_ptr_equal(mmapper_mapping_get_address(mapping), memory);
	assert_int_equal(mmapper_mapping_get_length(mapping), len);
	return mapping;
}

static void maps(uint64_t offset, size_t asked, size_t len, int prot, int flags)
{
	unmaps(map(offset, asked, len, prot, flags), len);
}

static void fails(uint64_t offset, size_t len, int prot, int flags, int error)
{
	struct mmapper_mapping *mapping = untouched;

	assert_returns(error, mmapper_buffer_map(mock_buffer, offset, len, prot,
						 flags, &mapping));
	assert_ptr_equal(mapping, untouched);
}

static void test_range(void **state)
{
	(void)state;
	maps(0, WHOLE, WHOLE, RW, MAP_SHARED);
	maps(0, 1, 1, RW, MAP_SHARED);
	maps(0, PAGE + 1, PAGE + 1, RW, MAP_SHARED);
	maps(PAGE, 2 * PAGE, 2 * PAGE, RW, MAP_SHARED);
	maps(2 * PAGE, PAGE, PAGE, RW, MAP_SHARED);
}

static void test_whole(void **state)
{
	(void)state;
	maps(0, MMAPPER_WHOLE, WHOLE, RW, MAP_SHARED);
	maps(2 * PAGE, MMAPPER_WHOLE, PAGE, RW, MAP_SHARED);
}

static void test_bad_range(void **state)
{
	(void)state;
	fails(0, 0, RW, MAP_SHARED, -EINVAL);
	fails(0, WHOLE + 1, RW, MAP_SHARED, -EINVAL);
	fails(0, SIZE_MAX - 1, RW, MAP_SHARED, -EINVAL);
	fails(0, SIZE_MAX & ~(PAGE - 1), RW, MAP_SHARED, -EINVAL);
	fails(PAGE, WHOLE, RW, MAP_SHARED, -EINVAL);
	fails(WHOLE, 1, RW, MAP_SHARED, -EINVAL);
	fails(WHOLE, MMAPPER_WHOLE, RW, MAP_SHARED, -EINVAL);
	fails(WHOLE + PAGE, MMAPPER_WHOLE, RW, MAP_SHARED, -EINVAL);
	fails(UINT64_MAX - PAGE + 1, PAGE, RW, MAP_SHARED, -EINVAL);
	fails(UINT64_MAX - PAGE + 1, MMAPPER_WHOLE, RW, MAP_SHARED, -EINVAL);
	fails(1, 1, RW, MAP_SHARED, -EINVAL);
	fails(PAGE / 2, MMAPPER_WHOLE, RW, MAP_SHARED, -EINVAL);
	fails(PAGE + 1, PAGE, RW, MAP_SHARED, -EINVAL);
	fails(UINT64_MAX, 1, RW, MAP_SHARED, -EINVAL);
}

static void test_prot(void **state)
{
	unsigned int bit;

	(void)state;
	maps(0, 1, 1, PROT_NONE, MAP_SHARED);
	maps(0, 1, 1, PROT_READ, MAP_SHARED);
	maps(0, 1, 1, PROT_WRITE, MAP_SHARED);

	expect_mmap(0, 1, PROT_READ | PROT_EXEC, MAP_SHARED, EPERM);
	fails(0, 1, PROT_READ | PROT_EXEC, MAP_SHARED, -EPERM);

	for (bit = 1; bit; bit <<= 1)
		if (!(bit & (RW | PROT_EXEC)))
			fails(0, 1, (int)(RW | bit), MAP_SHARED, -EINVAL);
}

static void test_flags(void **state)
{
	static const int types[] = { MAP_SHARED, MAP_PRIVATE };
	const unsigned int more = MAP_POPULATE | MAP_NORESERVE;
	unsigned int bit;
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(types); i++) {
		maps(0, 1, 1, RW, types[i]);
		maps(0, 1, 1, RW, types[i] | MAP_POPULATE);
		maps(0, 1, 1, RW, types[i] | MAP_NORESERVE);
		maps(0, 1, 1, RW, types[i] | MAP_POPULATE | MAP_NORESERVE);
	}
	fails(0, 1, RW, 0, -EINVAL);
	fails(0, 1, RW, MAP_POPULATE, -EINVAL);
	fails(0, 1, RW, MAP_SHARED_VALIDATE, -EINVAL);
	for (bit = 1; bit; bit <<= 1)
		for (i = 0; i < MM_ARRAY_SIZE(types); i++)
			if (!(bit & (more | (unsigned int)types[i])))
				fails(0, 1, RW, types[i] | (int)bit, -EINVAL);
}

static void test_kernel_refuses(void **state)
{
	static const int errors[] = { EACCES, EINVAL, ENOMEM, EAGAIN };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_mmap(0, WHOLE, RW, MAP_PRIVATE, errors[i]);
		fails(0, MMAPPER_WHOLE, RW, MAP_PRIVATE, -errors[i]);
	}
}

static void test_no_memory(void **state)
{
	(void)state;
	mock_fail_alloc(0);
	fails(0, 1, RW, MAP_SHARED, -ENOMEM);
}

static void test_unmap_fails(void **state)
{
	struct mmapper_mapping *mapping = map(PAGE, 5, 5, RW, MAP_SHARED);

	(void)state;
	EXPECT(.call = "munmap", .addr = memory, .len = 5, .error = ENOMEM);
	assert_returns(-ENOMEM, mmapper_mapping_unmap(mapping));
	assert_ptr_equal(mmapper_mapping_get_address(mapping), memory);
	assert_int_equal(mmapper_mapping_get_length(mapping), 5);
	unmaps(mapping, 5);
}

static void test_unmap_after_close(void **state)
{
	struct mmapper_mapping *mapping;

	(void)state;
	mapping = map(0, MMAPPER_WHOLE, WHOLE, RW, MAP_SHARED);
	mock_buffer_close();
	assert_ptr_equal(mmapper_mapping_get_address(mapping), memory);
	assert_int_equal(mmapper_mapping_get_length(mapping), WHOLE);
	unmaps(mapping, WHOLE);
	mock_buffer_open();
}

static void test_several(void **state)
{
	struct mmapper_mapping *first, *second;

	(void)state;
	first = map(0, PAGE, PAGE, RW, MAP_SHARED);
	second = map(PAGE, PAGE, PAGE, PROT_READ, MAP_PRIVATE);
	assert_ptr_not_equal(first, second);
	unmaps(first, PAGE);
	unmaps(second, PAGE);
}

static void test_null(void **state)
{
	struct mmapper_mapping *mapping = untouched;

	(void)state;
	assert_returns(-EINVAL, mmapper_buffer_map(NULL, 0, 1, RW, MAP_SHARED,
						   &mapping));
	assert_ptr_equal(mapping, untouched);
	assert_returns(-EINVAL, mmapper_buffer_map(mock_buffer, 0, 1, RW,
						   MAP_SHARED, NULL));
	assert_null(mmapper_mapping_get_address(NULL));
	assert_int_equal(mmapper_mapping_get_length(NULL), 0);
	assert_returns(0, mmapper_mapping_unmap(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_buffer_test(test_range),
		mock_buffer_test(test_whole),
		mock_buffer_test(test_bad_range),
		mock_buffer_test(test_prot),
		mock_buffer_test(test_flags),
		mock_buffer_test(test_kernel_refuses),
		mock_buffer_test(test_no_memory),
		mock_buffer_test(test_unmap_fails),
		mock_buffer_test(test_unmap_after_close),
		mock_buffer_test(test_several),
		mock_buffer_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
