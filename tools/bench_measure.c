// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include <mmapper/lab.h>

#include "bench.h"

#define ALIGN_TO	((size_t)2 << 20)
#define CALLS		1000
#define CHUNK		((size_t)1 << 20)
#define REPEATS		3
#define LARGE		((size_t)64 << 20)
#define COPIED		((size_t)256 << 20)
#define SETTLE_NS	10000000	/* several timer interrupts */

static enum bench_clock chosen;

void bench_set_clock(enum bench_clock clock)
{
	chosen = clock;
}

static uint64_t now(void)
{
	struct timespec t;

#ifdef __x86_64__
	if (chosen == BENCH_TSC)
		return __rdtsc();
#endif
	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What lies between two looks at the clock, less the looking. */
static uint64_t since(uint64_t start)
{
	static uint64_t cost = UINT64_MAX;
	uint64_t end = now(), a, d;
	int i;

	if (cost == UINT64_MAX) {
		for (i = 0; i < 50; i++) {
			a = now();
			d = now() - a;
			if (d < cost)
				cost = d;
		}
	}
	return end - start > cost ? end - start - cost : 0;
}

static uint64_t faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_minflt + u.ru_majflt);
}

/* Bytes of this process's page tables, proc_pid_status(5). */
static uint64_t tables(void)
{
	char text[2048];
	const char *at;
	ssize_t got;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	at = strstr(text, "VmPTE:");
	return at ? strtoull(at + 6, NULL, 10) << 10 : 0;
}

/* The compiler must neither drop an access nor make another loop of it. */
static __attribute__((noinline)) void
touch(char *at, size_t size, size_t page, bool write)
{
	char *end = at + size;

	if (write)
		for (; at < end; at += page)
			__atomic_store_n(at, 1, __ATOMIC_RELAXED);
	else
		for (; at < end; at += page)
			__atomic_load_n(at, __ATOMIC_RELAXED);
}

/* Where blocks of 2 MiB can be mapped as such, for all alike. */
static void *place(size_t size)
{
	char *at = mmap(NULL, size + ALIGN_TO, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	munmap(at, size + ALIGN_TO);
	return (void *)(((uintptr_t)at + ALIGN_TO - 1) & ~(ALIGN_TO - 1));
}

static char *map(const struct bench_memory *m, void *at)
{
	const struct bench_target *t = m->target;
	int flags = t->private_map ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	char *p = mmap(at, m->size, PROT_READ | PROT_WRITE,
		       flags | t->map_flags, m->fd, m->offset);

	if (p != MAP_FAILED && t->advice && madvise(p, m->size, t->advice) < 0) {
		munmap(p, m->size);
		return MAP_FAILED;
	}
	return p;
}

static void once(const struct bench_memory *m, bool write,
		 struct bench_pass *pass, char **mapped)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t start, loop;
	unsigned int i;
	char *p;
	void *at;

	for (i = 0; i < m->kept && !pass->error; i++)
		if (map(m, place(m->size)) == MAP_FAILED)
			pass->error = -errno;
	at = place(m->size);
	/* The code and the stack that are needed are there. */
	touch((char *)&start, 1, page, false);
	write = write && !m->target->no_write;
	pass->tables = tables();
	pass->faults = faults();
	start = now();
	p = map(m, at);
	pass->map = since(start);
	if (p == MAP_FAILED)
		pass->error = -errno;
	if (pass->error)
		return;
	pass->faults = faults();
	start = now();
	touch(p, m->size, page, write);
	pass->touch = since(start);
	pass->faults = faults() - pass->faults;
	start = now();
	touch(p, m->size, page, write);
	loop = since(start);
	pass->touch = pass->touch > loop ? pass->touch - loop : 0;
	pass->tables = tables() - pass->tables;
	pass->done = true;
	if (mapped) {
		*mapped = p;
		return;
	}
	start = now();
	munmap(p, m->size);
	pass->unmap = since(start);
}

static void copy(const struct bench_memory *m, struct bench_copy *c)
{
	size_t chunk = m->size < CHUNK ? m->size : CHUNK, done;
	char *to = malloc(chunk), *p = map(m, place(m->size));
	uint64_t start;

	if (!to || p == MAP_FAILED)
		goto out;
	memset(to, 1, chunk);
	touch(p, m->size, 4096, false);
	start = now();
	for (done = 0; done < m->size; done += chunk)
		memcpy(to, p + done, chunk);
	c->map = since(start);
	if (!m->target->readable)
		goto out;
	start = now();
	for (done = 0; done < m->size; done += chunk)
		if (pread(m->fd, to, chunk, (off_t)done) != (ssize_t)chunk)
			goto out;
	c->read = since(start);
out:
	free(to);
}

