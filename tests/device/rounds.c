// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading and unloading again and again leaves everything as it was. */
#include <glob.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "runtime.h"

#define CACHES	512

/* Free memory and kernel objects, as the kernel counts them. */
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

/*
 * The files that settle the kernel and tell what it holds.  They stay open: to
 * open one takes objects of several caches, and a cache counts every object of
 * the slab that a CPU has just taken as used.
 */
static struct {
	int	drop_caches;
	int	compact_memory;
	int	stat_refresh;
	size_t	caches;
	int	shrink[CACHES];
	FILE	*meminfo;
	FILE	*zoneinfo;
	FILE	*slabinfo;
} files;

static int open_to_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

static FILE *open_to_read(const char *path)
{
	FILE *file = fopen(path, "re");

	REQUIRE(file != NULL);
	return file;
}

static void files_open(void)
{
	glob_t caches;
	size_t i;

	if (files.slabinfo)
		return;
	files.drop_caches = open_to_write("/proc/sys/vm/drop_caches");
	files.compact_memory = open_to_write("/proc/sys/vm/compact_memory");
	files.stat_refresh = open_to_write("/proc/sys/vm/stat_refresh");
	files.meminfo = open_to_read("/proc/meminfo");
	files.zoneinfo = open_to_read("/proc/zoneinfo");
	files.slabinfo = open_to_read("/proc/slabinfo");
	REQUIRE(glob("/sys/kernel/slab/*/shrink", 0, NULL, &caches) == 0);
	REQUIRE(caches.gl_pathc > 50 && caches.gl_pathc <= CACHES);
	for (i = 0; i < caches.gl_pathc; i++)
		files.shrink[i] = open_to_write(caches.gl_pathv[i]);
	files.caches = caches.gl_pathc;
	globfree(&caches);
}

static void put(int fd, const char *text)
{
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/*
 * What was freed may still count: objects until readers have gone (RCU), free
 * ones of a slab that a CPU keeps for itself until the cache is shrunk.
 */
static void settle(void)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	size_t i;

	sync();
	put(files.drop_caches, "3");
	put(files.compact_memory, "1");
	put(files.stat_refresh, "1");
	REQUIRE(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0) == 0);
	nanosleep(&pause, NULL);
	for (i = 0; i < files.caches; i++)
		put(files.shrink[i], "1");
}

static void memory(struct memory *m)
{
	char line[256];
	long n;

	memset(m, 0, sizeof(*m));
	settle();

	rewind(files.slabinfo);
	while (m->caches < CACHES &&
	       fgets(line, sizeof(line), files.slabinfo))
		if (sscanf(line, "%63s %ld <", m->cache[m->caches].name,
			   &m->cache[m->caches].objects) == 2)
			m->caches++;
	EXPECT(m->caches > 50 && m->caches < CACHES);

	/* Those on the lists of each CPU included, which MemFree misses. */
	rewind(files.zoneinfo);
	while (fgets(line, sizeof(line), files.zoneinfo))
		if (sscanf(line, " pages free %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			m->free_kib += n * (sysconf(_SC_PAGESIZE) / 1024);
	EXPECT(m->free_kib > 0);

	rewind(files.meminfo);
	while (fgets(line, sizeof(line), files.meminfo))
		if (sscanf(line, "Slab: %ld", &n) == 1)
			m->slab_kib = n;
		else if (sscanf(line, "VmallocUsed: %ld", &n) == 1)
			m->vmalloc_kib = n;
	EXPECT(m->slab_kib > 0 && m->vmalloc_kib > 0);
}

static void translate(const struct dev *dev, const char *map)
{
	struct mmapper_phys p = { 0 };
	size_t i;

	for (i = 0; i < dev->pages; i++) {
		p.where = (uintptr_t)map + i * dev->page;
		REQUIRE(ioctl(dev->fd, MMAPPER_IOC_TRANSLATE, &p) == 0);
	}
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
		translate(&dev, map);
		munmap(map, dev.pages * dev.page);
		close(dev.fd);
	}
	REQUIRE(module_unload() == 0);
}

static long objects(const struct memory *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->caches; i++)
		if (!strcmp(m->cache[i].name, name))
			return m->cache[i].objects;
	return 0;
}

/* What has gone from @a to @b: free memory, and what the kernel has taken. */
static void lose(const struct memory *a, const struct memory *b,
		 struct memory *lost)
{
	size_t i;

	*lost = *b;
	lost->free_kib = a->free_kib - b->free_kib;
	lost->slab_kib -= a->slab_kib;
	lost->vmalloc_kib -= a->vmalloc_kib;
	for (i = 0; i < lost->caches; i++)
		lost->cache[i].objects -= objects(a, lost->cache[i].name);
}

/* A descriptor left open on a full pipe: a page or two, and a few objects. */
static void leak(void)
{
	static const char bytes[8192];
	int fds[2];

	REQUIRE(pipe(fds) == 0);
	REQUIRE(write(fds[1], bytes, sizeof(bytes)) == sizeof(bytes));
	REQUIRE(close(fds[1]) == 0);
}

