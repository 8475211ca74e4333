// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close read */
/* What the driver says of itself; test_sysfs.c has the odd answers. */
#include <string.h>

#include "mock.h"

/* Descriptors like any other. */
#define CLASS	0
#define FILE_FD	0

static void expect_open(int dir, const char *path, int flags, int ret,
			int error)
{
	EXPECT(.call = "openat", .fd = dir, .path = path,
	       .flags = O_RDONLY | O_CLOEXEC | flags, .ret = ret,
	       .error = error);
}

static void expect_text(const char *text)
{
	EXPECT(.call = "read", .fd = FILE_FD, .out = text,
	       .out_len = strlen(text));
	EXPECT(.call = "read", .fd = FILE_FD);
	EXPECT(.call = "close", .fd = FILE_FD);
}

static void expect_version(int error)
{
	expect_open(AT_FDCWD, "/sys/module/mmapper/version", 0, FILE_FD,
		    error);
}

static void expect_class(int error)
{
	expect_open(AT_FDCWD, "/sys/class/mmapper", O_DIRECTORY, CLASS,
		    error);
}

static void test_version(void **state)
{
	char buf[16] = "";

	(void)state;
	expect_version(0);
	expect_text("0.1.0\n");
	assert_returns(0, mmapper_driver_get_version(buf, sizeof(buf)));
	assert_string_equal(buf, "0.1.0");

	expect_version(0);
	expect_text("0.1.0\n");
	assert_returns(-ENOSPC, mmapper_driver_get_version(buf, 5));
	expect_version(ENOENT);
	assert_returns(-ENODEV, mmapper_driver_get_version(buf, sizeof(buf)));
	expect_version(EMFILE);
	assert_returns(-EMFILE, mmapper_driver_get_version(buf, sizeof(buf)));
	assert_returns(-EINVAL, mmapper_driver_get_version(NULL, 5));
	assert_string_equal(buf, "0.1.0");
}

static void test_abi(void **state)
{
	(void)state;
	expect_class(0);
	expect_open(CLASS, "abi", 0, FILE_FD, 0);
	expect_text("1\n");
	EXPECT(.call = "close", .fd = CLASS);
	assert_returns(1, mmapper_driver_get_abi());

	expect_class(ENOENT);
	assert_returns(-ENODEV, mmapper_driver_get_abi());

	expect_class(0);
	expect_open(CLASS, "abi", 0, FILE_FD, ENOENT);
	EXPECT(.call = "close", .fd = CLASS);
	assert_returns(-EPROTO, mmapper_driver_get_abi());

	expect_class(0);
	expect_open(CLASS, "abi", 0, FILE_FD, 0);
	EXPECT(.call = "read", .fd = FILE_FD, .error = EIO);
	EXPECT(.call = "close", .fd = FILE_FD);
	EXPECT(.call = "close", .fd = CLASS);
	assert_returns(-EIO, mmapper_driver_get_abi());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_version),
		mock_test(test_abi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
