// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks of 2 MiB, mapped by one entry where that can be (C13): shown by what
 * faults, page tables and /proc say; pinned, split, moved (K8, K18).
 */
#include <sys/resource.h>
#include <sys/uio.h>

#include "huge.h"

#ifndef MADV_COLD
#define MADV_COLD	20
#define MADV_PAGEOUT	21
#endif

#define BLOCKS	8

/* How many page tables, or entries in their place, map so much? */
static size_t tables(const char *map, size_t len)
{
	uintptr_t first = (uintptr_t)map;

	return (first + len - 1) / huge_block() - first / huge_block() + 1;
}

static unsigned long long faults(const struct huge *h)
{
	return dev_stats(h->fd).faults;
}

/* So many, unless all is there from the beginning. */
static size_t unless_eager(const struct huge *h, size_t count)
{
	return h->eager ? 0 : count;
}

static long faults_of_process(void)
{
	static struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static long long status_kib(const char *key)
{
	return kib_in("/proc/self/status", key);
}

static long smaps_kib(const void *map, const char *field)
{
	char value[64];

	REQUIRE(smaps_field(map, field, value, sizeof(value)));
	return strtol(value, NULL, 10);
}

/* /proc/self/pagemap; 0: it tells no frame. */
static uint64_t frame(const char *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)at /
		huge_page() * sizeof(entry))) == sizeof(entry));
	close(fd);
	return entry & ((1ull << 55) - 1);
}

/* The page tables, the store and, for pages, the kernel say the same. */
static void check_frames(const struct huge *h)
{
	struct mmapper_phys there, here;
	size_t i;

	for (i = 0; i < h->len; i += h->page) {
		there = (struct mmapper_phys){ .where = i };
		here = (struct mmapper_phys){ .where = (uintptr_t)h->map + i };
		REQUIRE(ioctl(h->fd, MMAPPER_IOC_LOOKUP, &there) == 0);
		REQUIRE(ioctl(h->fd, MMAPPER_IOC_TRANSLATE, &here) == 0);
		if (!EXPECT_EQ(here.phys, there.phys) ||
		    !EXPECT_EQ(there.phys % h->block, i % h->block) ||
		    !EXPECT_EQ(frame(h->map + i), h->pages ?
			       there.phys / h->page : 0))
			return;
	}
}

static void check_smaps(const struct huge *h)
{
	long kib = (long)(h->len / 1024);

	EXPECT_EQ(smaps_kib(h->map, "Rss"), h->pages ? kib : 0);
	EXPECT_EQ(smaps_kib(h->map, "FilePmdMapped"), h->pages ? kib : 0);
}

/* Bytes that a table of entries for blocks maps. */
static size_t above(const struct huge *h)
{
	return h->block * (h->page / 8);
}

static bool crosses(const struct huge *h)
{
	uintptr_t at = (uintptr_t)h->map;

	return at / above(h) != (at + h->len - 1) / above(h);
}

