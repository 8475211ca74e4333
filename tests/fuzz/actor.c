// SPDX-License-Identifier: GPL-2.0-or-later
/* A process that does operations, and its threads. */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define GUARD		0x3c
#define GUARD_BEFORE	(ARENA - 2 * PAGE)
#define GUARD_AFTER	(ARENA_END + PAGE)
#define GUARD_RANGE	(RANGE + (RANGE_PAGES + 1) * PAGE)
#define READ_ONLY	0x52
#define STEP		0x1000000	/* from one thread's memory to the next */

static struct ctx ctxs[THREADS];

void futex_wait(uint32_t *word, uint32_t value, unsigned int ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	syscall(SYS_futex, word, FUTEX_WAIT, value, ms ? &time : NULL, NULL, 0);
}

void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static uint8_t *pages_at(uint64_t addr, unsigned int count)
{
	void *map = mmap((void *)addr, (size_t)count * PAGE,
			 PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			 -1, 0);

	if (map != (void *)addr) {
		perror("mmap");
		_exit(3);
	}
	return map;
}

/* Eight pages, a hole, and one that cannot be written; see place.c. */
static void make_scratch(struct ctx *c)
{
	uint64_t base = SCRATCH + c->actor * STEP;
	uint8_t *last = pages_at(base + SCRATCH_PAGES * PAGE, 1);

	c->scratch = pages_at(base, SCRATCH_PAGES - 1);
	memset(last, READ_ONLY, PAGE);
	mprotect(last, PAGE, PROT_READ);
}

/*
 * Each keeps the page table that its neighbours lie in: until 6.15 the kernel
 * warns when remap_pfn_range() fails for want of one (see tests/debug/sweep_log.c).
 */
static void make_guards(void)
{
	memset(pages_at(GUARD_BEFORE, 1), GUARD, PAGE);
	memset(pages_at(GUARD_AFTER, 1), GUARD, PAGE);
	memset(pages_at(GUARD_RANGE, 1), GUARD, PAGE);
}

static void check_guard(const struct ctx *c, uint64_t addr)
{
	const uint8_t *page = (const uint8_t *)addr;
	unsigned int i;

	for (i = 0; i < PAGE; i++) {
		if (page[i] != GUARD) {
			fail(c, "outside the arena", "byte %u of 0x%llx", i,
			     (unsigned long long)addr);
			return;
		}
	}
}

/**
 * run_ops() - do an actor's operations
 * @c: its thread
 * @from: the place in the sequence to begin at
 * @count: operations to do, at most
 */
void run_ops(struct ctx *c, unsigned int from, unsigned int count)
{
	const struct seq *seq = &team->seq;
	unsigned int i, done = 0;

	c->skip = 0;
	for (i = from; i < seq->count && done < count; i++) {
		const struct op *op = &seq->ops[i];

		if (op->actor != c->actor)
			continue;
		if (c->skip) {
			c->skip--;
			continue;
		}
		c->op = op;
		c->at = i;
		c->row = ROWS;
		c->err = 0;
		if (!c->child)
			channel->at[c->actor] = i + 1;
		op_descs[op->kind].run(c, op->arg);
		feature_see((uint32_t)(op->kind << 16 | c->row << 12 |
				       (c->err & 0xfff)) ^ 0x5eed0000);
		done++;
		if (__atomic_load_n(&team->failure.set, __ATOMIC_RELAXED))
			break;
	}
	__atomic_fetch_add(&channel->ops, done, __ATOMIC_RELAXED);
	if (!c->child)
		channel->at[c->actor] = 0;
}

static void forget(void)
{
	unsigned int i;

	model_clear(0, ARENA_PAGES);
	for (i = 0; i < SLOTS; i++)
		world.files[i] = -1;
	world.crowd = false;
	world.nchildren = 0;
}

/* The last thread of a process takes away all that the sequence made. */
static void clean(struct ctx *c)
{
	unsigned int i;
	int status;

	for (i = 0; i < world.nchildren; i++) {
		while (waitpid(world.children[i], &status, 0) < 0 &&
		       errno == EINTR)
			;
		if (status)
			fail(c, "child", "status 0x%x", status);
	}
	munmap((void *)ARENA, ARENA_PAGES * PAGE);
	munmap((void *)RANGE, RANGE_PAGES * PAGE);
	munmap((void *)BIG, BIG_PAGES * PAGE);
	syscall(SYS_close_range, SLOT_FD, BUF_FD + BUFFERS - 1, 0);
	while (read(world.pipe[0], c->scratch, 8 * PAGE) > 0)
		;
	check_guard(c, GUARD_BEFORE);
	check_guard(c, GUARD_AFTER);
	check_guard(c, GUARD_RANGE);
	forget();
}

static void power_back(struct ctx *c)
{
	static const uint64_t on[OP_ARGS] = { 1 };

	if (c->powerless)
		op_descs[OP_CAPS].run(c, on);
}

/*
 * Actors of a process race on different processors; one that is alone has its
 * address space on no other, which would have to be told of every change.
 */
static void stay_on_a_processor(unsigned int actor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((actor / THREADS + actor % THREADS) % get_nprocs(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *actor_main(void *arg)
{
	struct ctx *c = arg;
	uint32_t *go = &team->go[c->actor];
	uint32_t seen = __atomic_load_n(go, __ATOMIC_ACQUIRE);

	stay_on_a_processor(c->actor);
	c->nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	make_scratch(c);
	kcov_open(&c->kcov);
	call_setup();
	__atomic_fetch_sub(&team->done, 1, __ATOMIC_RELEASE);
	futex_wake(&team->done);
	for (;;) {
		while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == seen)
			futex_wait(go, seen, 0);
		seen++;
		world.alone = team->used[world.proc] == 1;
		run_ops(c, 0, SEQ_OPS);
		power_back(c);
		if (__atomic_fetch_sub(&team->left[world.proc], 1,
				       __ATOMIC_ACQ_REL) != 1)
			continue;
		clean(c);
		if (__atomic_fetch_sub(&team->done, 1, __ATOMIC_ACQ_REL) == 1)
			futex_wake(&team->done);
	}
	return NULL;
}

/**
 * actors_run() - be a process that does operations, until it is killed
 * @proc: which one
 */
void actors_run(int proc)
{
	unsigned int t;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What the supervisor has open must not be held by others. */
	syscall(SYS_close_range, 3, ~0U, 0);
	world.proc = proc;
	if (pipe2(world.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		_exit(3);
	make_guards();
	forget();
	for (t = 0; t < THREADS; t++) {
		struct ctx *c = &ctxs[t];
		pthread_t thread;

		c->actor = (unsigned int)proc * THREADS + t;
		if (t && pthread_create(&thread, NULL, actor_main, c))
			_exit(3);
	}
	actor_main(&ctxs[0]);
	_exit(3);
}
