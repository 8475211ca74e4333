// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <string.h>

#include "mock.h"

static const struct {
	int		error;
	const char	*text;
	const char	*hint;
} known[] = {
	{ ENODEV, "mmapper is not loaded", "mmapper-cli load" },
	{ ENOPKG, "mmapper is not loaded, and no module for the running kernel is installed",
	  "mmapper-cli doctor" },
	{ ENOENT, "the driver has no backend or buffer of this name",
	  "mmapper-cli list" },
	{ ENXIO, "the driver is loaded but its node is missing in /dev",
	  "mmapper-cli unload && mmapper-cli load" },
	{ EFBIG, "the size is more than this backend can give",
	  "mmapper-cli backends" },
	{ EACCES, "no permission to open it", "mmapper-cli doctor" },
	{ EPROTO, "this is no node of mmapper", "mmapper-cli doctor" },
	{ EPROTONOSUPPORT, "the loaded driver is too old for the library",
	  "mmapper-cli doctor" },
	{ EPROTOTYPE, "the library is too old: the loaded driver speaks a newer ABI",
	  "mmapper-cli doctor" },
	{ EEXIST, "there is a buffer of this name already",
	  "mmapper-cli list" },
	{ EDQUOT, "this user may not have so much, or not so many buffers",
	  "mmapper-cli info --memory" },
	{ ENOMEM, "there is not enough memory, or all buffers together may not have so much",
	  "mmapper-cli info --memory" },
	{ EADDRNOTAVAIL, "there is no such device or BAR, or it is not bound to the driver mmapper",
	  "lspci -k" },
	{ ESTALE, "the buffer was revoked: its memory is gone",
	  "mmapper-cli list" },
	{ EOPNOTSUPP, "this backend cannot do that", "mmapper-cli backends" },
};

static const char *text_of(int error)
{
	return KEEPS_ERRNO(mmapper_strerror(error));
}

static const char *hint_of(int error)
{
	return KEEPS_ERRNO(mmapper_hint(error));
}

static void test_known(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(known); i++) {
		assert_string_equal(text_of(-known[i].error), known[i].text);
		assert_string_equal(text_of(known[i].error), known[i].text);
		assert_string_equal(hint_of(-known[i].error), known[i].hint);
		assert_string_equal(hint_of(known[i].error), known[i].hint);
	}
}

static void test_from_libc(void **state)
{
	static const int errors[] = { 0, EINVAL, ENOSPC, EBADF,
				      ENODATA, EPERM, EFAULT, ENOTTY };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		assert_string_equal(text_of(-errors[i]),
				    strerrordesc_np(errors[i]));
		assert_null(hint_of(-errors[i]));
	}
	assert_string_equal(text_of(-ENAMETOOLONG),
			    "the name is longer than 63 bytes");
	assert_int_equal(MMAPPER_BUFFER_NAME_MAX, 63 + 1);
	assert_null(hint_of(-ENAMETOOLONG));
}

static void test_unknown(void **state)
{
	static const int errors[] = { MOCK_ERRNO, INT_MAX, INT_MIN + 1,
				      INT_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		assert_string_equal(text_of(errors[i]), "unknown error");
		assert_null(hint_of(errors[i]));
	}
}

static void test_one_line(void **state)
{
	const char *text;
	int error;

	(void)state;
	for (error = -300; error <= 300; error++) {
		text = text_of(error);
		assert_non_null(text);
		assert_int_not_equal(*text, '\0');
		assert_null(strchr(text, '\n'));
		assert_int_not_equal(text[strlen(text) - 1], '.');
	}
}

static void test_version(void **state)
{
	(void)state;
	assert_string_equal(KEEPS_ERRNO(mmapper_version_get()),
			    MMAPPER_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_from_libc),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
