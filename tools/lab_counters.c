// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters that an interrupt handler writes (C31), read in three ways: in a mapped
 * page, by ioctl(), in a variable of the process's own that is pinned.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

#define NAME	"mmapper-lab-ticks"
#define SOON	20000	/* ms, on the slowest machine */

static int start(uint32_t count)
{
	struct mmapper_lab_counters c = {
		.count = count, .mode = 0444, .name = NAME,
	};
	int fd = lab_open();

	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_COUNTERS, &c) == 0);
	return fd;
}

static uint64_t timer(int fd, uint64_t period, const void *variable)
{
	struct mmapper_lab_timer t = {
		.period = period, .variable = (uintptr_t)variable,
	};

	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_TIMER, &t) == 0);
	return t.ticks;
}

static struct mmapper_reader *reader_open(void)
{
	struct mmapper_reader *reader;
	int error = mmapper_counters_open(NAME, &reader);

	if (error)
		ktap_say("%s", mmapper_strerror(error));
	REQUIRE(!error);
	return reader;
}

static void three_ways(const void *arg)
{
	struct mmapper_counters page, call;
	struct mmapper_lab_variable *variable = (void *)lab_memory(1);
	struct mmapper_reader *reader;
	int fd = start(2);
	uint64_t ticks;

	(void)arg;
	reader = reader_open();
	timer(fd, 1000000, variable);
	EXPECT_EQ(mmapper_counters_wait(reader, 0, 50, SOON), 0);
	ticks = timer(fd, 0, NULL);
	EXPECT_EQ(mmapper_counters_read(reader, &page), 0);
	EXPECT_EQ(mmapper_counters_fetch(reader, &call), 0);
	ktap_say("%" PRIu64 " interrupts: the page says %" PRIu64 ", ioctl() %" PRIu64,
		 ticks, (uint64_t)page.values[0], (uint64_t)call.values[0]);
	ktap_say("and the process's own variable %" PRIu64,
		 (uint64_t)variable->values[0]);
	EXPECT(ticks >= 50);
	EXPECT_EQ(page.values[0], ticks);
	EXPECT_EQ(page.values[1], ticks);
	EXPECT_EQ(call.values[0], ticks);
	EXPECT_EQ(variable->values[0], ticks);
	EXPECT_EQ(variable->values[1], ticks);
	mmapper_counters_close(reader);
}

static void woken(const void *arg)
{
	struct mmapper_reader *reader;
	struct mmapper_counters c;
	int fd = start(1), event = eventfd(0, EFD_CLOEXEC);
	uint64_t n = 0;

	(void)arg;
	REQUIRE(event >= 0);
	reader = reader_open();
	EXPECT_EQ(mmapper_counters_wait(reader, 0, 1, 20), -ETIMEDOUT);
	EXPECT_EQ(mmapper_counters_watch(reader, 0, 25, event), 0);
	timer(fd, 1000000, NULL);
	/* It sleeps until then: there is nothing else to read in an eventfd. */
	REQUIRE(read(event, &n, sizeof(n)) == sizeof(n));
	EXPECT_EQ(mmapper_counters_read(reader, &c), 0);
	ktap_say("an eventfd woke the process at %" PRIu64 ", 25 or a little more",
		 (uint64_t)c.values[0]);
	EXPECT_EQ(n, 1);
	EXPECT(c.values[0] >= 25);
	EXPECT_EQ(mmapper_counters_wait(reader, 0, c.values[0] + 25, SOON), 0);
	close(fd);
	EXPECT_EQ(mmapper_counters_wait(reader, 0, 1, 0), -ESTALE);
	EXPECT_EQ(mmapper_counters_read(reader, &c), -ESTALE);
	ktap_say("once the driver has ended, the page can be read still: %" PRIu64 ", and says that it has",
		 (uint64_t)c.values[0]);
	EXPECT(c.values[0] >= 50);
	mmapper_counters_close(reader);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	REQUIRE(sched_setaffinity(0, sizeof(set), &set) == 0);
}

#define READS	200000

static void one_moment(const void *arg)
{
	struct mmapper_reader *reader;
	struct mmapper_counters c;
	unsigned long i, torn = 0, changes = 0;
	uint64_t last = 0;
	int fd;

	(void)arg;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		ktap_skip("needs two processors");
	/* The timer's interrupts come where it was started. */
	run_on(1);
	fd = start(MMAPPER_COUNTERS_MAX);
	timer(fd, 20000, NULL);
	run_on(0);
	reader = reader_open();
	for (i = 0; i < READS; i++) {
		uint32_t v;

		REQUIRE(mmapper_counters_read(reader, &c) == 0);
		for (v = 1; v < c.count; v++)
			torn += c.values[v] != c.values[0];
		torn += c.values[0] < last;
		changes += c.values[0] != last;
		last = c.values[0];
	}
	ktap_say("%d reads of %d counters while another processor's interrupts set them: %lu changes seen, %lu values of another moment",
		 READS, MMAPPER_COUNTERS_MAX, changes, torn);
	EXPECT_EQ(torn, 0);
	EXPECT(changes > 1);
	mmapper_counters_close(reader);
	timer(fd, 0, NULL);
}

static double ns_of(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - from->tv_sec) * 1e9 +
	       (double)(now.tv_nsec - from->tv_nsec);
}

#define CALLS	10000

/* Told, not judged: time depends on the machine. */
static void cost(const void *arg)
{
	struct mmapper_reader *reader;
	struct mmapper_counters c;
	struct timespec from;
	double page, call;
	int fd = start(2), i;

	(void)arg;
	reader = reader_open();
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < CALLS; i++)
		mmapper_counters_read(reader, &c);
	page = ns_of(&from) / CALLS;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < CALLS; i++)
		mmapper_counters_fetch(reader, &c);
	call = ns_of(&from) / CALLS;
	ktap_say("two counters: read in the page in %.0f ns, by ioctl() in %.0f ns",
		 page, call);
	EXPECT_EQ(c.count, 2);
	mmapper_counters_close(reader);
	close(fd);
}

static const struct evidence_case checks[] = {
	{ { "three_ways", three_ways, 60 },
	  "A timer's interrupt counts; three ways to read it agree" },
	{ { "woken", woken, 60 }, "Woken at a threshold; and when it ends" },
	{ { "one_moment", one_moment, 60 }, "No read mixes two moments" },
	{ { "cost", cost, 60 }, "What reading costs" },
};

const struct lab_experiment lab_counters = {
	.name		= "counters",
	.question	= "how does a process read what an interrupt handler counts?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
