// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the ways of mapping differ, as a program sees it; `make matrix` makes a
 * table of what is said here, row by row and kernel by kernel.
 */
#include <sys/resource.h>

#include "runtime.h"

#define PAGES	512	/* 2 MiB where pages have 4 KiB */

static long faults_so_far(void)
{
	struct rusage usage;

	REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
	return usage.ru_minflt + usage.ru_majflt;
}

static long faults_of_touching(char *map, size_t pages, size_t page)
{
	long before;
	size_t i;

	faults_so_far();
	before = faults_so_far();
	for (i = 0; i < pages; i++)
		__atomic_store_n(map + i * page, 1, __ATOMIC_RELAXED);
	return faults_so_far() - before;
}

/* What the kernel takes the entries for. */
static const char *kind_of(const char *map)
{
	char flags[256];

	REQUIRE(smaps_field(map, "VmFlags", flags, sizeof(flags)));
	if (strstr(flags, "pf"))
		return "special";
	return strstr(flags, "mm") ? "mixed" : "pages";
}

static bool can_be_pinned(const char *map, size_t page)
{
	int reader = pin_in_pipe(map, page);

	if (reader < 0) {
		EXPECT_EQ(errno, EFAULT);
		return false;
	}
	close(reader);
	return true;
}

/* Is the memory behind the mapping one piece? */
static bool contiguous(int fd, const char *map, size_t pages, size_t page)
{
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < pages; i++) {
		struct mmapper_phys p = { .where = (uintptr_t)map + i * page };

		REQUIRE(ioctl(fd, MMAPPER_IOC_TRANSLATE, &p) == 0);
		if (!i)
			first = p.phys;
		else if (p.phys != first + i * page)
			return false;
	}
	return true;
}

/* Large pages make large buffers, which not every store can give. */
static int make(const struct row *row, size_t *pages, size_t page)
{
	int fd;

	for (;; *pages /= 2) {
		fd = rt_create(rt_params_of(row->name, "way", *pages * page));
		if (fd >= 0 || errno != EFBIG || *pages == 1)
			return fd;
	}
}

static void way(const struct row *row)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = PAGES;
	bool pinned, whole;
	long faults;
	char *map;
	int fd;

	fd = row_per_open(row) ? open(row->path, O_RDWR | O_CLOEXEC) :
				 make(row, &pages, page);
	REQUIRE(fd >= 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	faults = faults_of_touching(map, pages, page);
	pinned = can_be_pinned(map, page);
	whole = contiguous(fd, map, pages, page);
	ktap_say("way %s: %s, %ld faults on %zu pages, %s, %s", row->name,
		 kind_of(map), faults, pages,
		 pinned ? "can be pinned" : "cannot be pinned",
		 whole ? "contiguous" : "in pieces");
	EXPECT_EQ(pinned, row_pages(row));
	if (row->flags & MMAPPER_BACKEND_F_CONTIGUOUS)
		EXPECT(whole);
	if (row_eager(row))
		EXPECT_EQ(faults, 0);
	else if (row_around(row) || row_swaps(row))
		EXPECT(faults > 0 && faults <= (long)pages);
	else
		EXPECT_EQ(faults, (long)pages);
	if (!row_per_open(row))
		EXPECT_EQ(rt_delete("way"), 0);
	munmap(map, pages * page);
	close(fd);
}

static void every(const void *arg)
{
	size_t r;

	(void)arg;
	need_root();
	module_begin();
	REQUIRE(module_load_size(PAGES, 0) == 0);
	for (r = 0; r < row_count; r++)
		way(&rows[r]);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "every", every, 120 },
};

SUITE(ways, cases, false);
