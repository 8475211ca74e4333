// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Life and counts of mappings (C20, D3, K4, K9): whatever happens to them, the
 * driver counts what /proc/self/maps shows, and the bytes are right.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include "device.h"

/* The case's process has no other mappings of the node than those it shows. */
static struct mmapper_stats check_counts(const struct dev *dev)
{
	struct mmapper_stats stats = dev_stats(dev->fd);

	EXPECT_EQ(stats.mappings, maps_count(row_maps(dev->row)));
	return stats;
}

static void map_and_unmap(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_stats a = check_counts(&dev), b;
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);

	b = check_counts(&dev);
	EXPECT_EQ(b.mmaps - a.mmaps, 1);
	EXPECT_EQ(b.vma_opens - a.vma_opens, 0);
	EXPECT_EQ(b.mappings, 1);
	EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
	b = check_counts(&dev);
	EXPECT_EQ(b.vma_closes - a.vma_closes, 1);
	EXPECT_EQ(b.mappings, 0);
	EXPECT_EQ(b.opens, a.opens);
}

static void open_and_close(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_stats a = dev_stats(dev.fd), b;
	int fd = open(dev.row->path, O_RDONLY | O_CLOEXEC);

	b = dev_stats(dev.fd);
	EXPECT_EQ(b.opens - a.opens, 1);
	EXPECT_EQ(b.files - a.files, 1);
	EXPECT_EQ(close(fd), 0);
	b = dev_stats(dev.fd);
	EXPECT_EQ(b.opens - a.opens, 1);
	EXPECT_EQ(b.files - a.files, 0);
	/* A second descriptor of the same open file is no second file. */
	fd = dup(dev.fd);
	EXPECT_EQ(dev_stats(dev.fd).files, a.files);
	close(fd);
}

/* What failed is not counted. */
static void failures(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_stats a = check_counts(&dev), b;

	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ, MAP_SHARED, dev.fd,
			    (off_t)(dev.pages * dev.page)), EINVAL);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_EXEC, MAP_SHARED, dev.fd, 0),
		       EPERM);
	b = check_counts(&dev);
	EXPECT(memcmp(&a, &b, sizeof(a)) == 0);
}

static void close_before_unmap(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	struct mmapper_stats stats;

	EXPECT_EQ(close(dev.fd), 0);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
	map[0] = 'c';
	/* The open file lives on behind the mapping, and holds the module. */
	dev.fd = open(dev.row->path, O_RDWR | O_CLOEXEC);
	REQUIRE(dev.fd >= 0);
	stats = check_counts(&dev);
	EXPECT_EQ(stats.files, 2);
	EXPECT_EQ(stats.mappings, 1);
	EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
	stats = check_counts(&dev);
	EXPECT_EQ(stats.files, 1);
	EXPECT_EQ(stats.mappings, 0);
}

static void last_mapping(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);

	close(dev.fd);
	if (module_path)
		EXPECT_EQ(module_unload(), -EAGAIN);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
	/* Any trace of the buffer having been freed and used again? */
	EXPECT_EQ(touch(map, true), 0);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
}

struct forked {
	struct dev	*dev;
	char		*map;
	size_t		mappings;
};

static void fork_child(void *arg)
{
	struct forked *f = arg;
	struct mmapper_stats stats = dev_stats(f->dev->fd);
	size_t len = f->dev->pages * f->dev->page;

	if (stats.mappings != f->mappings + 1)
		_exit(1);
	if (!dev_check(f->dev, f->map, 0, len))
		_exit(2);
	f->map[0] = 'F';
	if (munmap(f->map, len) < 0)
		_exit(3);
	if (dev_stats(f->dev->fd).mappings != f->mappings)
		_exit(4);
}

static void fork_and_exit(void *arg)
{
	(void)arg;
}

static void by_fork(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	struct mmapper_stats a = check_counts(&dev), b;
	struct forked f = { &dev, map, (size_t)a.mappings };

	EXPECT(child_ok(fork_child, &f));
	b = check_counts(&dev);
	EXPECT_EQ(b.vma_opens - a.vma_opens, 1);
	EXPECT_EQ(b.vma_closes - a.vma_closes, 1);
	EXPECT_EQ(b.mmaps - a.mmaps, 0);
	EXPECT_EQ(map[0], 'F');
	/* A child that just ends gives its mapping back too. */
	EXPECT(child_ok(fork_and_exit, NULL));
	EXPECT_EQ(check_counts(&dev).mappings, a.mappings);
}

