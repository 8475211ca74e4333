// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close read */
/* What the driver says of itself; test_sysfs.c has the odd answers. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

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

static const char *index_path(void)
{
	static char path[256];
	struct utsname host;

	assert_int_equal(uname(&host), 0);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 host.release);
	return path;
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
	mock_expect_index("updates/mmapper.ko.xz:\n");
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
	mock_expect_index(NULL);
	assert_returns(-ENOPKG, mmapper_driver_get_abi());

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

/* An index in pieces of any size, the name in it across their border. */
static void test_missing_pieces(void **state)
{
	static const char text[] = "kernel/a.ko: kernel/b.ko\nextra/mmapper.ko.zst:\n";
	const char *end = strstr(text, ".ko.zst") + strlen(".ko");
	size_t cut, len = (size_t)(end - text);

	(void)state;
	for (cut = 1; cut < len; cut++) {
		expect_open(AT_FDCWD, index_path(), 0, FILE_FD, 0);
		EXPECT(.call = "read", .fd = FILE_FD, .error = EINTR);
		EXPECT(.call = "read", .fd = FILE_FD, .out = text,
		       .out_len = cut);
		EXPECT(.call = "read", .fd = FILE_FD, .out = text + cut,
		       .out_len = sizeof(text) - 1 - cut);
		EXPECT(.call = "close", .fd = FILE_FD);
		assert_int_equal(mm_driver_missing(-ENODEV, MM_MODULES),
				 -ENODEV);
	}
}

static int missing(const char *text)
{
	mock_expect_index(text);
	return mm_driver_missing(-ENODEV, MM_MODULES);
}

static void test_missing(void **state)
{
	(void)state;
	assert_int_equal(missing("/mmapper.ko:\n"), -ENODEV);
	assert_int_equal(missing("a.ko: b/mmapper.ko\n"), -ENODEV);
	assert_int_equal(missing("kernel/other-mmapper.ko:\n"), -ENOPKG);
	assert_int_equal(missing("kernel/mmapper_lab.ko:\n"), -ENOPKG);
	assert_int_equal(missing("mmapper/x.ko:\n"), -ENOPKG);
	assert_int_equal(missing("\n"), -ENOPKG);
	assert_int_equal(missing(NULL), -ENOPKG);
	/* Other errors are none of its business. */
	assert_int_equal(mm_driver_missing(0, MM_MODULES), 0);
	assert_int_equal(mm_driver_missing(7, MM_MODULES), 7);
	assert_int_equal(mm_driver_missing(-EPROTO, MM_MODULES), -EPROTO);
}

/* What cannot be read says nothing. */
static void test_missing_unreadable(void **state)
{
	(void)state;
	expect_open(AT_FDCWD, index_path(), 0, FILE_FD, EACCES);
	assert_int_equal(mm_driver_missing(-ENODEV, MM_MODULES), -ENODEV);
	expect_open(AT_FDCWD, index_path(), 0, FILE_FD, 0);
	EXPECT(.call = "read", .fd = FILE_FD, .error = EIO);
	EXPECT(.call = "close", .fd = FILE_FD);
	assert_int_equal(mm_driver_missing(-ENODEV, MM_MODULES), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_version),
		mock_test(test_abi),
		mock_test(test_missing),
		mock_test(test_missing_pieces),
		mock_test(test_missing_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
