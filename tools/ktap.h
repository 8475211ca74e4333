/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks in children, told as KTAP (Documentation/dev-tools/ktap.rst).
 *
 * A case runs in a child of its own, so that it may crash, exit, drop its
 * rights or leave mappings behind.  What it says with ktap_say() comes out
 * line by line, behind a prefix; its verdict is its exit status: 0 pass, 1
 * fail, 4 skip; death by a signal is a failure, and so is running too long.
 */
#ifndef KTAP_H
#define KTAP_H

#include <stdbool.h>
#include <stddef.h>

enum ktap_result {
	KTAP_PASS	= 0,
	KTAP_FAIL	= 1,
	KTAP_SKIP	= 4,
};

/**
 * struct ktap_case - one check
 * @name: its name, without blanks
 * @run: does it; failed expectations count, returning is otherwise a pass
 * @timeout: seconds; 0: 30
 */
struct ktap_case {
	const char	*name;
	void		(*run)(const void *arg);
	unsigned int	timeout;
};

/**
 * struct ktap_suite - checks that share an argument
 * @name: the suite's name, without blanks
 * @cases: its checks
 * @count: how many
 * @arg: handed to each of them
 * @skip: why none of them is run; NULL: they are
 */
struct ktap_suite {
	const char		*name;
	const struct ktap_case	*cases;
	size_t			count;
	const void		*arg;
	const char		*skip;
};

/**
 * ktap_case_run() - run one check in a child, without a verdict line
 * @test: the check
 * @arg: its argument
 * @prefix: printed before each line that it says
 *
 * Return: its verdict.
 */
enum ktap_result ktap_case_run(const struct ktap_case *test, const void *arg,
			       const char *prefix);

/**
 * ktap_suites_run() - run suites and print KTAP on stdout
 * @suites: the suites
 * @count: how many
 *
 * Return: KTAP_PASS when every check passed or was skipped for a reason,
 * KTAP_SKIP when all were skipped, KTAP_FAIL otherwise, no check at all
 * included.
 */
enum ktap_result ktap_suites_run(const struct ktap_suite *suites,
				 size_t count);

/**
 * ktap_skip_reason() - why the last check that ktap_case_run() ran was skipped
 *
 * Return: the reason, until the next check is run; "" if it was not.
 */
const char *ktap_skip_reason(void);

/**
 * ktap_slow() - give every check more time
 * @factor: times as much; for kernels that look for defects and are slow
 */
void ktap_slow(unsigned int factor);

/** ktap_say() - say a line of evidence, within a check */
void ktap_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** ktap_expect() - go on, but fail the check, if @ok is false; returns @ok */
bool ktap_expect(bool ok, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** ktap_skip() - end the check as skipped, saying why */
void ktap_skip(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/** ktap_abort() - fail the check and end it now */
__attribute__((noreturn)) void ktap_abort(void);

/** ktap_end() - end the check, or a process that it has forked, with its verdict so far */
__attribute__((noreturn)) void ktap_end(void);

/* Expectations: the check goes on.  Each yields whether it held. */
#define EXPECT(cond)							\
	ktap_expect((cond), __FILE__, __LINE__, "%s", #cond)

#define EXPECT_EQ(a, b)							\
({									\
	long long a_ = (long long)(a), b_ = (long long)(b);		\
									\
	ktap_expect(a_ == b_, __FILE__, __LINE__,			\
		    "%s == %s: %lld (0x%llx) and %lld (0x%llx)",	\
		    #a, #b, a_, a_, b_, b_);				\
})

/* The call gives -1 and this errno. */
#define EXPECT_ERRNO(call, error)					\
({									\
	long long r_, e_;						\
									\
	errno = 0;							\
	r_ = (long long)(call);						\
	e_ = errno;							\
	ktap_expect(r_ == -1 && e_ == (error), __FILE__, __LINE__,	\
		    "%s: expected -1 with %s, got %lld with errno %lld (%s)", \
		    #call, #error, r_, e_, strerror((int)e_));		\
})

/* Requirements: the check ends here if it does not hold. */
#define REQUIRE(cond)							\
	do {								\
		if (!EXPECT(cond))					\
			ktap_abort();					\
	} while (0)

/** ktap_child() - run a function in a child; its status, 0 if it held what it expected */
int ktap_child(void (*run)(void *arg), void *arg);

#endif /* KTAP_H */