/* exec() and SIGKILL end a mapping like munmap(). */
static void by_exec_and_kill(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_stats a;
	int status, ready[2];
	char c, *map;
	pid_t pid;

	map = dev_map(&dev, PROT_READ, 0, 1);
	a = check_counts(&dev);
	REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		/* It ends at once with status 2, and says why. */
		fclose(stderr);
		execl("/proc/self/exe", "mmapper-test", "--none", NULL);
		_exit(1);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(WEXITSTATUS(status), 2);
	EXPECT_EQ(check_counts(&dev).mappings, a.mappings);

	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		EXPECT_EQ(write(ready[1], "r", 1), 1);
		for (;;)
			pause();
	}
	REQUIRE(read(ready[0], &c, 1) == 1);
	EXPECT_EQ(dev_stats(dev.fd).mappings, a.mappings + 1);
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(check_counts(&dev).mappings, a.mappings);
	dev_check(&dev, map, 0, dev.page);
}

/* Three pages are needed to take one out of the middle. */
static void need_pages(const struct dev *dev, size_t pages)
{
	if (dev->pages < pages)
		ktap_skip("a buffer of %zu pages is too small", dev->pages);
}

static void hole(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_stats a, b;
	size_t i;
	char *map;

	need_pages(&dev, 3);
	map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	a = check_counts(&dev);
	EXPECT_EQ(munmap(map + dev.page, dev.page), 0);
	b = check_counts(&dev);
	EXPECT_EQ(b.mappings - a.mappings, 1);
	EXPECT(b.vma_opens > a.vma_opens);
	EXPECT_EQ(touch(map + dev.page, false), SIGSEGV);
	EXPECT_EQ(touch_code, SEGV_MAPERR);
	for (i = 0; i < dev.pages; i++)
		if (i != 1)
			dev_check(&dev, map + i * dev.page, i * dev.page,
				  dev.page);
	EXPECT_EQ(close(dev.fd), 0);
	EXPECT_EQ(munmap(map, dev.page), 0);
	dev_check(&dev, map + 2 * dev.page, 2 * dev.page, dev.page);
	EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
	dev.fd = open(dev.row->path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(check_counts(&dev).mappings, 0);
}

static void split_by_mprotect(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map;

	need_pages(&dev, 3);
	map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	EXPECT_EQ(mprotect(map + dev.page, dev.page, PROT_READ), 0);
	EXPECT_EQ(check_counts(&dev).mappings, 3);
	EXPECT_EQ(touch(map + dev.page, true), SIGSEGV);
	EXPECT_EQ(touch(map, true), 0);
	EXPECT_EQ(touch(map + 2 * dev.page, true), 0);
	EXPECT_EQ(mprotect(map + dev.page, dev.page, PROT_READ | PROT_WRITE),
		  0);
	check_counts(&dev);
	dev_check(&dev, map, 0, dev.pages * dev.page);
	EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
	EXPECT_EQ(check_counts(&dev).mappings, 0);
}

static void move(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t len = dev.pages * dev.page;
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	struct mmapper_stats a = check_counts(&dev), b;
	char *place = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	REQUIRE(place != MAP_FAILED);
	EXPECT(mremap(map, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, place) ==
	       place);
	b = check_counts(&dev);
	EXPECT_EQ(b.mappings, a.mappings);
	EXPECT_EQ(b.vma_opens - a.vma_opens, 1);
	EXPECT_EQ(b.vma_closes - a.vma_closes, 1);
	EXPECT_EQ(touch(map, false), SIGSEGV);
	dev_check(&dev, place, 0, len);
	EXPECT_EQ(close(dev.fd), 0);
	dev_check(&dev, place, 0, len);
	EXPECT_EQ(munmap(place, len), 0);
	dev.fd = open(dev.row->path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(check_counts(&dev).mappings, 0);
}

static void shrink(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map;

	need_pages(&dev, 2);
	map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	EXPECT(mremap(map, dev.pages * dev.page, dev.page, 0) == map);
	EXPECT_EQ(check_counts(&dev).mappings, 1);
	dev_check(&dev, map, 0, dev.page);
	EXPECT_EQ(touch(map + dev.page, false), SIGSEGV);
}

/*
 * Two ranges that continue each other, in memory and in the buffer: whether
 * the kernel makes one mapping of them or keeps two, none may be lost.
 */
static void neighbours(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t len, i;
	char *place;

	need_pages(&dev, 2);
	len = dev.pages * dev.page;
	place = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(place != MAP_FAILED);
	for (i = 0; i < dev.pages; i++) {
		EXPECT(mmap(place + i * dev.page, dev.page,
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			    dev.fd, (off_t)(i * dev.page)) != MAP_FAILED);
		check_counts(&dev);
	}
	dev_check(&dev, place, 0, len);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ, MAP_SHARED, dev.fd,
			    (off_t)len), EINVAL);
	EXPECT_EQ(munmap(place, len), 0);
	EXPECT_EQ(check_counts(&dev).mappings, 0);
}

