// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: fopen syscall access */
/* What doctor makes of the kernel's keyrings, and of files not as they should be. */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "doctor.h"
#include "said.h"

static const char keyrings[] =
	"0001 I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: 1\n"
	"00ff I------     1 perm 1f0b0000     0     0 keyring   .platform: 2\n";

/* The machine's files: a path that ends so, and the text that it holds. */
static struct {
	const char	*end;
	const char	*text;
} files[4];

static const char *description;
static long keys_read;
static struct doctor doctor;
static struct doctor_row row;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
long __wrap_syscall(long number, ...);
int __wrap_access(const char *path, int mode);

static const char *text_of(const char *path)
{
	size_t i, len;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		len = files[i].end ? strlen(files[i].end) : 0;
		if (len && strlen(path) >= len &&
		    strcmp(path + strlen(path) - len, files[i].end) == 0)
			return files[i].text;
	}
	return NULL;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	const char *text = text_of(path);

	assert_string_equal(mode, "re");
	return text && *text ? fmemopen((char *)text, strlen(text), "r") :
			       NULL;
}

int __wrap_access(const char *path, int mode)
{
	(void)mode;
	return text_of(path) ? 0 : -1;
}

/* Of the two keyrings the second has two keys, the last of them described. */
long __wrap_syscall(long number, ...)
{
	long operation, key, room, given = keys_read;
	va_list args;
	void *to;

	va_start(args, number);
	operation = va_arg(args, int);
	key = va_arg(args, int);
	to = va_arg(args, void *);
	room = va_arg(args, long);
	va_end(args);
	assert_int_equal(number, SYS_keyctl);
	if (operation == KEYCTL_READ) {
		if (key != 0xff || given < 0)
			return -1;
		memset(to, 0, (size_t)room);
		memcpy(to, (const int32_t[]){ 5, 6 }, 8);
		return given;
	}
	assert_int_equal(operation, KEYCTL_DESCRIBE);
	if (key != 6)
		return -1;
	snprintf(to, (size_t)room, "%s", description);
	return (long)strlen(description) + 1;
}

static int setup(void **state)
{
	(void)state;
	memset(files, 0, sizeof(files));
	memset(&doctor, 0, sizeof(doctor));
	memset(&row, 0, sizeof(row));
	doctor.root = "";
	strcpy(doctor.host.release, "6.1.0");
	strcpy(doctor.module.signer, "DKMS key");
	doctor.module.is_signed = true;
	files[0].end = "/sig_enforce";
	files[0].text = "Y\n";
	files[1].end = "/proc/keys";
	files[1].text = keyrings;
	description = "asymmetric;0;0;1f010000;DKMS key: 01ab";
	keys_read = 8;
	return 0;
}

static void signature(enum doctor_status status, const char *words)
{
	memset(&row, 0, sizeof(row));
	doctor_signature(&doctor, &row);
	said_has(row.found, words);
	assert_int_equal(row.status, status);
}

static void test_trusted(void **state)
{
	(void)state;
	signature(DOCTOR_OK, "\"DKMS key\", a key in .platform; the kernel insists");
	description = "asymmetric;0;0;1f010000;another key: 01ab";
	signature(DOCTOR_FAILED, "\"DKMS key\", which signed this one, is none");
	description = "DKMS key: 01ab";
	signature(DOCTOR_FAILED, "is none");
	/* A keyring with more keys than there is room for, and an empty one. */
	keys_read = 1 << 20;
	signature(DOCTOR_FAILED, "is none");
	keys_read = 0;
	signature(DOCTOR_FAILED, "is none");
}

static void test_hidden(void **state)
{
	(void)state;
	keys_read = -1;
	signature(DOCTOR_NOTE, "shows only root which");
	doctor.is_root = true;
	signature(DOCTOR_NOTE, "does not show which");
	files[1].text = "zz .platform: 1\n";
	signature(DOCTOR_NOTE, "does not show which");
}

static void test_key_matches(void **state)
{
	(void)state;
	assert_true(doctor_key_matches("DKMS key: 01ab", "DKMS key"));
	assert_true(doctor_key_matches("Firm: DKMS key: 01ab", "DKMS key"));
	assert_true(doctor_key_matches("a: a: 01", "a"));
	assert_false(doctor_key_matches("My DKMS key: 01ab", "DKMS key"));
	assert_false(doctor_key_matches("DKMS key 2: 01ab", "DKMS key"));
	assert_false(doctor_key_matches("DKMS key", "DKMS key"));
	assert_false(doctor_key_matches("DKMS key: 01ab", ""));
}

/* Looks at no byte before the description. */
static void test_no_byte_before(void **state)
{
	char *text = strdup("xDKMS key: 01ab");

	(void)state;
	assert_false(doctor_key_matches(text, "DKMS key"));
	assert_true(doctor_key_matches(text + 1, "DKMS key"));
	free(text);
}

/* A line so long that what was looked for in it is not kept. */
static void test_long_lines(void **state)
{
	static char line[4096];
	char why[128];

	(void)state;
	memset(line, ' ', sizeof(line) - 1);
	strcpy(line + 3000, "[integrity]\n");
	files[0].text = NULL;
	files[1].end = "/lockdown";
	files[1].text = line;
	assert_false(doctor_enforced(&doctor, why, sizeof(why)));
	strcpy(line + 3000, "UTS_RELEASE \"6.9\"\n");
	files[1].end = "/utsrelease.h";
	files[2].end = "/build/Makefile";
	files[2].text = "";
	doctor_headers(&doctor, &row);
	assert_int_equal(row.status, DOCTOR_OK);
}

/* A root folder that no path has room behind is none. */
static void test_long_root(void **state)
{
	static char root[PATH_MAX + 1];
	char path[PATH_MAX];

	(void)state;
	memset(root, 'r', PATH_MAX);
	doctor.root = root;
	assert_string_equal(doctor_path(&doctor, path, "/%s", "x"), "/x");
	root[PATH_MAX - 1] = '\0';
	assert_int_equal(strlen(doctor_path(&doctor, path, "/%s", "x")),
			 PATH_MAX - 1);
}

#define key_test(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		key_test(test_trusted),
		key_test(test_hidden),
		key_test(test_key_matches),
		key_test(test_no_byte_before),
		key_test(test_long_lines),
		key_test(test_long_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