/* Each is done by a process of its own; the result is shared memory. */
typedef void step(const struct bench_memory *memory,
		  struct bench_result *result);

static void step_warm(const struct bench_memory *m, struct bench_result *r)
{
	once(m, true, &r->warm, NULL);
}

static void step_read(const struct bench_memory *m, struct bench_result *r)
{
	once(m, false, &r->read, NULL);
}

static void step_copy(const struct bench_memory *m, struct bench_result *r)
{
	copy(m, &r->copy);
}

/* What pins is the kernel: the cost is its own, without the call's. */
static void step_pin(const struct bench_memory *m, struct bench_result *r)
{
	struct mmapper_lab_pin pin = { .length = m->size };
	int lab = open(MMAPPER_LAB_PATH, O_RDWR | O_CLOEXEC);
	char *p;

	if (lab < 0 || m->target->no_write)
		return;
	p = map(m, place(m->size));
	if (p == MAP_FAILED)
		return;
	touch(p, m->size, (size_t)sysconf(_SC_PAGESIZE), true);
	pin.address = (uintptr_t)p;
	if (ioctl(lab, MMAPPER_LAB_IOC_PIN, &pin) == 0)
		r->pin = chosen == BENCH_TSC ? pin.pin.cycles : pin.pin.ns;
}

static char *map_raw(const struct bench_memory *m, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
}

static char *map_library(const struct bench_memory *m, size_t size)
{
	struct mmapper_mapping *mapping;

	if (mmapper_buffer_map(m->buffer, 0, size, PROT_READ | PROT_WRITE,
			       MAP_SHARED, &mapping))
		return MAP_FAILED;
	return mmapper_mapping_get_address(mapping);
}

static uint64_t map_by(char *(*way)(const struct bench_memory *m, size_t size),
		       const struct bench_memory *m)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t start;
	char *p;

	/*
	 * A process's first call brings in the code and the heap, once.  One
	 * page of the memory is mapped for that, and stays.
	 */
	if (way(m, page) == MAP_FAILED)
		return 0;
	start = now();
	p = way(m, m->size);
	if (p == MAP_FAILED)
		return 0;
	touch(p, m->size, page, true);
	return since(start);
}

static void step_raw(const struct bench_memory *m, struct bench_result *r)
{
	r->raw = map_by(map_raw, m);
}

static void step_library(const struct bench_memory *m, struct bench_result *r)
{
	r->library = map_by(map_library, m);
}

/*
 * What others left to be done, such as a process's end, whose pieces are freed
 * by a later timer interrupt (RCU), is done before anything is measured.
 */
static void settle(void)
{
	struct timespec t = { .tv_nsec = SETTLE_NS };

	nanosleep(&t, NULL);
}

static bool in_child(step *run, const struct bench_memory *m,
		     struct bench_result *r)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		settle();
		run(m, r);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* The first process keeps its mapping for as long as @stay can be read from. */
static pid_t keeper(const struct bench_memory *m, struct bench_result *r,
		    const int ready[2], const int stay[2])
{
	pid_t pid;
	char *mapped, byte = 0;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	close(ready[0]);
	close(stay[1]);
	settle();
	once(m, true, &r->cold, &mapped);
	if (write(ready[1], &byte, 1) == 1)
		while (read(stay[0], &byte, 1) > 0)
			;
	_exit(0);
}