#define ARENA	16	/* pages */

/* One operation on a random range of the arena. */
static void random_step(const struct dev *dev, char *arena, unsigned int *seed)
{
	size_t at = (size_t)rand_r(seed) % ARENA;
	size_t n = 1 + (size_t)rand_r(seed) % (ARENA - at);
	size_t first = (size_t)rand_r(seed) % dev->pages;
	size_t to = (size_t)rand_r(seed) % ARENA;
	char *p = arena + at * dev->page;
	size_t len = n * dev->page;

	switch (rand_r(seed) % 6) {
	case 0:
	case 1:
		if (n > dev->pages - first)
			len = (dev->pages - first) * dev->page;
		EXPECT(mmap(p, len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED, dev->fd,
			    (off_t)(first * dev->page)) != MAP_FAILED);
		break;
	case 2:
		EXPECT_EQ(munmap(p, len), 0);
		break;
	case 3:
		mprotect(p, len, rand_r(seed) % 2 ? PROT_READ :
			 PROT_READ | PROT_WRITE);
		break;
	case 4:
		mremap(p, dev->page, dev->page, MREMAP_MAYMOVE | MREMAP_FIXED,
		       arena + to * dev->page);
		break;
	case 5:
		madvise(p, len, rand_r(seed) % 2 ? MADV_DONTFORK :
			MADV_DOFORK);
		break;
	}
}

/* Every page of the arena that is mapped shows a page of the buffer. */
static void check_arena(const struct dev *dev, const char *arena)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	REQUIRE(maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long long start, end, offset;

		if (!strstr(line, row_maps(dev->row)) ||
		    sscanf(line, "%llx-%llx %*s %llx", &start, &end,
			   &offset) != 3)
			continue;
		EXPECT(start >= (uintptr_t)arena);
		dev_check(dev, (char *)(uintptr_t)start, (size_t)offset,
			  (size_t)(end - start));
	}
	fclose(maps);
}

static void at_random(const void *arg)
{
	struct dev dev = dev_open(arg);
	unsigned int seed = 20260101, steps = 400, i;
	char *arena = mmap(NULL, ARENA * dev.page, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(arena != MAP_FAILED);
	ktap_say("seed %u, %u steps", seed, steps);
	for (i = 0; i < steps; i++) {
		random_step(&dev, arena, &seed);
		check_counts(&dev);
		if (i % 20 == 0)
			check_arena(&dev, arena);
	}
	check_arena(&dev, arena);
	EXPECT_EQ(munmap(arena, ARENA * dev.page), 0);
	EXPECT_EQ(check_counts(&dev).mappings, 0);
}

static const struct ktap_case cases[] = {
	{ "map_and_unmap", map_and_unmap, 0 },
	{ "open_and_close", open_and_close, 0 },
	{ "failures", failures, 0 },
	{ "close_before_unmap", close_before_unmap, 0 },
	{ "last_mapping", last_mapping, 0 },
	{ "by_fork", by_fork, 0 },
	{ "by_exec_and_kill", by_exec_and_kill, 0 },
	{ "hole", hole, 0 },
	{ "split_by_mprotect", split_by_mprotect, 0 },
	{ "move", move, 0 },
	{ "shrink", shrink, 0 },
	{ "neighbours", neighbours, 0 },
	{ "at_random", at_random, 60 },
};

SUITE(life, cases, true);
