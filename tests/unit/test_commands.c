// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: openat fstat ioctl pread pwrite malloc calloc reallocarray */
/* wrap: ktap_suites_run */
/* The commands that use a buffer, with a driver that may fail. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fake_calls.h"
#include "mock.h"
#undef EXPECT
#include "ktap.h"
#include "said.h"

static bool no_checks;

enum ktap_result __real_ktap_suites_run(const struct ktap_suite *suites,
					size_t count);
enum ktap_result __wrap_ktap_suites_run(const struct ktap_suite *suites,
					size_t count);

enum ktap_result __wrap_ktap_suites_run(const struct ktap_suite *suites,
					size_t count)
{
	return no_checks ? KTAP_PASS : __real_ktap_suites_run(suites, count);
}

static int setup(void **state)
{
	(void)state;
	fake_load();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_unload();
	return 0;
}

/* The exit status of a command without options; @by_call: --via. */
static int status_of(int (*run)(const struct cli_args *args),
		     unsigned int given, bool by_call, const char *first,
		     const char *second)
{
	static const struct cli_command command = { .name = "test" };
	char names[2][64];
	char *list[3] = { names[0], names[1], NULL };
	const struct cli_args args = {
		.command = &command, .names = list, .given = given,
		.count = second ? 2 : 1, .by_call = by_call, .length = 4097,
		.offset = 4094,
	};

	snprintf(names[0], sizeof(names[0]), "%s", first);
	snprintf(names[1], sizeof(names[1]), "%s", second ? second : "");
	return SAYS(run(&args));
}

static void fails(int status, const char *words)
{
	assert_int_equal(status, CLI_FAILED);
	said_has(said_err, words);
}

static void test_info(void **state)
{
	(void)state;
	assert_int_equal(status_of(cmd_info, 0, false, "kmalloc", NULL),
			 CLI_DONE);
	said_has(said_out, "OPENS          7\n");
	said_has(said_out, "FEATURES       reset\n");
	fake_info.features |= 1 << 9;
	fake_info.pattern = 99;
	assert_int_equal(status_of(cmd_info, CLI_JSON, false, "kmalloc", NULL),
			 CLI_DONE);
	said_has(said_out, "\"features\": \"0x201\"");
	said_has(said_out, "\"pattern\": \"unknown\"");
	fake_info.pattern = MMAPPER_PATTERN_LETTERS;
	fake_info.features = 0;
	assert_int_equal(status_of(cmd_info, CLI_JSON, false, "kmalloc", NULL),
			 CLI_DONE);
	said_has(said_out, "\"pattern\": \"letters\"");
}

/* The first ioctl is the one that opens, the second is the command's own. */
static void test_refused(void **state)
{
	(void)state;
	fake_fail("ioctl", 1, EIO);
	fails(status_of(cmd_info, 0, false, "kmalloc", NULL),
	      "kmalloc: Input/output error");
	fake_fail("ioctl", 2, EIO);
	fails(status_of(cmd_info, 0, false, "kmalloc", NULL),
	      "kmalloc: Input/output error");
	fake_fail("ioctl", 2, EBADF);
	fails(status_of(cmd_fill, CLI_PATTERN, false, "kmalloc", NULL),
	      "kmalloc: Bad file descriptor");
	fake_fail("fstat", 1, EIO);
	fails(status_of(cmd_info, 0, false, "kmalloc", NULL),
	      "kmalloc: Input/output error");
	fake_fail("openat", 0, EFBIG);
	fails(status_of(cmd_sum, 0, false, "kmalloc", NULL),
	      "more than this backend can give");
	assert_int_equal(status_of(cmd_sum, 0, false, "nothing", NULL),
			 CLI_USAGE);
	said_has(said_err, "no backend 'nothing'; there are kmalloc, vmalloc-user\n");
}

static void test_read(void **state)
{
	static const unsigned int range = CLI_OFFSET | CLI_LENGTH | CLI_RAW;
	int by_call;
	size_t i;

	(void)state;
	for (by_call = 0; by_call < 2; by_call++) {
		assert_int_equal(status_of(cmd_dump, range, by_call,
					   "/dev/mmapper_k", NULL), CLI_DONE);
		assert_int_equal(strlen(said_out), 4097);
		for (i = 0; i < 4097; i++)
			assert_int_equal(said_out[i], '0' + (4094 + i) % 10);
		assert_int_equal(status_of(cmd_sum, 0, by_call, "kmalloc",
					   NULL), CLI_DONE);
		assert_string_equal(said_out, "645057 12287 kmalloc\n");
	}
	fake_fail("pread", 0, EIO);
	fails(status_of(cmd_dump, range, true, "kmalloc", NULL),
	      "Input/output error");
	fake_fail("pread", 0, 0);
	fails(status_of(cmd_sum, 0, true, "kmalloc", NULL),
	      "read() ended before the buffer did");
}

static void test_write(void **state)
{
	unsigned char bytes[FAKE_MAP_SIZE];
	int by_call;

	(void)state;
	for (by_call = 0; by_call < 2; by_call++) {
		assert_int_equal(status_of(cmd_fill, CLI_PATTERN, false,
					   "kmalloc", NULL), CLI_DONE);
		assert_int_equal(status_of(cmd_fill, CLI_OFFSET | CLI_LENGTH,
					   by_call, "kmalloc", "x"), CLI_DONE);
		fake_bytes("kmalloc", bytes);
		assert_memory_equal(bytes + 4092, "23xxxx", 6);
		assert_memory_equal(bytes + 4094 + 4095, "xx12", 4);
		assert_int_equal(bytes[FAKE_SIZE], 0);
	}
	fake_bytes("vmalloc-user", bytes);
	assert_memory_equal(bytes + 4092, "234567", 6);
	fake_fail("pwrite", 0, EIO);
	fails(status_of(cmd_fill, 0, true, "kmalloc", "x"),
	      "Input/output error");
	fake_fail("pwrite", 0, 0);
	fails(status_of(cmd_fill, 0, true, "kmalloc", "x"),
	      "write() ended before the buffer did");
}

