// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults: how many, counted by the driver and by the process (C42, K2). */
#include <sched.h>
#include <sys/resource.h>

#include "device.h"

/* What getrusage() counts; its own page has been touched before. */
static long minor_faults(void)
{
	static struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

struct counted {
	long		process;
	long long	driver;
};

static struct counted touch_all(const struct dev *dev, const char *map,
				bool write)
{
	size_t page = dev->page, pages = dev->pages, i;
	struct mmapper_stats before, after;
	volatile char *at;
	long faults;

	before = dev_stats(dev->fd);
	faults = minor_faults();
	for (i = 0; i < pages; i++) {
		at = (volatile char *)map + i * page;
		if (write)
			*at = 'w';
		else
			(void)*at;
	}
	faults = minor_faults() - faults;
	after = dev_stats(dev->fd);
	return (struct counted){
		.process = faults,
		.driver = (long long)(after.faults - before.faults),
	};
}

/* That getrusage() sees faults at all: n fresh anonymous pages take n. */
static void control(const struct dev *dev)
{
	size_t len = dev->pages * dev->page;
	char *fresh = mmap(NULL, len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct counted c;

	REQUIRE(fresh != MAP_FAILED);
	madvise(fresh, len, MADV_NOHUGEPAGE);
	(void)touch_all(dev, fresh, true);
	REQUIRE(munmap(fresh, len) == 0);
	fresh = mmap(NULL, len, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(fresh != MAP_FAILED);
	madvise(fresh, len, MADV_NOHUGEPAGE);
	c = touch_all(dev, fresh, true);
	EXPECT_EQ(c.process, dev->pages);
	EXPECT_EQ(c.driver, 0);
}

/* How many faults it takes to touch all of a mapping. */
static long long wanted(const struct dev *dev, const char *map)
{
	size_t table = dev->page * (dev->page / 8);

	if (row_eager(dev->row))
		return 0;
	if (!row_around(dev->row))
		return (long long)dev->pages;
	return (long long)(((uintptr_t)map + dev->pages * dev->page - 1) /
			   table - (uintptr_t)map / table + 1);
}

static void first_touch(const void *arg)
{
	struct dev dev = dev_open(arg);
	int write;

	control(&dev);
	for (write = 0; write < 2; write++) {
		struct mmapper_stats before = dev_stats(dev.fd);
		char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0,
				    dev.pages);
		long long want = wanted(&dev, map);
		struct counted c;

		EXPECT_EQ(dev_stats(dev.fd).faults, before.faults);
		c = touch_all(&dev, map, write);
		ktap_say("%zu pages: %ld faults by getrusage, %lld by the driver",
			 dev.pages, c.process, c.driver);
		EXPECT_EQ(c.process, want);
		EXPECT_EQ(c.driver, want);
		c = touch_all(&dev, map, write);
		EXPECT_EQ(c.process, 0);
		EXPECT_EQ(c.driver, 0);
		EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
	}
}

/* The kernel takes the fault itself when it copies to such a page. */
static void by_the_kernel(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	struct mmapper_stats before = dev_stats(dev.fd);
	int fds[2];

	REQUIRE(pipe(fds) == 0);
	EXPECT_EQ(write(fds[1], "k", 1), 1);
	EXPECT_EQ(read(fds[0], map, 1), 1);
	EXPECT_EQ(dev_stats(dev.fd).faults - before.faults,
		  row_eager(dev.row) ? 0 : 1);
	EXPECT_EQ(map[0], 'k');
}

/* The node's own read() into its own mapping. */
static void onto_itself(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	ssize_t n = (ssize_t)dev.info.size;

	EXPECT_EQ(pread(dev.fd, map, (size_t)n, 0), n);
	dev_check(&dev, map, 0, (size_t)n);
	EXPECT_EQ(pwrite(dev.fd, map, (size_t)n, 0), n);
	dev_check(&dev, map, 0, (size_t)n);
}

static const struct ktap_case cases[] = {
	{ "first_touch", first_touch, 0 },
	{ "by_the_kernel", by_the_kernel, 0 },
	{ "onto_itself", onto_itself, 0 },
};

SUITE(fault, cases, true);
