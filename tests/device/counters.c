// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters that a driver keeps (C31): read in three ways, waited for. */
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>

#include "lab.h"
#include "runtime.h"

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Counters of a name; the experiment that keeps them. */
static int counters_make(const char *name, uint32_t count)
{
	struct mmapper_lab_counters c = { .count = count, .mode = 0444 };
	int lab = lab_open();

	memcpy(c.name, name, strlen(name));
	REQUIRE(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c) == 0);
	return lab;
}

static int count(int lab, uint32_t index, uint64_t delta)
{
	struct mmapper_lab_count c = { .index = index, .delta = delta };

	return ioctl(lab, MMAPPER_LAB_IOC_COUNT, &c);
}

static uint64_t timer(int lab, uint64_t period, const void *variable)
{
	struct mmapper_lab_timer t = {
		.period = period, .variable = (uintptr_t)variable,
	};

	REQUIRE(ioctl(lab, MMAPPER_LAB_IOC_TIMER, &t) == 0);
	return t.ticks;
}

static const struct mmapper_counters_page *counters_map(int fd)
{
	const void *page = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);

	REQUIRE(page != MAP_FAILED);
	return page;
}

static struct mmapper_counters counters_get(int fd)
{
	struct mmapper_counters c = { 0 };

	REQUIRE(ioctl(fd, MMAPPER_IOC_COUNTERS, &c) == 0);
	return c;
}

static void counters_page(const void *arg)
{
	const struct mmapper_counters_page *page;
	struct mmapper_counters c;
	size_t i;
	int lab, fd;

	(void)arg;
	publish_begin();
	lab = counters_make("ticks", 2);
	fd = rt_open("ticks", O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT(strcmp(rt_info(fd).backend, "counters") == 0);
	EXPECT_EQ(rt_info(fd).size, page_size());
	page = counters_map(fd);
	EXPECT_EQ(page->magic, MMAPPER_COUNTERS_MAGIC);
	EXPECT_EQ(page->count, 2);
	EXPECT_EQ(page->state, MMAPPER_COUNTERS_LIVE);
	EXPECT_EQ(page->time, 0);
	EXPECT_EQ(count(lab, 1, 5), 0);
	EXPECT_EQ(count(lab, 1, 2), 0);
	EXPECT_EQ(count(lab, 0, UINT64_MAX), 0);
	EXPECT_EQ(page->values[0], UINT64_MAX);
	EXPECT_EQ(page->values[1], 7);
	EXPECT_EQ(page->updates, 3);
	EXPECT_EQ(page->sequence, 6);
	c = counters_get(fd);
	EXPECT_EQ(c.count, 2);
	EXPECT_EQ(c.updates, 3);
	EXPECT(c.time && c.time == page->time);
	EXPECT(memcmp(c.values, page->values, sizeof(c.values)) == 0);
	/* Nothing else is in the page. */
	for (i = offsetof(struct mmapper_counters_page, values[2]);
	     i < page_size(); i++)
		if (!EXPECT_EQ(((const char *)page)[i], 0))
			break;
	/* It stays, marked, when the driver ends; a child has it too. */
	close(lab);
	EXPECT_EQ(page->state, MMAPPER_COUNTERS_ENDED);
	EXPECT_EQ(page->values[1], 7);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_COUNTERS, &c), ESTALE);
	EXPECT_ERRNO(rt_open("ticks", O_RDONLY), ENOENT);
	EXPECT_REFUSED(mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0),
		       ESTALE);
	munmap((void *)page, page_size());
	close(fd);
	publish_end();
}

