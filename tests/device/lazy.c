// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is made when it is first touched (C15). */
#include <pthread.h>

#include "device.h"

#define PAGES	64

/* A fresh buffer of such a row, mapped. */
struct fresh {
	const struct row	*row;
	int			fd;
	size_t			page;
	char			*map;
};

static unsigned long long made(int fd)
{
	struct mmapper_info info = { 0 };

	REQUIRE(ioctl(fd, MMAPPER_IOC_INFO, &info) == 0);
	EXPECT_EQ(info.block_order, 0);
	return info.blocks;
}

static struct fresh fresh(const struct row *row)
{
	struct fresh f = { .row = row, .page = (size_t)sysconf(_SC_PAGESIZE) };
	struct mmapper_create create = {
		.size = PAGES * f.page, .mode = 0600, .numa_node = -1,
	};
	int control = open("/dev/mmapper/control", O_RDWR | O_CLOEXEC);

	REQUIRE(control >= 0);
	snprintf(create.backend, sizeof(create.backend), "%s", row->name);
	REQUIRE(ioctl(control, MMAPPER_IOC_CREATE, &create) == 0);
	close(control);
	f.fd = create.fd;
	f.map = mmap(NULL, PAGES * f.page, PROT_READ | PROT_WRITE, MAP_SHARED,
		     f.fd, 0);
	REQUIRE(f.map != MAP_FAILED);
	EXPECT_EQ(made(f.fd), 0);
	return f;
}

static void done(const struct fresh *f)
{
	munmap(f->map, PAGES * f->page);
	close(f->fd);
}

static void for_rows(void (*run)(const struct row *row))
{
	size_t r;

	if (module_path && !module_loaded())
		REQUIRE(module_load("") == 0);
	for (r = 0; r < row_count; r++)
		if (rows[r].flags & MMAPPER_BACKEND_F_LAZY &&
		    !row_swaps(&rows[r]))
			run(&rows[r]);
}

static void touched(const struct row *row)
{
	struct mmapper_reset reset = { 0 };
	struct fresh f = fresh(row);
	char *all = malloc(PAGES * f.page), *own;
	size_t i;

	REQUIRE(all != NULL);
	memset(all, 'x', PAGES * f.page);
	EXPECT_EQ(pread(f.fd, all, PAGES * f.page, 0), PAGES * f.page);
	for (i = 0; i < PAGES * f.page; i++)
		if (all[i])
			break;
	EXPECT_EQ(i, PAGES * f.page);
	EXPECT_EQ(ioctl(f.fd, MMAPPER_IOC_RESET, &reset), 0);
	EXPECT_EQ(made(f.fd), 0);
	EXPECT_EQ(f.map[7 * f.page], 0);
	EXPECT_EQ(made(f.fd), 1);
	f.map[7 * f.page] = 'm';
	EXPECT_EQ(made(f.fd), 1);
	EXPECT_EQ(pwrite(f.fd, "w", 1, (off_t)(9 * f.page)), 1);
	EXPECT_EQ(made(f.fd), 2);
	EXPECT_EQ(f.map[9 * f.page], 'w');
	EXPECT_EQ(made(f.fd), 2);
	EXPECT_EQ(pread(f.fd, all, PAGES * f.page, 0), PAGES * f.page);
	EXPECT_EQ(all[7 * f.page], 'm');
	EXPECT_EQ(all[9 * f.page], 'w');
	/* What is dropped from the page tables is still there. */
	EXPECT_EQ(madvise(f.map, PAGES * f.page, MADV_DONTNEED), 0);
	EXPECT_EQ(f.map[7 * f.page], 'm');
	EXPECT_EQ(made(f.fd), 2);
	own = mmap(NULL, PAGES * f.page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		   f.fd, 0);
	REQUIRE(own != MAP_FAILED);
	own[11 * f.page] = 'o';
	EXPECT_EQ(f.map[11 * f.page], 0);
	own[9 * f.page] = 'o';
	EXPECT_EQ(f.map[9 * f.page], 'w');
	munmap(own, PAGES * f.page);
	free(all);
	done(&f);
}