static void passes(const struct bench_memory *m, struct bench_result *r)
{
	int ready[2], stay[2], status;
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return;
	if (pipe2(stay, O_CLOEXEC) < 0) {
		close(ready[0]);
		close(ready[1]);
		return;
	}
	pid = keeper(m, r, ready, stay);
	close(ready[1]);
	close(stay[0]);
	if (pid > 0 && read(ready[0], &byte, 1) == 1 && r->cold.done &&
	    !m->target->private_map) {
		in_child(step_warm, m, r);
		in_child(step_read, m, r);
		if (m->size <= COPIED)
			in_child(step_copy, m, r);
		in_child(step_pin, m, r);
		if (m->buffer) {
			in_child(step_raw, m, r);
			in_child(step_library, m, r);
		}
	}
	close(stay[1]);
	close(ready[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
}

static int make(struct bench_memory *m, const struct bench_target *target,
		size_t size)
{
	*m = (struct bench_memory){
		.target = target, .size = size, .fd = -1, .extra = -1,
	};
	return target->create(m);
}

static int measure_in_crowd(const struct bench_target *target, size_t size,
			    struct bench_crowd crowd,
			    struct bench_result *result)
{
	struct bench_memory *all = calloc(crowd.buffers, sizeof(*all));
	unsigned int count = 1;
	uint64_t start;
	int error;

	if (!all)
		return -ENOMEM;
	start = now();
	error = make(&all[0], target, size);
	result->create = since(start);
	for (; !error && count < crowd.buffers; count++)
		error = make(&all[count], target,
			     (size_t)sysconf(_SC_PAGESIZE));
	if (!error) {
		all[0].kept = crowd.mappings - 1;
		passes(&all[0], result);
		error = result->cold.error;
		if (!error && !result->cold.done)
			error = -EIO;
	}
	while (count)
		bench_free(&all[--count]);
	free(all);
	return error;
}

static void measure_once(const struct bench_target *target, size_t size,
			 struct bench_crowd crowd, struct bench_result *result)
{
	struct bench_result *shared;
	int error;

	memset(result, 0, sizeof(*result));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		result->error = -errno;
		return;
	}
	error = measure_in_crowd(target, size, crowd, shared);
	*result = *shared;
	result->error = error;
	munmap(shared, sizeof(*shared));
}

static void least(uint64_t *best, uint64_t one)
{
	if (one < *best)
		*best = one;
}

static void least_pass(struct bench_pass *best, const struct bench_pass *one)
{
	least(&best->map, one->map);
	least(&best->touch, one->touch);
	least(&best->unmap, one->unmap);
	least(&best->faults, one->faults);
	least(&best->tables, one->tables);
}

/**
 * bench_measure() - measure a target
 * @target: the target
 * @size: bytes, whole pages
 * @crowd: what there is beside it
 * @result: what came of it
 *
 * Small memory is measured several times, and the least of each figure is taken:
 * what else the machine does would be seen in it.
 */
void bench_measure(const struct bench_target *target, size_t size,
		   struct bench_crowd crowd, struct bench_result *result)
{
	unsigned int again = size < LARGE ? REPEATS - 1 : 0;
	struct bench_result one;

	measure_once(target, size, crowd, result);
	for (; again && !result->error; again--) {
		measure_once(target, size, crowd, &one);
		if (one.error)
			break;
		least(&result->create, one.create);
		least_pass(&result->cold, &one.cold);
		least_pass(&result->warm, &one.warm);
		least_pass(&result->read, &one.read);
		least(&result->copy.map, one.copy.map);
		least(&result->copy.read, one.copy.read);
		least(&result->pin, one.pin);
		least(&result->raw, one.raw);
		least(&result->library, one.library);
	}
}

#define TRIPS	(CALLS + 10)	/* the first are not counted */

/* The other side of a ping-pong. */
static void echo(int from, int to)
{
	uint64_t n;
	int i;

	for (i = 0; i < TRIPS; i++)
		if (read(from, &n, sizeof(n)) != sizeof(n) ||
		    write(to, &n, sizeof(n)) != sizeof(n))
			break;
	_exit(0);
}

static uint64_t ping_pong(void)
{
	int there = eventfd(0, EFD_CLOEXEC), back = eventfd(0, EFD_CLOEXEC);
	uint64_t n = 1, start = 0, cost = 0;
	pid_t pid;
	int i;

	fflush(stdout);
	pid = there < 0 || back < 0 ? -1 : fork();
	if (pid == 0)
		echo(there, back);
	for (i = 0; pid > 0 && i < TRIPS; i++) {
		if (i == TRIPS - CALLS)
			start = now();
		if (write(there, &n, sizeof(n)) != sizeof(n) ||
		    read(back, &n, sizeof(n)) != sizeof(n))
			break;
	}
	if (pid > 0 && i == TRIPS)
		cost = since(start) / CALLS;
	else if (pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	close(there);
	close(back);
	return cost;
}

/**
 * bench_measure_calls() - measure what maps nothing
 * @node: a node of the driver
 * @calls: what came of it
 *
 * Return: 0, or a negative errno: the node cannot be opened.
 */
int bench_measure_calls(const char *node, struct bench_calls *calls)
{
	int fd = open(node, O_RDWR | O_CLOEXEC), i;
	uint64_t start;

	memset(calls, 0, sizeof(*calls));
	if (fd < 0)
		return -errno;
	syscall(SYS_getppid);
	start = now();
	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	calls->getppid = since(start) / CALLS;
	ioctl(fd, 0, NULL);
	start = now();
	for (i = 0; i < CALLS; i++)
		ioctl(fd, 0, NULL);
	calls->ioctl = since(start) / CALLS;
	close(fd);
	calls->eventfd = ping_pong();
	return 0;
}
