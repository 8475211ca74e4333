// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How an operation calls the kernel: its blocks are collected, a failure may
 * be asked for, and a signal ends an access, not the thread.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

static __thread struct ctx *toucher;

/* Makes the nth allocation or copy of this thread fail, from now on. */
static void arm(struct ctx *c, unsigned int nth)
{
	char text[8];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(c->nth_fd, text, (size_t)len, 0) < 0 && nth)
		fail(c, "fail-nth", "it cannot be written: %m");
}

/*
 * What is left of the number says whether that point was reached.  These two
 * calls copy as well, and may be what fails: then nothing is left either.
 */
static void disarm(struct ctx *c)
{
	char text[8] = "";

	if (pread(c->nth_fd, text, sizeof(text) - 1, 0) <= 0)
		return;
	if (text[0] == '0') {
		c->injected = true;
		__atomic_fetch_add(&team->injected, 1, __ATOMIC_RELAXED);
	} else {
		arm(c, 0);
	}
}

/**
 * call_begin() - the call follows
 * @c: the thread
 */
void call_begin(struct ctx *c)
{
	c->injected = false;
	if (c->op->nth && c->nth_fd >= 0)
		arm(c, c->op->nth);
	kcov_begin(&c->kcov);
}

/**
 * call_end() - the call is over
 * @c: the thread
 * @ret: what it gave; errno is its own
 */
void call_end(struct ctx *c, long ret)
{
	int error = ret < 0 ? errno : 0;

	kcov_collect(&c->kcov);
	if (c->op->nth && c->nth_fd >= 0)
		disarm(c);
	c->ret = ret;
	c->err = error;
}

/* A signal where none was foretold ends the process, and that is noticed. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	struct ctx *c = toucher;

	if (!c || !c->touching) {
		const ucontext_t *at = context;

		dprintf(STDERR_FILENO,
			"mmapper-fuzz: signal %d outside touch, at %p by 0x%llx\n",
			sig, info->si_addr, at->uc_mcontext.gregs[REG_RIP]);
		signal(sig, SIG_DFL);
		raise(sig);
		_exit(1);
	}
	c->touching = false;
	siglongjmp(c->back, sig);
}

/*
 * What a thread has registered with rseq() the kernel writes to after it was
 * preempted, and sends SIGSEGV if that is the copy that was asked to fail.
 */
static void leave_rseq(void)
{
	char *self = __builtin_thread_pointer();

	if (__rseq_size)
		syscall(SYS_rseq, self + __rseq_offset, sizeof(struct rseq),
			RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

/** call_setup() - prepare a thread for calls that fail, accesses that raise */
void call_setup(void)
{
	struct sigaction act = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	leave_rseq();
}

/**
 * touch_byte() - access a byte
 * @c: the thread
 * @addr: its address
 * @write: write @byte there, else read it
 * @byte: what to write, or where to put what was read
 *
 * Return: 0, or the signal that it raised.
 */
int touch_byte(struct ctx *c, uint64_t addr, bool write, uint8_t *byte)
{
	uint8_t *p = (uint8_t *)addr;
	int sig;

	toucher = c;
	/* No failure is asked for: one in the signal's frame would kill. */
	c->injected = false;
	kcov_begin(&c->kcov);
	sig = sigsetjmp(c->back, 0);
	if (!sig) {
		c->touching = true;
		if (write)
			__atomic_store_n(p, *byte, __ATOMIC_SEQ_CST);
		else
			*byte = __atomic_load_n(p, __ATOMIC_SEQ_CST);
		c->touching = false;
	}
	kcov_collect(&c->kcov);
	c->ret = 0;
	c->err = sig;
	return sig;
}

/**
 * fail() - an oracle does not hold
 * @c: the thread, or NULL: the supervisor
 * @kind: the same words for the same defect
 * @format: what exactly
 *
 * The first failure of a sequence is kept.
 */
void fail(const struct ctx *c, const char *kind, const char *format, ...)
{
	struct failure *f = &team->failure;
	va_list args;

	if (__atomic_exchange_n(&f->set, 1, __ATOMIC_ACQ_REL))
		return;
	f->actor = c ? (int)c->actor : -1;
	f->at = c ? c->at : 0;
	snprintf(f->kind, sizeof(f->kind), "%s%s%s",
		 c ? op_descs[c->op->kind].name : "", c ? ": " : "", kind);
	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
}
