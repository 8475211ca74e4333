// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: close */
/* Does a script fail where it should?  Each case runs in a child. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock.h"

static void as_expected(void **state)
{
	(void)state;
	EXPECT(.call = "close", .fd = 3);
	EXPECT(.call = "close", .fd = 4, .error = EIO);
	assert_int_equal(close(3), 0);
	assert_int_equal(close(4), -1);
	assert_int_equal(errno, EIO);
}

static void unexpected(void **state)
{
	(void)state;
	close(3);
}

static void one_too_many(void **state)
{
	(void)state;
	EXPECT(.call = "close", .fd = 3);
	close(3);
	close(3);
}

static void unconsumed(void **state)
{
	(void)state;
	EXPECT(.call = "close", .fd = 3);
}

static void other_argument(void **state)
{
	(void)state;
	EXPECT(.call = "close", .fd = 3);
	close(4);
}

static void other_call(void **state)
{
	(void)state;
	EXPECT(.call = "fstat", .fd = 3);
	close(3);
}

static void errno_lost(void **state)
{
	(void)state;
	EXPECT(.call = "close", .fd = 3);
	assert_returns(0, close(3));
}

/* The child's exit status: how many of its one test failed. */
static int run(void (*test)(void **state))
{
	const struct CMUnitTest tests[] = { mock_test(test) };
	int status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid) {
		if (!freopen("/dev/null", "w", stdout) ||
		    !freopen("/dev/null", "w", stderr))
			_exit(100);
		_exit(cmocka_run_group_tests(tests, NULL, NULL));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_passes(void **state)
{
	(void)state;
	assert_int_equal(run(as_expected), 0);
}

static void test_fails(void **state)
{
	(void)state;
	assert_int_equal(run(unexpected), 1);
	assert_int_equal(run(one_too_many), 1);
	assert_int_equal(run(unconsumed), 1);
	assert_int_equal(run(other_argument), 1);
	assert_int_equal(run(other_call), 1);
	assert_int_equal(run(errno_lost), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
