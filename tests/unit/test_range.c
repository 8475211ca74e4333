// SPDX-License-Identifier: LGPL-2.1-or-later
/* The driver's arithmetic against the same in 128 bits, where nothing wraps. */
#include <limits.h>

#include "mock.h"
#include "range.h"

#define MAX	UINT64_MAX

#define wide	unsigned __int128

static int check_wide(wide npages, wide pgoff, wide count)
{
	return count && pgoff + count <= npages ? 0 : -EINVAL;
}

static wide clip_wide(wide size, wide pos, wide len)
{
	wide end = pos + len < size ? pos + len : size;

	return end > pos ? end - pos : 0;
}

static void compare(uint64_t limit, uint64_t from, uint64_t len)
{
	if (mm_range_check(limit, from, len) != check_wide(limit, from, len))
		fail_msg("mm_range_check(%#lx, %#lx, %#lx)", limit, from, len);
	if (mm_range_clip(limit, from, len) != clip_wide(limit, from, len))
		fail_msg("mm_range_clip(%#lx, %#lx, %#lx)", limit, from, len);
}

static void test_reference(void **state)
{
	(void)state;
	assert_int_equal(check_wide(4, 3, 1), 0);
	assert_int_equal(check_wide(4, 3, 2), -EINVAL);
	assert_int_equal(check_wide(4, 4, 0), -EINVAL);
	assert_int_equal(check_wide(4, MAX, 5), -EINVAL);
	assert_int_equal(clip_wide(4, 3, 2), 1);
	assert_int_equal(clip_wide(4, 4, 2), 0);
	assert_int_equal(clip_wide(4, MAX, 5), 0);
}

static void test_small(void **state)
{
	uint64_t limit, from, len;

	(void)state;
	for (limit = 0; limit < 48; limit++)
		for (from = 0; from < 64; from++)
			for (len = 0; len < 64; len++)
				compare(limit, from, len);
}

/* Every triple of the numbers around which something could wrap. */
static void test_limits(void **state)
{
	static const uint64_t corners[] = {
		0, 1ULL << 31, 1ULL << 32, 1ULL << 52, 1ULL << 63,
		MAX / 3, MAX / 2,
	};
	uint64_t edges[7 * MM_ARRAY_SIZE(corners)];
	size_t i, j, k, n = 0;
	int step;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(corners); i++)
		for (step = -3; step <= 3; step++)
			edges[n++] = corners[i] + (uint64_t)step;
	assert_int_equal(n, MM_ARRAY_SIZE(edges));
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			for (k = 0; k < n; k++)
				compare(edges[i], edges[j], edges[k]);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Numbers of every magnitude, each as likely as another. */
static void test_random(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15, numbers[3];
	int i, j;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		for (j = 0; j < 3; j++) {
			numbers[j] = next_random(&seed);
			numbers[j] >>= next_random(&seed) % 64;
		}
		compare(numbers[0], numbers[1], numbers[2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
