// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

/* The verdict so far, in the child that runs the check. */
static enum ktap_result verdict;

/* How a check tells its parent why it was skipped, and what it told last. */
static const char skip_mark[] = "SKIP ";
static char skip_reason[256];

const char *ktap_skip_reason(void)
{
	return skip_reason;
}

static void say_line(const char *format, va_list args)
{
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
}

/* Seconds from which on it is told how long a check took. */
#define TAKES_LONG	10

static unsigned int slowness = 1;

void ktap_slow(unsigned int factor)
{
	slowness = factor;
}

/* Seconds that a check may take. */
static unsigned int limit(const struct ktap_case *test)
{
	return (test->timeout ? test->timeout : 30) * slowness;
}

void ktap_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line(format, args);
	va_end(args);
}

bool ktap_expect(bool ok, const char *file, int line, const char *format, ...)
{
	const char *base = strrchr(file, '/');
	va_list args;

	if (ok)
		return true;
	verdict = KTAP_FAIL;
	printf("FAILED %s:%d: ", base ? base + 1 : file, line);
	va_start(args, format);
	say_line(format, args);
	va_end(args);
	return false;
}

void ktap_skip(const char *format, ...)
{
	va_list args;

	printf("%s", skip_mark);
	va_start(args, format);
	say_line(format, args);
	va_end(args);
	_exit(verdict == KTAP_FAIL ? KTAP_FAIL : KTAP_SKIP);
}

void ktap_abort(void)
{
	_exit(KTAP_FAIL);
}

void ktap_end(void)
{
	fflush(stdout);
	_exit(verdict);
}

int ktap_child(void (*run)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		run(arg);
		ktap_end();
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return status;
}

static void child(const struct ktap_case *test, const void *arg, int fd)
{
	dup2(fd, STDOUT_FILENO);
	close(fd);
	/* A group of its own, so that what the check forked goes with it. */
	setpgid(0, 0);
	/* The terminal's Ctrl-C reaches the guard alone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(limit(test));
	test->run(arg);
	ktap_end();
}

static enum ktap_result judge(int status, const struct ktap_case *test,
			      const char *prefix)
{
	if (WIFEXITED(status)) {
		switch (WEXITSTATUS(status)) {
		case KTAP_PASS:
			return KTAP_PASS;
		case KTAP_SKIP:
			return KTAP_SKIP;
		case KTAP_FAIL:
			return KTAP_FAIL;
		}
		printf("%sFAILED: exit status %d\n", prefix,
		       WEXITSTATUS(status));
	} else if (WTERMSIG(status) == SIGALRM) {
		printf("%sFAILED: not done after %u s\n", prefix,
		       limit(test));
	} else {
		printf("%sFAILED: %s\n", prefix, strsignal(WTERMSIG(status)));
	}
	return KTAP_FAIL;
}

/* Print what the check says, line by line; keep why it was skipped. */
static void relay(FILE *from, const char *prefix)
{
	char *line = NULL;
	size_t len = 0;

	while (getline(&line, &len, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, skip_mark, strlen(skip_mark)) == 0)
			snprintf(skip_reason, sizeof(skip_reason), "%s",
				 line + strlen(skip_mark));
		else
			printf("%s%s\n", prefix, line);
		fflush(stdout);
	}
	free(line);
	fclose(from);
}

/*
 * The check's own child, below us: it waits for the check and then ends its
 * process group, so that no grandchild keeps the pipe open.
 */
static void guard(const struct ktap_case *test, const void *arg, int fd)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(test, arg, fd);
	close(fd);
	if (pid < 0)
		_exit(KTAP_FAIL);
	setpgid(pid, pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

enum ktap_result ktap_case_run(const struct ktap_case *test, const void *arg,
			       const char *prefix)
{
	int fds[2], status;
	FILE *out;
	pid_t pid;

	skip_reason[0] = '\0';
	fflush(stdout);
	if (pipe(fds) < 0) {
		perror("pipe");
		return KTAP_FAIL;
	}
	out = fdopen(fds[0], "r");
	pid = out ? fork() : -1;
	if (pid < 0) {
		perror("fork");
		close(fds[0]);
		close(fds[1]);
		return KTAP_FAIL;
	}
	if (pid == 0) {
		close(fds[0]);
		guard(test, arg, fds[1]);
	}
	close(fds[1]);
	relay(out, prefix);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return judge(status, test, prefix);
}

static time_t seconds(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static enum ktap_result suite_run(const struct ktap_suite *suite)
{
	size_t i, skipped = 0, failed = 0;

	printf("    KTAP version 1\n    # Subtest: %s\n    1..%zu\n",
	       suite->name, suite->count);
	for (i = 0; i < suite->count; i++) {
		const struct ktap_case *test = &suite->cases[i];
		time_t start = seconds(), took;
		enum ktap_result r;

		r = ktap_case_run(test, suite->arg, "    # ");
		took = seconds() - start;
		if (took >= TAKES_LONG)
			printf("    # %s took %lld s\n", test->name,
			       (long long)took);
		printf("    %s %zu %s%s%s\n", r == KTAP_FAIL ? "not ok" : "ok",
		       i + 1, test->name, r == KTAP_SKIP ? " # SKIP " : "",
		       r == KTAP_SKIP ? skip_reason : "");
		fflush(stdout);
		failed += r == KTAP_FAIL;
		skipped += r == KTAP_SKIP;
	}
	if (failed || !suite->count)
		return KTAP_FAIL;
	return skipped == suite->count ? KTAP_SKIP : KTAP_PASS;
}

enum ktap_result ktap_suites_run(const struct ktap_suite *suites, size_t count)
{
	size_t i, skipped = 0, failed = 0;

	printf("KTAP version 1\n1..%zu\n", count);
	for (i = 0; i < count; i++) {
		const char *why = suites[i].skip;
		enum ktap_result r = why ? KTAP_SKIP : suite_run(&suites[i]);

		printf("%s %zu %s%s%s%s\n", r == KTAP_FAIL ? "not ok" : "ok",
		       i + 1, suites[i].name,
		       r == KTAP_SKIP ? " # SKIP" : "", why ? " " : "",
		       why ? why : "");
		fflush(stdout);
		failed += r == KTAP_FAIL;
		skipped += r == KTAP_SKIP;
	}
	if (failed || !count)
		return KTAP_FAIL;
	return skipped == count ? KTAP_SKIP : KTAP_PASS;
}
