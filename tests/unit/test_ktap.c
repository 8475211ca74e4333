// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: fdopen */
/* The judge of all other tests: what passes, what fails, and how it is told. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ktap.h"
#include "said.h"

static int fail_fdopen;

FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);

FILE *__wrap_fdopen(int fd, const char *mode)
{
	return fail_fdopen ? NULL : __real_fdopen(fd, mode);
}

static void passes(const void *arg)
{
	ktap_say("said by %s", (const char *)arg);
}

static void fails(const void *arg)
{
	(void)arg;
	EXPECT_EQ(1 + 1, 3);
	ktap_say("and goes on");
}

static void stops(const void *arg)
{
	(void)arg;
	REQUIRE(!"this");
	ktap_say("and never says this");
}

static void skips(const void *arg)
{
	(void)arg;
	ktap_skip("for %d reasons", 2);
}

/* A skip cannot hide a failure. */
static void fails_and_skips(const void *arg)
{
	fails(arg);
	skips(arg);
}

static void crashes(const void *arg)
{
	(void)arg;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void hangs(const void *arg)
{
	(void)arg;
	pause();
}

static void leaves(const void *arg)
{
	(void)arg;
	exit(77);
}

/* What it leaves behind holds the pipe; the case ends all the same. */
static void abandons(const void *arg)
{
	(void)arg;
	if (fork() == 0)
		pause();
}

static enum ktap_result judge(void (*run)(const void *))
{
	const struct ktap_case test = { "case", run, 1 };

	return SAYS(ktap_case_run(&test, "it", "> "));
}

static void test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(judge(passes), KTAP_PASS);
	assert_string_equal(said_out, "> said by it\n");
	assert_string_equal(ktap_skip_reason(), "");
	assert_int_equal(judge(fails), KTAP_FAIL);
	said_has(said_out, "> FAILED test_ktap.c:");
	said_has(said_out, ": 1 + 1 == 3: 2 (0x2) and 3 (0x3)\n> and goes on\n");
	assert_int_equal(judge(stops), KTAP_FAIL);
	assert_null(strstr(said_out, "never"));
	assert_int_equal(judge(abandons), KTAP_PASS);
}

static void test_skip(void **state)
{
	(void)state;
	assert_int_equal(judge(skips), KTAP_SKIP);
	assert_string_equal(said_out, "");
	assert_string_equal(ktap_skip_reason(), "for 2 reasons");
	assert_int_equal(judge(fails_and_skips), KTAP_FAIL);
	assert_int_equal(judge(passes), KTAP_PASS);
	assert_string_equal(ktap_skip_reason(), "");
}

static void test_bad_ends(void **state)
{
	(void)state;
	assert_int_equal(judge(crashes), KTAP_FAIL);
	said_has(said_out, "> FAILED: Segmentation fault\n");
	assert_int_equal(judge(leaves), KTAP_FAIL);
	said_has(said_out, "> FAILED: exit status 77\n");
	assert_int_equal(judge(hangs), KTAP_FAIL);
	said_has(said_out, "> FAILED: not done after 1 s\n");
	ktap_slow(2);
	assert_int_equal(judge(hangs), KTAP_FAIL);
	said_has(said_out, "> FAILED: not done after 2 s\n");
	ktap_slow(1);
}

static void test_no_child(void **state)
{
	struct rlimit was, none;

	(void)state;
	fail_fdopen = 1;
	assert_int_equal(judge(passes), KTAP_FAIL);
	fail_fdopen = 0;
	said_has(said_err, "fork: ");

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	said_begin();
	none = was;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(ktap_case_run(&(struct ktap_case){ "case", passes, 0 },
				       "it", ""), KTAP_FAIL);
	setrlimit(RLIMIT_NOFILE, &was);
	said_end();
	said_has(said_err, "pipe: Too many open files");
}

static const struct ktap_case good[] = {
	{ "passes", passes, 0 },
	{ "skips", skips, 0 },
};

static const struct ktap_case bad[] = {
	{ "fails", fails, 0 },
	{ "passes", passes, 0 },
};

static void test_suites(void **state)
{
	const struct ktap_suite suites[] = {
		{ .name = "good", .cases = good, .count = 2, .arg = "one" },
		{ .name = "away", .skip = "not here" },
		{ .name = "skipped", .cases = &good[1], .count = 1 },
		{ .name = "empty", .cases = good, .count = 0 },
		{ .name = "bad", .cases = bad, .count = 2, .arg = "two" },
	};

	(void)state;
	assert_int_equal(SAYS(ktap_suites_run(suites, 3)), KTAP_PASS);
	assert_string_equal(said_out,
			    "KTAP version 1\n1..3\n"
			    "    KTAP version 1\n    # Subtest: good\n    1..2\n"
			    "    # said by one\n    ok 1 passes\n"
			    "    ok 2 skips # SKIP for 2 reasons\n"
			    "ok 1 good\n"
			    "ok 2 away # SKIP not here\n"
			    "    KTAP version 1\n    # Subtest: skipped\n    1..1\n"
			    "    ok 1 skips # SKIP for 2 reasons\n"
			    "ok 3 skipped # SKIP\n");
	assert_int_equal(SAYS(ktap_suites_run(&suites[1], 2)), KTAP_SKIP);
	assert_int_equal(SAYS(ktap_suites_run(&suites[3], 1)), KTAP_FAIL);
	said_has(said_out, "not ok 1 empty\n");
	assert_int_equal(SAYS(ktap_suites_run(suites, 0)), KTAP_FAIL);
	assert_int_equal(SAYS(ktap_suites_run(&suites[4], 1)), KTAP_FAIL);
	said_has(said_out, "    not ok 1 fails\n    # said by two\n    ok 2 passes\nnot ok 1 bad\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_bad_ends),
		cmocka_unit_test(test_no_child),
		cmocka_unit_test(test_suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
