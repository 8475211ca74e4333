// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * To deliver a signal the kernel writes a frame to the process's stack (C28): one
 * that lies in a driver's memory shows it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

#define PAGES	32

/* What the handler found when it came to run. */
static struct {
	const siginfo_t		*info;
	const ucontext_t	*context;
	int			number;
} seen;

static void handler(int number, siginfo_t *info, void *context)
{
	seen.number = number;
	seen.info = info;
	seen.context = context;
}

static bool within(const struct lab_buffer *made, const void *at)
{
	return (const char *)at >= made->bytes &&
	       (const char *)at < made->bytes + PAGES * lab_page();
}

static size_t touched(const struct lab_buffer *made)
{
	size_t i, n = 0;

	for (i = 0; i < PAGES; i++)
		n += lab_present(made, i);
	return n;
}

static void frame(const void *arg)
{
	struct lab_buffer made = lab_buffer("pages-fault", PAGES);
	stack_t stack = { .ss_sp = made.bytes, .ss_size = PAGES * lab_page() };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	siginfo_t info;
	uint64_t faults;

	(void)arg;
	action.sa_sigaction = handler;
	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	REQUIRE(sigaltstack(&stack, NULL) == 0);
	EXPECT_EQ(touched(&made), 0);
	faults = lab_faults(&made);
	REQUIRE(kill(getpid(), SIGUSR1) == 0);
	faults = lab_faults(&made) - faults;
	EXPECT_EQ(seen.number, SIGUSR1);
	EXPECT(within(&made, seen.info) && within(&made, seen.context));
	ktap_say("the handler's siginfo and its ucontext lie %zu and %zu bytes below the top of the driver's memory",
		 (size_t)(made.bytes + PAGES * lab_page() - (const char *)seen.info),
		 (size_t)(made.bytes + PAGES * lab_page() - (const char *)seen.context));
	ktap_say("which nobody had touched: %" PRIu64 " faults of the driver, %zu pages present now",
		 faults, touched(&made));
	EXPECT(faults > 0);
	EXPECT_EQ(touched(&made), faults);
	/* The same bytes, as the driver has them. */
	REQUIRE(mmapper_buffer_read(made.buffer, &info, sizeof(info),
				    (const char *)seen.info - made.bytes) ==
		sizeof(info));
	ktap_say("read() of the buffer finds si_signo %d and si_pid %d there: the kernel wrote them",
		 info.si_signo, (int)info.si_pid);
	EXPECT_EQ(info.si_signo, SIGUSR1);
	EXPECT_EQ(info.si_pid, getpid());
}

/* Where it cannot write the frame, the process gets SIGSEGV: on another stack none. */
static void no_stack(void *arg)
{
	struct lab_buffer *made = arg;
	stack_t stack = { .ss_sp = made->bytes, .ss_size = PAGES * lab_page() };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };

	action.sa_sigaction = handler;
	signal(SIGSEGV, SIG_DFL);
	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	REQUIRE(sigaltstack(&stack, NULL) == 0);
	REQUIRE(mmapper_buffer_revoke(made->buffer) == 0);
	for (;;)
		raise(SIGUSR1);
}

static void revoked(const void *arg)
{
	struct lab_buffer made = lab_buffer("pages-fault", PAGES);

	int status = ktap_child(no_stack, &made);

	(void)arg;
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ktap_say("a stack in a buffer that was revoked: the kernel cannot write, and ends the process by SIGSEGV");
}

static const struct evidence_case checks[] = {
	{ { "frame", frame, 0 }, "A signal stack in a driver's memory" },
	{ { "revoked", revoked, 0 }, "And where that memory is gone" },
};

const struct lab_experiment lab_signal = {
	.name		= "signal",
	.question	= "what does the kernel write to a process's stack when a signal comes?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