static void one_fault_of(const char *row)
{
	struct huge h = huge_make(row, "", BLOCKS);
	unsigned long long before = faults(&h);
	long long kib;
	long own;
	char *odd;
	size_t i;

	EXPECT_EQ((uintptr_t)h.map % h.block, 0);
	kib = status_kib("VmPTE:");
	/* Its own page is touched by the first call. */
	faults_of_process();
	own = faults_of_process();
	for (i = 0; i < h.len; i += h.page)
		h.map[i + 64] = (char)i;
	EXPECT_EQ(faults_of_process() - own, unless_eager(&h, BLOCKS));
	EXPECT_EQ(faults(&h) - before, unless_eager(&h, BLOCKS));
	kib = status_kib("VmPTE:") - kib;
	ktap_say("%s: %zu pages by %llu faults, %lld KiB of page tables", row,
		 h.len / h.page, faults(&h) - before, kib);
	/* Tables above those of pages may be missing, on each side of the end of one. */
	EXPECT(kib <= (long)((crosses(&h) ? 4 : 2) * h.page / 1024));
	huge_shows(h.map, 0, h.len / h.page);
	check_frames(&h);
	check_smaps(&h);

	/* Out of phase: the same bytes, and tables for all of it. */
	odd = mmap(NULL, h.len + 2 * h.block, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(odd != MAP_FAILED);
	odd += h.block - (uintptr_t)odd % h.block + h.page;
	kib = status_kib("VmPTE:");
	REQUIRE(mmap(odd, h.len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, h.fd, 0) == odd);
	before = faults(&h);
	huge_shows(odd, 0, h.len / h.page);
	EXPECT_EQ(faults(&h) - before, unless_eager(&h, BLOCKS + 1));
	kib = status_kib("VmPTE:") - kib;
	EXPECT(kib >= (long)(BLOCKS * h.page / 1024));
	EXPECT_EQ(smaps_kib(odd, "FilePmdMapped"), 0);
	EXPECT_EQ(munmap(odd, h.len), 0);
	huge_drop(&h);
}

static void one_fault(const void *arg)
{
	(void)arg;
	if (!huge_can())
		ktap_skip("this kernel has no entries of that size for files");
	huge_rows(one_fault_of);
}

#define FARS	16

/*
 * Where no page table is near, on both sides of the end of what the table above
 * maps; there at most a block at each side is mapped by pages.
 */
static void far_at(struct huge *h, char *at)
{
	unsigned long long before = faults(h);
	long long kib = status_kib("VmPTE:");
	size_t i;

	h->map = mmap(at, h->len, PROT_READ | PROT_WRITE, MAP_SHARED, h->fd, 0);
	REQUIRE(h->map == at);
	for (i = 0; i < h->len; i += h->block)
		huge_shows(h->map + i, i / h->page, 1);
	/* More of it would be of no use: memory is no longer what it was. */
	REQUIRE(faults(h) - before == unless_eager(h, 4));
	kib = status_kib("VmPTE:") - kib;
	/* Two tables each of three kinds, and one above. */
	EXPECT(kib <= (long)((unless_eager(h, 1) ? 5 : 7) * h->page / 1024));
}

/*
 * Who goes past that end finds what lies behind the table in memory, which may
 * look right: so it is done in several places.
 */
static void far_of(const char *row)
{
	struct huge h = huge_make(row, "", 4);
	char *at[FARS];
	size_t i;

	munmap(h.map, h.len);
	for (i = 0; i < FARS; i++) {
		at[i] = (char *)((0x100 + 2 * i) * above(&h) - 2 * h.block);
		far_at(&h, at[i]);
	}
	huge_shows(h.map, 0, h.len / h.page);
	check_frames(&h);
	for (i = 1; i < FARS; i++)
		munmap(at[i], h.len);
	h.map = at[0];
	huge_drop(&h);
}

static void far(const void *arg)
{
	(void)arg;
	if (!huge_can() || sizeof(long) == 4)
		ktap_skip("no entries of that size, or no room for addresses");
	huge_rows(far_of);
}

/* From a page within a block on: the front by pages, the rest by blocks. */
static void offset_of(const char *row)
{
	struct huge h = huge_make(row, "", 4);
	size_t count = h.len / h.page - 3;
	char *map = mmap(NULL, count * h.page, PROT_READ | PROT_WRITE,
			 MAP_SHARED, h.fd, (off_t)(3 * h.page));
	unsigned long long before;

	REQUIRE(map != MAP_FAILED);
	if (huge_can() && sizeof(map) > 4)
		EXPECT_EQ((uintptr_t)map % h.block, 3 * h.page);
	huge_shows(map, 3, h.block / h.page - 3);
	before = faults(&h);
	huge_shows(map + h.block - 3 * h.page, h.block / h.page,
		   3 * h.block / h.page);
	EXPECT_EQ(faults(&h) - before, unless_eager(&h, 3));
	munmap(map, count * h.page);
	huge_drop(&h);
}

static void offset(const void *arg)
{
	(void)arg;
	huge_rows(offset_of);
}

/* Less than a block: its table is filled by the first fault. */
static void small_of(const char *row)
{
	size_t page = huge_page(), len = 100 * page;
	int fd = rt_create(huge_params(row, "", len));
	struct mmapper_info info;
	size_t i;
	char *map;

	REQUIRE(fd >= 0);
	info = rt_info(fd);
	EXPECT_EQ(info.block_order, 6);
	EXPECT_EQ(info.blocks, 1);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	for (i = 0; i < len; i += page)
		map[i] = 's';
	EXPECT_EQ(dev_stats(fd).faults,
		  info.backend_flags & MMAPPER_BACKEND_F_EAGER ? 0 :
		  tables(map, len));
	munmap(map, len);
	close(fd);
}

static void small(const void *arg)
{
	(void)arg;
	huge_rows(small_of);
}

static void pinned_of(const char *row)
{
	struct huge h = huge_make(row, "", 2);
	struct iovec here, there;
	uint64_t got[8] = { 0 };
	size_t at = h.block + 5 * h.page;
	int reader;

	here = (struct iovec){ got, sizeof(got) };
	there = (struct iovec){ h.map + at, sizeof(got) };
	huge_shows(h.map, 0, h.len / h.page);
	if (!h.pages) {
		EXPECT_ERRNO(pin_in_pipe(h.map + at, 64), EFAULT);
		EXPECT_ERRNO(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
			     EFAULT);
		huge_drop(&h);
		return;
	}
	EXPECT_EQ(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
		  sizeof(got));
	EXPECT_EQ(got[0], at / h.page + 1);
	/* What is pinned outlives mapping and buffer. */
	reader = pin_in_pipe(h.map + at, 64);
	REQUIRE(reader >= 0);
	huge_drop(&h);
	EXPECT_EQ(read(reader, got, sizeof(got)), sizeof(got));
	EXPECT_EQ(got[0], at / h.page + 1);
	close(reader);
}

static void pinned(const void *arg)
{
	(void)arg;
	huge_rows(pinned_of);
}

/* A hole in a block, and half a block off the end. */
static void unmapped_of(const char *row)
{
	struct huge h = huge_make(row, "", 3);
	size_t pages = h.len / h.page, per = h.block / h.page;

	huge_shows(h.map, 0, pages);
	REQUIRE(munmap(h.map + 5 * h.page, 2 * h.page) == 0);
	REQUIRE(munmap(h.map + 2 * h.block + h.block / 2, h.block / 2) == 0);
	EXPECT_EQ(touch(h.map + 5 * h.page, false), SIGSEGV);
	EXPECT_EQ(touch(h.map + 6 * h.page, true), SIGSEGV);
	EXPECT_EQ(touch(h.map + 2 * h.block + h.block / 2, false), SIGSEGV);
	huge_shows(h.map, 0, 5);
	huge_shows(h.map + 7 * h.page, 7, 2 * per + per / 2 - 7);
	h.map[4 * h.page + 8] = 'u';
	h.map[2 * h.block + 8] = 'v';
	EXPECT_EQ(pread(h.fd, h.map, 1, (off_t)(4 * h.page + 8)), 1);
	EXPECT_EQ(h.map[0], 'u');
	huge_drop(&h);
}

static void unmapped(const void *arg)
{
	(void)arg;
	huge_rows(unmapped_of);
}

static void protected_of(const char *row)
{
	struct huge h = huge_make(row, "", 3);
	size_t pages = h.len / h.page;
	char *middle = h.map + h.block + 9 * h.page;

	huge_shows(h.map, 0, pages);
	REQUIRE(mprotect(middle, h.page, PROT_READ) == 0);
	EXPECT_EQ(touch(middle, true), SIGSEGV);
	EXPECT_EQ(touch(middle, false), 0);
	EXPECT_EQ(touch(middle - h.page, true), 0);
	EXPECT_EQ(touch(middle + h.page, true), 0);
	REQUIRE(mprotect(middle, h.page, PROT_NONE) == 0);
	EXPECT_EQ(touch(middle, false), SIGSEGV);
	REQUIRE(mprotect(middle, h.page, PROT_READ | PROT_WRITE) == 0);
	EXPECT_EQ(touch(middle, true), 0);
	huge_shows(h.map, 0, pages);
	/* A whole one and back: its entry changes. */
	REQUIRE(mprotect(h.map, h.block, PROT_READ) == 0);
	EXPECT_EQ(touch(h.map, true), SIGSEGV);
	REQUIRE(mprotect(h.map, h.block, PROT_READ | PROT_WRITE) == 0);
	EXPECT_EQ(touch(h.map, true), 0);
	huge_shows(h.map, 0, pages);
	huge_drop(&h);
}

static void protection(const void *arg)
{
	(void)arg;
	huge_rows(protected_of);
}

static void in_child(void *arg)
{
	struct huge *h = arg;

	huge_shows(h->map, 0, h->len / h->page);
	h->map[h->block + 16] = 'c';
	REQUIRE(munmap(h->map, h->page) == 0);
}

static void forked_of(const char *row)
{
	struct huge h = huge_make(row, "", 2);

	huge_shows(h.map, 0, h.len / h.page);
	EXPECT(child_ok(in_child, &h));
	EXPECT_EQ(h.map[h.block + 16], 'c');
	huge_shows(h.map, 0, h.len / h.page);
	huge_drop(&h);
}

static void forked(const void *arg)
{
	(void)arg;
	huge_rows(forked_of);
}

/* Moved in phase, out of phase and back; never larger. */
static void moved_of(const char *row)
{
	struct huge h = huge_make(row, "", 3);
	size_t pages = h.len / h.page;
	char *room = mmap(NULL, 3 * h.len, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *to;
	unsigned long long before;

	REQUIRE(room != MAP_FAILED);
	to = room + h.block - (uintptr_t)room % h.block;
	huge_shows(h.map, 0, pages);
	before = faults(&h);
	REQUIRE(mremap(h.map, h.len, h.len, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to) == to);
	huge_shows(to, 0, pages);
	if (huge_can() && h.pages)
		EXPECT_EQ(smaps_kib(to, "FilePmdMapped"),
			  (long)(h.len / 1024));
	EXPECT_EQ(faults(&h) - before, 0);
	REQUIRE(mremap(to, h.len, h.len, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to + h.len + h.page) == to + h.len + h.page);
	to += h.len + h.page;
	huge_shows(to, 0, pages);
	if (huge_can() && h.pages)
		EXPECT_EQ(smaps_kib(to, "FilePmdMapped"), 0);
	/* A part of it by itself. */
	REQUIRE(mremap(to + h.page, h.page, h.page,
		       MREMAP_MAYMOVE | MREMAP_FIXED, room) == room);
	huge_shows(room, 1, 1);
	REQUIRE(munmap(room, h.page) == 0);
	if (huge_can())
		EXPECT_ERRNO((intptr_t)mremap(to, h.page, 2 * h.block,
					      MREMAP_MAYMOVE), EFAULT);
	h.map = to;
	huge_drop(&h);
}

static void moved(const void *arg)
{
	(void)arg;
	huge_rows(moved_of);
}

/* Advice that splits or reclaims pages elsewhere: the bytes stay. */
static void advised_of(const char *row)
{
	static const int advice[] = {
		MADV_COLD, MADV_PAGEOUT, MADV_DONTNEED, MADV_NOHUGEPAGE,
		MADV_HUGEPAGE, MADV_WILLNEED,
	};
	struct huge h = huge_make(row, "", 2);
	size_t pages = h.len / h.page, i;

	for (i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
		huge_shows(h.map, 0, pages);
		/* Some are refused here or there; none may harm. */
		madvise(h.map + h.page, 3 * h.page, advice[i]);
		huge_shows(h.map, 0, pages);
		madvise(h.map, h.len, advice[i]);
		huge_shows(h.map, 0, pages);
	}
	/* Entries become read-only, and new ones are. */
	put("/proc/self/clear_refs", "4");
	huge_shows(h.map, 0, pages);
	for (i = 0; i < h.len; i += h.page)
		h.map[i + 32] = 'd';
	put("/proc/self/clear_refs", "4");
	REQUIRE(mprotect(h.map, h.block, PROT_READ) == 0);
	REQUIRE(mprotect(h.map, h.block, PROT_READ | PROT_WRITE) == 0);
	for (i = 0; i < h.len; i += h.page)
		h.map[i + 32] = 'e';
	huge_shows(h.map, 0, pages);
	EXPECT_EQ(mlock(h.map, h.len), 0);
	EXPECT_EQ(smaps_kib(h.map, "Locked"), 0);
	if (h.pages)
		EXPECT_EQ(madvise(h.map, h.len, MADV_DONTNEED), 0);
	else
		EXPECT_ERRNO(madvise(h.map, h.len, MADV_DONTNEED), EINVAL);
	huge_drop(&h);
}

static void advised(const void *arg)
{
	(void)arg;
	huge_rows(advised_of);
}

/* K18: what a private mapping writes stays there. */
static void private_of(const char *row)
{
	struct huge h = huge_make(row, "", 2);
	char *own = mmap(NULL, h.len, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			 h.fd, 0);
	size_t i;

	if (!h.pages) {
		EXPECT(own == MAP_FAILED);
		huge_drop(&h);
		return;
	}
	REQUIRE(own != MAP_FAILED);
	/* One block is read before it is written, the other not. */
	huge_shows(own, 0, h.block / h.page);
	for (i = 0; i < h.len; i += 7 * h.page)
		memset(own + i, 0xff, sizeof(uint64_t));
	huge_shows(h.map, 0, h.len / h.page);
	for (i = 0; i < h.len; i += h.page)
		if (!ktap_expect(huge_number(own + i) == (i / h.page % 7 ?
					i / h.page + 1 : UINT64_MAX), __FILE__,
				 __LINE__, "page %zu", i / h.page))
			break;
	/* And what the buffer gets now is seen where nothing was written. */
	h.map[h.page + 8] = 'n';
	EXPECT_EQ(own[h.page + 8], 'n');
	munmap(own, h.len);
	huge_drop(&h);
}

static void private_mapping(const void *arg)
{
	(void)arg;
	huge_rows(private_of);
}

/* A shared mapping of a descriptor that is open for reading alone. */
static void read_only_of(const char *row)
{
	struct huge h = huge_make(row, "ro", 2);
	int fd = rt_open("ro", O_RDONLY);
	char *map = rt_map(fd, PROT_READ);
	unsigned long long before = faults(&h);

	huge_shows(map, 0, h.len / h.page);
	EXPECT_EQ(faults(&h) - before, unless_eager(&h, tables(map, h.len)));
	EXPECT_EQ(touch(map + h.page, true), SIGSEGV);
	EXPECT_ERRNO(mprotect(map, h.page, PROT_READ | PROT_WRITE), EACCES);
	munmap(map, h.len);
	close(fd);
	EXPECT_EQ(rt_delete("ro"), 0);
	huge_drop(&h);
}

static void read_only(const void *arg)
{
	(void)arg;
	huge_rows(read_only_of);
}

/* A second mapping behind the first, where the table of tables is there already. */
static void dma_tables(const struct huge *h)
{
	size_t gib = h->block * (h->page / 8);
	char *at = mmap(NULL, 3 * h->len, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *first;
	long long kib;

	REQUIRE(at != MAP_FAILED);
	first = at + h->block - (uintptr_t)at % h->block;
	REQUIRE(mmap(first, h->len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, h->fd, 0) == first);
	kib = status_kib("VmPTE:");
	REQUIRE(mmap(first + h->len, h->len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, h->fd, 0) == first + h->len);
	kib = status_kib("VmPTE:") - kib;
	if ((uintptr_t)first / gib == (uintptr_t)(first + 2 * h->len - 1) / gib)
		EXPECT_EQ(kib, 0);
	huge_shows(first + h->len, 0, h->len / h->page);
	REQUIRE(munmap(first + h->len + h->block + h->page, h->page) == 0);
	huge_shows(first + h->len + h->block, h->block / h->page, 1);
	huge_shows(first + h->len + h->block + 2 * h->page,
		   h->block / h->page + 2, h->block / h->page - 2);
	EXPECT_EQ(touch(first + h->len + h->block + h->page, false), SIGSEGV);
	munmap(at, 3 * h->len);
}

/* Does a run of two blocks begin where a block may?  The allocator decides. */
static bool dma_aligned(void)
{
	struct mmapper_phys phys = { .where = 0 };
	int fd;

	put("/proc/sys/vm/compact_memory", "1");
	fd = rt_create(rt_params_of("coherent", "", 2 * huge_block()));
	REQUIRE(fd >= 0);
	REQUIRE(ioctl(fd, MMAPPER_IOC_LOOKUP, &phys) == 0);
	EXPECT_EQ(rt_info(fd).block_order != 0,
		  phys.phys % huge_block() == 0);
	close(fd);
	return phys.phys % huge_block() == 0;
}

/* Memory for a device's DMA is one run: two blocks are its most on amd64. */
static void dma(const void *arg)
{
	uint64_t most;
	struct huge h;
	int fd;

	(void)arg;
	if (!huge_can())
		ktap_skip("this kernel has no entries of that size for files");
	runtime_begin();
	fd = rt_create(rt_params_of("coherent", "", huge_page()));
	REQUIRE(fd >= 0);
	most = rt_info(fd).max_size;
	close(fd);
	if (most < 2 * huge_block())
		ktap_skip("such a run is less than two blocks");
	if (!dma_aligned())
		ktap_skip("such a run does not begin where a block may");
	h = huge_make("coherent", "", 2);
	EXPECT(h.eager && !h.pages);
	check_frames(&h);
	dma_tables(&h);
	huge_drop(&h);
	forked_of("coherent");
	advised_of("coherent");
	read_only_of("coherent");
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "one_fault", one_fault, 60 },
	{ "far", far, 0 },
	{ "offset", offset, 0 },
	{ "small", small, 0 },
	{ "pinned", pinned, 0 },
	{ "unmapped", unmapped, 0 },
	{ "protection", protection, 0 },
	{ "forked", forked, 0 },
	{ "moved", moved, 0 },
	{ "advised", advised, 0 },
	{ "private_mapping", private_mapping, 0 },
	{ "read_only", read_only, 0 },
	{ "dma", dma, 0 },
};

SUITE(huge, cases, false);
