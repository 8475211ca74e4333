// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading and unloading again and again leaves everything as it was. */
#include <limits.h>

#include "device.h"

/* Free memory and kernel objects, as the kernel counts them. */
#define CACHES	512

struct memory {
	long	free_kib;
	long	slab_kib;
	long	vmalloc_kib;
	size_t	caches;
	struct {
		char	name[64];
		long	objects;
	} cache[CACHES];
};

static long meminfo(const char *text, const char *field)
{
	const char *at = strstr(text, field);

	REQUIRE(at != NULL);
	return strtol(at + strlen(field), NULL, 10);
}

/* Free pages, those on the lists of each CPU included, which MemFree misses. */
static long free_pages(void)
{
	FILE *zones = fopen("/proc/zoneinfo", "r");
	long pages = 0, n;
	char line[256];

	REQUIRE(zones != NULL);
	while (fgets(line, sizeof(line), zones))
		if (sscanf(line, " pages free %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			pages += n;
	fclose(zones);
	REQUIRE(pages > 0);
	return pages;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	REQUIRE(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void memory(struct memory *m)
{
	char text[8192];
	FILE *slabs;

	memset(m, 0, sizeof(*m));

	/* Let go of what is only cached, and fold what each CPU counts. */
	sync();
	put("/proc/sys/vm/drop_caches", "3");
	put("/proc/sys/vm/compact_memory", "1");
	put("/proc/sys/vm/stat_refresh", "1");
	REQUIRE(file_read("/proc/meminfo", text, sizeof(text)));
	m->free_kib = free_pages() * (sysconf(_SC_PAGESIZE) / 1024);
	m->slab_kib = meminfo(text, "\nSlab:");
	m->vmalloc_kib = meminfo(text, "VmallocUsed:");
	slabs = fopen("/proc/slabinfo", "r");
	REQUIRE(slabs != NULL);
	while (m->caches < CACHES && fgets(text, sizeof(text), slabs))
		if (sscanf(text, "%63s %ld <", m->cache[m->caches].name,
			   &m->cache[m->caches].objects) == 2)
			m->caches++;
	fclose(slabs);
	EXPECT(m->caches > 50 && m->caches < CACHES);
}

static void round_trip(void)
{
	size_t r;

	REQUIRE(module_load("") == 0);
	for (r = 0; r < row_count; r++) {
		struct dev dev = dev_open(&rows[r]);
		char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0,
				    dev.pages);

		memset(map, 1, dev.pages * dev.page);
		munmap(map, dev.pages * dev.page);
		close(dev.fd);
	}
	REQUIRE(module_unload() == 0);
}

#define ROUNDS	100

/* Objects by which the cache has grown that has grown most. */
static long grown(const struct memory *a, const struct memory *b,
		  const char **name)
{
	long most = LONG_MIN;
	size_t i, j;

	for (i = 0; i < b->caches; i++) {
		long before = 0;

		for (j = 0; j < a->caches; j++)
			if (!strcmp(a->cache[j].name, b->cache[i].name))
				before = a->cache[j].objects;
		if (b->cache[i].objects - before > most) {
			most = b->cache[i].objects - before;
			*name = b->cache[i].name;
		}
	}
	return most;
}

/* Less than half a page and half an object lost per round? */
static bool kept(const struct memory *a, const struct memory *b)
{
	const long few = ROUNDS / 2 * sysconf(_SC_PAGESIZE) / 1024;
	const char *name;
	long worst = grown(a, b, &name);

	ktap_say("before: %ld KiB free, %ld slab, %ld vmalloc", a->free_kib,
		 a->slab_kib, a->vmalloc_kib);
	ktap_say("after:  %ld KiB free, %ld slab, %ld vmalloc", b->free_kib,
		 b->slab_kib, b->vmalloc_kib);
	ktap_say("the cache that has grown most is %s, by %ld objects", name,
		 worst);
	return a->free_kib - b->free_kib < few &&
	       b->slab_kib - a->slab_kib < few &&
	       b->vmalloc_kib - a->vmalloc_kib < few &&
	       worst < ROUNDS / 2;
}

/*
 * What a round loses, every attempt loses ROUNDS times; what else happens in
 * the guest does not come three times.  The control loses on purpose.
 */
static void rounds(const void *arg)
{
	unsigned int attempt, i;
	static struct memory a, b;
	int pipes[ROUNDS][2];
	static char bytes[8192];
	const char *name;
	bool good = false;

	(void)arg;
	module_begin();
	need_root();
	for (i = 0; i < 20; i++)
		round_trip();
	for (attempt = 0; attempt < 3 && !good; attempt++) {
		memory(&a);
		for (i = 0; i < ROUNDS; i++)
			round_trip();
		memory(&b);
		good = kept(&a, &b);
	}
	EXPECT(good);

	ktap_say("and now with %d pipes kept full:", ROUNDS);
	memory(&a);
	for (i = 0; i < ROUNDS; i++) {
		REQUIRE(pipe(pipes[i]) == 0);
		REQUIRE(write(pipes[i][1], bytes, sizeof(bytes)) ==
			sizeof(bytes));
	}
	memory(&b);
	EXPECT(!kept(&a, &b));
	EXPECT(a.free_kib - b.free_kib >= ROUNDS * (long)sizeof(bytes) / 2048);
	EXPECT(grown(&a, &b, &name) >= ROUNDS / 2);
}

static const struct ktap_case cases[] = {
	{ "memory", rounds, 240 },
};

SUITE(rounds, cases, false);