static void counters_bad(const void *arg)
{
	struct mmapper_lab_counters c = { .count = 1, .mode = 0444, .name = "c" };
	struct mmapper_counters values = { 0 };
	struct mmapper_watch w = { 0 };
	int lab, fd, other;

	(void)arg;
	publish_begin();
	lab = lab_open();
	EXPECT_ERRNO(count(lab, 0, 1), EINVAL);
	c.count = 0;
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c), EINVAL);
	c.count = MMAPPER_COUNTERS_MAX + 1;
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c), EINVAL);
	c.count = MMAPPER_COUNTERS_MAX;
	c.mode = 01000;
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c), EINVAL);
	c.mode = 0666;
	REQUIRE(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c) == 0);
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_COUNTERS, &c), EBUSY);
	other = lab_open();
	EXPECT_ERRNO(ioctl(other, MMAPPER_LAB_IOC_COUNTERS, &c), EEXIST);
	close(other);
	EXPECT_ERRNO(count(lab, MMAPPER_COUNTERS_MAX, 1), EINVAL);

	/* Nobody can write, whatever the mode says. */
	fd = rt_open("c", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_ERRNO(pwrite(fd, "x", 1, 0), EPERM);
	EXPECT_REFUSED(mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, 0), EPERM);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_COUNTERS, (void *)1), EFAULT);
	values.reserved = 1;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_COUNTERS, &values), EINVAL);
	w.index = MMAPPER_COUNTERS_MAX;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EINVAL);
	w.index = 0;
	w.eventfd = 1;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EINVAL);
	w.flags = MMAPPER_WATCH_F_EVENTFD;
	w.eventfd = -1;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EBADF);
	w.eventfd = fd;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EINVAL);
	w.flags = 2;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EINVAL);
	close(fd);
	fd = rt_make("", 1);
	w = (struct mmapper_watch){ 0 };
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EOPNOTSUPP);
	values.reserved = 0;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_COUNTERS, &values), EOPNOTSUPP);
	close(fd);
	fd = rt_open("c", O_WRONLY);
	REQUIRE(fd >= 0);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_COUNTERS, &values), EBADF);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_WATCH, &w), EBADF);
	close(fd);
	close(lab);
	publish_end();
}

static int watch(int fd, uint32_t index, uint64_t threshold, int eventfd)
{
	struct mmapper_watch w = {
		.index = index, .threshold = threshold,
		.flags = eventfd >= 0 ? MMAPPER_WATCH_F_EVENTFD : 0,
		.eventfd = eventfd >= 0 ? eventfd : 0,
	};

	return ioctl(fd, MMAPPER_IOC_WATCH, &w);
}

static short polled(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	REQUIRE(poll(&p, 1, timeout) >= 0);
	return p.revents;
}

