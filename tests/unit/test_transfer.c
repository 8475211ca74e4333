// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl pread pwrite */
#include <limits.h>
#include <string.h>

#include "mock.h"

static const char text[] = "0123456789";

static void expect(const char *call, const void *addr, size_t len,
		   off_t offset, long ret, int error)
{
	EXPECT(.call = call, .fd = MOCK_FD, .addr = addr, .len = len,
	       .offset = offset, .ret = ret, .error = error);
}

static void reads(void *data, size_t len, uint64_t offset, ssize_t ret)
{
	assert_returns(ret, mmapper_buffer_read(mock_buffer, data, len,
						offset));
}

static void writes(const void *data, size_t len, uint64_t offset, ssize_t ret)
{
	assert_returns(ret, mmapper_buffer_write(mock_buffer, data, len,
						 offset));
}

static void test_read(void **state)
{
	char data[8] = "........";

	(void)state;
	EXPECT(.call = "pread", .fd = MOCK_FD, .addr = data, .len = 4,
	       .offset = 5, .out = "abcd", .out_len = 4, .ret = 4);
	reads(data, 4, 5, 4);
	assert_memory_equal(data, "abcd....", 8);
}

static void test_write(void **state)
{
	(void)state;
	EXPECT(.call = "pwrite", .fd = MOCK_FD, .addr = text, .len = 4,
	       .offset = 5, .in = "0123", .ret = 4);
	writes(text, 4, 5, 4);
}

static void test_in_parts(void **state)
{
	char data[10] = "";

	(void)state;
	expect("pread", data, 10, 100, 3, 0);
	expect("pread", data + 3, 7, 103, 6, 0);
	expect("pread", data + 9, 1, 109, 1, 0);
	reads(data, 10, 100, 10);
	expect("pwrite", text, 10, 100, 3, 0);
	expect("pwrite", text + 3, 7, 103, 6, 0);
	expect("pwrite", text + 9, 1, 109, 1, 0);
	writes(text, 10, 100, 10);
}

static void test_end(void **state)
{
	char data[10] = "";

	(void)state;
	expect("pread", data, 10, 100, 0, 0);
	reads(data, 10, 100, 0);
	expect("pread", data, 10, 100, 4, 0);
	expect("pread", data + 4, 6, 104, 0, 0);
	reads(data, 10, 100, 4);

	expect("pwrite", text, 10, 100, -1, ENOSPC);
	writes(text, 10, 100, -ENOSPC);
	expect("pwrite", text, 10, 100, 4, 0);
	expect("pwrite", text + 4, 6, 104, -1, ENOSPC);
	writes(text, 10, 100, 4);
	/* No progress may not become an endless loop. */
	expect("pwrite", text, 10, 100, 0, 0);
	writes(text, 10, 100, 0);
}

static void test_interrupted(void **state)
{
	char data[10] = "";

	(void)state;
	expect("pread", data, 10, 0, -1, EINTR);
	expect("pread", data, 10, 0, -1, EINTR);
	expect("pread", data, 10, 0, 2, 0);
	expect("pread", data + 2, 8, 2, -1, EINTR);
	expect("pread", data + 2, 8, 2, 8, 0);
	reads(data, 10, 0, 10);
	expect("pwrite", text, 10, 0, -1, EINTR);
	expect("pwrite", text, 10, 0, 2, 0);
	expect("pwrite", text + 2, 8, 2, -1, EINTR);
	expect("pwrite", text + 2, 8, 2, 8, 0);
	writes(text, 10, 0, 10);
}

static void test_errors(void **state)
{
	static const int errors[] = { EBADF, EFAULT, EIO };
	char data[10] = "";
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect("pread", data, 10, 0, -1, errors[i]);
		reads(data, 10, 0, -errors[i]);
		expect("pread", data, 10, 0, 7, 0);
		expect("pread", data + 7, 3, 7, -1, errors[i]);
		reads(data, 10, 0, 7);
		expect("pwrite", text, 10, 0, -1, errors[i]);
		writes(text, 10, 0, -errors[i]);
		expect("pwrite", text, 10, 0, 7, 0);
		expect("pwrite", text + 7, 3, 7, -1, errors[i]);
		writes(text, 10, 0, 7);
	}
	expect("pread", NULL, 10, 0, -1, EFAULT);
	reads(NULL, 10, 0, -EFAULT);
	expect("pwrite", NULL, 10, 0, -1, EFAULT);
	writes(NULL, 10, 0, -EFAULT);
}

static void test_nothing(void **state)
{
	(void)state;
	expect("pread", NULL, 0, 3, 0, 0);
	reads(NULL, 0, 3, 0);
	expect("pwrite", NULL, 0, 3, -1, EBADF);
	writes(NULL, 0, 3, -EBADF);
}

static void test_limits(void **state)
{
	char data[1];

	(void)state;
	reads(data, (size_t)SSIZE_MAX + 1, 0, -EINVAL);
	reads(data, SIZE_MAX, 0, -EINVAL);
	reads(data, 1, (uint64_t)INT64_MAX + 1, -EINVAL);
	reads(data, 0, UINT64_MAX, -EINVAL);
	reads(data, 1, INT64_MAX, -EINVAL);
	writes(data, (size_t)SSIZE_MAX + 1, 0, -EINVAL);
	writes(data, 1, UINT64_MAX, -EINVAL);
	writes(data, 1, INT64_MAX, -EINVAL);

	expect("pread", data, 1, INT64_MAX - 1, 0, 0);
	reads(data, 1, INT64_MAX - 1, 0);
	expect("pwrite", data, 0, INT64_MAX, 0, 0);
	writes(data, 0, INT64_MAX, 0);
	expect("pread", data, SSIZE_MAX, 0, 1, 0);
	expect("pread", data + 1, SSIZE_MAX - 1, 1, -1, EFAULT);
	reads(data, SSIZE_MAX, 0, 1);

	assert_returns(-EINVAL, mmapper_buffer_read(NULL, data, 1, 0));
	assert_returns(-EINVAL, mmapper_buffer_write(NULL, data, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_buffer_test(test_read),
		mock_buffer_test(test_write),
		mock_buffer_test(test_in_parts),
		mock_buffer_test(test_end),
		mock_buffer_test(test_interrupted),
		mock_buffer_test(test_errors),
		mock_buffer_test(test_nothing),
		mock_buffer_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