/* What was written is gone with the descriptor, so that it has to be said. */
static void test_per_open(void **state)
{
	static const char lost[] =
		"kmalloc: each open has a buffer of its own; this one is gone with the command\n";

	(void)state;
	fake_info.backend_flags |= MMAPPER_BACKEND_F_PER_OPEN;
	assert_int_equal(status_of(cmd_fill, 0, false, "kmalloc", "x"),
			 CLI_DONE);
	said_has(said_out, lost);
	assert_int_equal(status_of(cmd_fill, CLI_PATTERN, false, "kmalloc",
				   NULL), CLI_DONE);
	said_has(said_out, lost);
	/* Nothing has come that could be lost. */
	fake_fail("pwrite", 0, EIO);
	fails(status_of(cmd_fill, 0, true, "kmalloc", "x"),
	      "Input/output error");
	assert_string_equal(said_out, "");
	fake_info.backend_flags &= ~MMAPPER_BACKEND_F_PER_OPEN;
	assert_int_equal(status_of(cmd_fill, 0, false, "kmalloc", "x"),
			 CLI_DONE);
	assert_null(strstr(said_out, "buffer of its own"));
}

/* An offset that this machine cannot map: its pages are larger. */
static void test_no_mapping(void **state)
{
	(void)state;
	fake_info.page_size = 512;
	fails(status_of(cmd_fill, CLI_OFFSET, false, "kmalloc", "x"),
	      "Invalid argument");
	fails(status_of(cmd_dump, CLI_OFFSET, false, "kmalloc", NULL),
	      "Invalid argument");
}

static void test_lists(void **state)
{
	(void)state;
	assert_int_equal(status_of(cmd_list, 0, false, "", NULL), CLI_DONE);
	said_has(said_out, "/dev/mmapper_k");
	assert_int_equal(status_of(cmd_backends, CLI_JSON, false, "", NULL),
			 CLI_DONE);
	said_has(said_out, "\"name\": \"vmalloc-user\"");
	assert_null(strstr(said_out, "mmapper_k"));
	fake_put("/sys/class/mmapper/kmalloc/size", "x\n");
	assert_int_equal(status_of(cmd_list, 0, false, "", NULL),
			 CLI_NO_DRIVER);
	assert_int_equal(status_of(cmd_backends, 0, false, "", NULL),
			 CLI_NO_DRIVER);
}

static void test_demo(void **state)
{
	struct cli_args nobody = { 0 };

	(void)state;
	/* Open, but the driver lists it no more. */
	fake_remove("/sys/class/mmapper/vmalloc-user");
	fails(status_of(cmd_demo, 0, false, "vmalloc-user", NULL),
	      "does not list this backend");
	fails(status_of(cmd_validate, 0, false, "vmalloc-user", NULL),
	      "does not list this backend");
	fake_remove("/sys/class/mmapper/kmalloc");
	fake_remove("/sys/class/mmapper/mmapper_k");
	fails(SAYS(cmd_demo(&nobody)), "lists no nodes");
	fails(SAYS(cmd_validate(&nobody)), "lists no nodes");
}

/* Nothing is checked by a validate that cannot begin, nor left behind. */
static void test_no_memory(void **state)
{
	char *names[1] = { (char *)"kmalloc" };
	const struct cli_args args = { .count = 1, .names = names };
	int after, status;

	(void)state;
	no_checks = true;
	for (after = 0; after < 20; after++) {
		said_begin();
		mock_fail_alloc(after);
		status = cmd_validate(&args);
		mock_fail_alloc(-1);
		said_end();
		if (status == CLI_DONE)
			break;
		assert_int_equal(status, CLI_FAILED);
		said_has(said_err, "memory");
	}
	no_checks = false;
	/* A list of three nodes and a file, the buffer, three of its own. */
	assert_int_equal(after, 11);
	said_begin();
	mock_fail_alloc(0);
	status = cmd_doctor(&args);
	said_end();
	assert_int_equal(status, CLI_FAILED);
	said_has(said_err, "out of memory");
}

/* This driver is not the kernel's: what is checked fails, and says so. */
static void test_failing(void **state)
{
	(void)state;
	assert_int_equal(status_of(cmd_validate, 0, false, "kmalloc", NULL),
			 CLI_FAILED);
	said_has(said_out, "\n    ok 1 pattern\n");
	said_has(said_out, "\n    not ok 2 vma\n");
	said_has(said_out, "\nnot ok 1 kmalloc\n");
	assert_int_equal(status_of(cmd_demo, 0, false, "kmalloc", NULL),
			 CLI_FAILED);
	said_has(said_out, "    FAILED case_vma.c:");
	assert_null(strstr(said_out, " 0 failed\n"));
	/* Open twice, as the command does, and then no more. */
	fake_fail("ioctl", 2, EIO);
	assert_int_equal(status_of(cmd_validate, 0, false, "kmalloc", NULL),
			 CLI_FAILED);
	said_has(said_out, "    # FAILED evidence.c:");
	assert_null(strstr(said_out, "\n    ok "));
}

#define command_test(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		command_test(test_info),
		command_test(test_refused),
		command_test(test_read),
		command_test(test_write),
		command_test(test_per_open),
		command_test(test_no_mapping),
		command_test(test_lists),
		command_test(test_demo),
		command_test(test_no_memory),
		command_test(test_failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