static void when_touched(const void *arg)
{
	(void)arg;
	for_rows(touched);
}

struct race {
	const struct fresh	*f;
	pthread_barrier_t	*barrier;
	unsigned int		n;
};

/* Each adds its own byte to every page. */
static void *racer(void *arg)
{
	const struct race *race = arg;
	const struct fresh *f = race->f;
	size_t i;

	pthread_barrier_wait(race->barrier);
	for (i = 0; i < PAGES; i++)
		((volatile char *)f->map)[i * f->page + race->n] = '1';
	return NULL;
}

#define RACERS	4

static void raced(const struct row *row)
{
	struct fresh f = fresh(row);
	pthread_barrier_t barrier;
	pthread_t threads[RACERS];
	struct race races[RACERS];
	unsigned int n;
	size_t i;

	pthread_barrier_init(&barrier, NULL, RACERS);
	for (n = 0; n < RACERS; n++) {
		races[n] = (struct race){ &f, &barrier, n };
		REQUIRE(pthread_create(&threads[n], NULL, racer,
				       &races[n]) == 0);
	}
	for (n = 0; n < RACERS; n++)
		pthread_join(threads[n], NULL);
	EXPECT_EQ(made(f.fd), PAGES);
	for (i = 0; i < PAGES; i++)
		EXPECT(memcmp(f.map + i * f.page, "1111", RACERS) == 0);
	done(&f);
}

/* Who comes to a page second finds that of the first. */
static void by_several(const void *arg)
{
	unsigned int round;

	(void)arg;
	for (round = 0; round < 20; round++)
		for_rows(raced);
}

static void resized(const struct row *row)
{
	struct fresh f = fresh(row);

	memset(f.map, 'r', PAGES * f.page);
	EXPECT_EQ(made(f.fd), PAGES);
	EXPECT_EQ(ftruncate(f.fd, (off_t)(3 * f.page + 100)), 0);
	EXPECT_EQ(made(f.fd), 4);
	EXPECT_EQ(touch(f.map + 4 * f.page, false), SIGBUS);
	EXPECT_EQ(ftruncate(f.fd, (off_t)(2 * PAGES * f.page)), 0);
	EXPECT_EQ(made(f.fd), 4);
	EXPECT_EQ(f.map[3 * f.page + 99], 'r');
	EXPECT_EQ(f.map[3 * f.page + 100], 0);
	EXPECT_EQ(made(f.fd), 4);
	EXPECT_EQ(f.map[4 * f.page], 0);
	EXPECT_EQ(made(f.fd), 5);
	EXPECT_EQ(pwrite(f.fd, "e", 1, (off_t)(2 * PAGES * f.page - 1)), 1);
	EXPECT_EQ(made(f.fd), 6);
	done(&f);
}

static void by_size(const void *arg)
{
	(void)arg;
	for_rows(resized);
}

static void below_4_gib(const void *arg)
{
	const struct row *row = rows;
	struct mmapper_phys p;
	struct fresh f;
	size_t i;

	(void)arg;
	need_root();
	while (strcmp(row->name, "lazy-dma32") != 0)
		row++;
	if (module_path && !module_loaded())
		REQUIRE(module_load("") == 0);
	f = fresh(row);
	for (i = 0; i < PAGES; i++) {
		p = (struct mmapper_phys){ .where = i * f.page };
		REQUIRE(ioctl(f.fd, MMAPPER_IOC_LOOKUP, &p) == 0);
		EXPECT(p.phys >> 32 == 0);
	}
	EXPECT_EQ(made(f.fd), PAGES);
	done(&f);
}

static const struct ktap_case cases[] = {
	{ "when_touched", when_touched, 0 },
	{ "by_several", by_several, 60 },
	{ "by_size", by_size, 0 },
	{ "below_4_gib", below_4_gib, 0 },
};

SUITE(lazy, cases, false);