/* Less than half a page and a quarter of an object lost per round? */
static bool kept(const struct memory *lost, long rounds)
{
	const long few = rounds / 2 * sysconf(_SC_PAGESIZE) / 1024;
	size_t i, worst = 0;

	/* Areas of vmalloc() go in bulk; what is in use of them counts as such. */
	for (i = 0; i < lost->caches; i++)
		if (strcmp(lost->cache[i].name, "vmap_area") != 0 &&
		    lost->cache[i].objects > lost->cache[worst].objects)
			worst = i;
	ktap_say("%ld rounds lost %ld KiB free; %ld slab, %ld vmalloc; most objects: %ld of %s",
		 rounds, lost->free_kib, lost->slab_kib, lost->vmalloc_kib,
		 lost->cache[worst].objects, lost->cache[worst].name);
	return lost->free_kib < few && lost->slab_kib < few &&
	       lost->vmalloc_kib < few &&
	       lost->cache[worst].objects < rounds / 4;
}

#define ROUNDS		100
#define ATTEMPTS_MAX	6

/*
 * What a round loses is lost in every hundred of them; what else happens in the
 * guest, such as a slab that a CPU takes and that counts as used, is now here,
 * now there.  So of all stretches of two hundreds and more, one must lose little.
 * @lost is that of the last one that was looked at.
 */
static bool kept_by(void (*one)(void), struct memory *lost)
{
	static struct memory at[ATTEMPTS_MAX + 1];
	int attempt, from, i;

	memory(&at[0]);
	for (attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
		for (i = 0; i < ROUNDS; i++)
			one();
		memory(&at[attempt]);
		for (from = attempt - 2; from >= 0; from--) {
			lose(&at[from], &at[attempt], lost);
			if (kept(lost, (attempt - from) * ROUNDS))
				return true;
		}
	}
	return false;
}

bool memory_kept(void (*one)(void))
{
	static struct memory lost;
	unsigned int i;

	files_open();
	/* What others have left does not go all at once; it would hide what is lost. */
	for (i = 0; i < 20; i++) {
		one();
		if (i % 5 == 0)
			settle();
	}
	return kept_by(one, &lost);
}

static void rounds(const void *arg)
{
	const struct rlimit many = { 4096, 4096 };
	static struct memory lost;

	(void)arg;
	if (kmemleak_kernel())
		ktap_skip("kmemleak knows each object, and says at the end which is lost");
	module_begin();
	need_root();
	REQUIRE(setrlimit(RLIMIT_NOFILE, &many) == 0);
	EXPECT(memory_kept(round_trip));

	ktap_say("and with a descriptor leaked in each:");
	EXPECT(!kept_by(leak, &lost));
	EXPECT(lost.free_kib >= ATTEMPTS_MAX * ROUNDS *
				sysconf(_SC_PAGESIZE) / 1024);
	EXPECT(objects(&lost, "filp") >= ATTEMPTS_MAX * ROUNDS / 2);
}

#define PAGES	16

static const struct row *pinned_row;

/*
 * Made, mapped, a page in the midst of a block pinned, unmapped in two pieces,
 * deleted, and then read from the pipe and let go.
 */
static void pinned_trip(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;
	int fd, reader;
	char *map, byte = 0;

	fd = row_per_open(pinned_row) ?
	     open(pinned_row->path, O_RDWR | O_CLOEXEC) :
	     rt_create(rt_params_of(pinned_row->name, "", PAGES * page));
	REQUIRE(fd >= 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	for (i = 0; i < PAGES; i++)
		map[i * page] = 'a' + (char)i;
	reader = pin_in_pipe(map + 13 * page, 1);
	REQUIRE(row_pages(pinned_row) ? reader >= 0 :
					reader < 0 && errno == EFAULT);
	REQUIRE(munmap(map + page, page) == 0);
	REQUIRE(munmap(map, PAGES * page) == 0);
	close(fd);
	if (reader < 0)
		return;
	REQUIRE(read(reader, &byte, 1) == 1 && byte == 'n');
	close(reader);
}

static void pinned(const void *arg)
{
	bool few = debug_kernel() || sizeof(long) == 4;
	unsigned int n = few ? 100 : 1000, i;
	size_t r;

	(void)arg;
	need_root();
	module_begin();
	REQUIRE(module_load_size(PAGES, 0) == 0);
	for (r = 0; r < row_count; r++) {
		pinned_row = &rows[r];
		ktap_say("%s, %u rounds:", pinned_row->name, n);
		for (i = 0; i < n; i++)
			pinned_trip();
		/* KASAN keeps a shadow of what was vmalloc()'s for a while. */
		if (!debug_kernel())
			EXPECT(memory_kept(pinned_trip));
	}
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "memory", rounds, 300 },
	{ "pinned", pinned, 300 },
};

SUITE(rounds, cases, false);