/* How often it was signalled since it was last asked. */
static uint64_t signalled(int eventfd)
{
	uint64_t n = 0;

	return read(eventfd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

#define SOON	20000

static void thresholds(const void *arg)
{
	int lab, a, b, event;

	(void)arg;
	publish_begin();
	lab = counters_make("ticks", 2);
	a = rt_open("ticks", O_RDONLY);
	b = rt_open("ticks", O_RDONLY);
	event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	REQUIRE(a >= 0 && b >= 0 && event >= 0);
	/* Who waits for nothing can always read. */
	EXPECT_EQ(polled(a, 0), POLLIN);
	EXPECT_EQ(watch(a, 0, 10, event), 0);
	EXPECT_EQ(watch(b, 1, 1, -1), 0);
	EXPECT_EQ(polled(a, 0), 0);
	EXPECT_EQ(polled(b, 0), 0);
	EXPECT_EQ(count(lab, 0, 9), 0);
	EXPECT_EQ(polled(a, 50), 0);
	EXPECT_EQ(signalled(event), 0);
	EXPECT_EQ(count(lab, 0, 1), 0);
	EXPECT_EQ(polled(a, SOON), POLLIN);
	EXPECT_EQ(signalled(event), 1);
	EXPECT_EQ(polled(b, 0), 0);
	/* Once; and it stays readable. */
	EXPECT_EQ(count(lab, 0, 1), 0);
	EXPECT_EQ(polled(a, 50), POLLIN);
	EXPECT_EQ(signalled(event), 0);
	/* Anew; what is there already is told at once. */
	EXPECT_EQ(watch(a, 0, 11, event), 0);
	EXPECT_EQ(polled(a, SOON), POLLIN);
	EXPECT_EQ(signalled(event), 1);
	EXPECT_EQ(watch(a, 0, UINT64_MAX, event), 0);
	EXPECT_EQ(count(lab, 0, UINT64_MAX - 11), 0);
	EXPECT_EQ(polled(a, SOON), POLLIN);
	/* What ends wakes those who wait. */
	EXPECT_EQ(watch(a, 1, 100, event), 0);
	signalled(event);
	close(lab);
	EXPECT_EQ(signalled(event), 1);
	EXPECT_EQ(polled(a, 0) & (POLLHUP | POLLERR), POLLHUP | POLLERR);
	EXPECT_EQ(polled(b, 0) & (POLLHUP | POLLERR), POLLHUP | POLLERR);
	close(a);
	close(b);
	close(event);
	publish_end();
}

/* As many as may, and then one fewer. */
static void watchers(const void *arg)
{
	int fds[257], lab, i;

	(void)arg;
	publish_begin();
	lab = counters_make("ticks", 1);
	for (i = 0; i < 257; i++) {
		fds[i] = rt_open("ticks", O_RDONLY);
		REQUIRE(fds[i] >= 0);
		if (i < 256)
			EXPECT_EQ(watch(fds[i], 0, (uint64_t)i + 1, -1), 0);
	}
	EXPECT_ERRNO(watch(fds[256], 0, 1, -1), ENOSPC);
	EXPECT_EQ(watch(fds[0], 0, 1, -1), 0);
	close(fds[0]);
	EXPECT_EQ(watch(fds[256], 0, 300, -1), 0);
	EXPECT_EQ(count(lab, 0, 100), 0);
	EXPECT_EQ(polled(fds[99], SOON), POLLIN);
	EXPECT_EQ(polled(fds[1], 0), POLLIN);
	EXPECT_EQ(polled(fds[100], 0), 0);
	for (i = 1; i < 257; i++)
		close(fds[i]);
	close(lab);
	publish_end();
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	REQUIRE(sched_setaffinity(0, sizeof(set), &set) == 0);
}

#define READS	10000000ul

/* Reads that find the counters of two moments, of @reads that began and ended well. */
static unsigned long torn_reads(const struct mmapper_counters_page *page,
				unsigned long reads, unsigned long *again)
{
	unsigned long n = 0, torn = 0;
	uint32_t i;

	while (n < reads) {
		uint32_t before = __atomic_load_n(&page->sequence,
						  __ATOMIC_ACQUIRE);
		uint64_t first = __atomic_load_n(&page->values[0],
						 __ATOMIC_RELAXED);
		bool same = true;

		for (i = 1; i < page->count; i++)
			same &= first == __atomic_load_n(&page->values[i],
							 __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (before & 1 || before != __atomic_load_n(&page->sequence,
							    __ATOMIC_RELAXED)) {
			++*again;
			continue;
		}
		torn += !same;
		n++;
	}
	return torn;
}

/*
 * The timer counts in the interrupts of the processor that has started it; the
 * reader is on the other, where it can see it at work: so it does meet it.
 */
static void torn(const void *arg)
{
	const struct mmapper_counters_page *page;
	unsigned long reads = debug_kernel() ? READS / 20 : READS, again = 0;
	int lab, fd;

	(void)arg;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		ktap_skip("needs two processors");
	publish_begin();
	run_on(1);
	lab = counters_make("ticks", MMAPPER_COUNTERS_MAX);
	fd = rt_open("ticks", O_RDONLY);
	REQUIRE(fd >= 0);
	page = counters_map(fd);
	timer(lab, 20000, NULL);
	run_on(0);
	EXPECT_EQ(torn_reads(page, reads, &again), 0);
	ktap_say("%lu reads, %lu of them twice; %llu interrupts", reads, again,
		 (unsigned long long)timer(lab, 0, NULL));
	EXPECT(again > 0);
	munmap((void *)page, page_size());
	close(lab);
	close(fd);
	publish_end();
}

/* The page, the call and the process's own variable say the same. */
static void three_ways(const void *arg)
{
	struct mmapper_lab_variable *var;
	const struct mmapper_counters_page *page;
	struct mmapper_counters c;
	uint64_t ticks, i;
	int lab, fd;

	(void)arg;
	publish_begin();
	lab = counters_make("ticks", 2);
	fd = rt_open("ticks", O_RDONLY);
	REQUIRE(fd >= 0);
	page = counters_map(fd);
	var = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(var != MAP_FAILED);
	for (i = 1; i <= 3; i++) {
		/* Elsewhere in the page each time. */
		var = (void *)((uintptr_t)var + 64);
		timer(lab, 1000000, var);
		EXPECT_EQ(watch(fd, 0, counters_get(fd).values[0] + 20, -1), 0);
		EXPECT_EQ(polled(fd, SOON), POLLIN);
		ticks = timer(lab, 0, NULL);
		c = counters_get(fd);
		EXPECT(ticks >= 20 * i);
		EXPECT_EQ(c.values[0], ticks);
		EXPECT_EQ(c.values[1], ticks);
		EXPECT_EQ(page->values[0], ticks);
		EXPECT_EQ(var->values[0], ticks);
		EXPECT_EQ(var->values[1], ticks);
		EXPECT_EQ(var->sequence % 2, 0);
	}
	/* Nothing writes to it any more. */
	var->values[0] = 1;
	timer(lab, 1000000, NULL);
	EXPECT_EQ(watch(fd, 0, ticks + 5, -1), 0);
	EXPECT_EQ(polled(fd, SOON), POLLIN);
	EXPECT_EQ(var->values[0], 1);
	munmap((void *)page, page_size());
	close(lab);
	close(fd);
	publish_end();
}

static int timer_bad(int lab, uint64_t period, uint64_t variable)
{
	struct mmapper_lab_timer t = { .period = period, .variable = variable };

	return ioctl(lab, MMAPPER_LAB_IOC_TIMER, &t);
}

static void timer_refused(const void *arg)
{
	size_t page = page_size();
	int lab, none;
	char *own;

	(void)arg;
	publish_begin();
	none = lab_open();
	EXPECT_ERRNO(timer_bad(none, 1000000, 0), ENODATA);
	close(none);
	lab = counters_make("ticks", 1);
	own = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(own != MAP_FAILED);
	EXPECT_ERRNO(timer_bad(lab, MMAPPER_LAB_PERIOD_MIN - 1, 0), EINVAL);
	EXPECT_ERRNO(timer_bad(lab, MMAPPER_LAB_PERIOD_MAX + 1, 0), EINVAL);
	EXPECT_ERRNO(timer_bad(lab, 1000000, 8), EFAULT);
	EXPECT_ERRNO(timer_bad(lab, 1000000, (uintptr_t)own + 4), EINVAL);
	EXPECT_ERRNO(timer_bad(lab, 1000000, (uintptr_t)own + page - 8), EINVAL);
	EXPECT_ERRNO(timer_bad(lab, 1000000, ~0ull << 47), EFAULT);
	EXPECT_ERRNO(timer_bad(lab, 1000000, 1ull << 62), EFAULT);
	/* Read-only memory of the process's. */
	EXPECT_ERRNO(timer_bad(lab, 1000000, (uintptr_t)own), EFAULT);
	EXPECT_EQ(timer(lab, 1000000, NULL), 0);
	EXPECT_ERRNO(timer_bad(lab, 1000000, 0), EBUSY);
	close(lab);
	munmap(own, page);
	publish_end();
}

static void variable_of_dead(void *arg)
{
	void *own = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(own != MAP_FAILED);
	timer(*(int *)arg, 100000, own);
}

/* The process has died, and its variable is written to still: it is pinned. */
static void variable_outlives(const void *arg)
{
	uint64_t before;
	int lab, fd;

	(void)arg;
	publish_begin();
	lab = counters_make("ticks", 1);
	fd = rt_open("ticks", O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT(child_ok(variable_of_dead, &lab));
	before = counters_get(fd).values[0];
	EXPECT_EQ(watch(fd, 0, before + 20, -1), 0);
	EXPECT_EQ(polled(fd, SOON), POLLIN);
	close(lab);
	close(fd);
	publish_end();
}

static const struct ktap_case cases[] = {
	{ "page", counters_page, 0 },
	{ "bad", counters_bad, 0 },
	{ "thresholds", thresholds, 60 },
	{ "watchers", watchers, 0 },
	{ "torn", torn, 120 },
	{ "three_ways", three_ways, 60 },
	{ "timer_refused", timer_refused, 0 },
	{ "variable_outlives", variable_outlives, 60 },
};

SUITE(counters, cases, false);
