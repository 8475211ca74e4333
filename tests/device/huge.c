// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Blocks of 2 MiB, mapped by one entry where that can be (C13): shown by what
 * faults, page tables and /proc say; pinned, split, moved, taken back (K8, K18).
 */
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime.h"

#ifndef MADV_COLD
#define MADV_COLD	20
#define MADV_PAGEOUT	21
#endif

#define BLOCKS	8

static const char *const names[] = { "huge-pfn", "huge-pages" };

/* A buffer of whole blocks, and a mapping of all of it. */
struct huge {
	const char		*name;
	bool			pages;
	int			fd;
	struct mmapper_info	info;
	size_t			page;
	size_t			block;
	size_t			len;
	char			*map;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* What one entry maps: a page of entries of 8 bytes, of a page each. */
static size_t block_size(void)
{
	return page_size() * (page_size() / 8);
}

/* Does this kernel map so much by one entry? */
static bool kernel_can(void)
{
	char text[32];
	bool can = file_read("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
			     text, sizeof(text));

	if (can)
		EXPECT_EQ(strtoull(text, NULL, 10), block_size());
	return can;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static struct mmapper_create params(const char *row, const char *name,
				    uint64_t size)
{
	struct mmapper_create p = rt_params(name, size);

	memset(p.backend, 0, sizeof(p.backend));
	strcpy(p.backend, row);
	p.mode = 0666;
	return p;
}

/* 32-bit processes are not given such an address, but may ask for one. */
static char *map_in_phase(int fd, size_t len)
{
	char *map = rt_map(fd, PROT_READ | PROT_WRITE), *at;
	size_t block = block_size();

	if (sizeof(map) > 4 || !((uintptr_t)map % block))
		return map;
	munmap(map, len);
	map = mmap(NULL, len + block, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	REQUIRE(map != MAP_FAILED);
	at = map + block - (uintptr_t)map % block;
	REQUIRE(mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     fd, 0) == at);
	return at;
}

/* Touches nothing; page i of the buffer begins with the number i + 1. */
static struct huge make(const char *row, const char *name, size_t blocks)
{
	struct huge h = {
		.name = row, .page = page_size(), .block = block_size(),
	};
	uint64_t i;

	put("/proc/sys/vm/compact_memory", "1");
	h.len = blocks * h.block;
	h.fd = rt_create(params(row, name, h.len));
	REQUIRE(h.fd >= 0);
	h.info = rt_info(h.fd);
	h.pages = h.info.backend_flags & MMAPPER_BACKEND_F_PAGES;
	EXPECT_EQ(!!(h.info.backend_flags & MMAPPER_BACKEND_F_HUGE),
		  kernel_can());
	REQUIRE(h.page << h.info.block_order == h.block);
	REQUIRE(h.info.blocks == blocks);
	for (i = 0; i < h.len / h.page; i++) {
		uint64_t number = i + 1;

		REQUIRE(pwrite(h.fd, &number, sizeof(number),
			       (off_t)(i * h.page)) == sizeof(number));
	}
	h.map = map_in_phase(h.fd, h.len);
	return h;
}

static void drop(const struct huge *h)
{
	EXPECT_EQ(munmap(h->map, h->len), 0);
	close(h->fd);
}

static uint64_t number_at(const char *at)
{
	return *(const volatile uint64_t *)at;
}

/* Does a mapping show pages @first to @first + @count - 1, each its own? */
static bool shows(const char *map, size_t first, size_t count)
{
	size_t page = page_size(), i;

	for (i = 0; i < count; i++)
		if (!ktap_expect(number_at(map + i * page) == first + i + 1,
				 __FILE__, __LINE__, "page %zu is number %llu",
				 first + i, (unsigned long long)
				 number_at(map + i * page) - 1))
			return false;
	return true;
}

/* How many page tables, or entries in their place, map so much? */
static size_t tables(const char *map, size_t len)
{
	uintptr_t first = (uintptr_t)map;

	return (first + len - 1) / block_size() - first / block_size() + 1;
}

static unsigned long long faults(const struct huge *h)
{
	return dev_stats(h->fd).faults;
}

static long faults_of_process(void)
{
	static struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* What a file says behind a key; read without memory of its own. */
static long long file_kib(const char *path, const char *key)
{
	static char text[8192];
	const char *at;

	REQUIRE(file_read(path, text, sizeof(text)));
	at = strstr(text, key);
	REQUIRE(at != NULL);
	return strtoll(at + strlen(key), NULL, 10);
}

static long long status_kib(const char *key)
{
	return file_kib("/proc/self/status", key);
}

static long long meminfo_kib(const char *key)
{
	return file_kib("/proc/meminfo", key);
}

static long smaps_kib(const void *map, const char *field)
{
	char value[64];

	REQUIRE(smaps_field(map, field, value, sizeof(value)));
	return strtol(value, NULL, 10);
}

/* What the kernel counted in, it has counted out. */
static void none_mapped(void)
{
	put("/proc/sys/vm/stat_refresh", "1");
	if (kernel_can())
		EXPECT_EQ(meminfo_kib("FilePmdMapped:"), 0);
}

static void for_rows(void (*run)(const char *row))
{
	size_t r;

	runtime_begin();
	for (r = 0; r < sizeof(names) / sizeof(names[0]); r++)
		run(names[r]);
	none_mapped();
	runtime_end();
}

/* /proc/self/pagemap; 0: it tells no frame. */
static uint64_t frame(const char *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)at /
		page_size() * sizeof(entry))) == sizeof(entry));
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

static void one_fault_of(const char *row)
{
	struct huge h = make(row, "", BLOCKS);
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
	EXPECT_EQ(faults_of_process() - own, BLOCKS);
	EXPECT_EQ(faults(&h) - before, BLOCKS);
	kib = status_kib("VmPTE:") - kib;
	ktap_say("%s: %zu pages by %llu faults, %lld KiB of page tables", row,
		 h.len / h.page, faults(&h) - before, kib);
	/* Tables above those of pages may have been missing. */
	EXPECT(kib <= (long)(2 * h.page / 1024));
	shows(h.map, 0, h.len / h.page);
	check_frames(&h);
	check_smaps(&h);

	/* Out of phase: the same bytes, and tables for all of it. */
	odd = mmap(NULL, h.len + 2 * h.block, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(odd != MAP_FAILED);
	odd += h.block - (uintptr_t)odd % h.block + h.page;
	REQUIRE(mmap(odd, h.len, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, h.fd, 0) == odd);
	before = faults(&h);
	kib = status_kib("VmPTE:");
	shows(odd, 0, h.len / h.page);
	EXPECT_EQ(faults(&h) - before, BLOCKS + 1);
	kib = status_kib("VmPTE:") - kib;
	EXPECT(kib >= (long)(BLOCKS * h.page / 1024));
	EXPECT_EQ(smaps_kib(odd, "FilePmdMapped"), 0);
	EXPECT_EQ(munmap(odd, h.len), 0);
	drop(&h);
}

static void one_fault(const void *arg)
{
	(void)arg;
	if (!kernel_can())
		ktap_skip("this kernel has no entries of that size for files");
	for_rows(one_fault_of);
}

/* From a page within a block on: the front by pages, the rest by blocks. */
static void offset_of(const char *row)
{
	struct huge h = make(row, "", 4);
	size_t count = h.len / h.page - 3;
	char *map = mmap(NULL, count * h.page, PROT_READ | PROT_WRITE,
			 MAP_SHARED, h.fd, (off_t)(3 * h.page));
	unsigned long long before;

	REQUIRE(map != MAP_FAILED);
	if (kernel_can() && sizeof(map) > 4)
		EXPECT_EQ((uintptr_t)map % h.block, 3 * h.page);
	shows(map, 3, h.block / h.page - 3);
	before = faults(&h);
	shows(map + h.block - 3 * h.page, h.block / h.page,
	      3 * h.block / h.page);
	EXPECT_EQ(faults(&h) - before, 3);
	munmap(map, count * h.page);
	drop(&h);
}

static void offset(const void *arg)
{
	(void)arg;
	for_rows(offset_of);
}

/* Less than a block: its table is filled by the first fault. */
static void small_of(const char *row)
{
	size_t page = page_size(), len = 100 * page;
	int fd = rt_create(params(row, "", len));
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
	EXPECT_EQ(dev_stats(fd).faults, tables(map, len));
	munmap(map, len);
	close(fd);
}

static void small(const void *arg)
{
	(void)arg;
	for_rows(small_of);
}

static ssize_t pin(const struct huge *h, size_t at, int *pipe_read)
{
	struct iovec v = { h->map + at, 64 };
	int fds[2];
	ssize_t n;

	REQUIRE(pipe(fds) == 0);
	n = vmsplice(fds[1], &v, 1, 0);
	close(fds[1]);
	*pipe_read = fds[0];
	return n;
}

static void pinned_of(const char *row)
{
	struct huge h = make(row, "", 2);
	struct iovec here, there;
	uint64_t got[8] = { 0 };
	size_t at = h.block + 5 * h.page;
	int reader;

	here = (struct iovec){ got, sizeof(got) };
	there = (struct iovec){ h.map + at, sizeof(got) };
	shows(h.map, 0, h.len / h.page);
	if (!h.pages) {
		EXPECT_ERRNO(pin(&h, at, &reader), EFAULT);
		EXPECT_ERRNO(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
			     EFAULT);
		close(reader);
		drop(&h);
		return;
	}
	EXPECT_EQ(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
		  sizeof(got));
	EXPECT_EQ(got[0], at / h.page + 1);
	/* What is pinned outlives mapping and buffer. */
	EXPECT_EQ(pin(&h, at, &reader), 64);
	drop(&h);
	EXPECT_EQ(read(reader, got, sizeof(got)), sizeof(got));
	EXPECT_EQ(got[0], at / h.page + 1);
	close(reader);
}

static void pinned(const void *arg)
{
	(void)arg;
	for_rows(pinned_of);
}

/* A hole in a block, and half a block off the end. */
static void unmapped_of(const char *row)
{
	struct huge h = make(row, "", 3);
	size_t pages = h.len / h.page, per = h.block / h.page;

	shows(h.map, 0, pages);
	REQUIRE(munmap(h.map + 5 * h.page, 2 * h.page) == 0);
	REQUIRE(munmap(h.map + 2 * h.block + h.block / 2, h.block / 2) == 0);
	EXPECT_EQ(touch(h.map + 5 * h.page, false), SIGSEGV);
	EXPECT_EQ(touch(h.map + 6 * h.page, true), SIGSEGV);
	EXPECT_EQ(touch(h.map + 2 * h.block + h.block / 2, false), SIGSEGV);
	shows(h.map, 0, 5);
	shows(h.map + 7 * h.page, 7, 2 * per + per / 2 - 7);
	h.map[4 * h.page + 8] = 'u';
	h.map[2 * h.block + 8] = 'v';
	EXPECT_EQ(pread(h.fd, h.map, 1, (off_t)(4 * h.page + 8)), 1);
	EXPECT_EQ(h.map[0], 'u');
	drop(&h);
}

static void unmapped(const void *arg)
{
	(void)arg;
	for_rows(unmapped_of);
}

static void protected_of(const char *row)
{
	struct huge h = make(row, "", 3);
	size_t pages = h.len / h.page;
	char *middle = h.map + h.block + 9 * h.page;

	shows(h.map, 0, pages);
	REQUIRE(mprotect(middle, h.page, PROT_READ) == 0);
	EXPECT_EQ(touch(middle, true), SIGSEGV);
	EXPECT_EQ(touch(middle, false), 0);
	EXPECT_EQ(touch(middle - h.page, true), 0);
	EXPECT_EQ(touch(middle + h.page, true), 0);
	REQUIRE(mprotect(middle, h.page, PROT_NONE) == 0);
	EXPECT_EQ(touch(middle, false), SIGSEGV);
	REQUIRE(mprotect(middle, h.page, PROT_READ | PROT_WRITE) == 0);
	EXPECT_EQ(touch(middle, true), 0);
	shows(h.map, 0, pages);
	/* A whole one and back: its entry changes. */
	REQUIRE(mprotect(h.map, h.block, PROT_READ) == 0);
	EXPECT_EQ(touch(h.map, true), SIGSEGV);
	REQUIRE(mprotect(h.map, h.block, PROT_READ | PROT_WRITE) == 0);
	EXPECT_EQ(touch(h.map, true), 0);
	shows(h.map, 0, pages);
	drop(&h);
}

static void protection(const void *arg)
{
	(void)arg;
	for_rows(protected_of);
}

static void in_child(void *arg)
{
	struct huge *h = arg;

	shows(h->map, 0, h->len / h->page);
	h->map[h->block + 16] = 'c';
	REQUIRE(munmap(h->map, h->page) == 0);
}

static void forked_of(const char *row)
{
	struct huge h = make(row, "", 2);

	shows(h.map, 0, h.len / h.page);
	EXPECT(child_ok(in_child, &h));
	EXPECT_EQ(h.map[h.block + 16], 'c');
	shows(h.map, 0, h.len / h.page);
	drop(&h);
}

static void forked(const void *arg)
{
	(void)arg;
	for_rows(forked_of);
}

/* Moved in phase, out of phase and back; never larger. */
static void moved_of(const char *row)
{
	struct huge h = make(row, "", 3);
	size_t pages = h.len / h.page;
	char *room = mmap(NULL, 3 * h.len, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *to;
	unsigned long long before;

	REQUIRE(room != MAP_FAILED);
	to = room + h.block - (uintptr_t)room % h.block;
	shows(h.map, 0, pages);
	before = faults(&h);
	REQUIRE(mremap(h.map, h.len, h.len, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to) == to);
	shows(to, 0, pages);
	if (kernel_can() && h.pages)
		EXPECT_EQ(smaps_kib(to, "FilePmdMapped"),
			  (long)(h.len / 1024));
	EXPECT_EQ(faults(&h) - before, 0);
	REQUIRE(mremap(to, h.len, h.len, MREMAP_MAYMOVE | MREMAP_FIXED,
		       to + h.len + h.page) == to + h.len + h.page);
	to += h.len + h.page;
	shows(to, 0, pages);
	if (kernel_can() && h.pages)
		EXPECT_EQ(smaps_kib(to, "FilePmdMapped"), 0);
	/* A part of it by itself. */
	REQUIRE(mremap(to + h.page, h.page, h.page,
		       MREMAP_MAYMOVE | MREMAP_FIXED, room) == room);
	shows(room, 1, 1);
	REQUIRE(munmap(room, h.page) == 0);
	if (kernel_can())
		EXPECT_ERRNO((intptr_t)mremap(to, h.page, 2 * h.block,
					      MREMAP_MAYMOVE), EFAULT);
	h.map = to;
	drop(&h);
}

static void moved(const void *arg)
{
	(void)arg;
	for_rows(moved_of);
}

/* Advice that splits or reclaims pages elsewhere: the bytes stay. */
static void advised_of(const char *row)
{
	static const int advice[] = {
		MADV_COLD, MADV_PAGEOUT, MADV_DONTNEED, MADV_NOHUGEPAGE,
		MADV_HUGEPAGE, MADV_WILLNEED,
	};
	struct huge h = make(row, "", 2);
	size_t pages = h.len / h.page, i;

	for (i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
		shows(h.map, 0, pages);
		/* Some are refused here or there; none may harm. */
		madvise(h.map + h.page, 3 * h.page, advice[i]);
		shows(h.map, 0, pages);
		madvise(h.map, h.len, advice[i]);
		shows(h.map, 0, pages);
	}
	/* Entries become read-only, and new ones are. */
	put("/proc/self/clear_refs", "4");
	shows(h.map, 0, pages);
	for (i = 0; i < h.len; i += h.page)
		h.map[i + 32] = 'd';
	put("/proc/self/clear_refs", "4");
	REQUIRE(mprotect(h.map, h.block, PROT_READ) == 0);
	REQUIRE(mprotect(h.map, h.block, PROT_READ | PROT_WRITE) == 0);
	for (i = 0; i < h.len; i += h.page)
		h.map[i + 32] = 'e';
	shows(h.map, 0, pages);
	EXPECT_EQ(mlock(h.map, h.len), 0);
	EXPECT_EQ(smaps_kib(h.map, "Locked"), 0);
	if (h.pages)
		EXPECT_EQ(madvise(h.map, h.len, MADV_DONTNEED), 0);
	else
		EXPECT_ERRNO(madvise(h.map, h.len, MADV_DONTNEED), EINVAL);
	drop(&h);
}

static void advised(const void *arg)
{
	(void)arg;
	for_rows(advised_of);
}

/* K18: what a private mapping writes stays there. */
static void private_of(const char *row)
{
	struct huge h = make(row, "", 2);
	char *own = mmap(NULL, h.len, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			 h.fd, 0);
	size_t i;

	if (!h.pages) {
		EXPECT(own == MAP_FAILED);
		drop(&h);
		return;
	}
	REQUIRE(own != MAP_FAILED);
	/* One block is read before it is written, the other not. */
	shows(own, 0, h.block / h.page);
	for (i = 0; i < h.len; i += 7 * h.page)
		memset(own + i, 0xff, sizeof(uint64_t));
	shows(h.map, 0, h.len / h.page);
	for (i = 0; i < h.len; i += h.page)
		if (!ktap_expect(number_at(own + i) == (i / h.page % 7 ?
					i / h.page + 1 : UINT64_MAX), __FILE__,
				 __LINE__, "page %zu", i / h.page))
			break;
	/* And what the buffer gets now is seen where nothing was written. */
	h.map[h.page + 8] = 'n';
	EXPECT_EQ(own[h.page + 8], 'n');
	munmap(own, h.len);
	drop(&h);
}

static void private_mapping(const void *arg)
{
	(void)arg;
	for_rows(private_of);
}

/* A shared mapping of a descriptor that is open for reading alone. */
static void read_only_of(const char *row)
{
	struct huge h = make(row, "ro", 2);
	int fd = rt_open("ro", O_RDONLY);
	char *map = rt_map(fd, PROT_READ);
	unsigned long long before = faults(&h);

	shows(map, 0, h.len / h.page);
	EXPECT_EQ(faults(&h) - before, tables(map, h.len));
	EXPECT_EQ(touch(map + h.page, true), SIGSEGV);
	EXPECT_ERRNO(mprotect(map, h.page, PROT_READ | PROT_WRITE), EACCES);
	munmap(map, h.len);
	close(fd);
	EXPECT_EQ(rt_delete("ro"), 0);
	drop(&h);
}

static void read_only(const void *arg)
{
	(void)arg;
	for_rows(read_only_of);
}

/* The memory is back while the mappings still stand. */
static void revoked_of(const char *row)
{
	struct huge h = make(row, "", (128 << 20) / block_size());
	size_t i;
	long long kib = (long long)(h.len / 1024), before;

	shows(h.map, 0, h.len / h.page);
	before = meminfo_kib("MemFree:");
	EXPECT_EQ(rt_revoke(h.fd), 0);
	EXPECT_EQ(rt_number("count"), 0);
	before = meminfo_kib("MemFree:") - before;
	ktap_say("%s: %lld KiB are back of %lld", row, before, kib);
	/* Each CPU keeps some blocks for itself. */
	EXPECT(before > kib / 2);
	for (i = 0; i < h.len; i += h.block / 2)
		EXPECT_EQ(touch(h.map + i, i & h.block), SIGBUS);
	drop(&h);
}

static void revoked(const void *arg)
{
	(void)arg;
	for_rows(revoked_of);
}

#define WORKERS	4
#define ROUNDS	100

static void work(volatile bool *stop, unsigned long *good, unsigned long *buses)
{
	size_t len = 2 * block_size(), i;

	while (!*stop) {
		int fd = rt_open("w", O_RDWR), sig;
		char *map;

		if (fd < 0)
			continue;
		map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   0);
		for (i = 0; map != MAP_FAILED && i < len;
		     i += len / 64 + page_size()) {
			sig = touch(map + i, i & 1);
			if (sig && sig != SIGBUS)
				_exit(1);
			__atomic_add_fetch(sig ? buses : good, 1,
					   __ATOMIC_RELAXED);
		}
		if (map != MAP_FAILED) {
			/* Tables beside entries. */
			mprotect(map + page_size(), page_size(), PROT_READ);
			if (touch(map, true) == SIGSEGV)
				_exit(2);
			munmap(map, len);
		}
		close(fd);
	}
	_exit(0);
}

struct shared {
	volatile bool	stop;
	unsigned long	good;
	unsigned long	buses;
};

static void revoked_in_use_of(const char *row)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[WORKERS];
	int i, fd, status;

	REQUIRE(shared != MAP_FAILED);
	fflush(stdout);
	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (!pids[i])
			work(&shared->stop, &shared->good, &shared->buses);
	}
	for (i = 0; i < ROUNDS; i++) {
		fd = rt_create(params(row, "w", 2 * block_size()));
		REQUIRE(fd >= 0);
		usleep((useconds_t)(500 + i % 7 * 700));
		EXPECT_EQ(rt_revoke(fd), 0);
		close(fd);
	}
	shared->stop = true;
	for (i = 0; i < WORKERS; i++) {
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
		EXPECT_EQ(status, 0);
	}
	ktap_say("%s: %d rounds, %lu accesses, %lu ended by SIGBUS", row,
		 ROUNDS, shared->good, shared->buses);
	EXPECT(shared->good > 0);
	EXPECT(shared->buses > 0);
	munmap(shared, sizeof(*shared));
}

static void revoked_in_use(const void *arg)
{
	(void)arg;
	for_rows(revoked_in_use_of);
}

/* No block of 2 MiB is free: half of each is taken, for good. */
static size_t scatter(void)
{
	size_t half = block_size() / 2, i, n = 0;
	unsigned int order = 0;
	int fds[4096];

	while (half >> order > page_size())
		order++;
	while (n < 4096) {
		fds[n] = rt_create(params("huge-pages", "", half));
		if (fds[n] < 0)
			break;
		if (rt_info(fds[n++]).block_order != order)
			break;
	}
	for (i = 0; i < n; i += 2)
		close(fds[i]);
	return n;
}

/* "auto" takes what there is, and says so. */
static void automatic(const void *arg)
{
	const struct rlimit many = { 8192, 8192 };
	size_t len = 256 << 20, i;
	struct mmapper_create p = params("auto", "", len);
	struct mmapper_info info;
	int fd;

	(void)arg;
	runtime_begin();
	REQUIRE(setrlimit(RLIMIT_NOFILE, &many) == 0);
	put("/proc/sys/vm/compact_memory", "1");
	fd = rt_create(p);
	REQUIRE(fd >= 0);
	info = rt_info(fd);
	EXPECT(strcmp(info.backend, "huge-pages") == 0);
	EXPECT_EQ(info.blocks << info.block_order, len / page_size());
	EXPECT_EQ(page_size() << info.block_order, block_size());
	close(fd);

	rt_set("limit", 64ull << 30);
	ktap_say("memory is scattered by %zu pieces of half a block", scatter());
	fd = rt_create(p);
	REQUIRE(fd >= 0);
	info = rt_info(fd);
	ktap_say("%llu of %zu bytes lie in blocks of 2^%u pages",
		 (unsigned long long)(info.blocks * page_size() <<
				      info.block_order), len,
		 info.block_order);
	EXPECT(info.blocks > 0);
	EXPECT(info.blocks * page_size() << info.block_order < len ||
	       page_size() << info.block_order < block_size());
	/* Every page is there once. */
	{
		char *map = rt_map(fd, PROT_READ | PROT_WRITE);

		for (i = 0; i < len; i += page_size())
			*(uint64_t *)(map + i) = i / page_size() + 1;
		shows(map, 0, len / page_size());
		EXPECT_EQ(pread(fd, &i, sizeof(i), (off_t)(len - page_size())),
			  sizeof(i));
		EXPECT_EQ(i, len / page_size());
		munmap(map, len);
	}
	close(fd);
}

/* Where the first choice cannot, the second does. */
static void automatic_cache(const void *arg)
{
	struct mmapper_create p = params("auto", "", page_size());
	int fd;

	(void)arg;
	runtime_begin();
	p.cache = MMAPPER_CACHE_WC;
	fd = rt_create(p);
	if (fd < 0 && errno == EOPNOTSUPP)
		ktap_skip("a module cannot do that on this machine");
	REQUIRE(fd >= 0);
	EXPECT(strcmp(rt_info(fd).backend, "pages-insert") == 0);
	close(fd);
	runtime_end();
}

static const char *round_row;

/* Made, mapped, pinned in a tail page, unmapped, deleted, unpinned. */
static void round_trip(void)
{
	struct huge h = {
		.page = page_size(), .block = block_size(),
		.len = 2 * block_size(),
	};
	int reader;

	h.fd = rt_create(params(round_row, "", h.len));
	REQUIRE(h.fd >= 0);
	h.map = rt_map(h.fd, PROT_READ | PROT_WRITE);
	h.map[0] = 'r';
	h.map[h.block + 3 * h.page] = 'r';
	if (pin(&h, h.block + 3 * h.page, &reader) == 64)
		REQUIRE(munmap(h.map + h.page, h.page) == 0);
	drop(&h);
	close(reader);
}

/* A thousand, of blocks of 2 MiB. */
static void rounds(const void *arg)
{
	size_t n = 1000 * (2 << 20) / block_size(), r, i;

	(void)arg;
	runtime_begin();
	for (r = 0; r < sizeof(names) / sizeof(names[0]); r++) {
		round_row = names[r];
		for (i = 0; i < n; i++)
			round_trip();
		EXPECT(memory_kept(round_trip));
	}
	none_mapped();
	runtime_end();
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 4 GiB, all of it touched, and given back; what is not there is refused. */
static void four_gib(const void *arg)
{
	const uint64_t len = 4ull << 30;
	const uint64_t page = page_size();
	const long long kib = len >> 10, slack = 64 << 10;
	long long before;
	struct mmapper_info info;
	double start, made;
	uint64_t i;
	char *map;
	int fd;

	(void)arg;
	if (meminfo_kib("MemTotal:") < kib / 10 * 12 ||
	    sizeof(size_t) < sizeof(len))
		ktap_skip("needs a machine of 6 GiB, and 64 bits");
	runtime_begin();
	before = meminfo_kib("MemFree:");
	start = now();
	EXPECT_ERRNO(rt_create(params("auto", "", 16 * len)), ENOMEM);
	EXPECT(now() - start < 1);
	/* More than half of the memory is root's to allow. */
	rt_set("limit", 17 * len);
	EXPECT_ERRNO(rt_create(params("auto", "", 16 * len)), EFBIG);
	EXPECT(now() - start < 1);

	start = now();
	fd = rt_create(params("auto", "", len));
	REQUIRE(fd >= 0);
	made = now() - start;
	info = rt_info(fd);
	EXPECT(info.blocks * page << info.block_order >= len / 10 * 9);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	start = now();
	for (i = 0; i < len; i += page)
		*(uint64_t *)(map + i) = i / page + 1;
	ktap_say("%llu blocks of 2^%u pages: made in %.1f s, touched in %.1f s by %llu faults",
		 (unsigned long long)info.blocks, info.block_order, made,
		 now() - start, (unsigned long long)dev_stats(fd).faults);
	shows(map, 0, (size_t)(len / page));
	EXPECT(before - meminfo_kib("MemFree:") > kib - slack);
	EXPECT_EQ(munmap(map, (size_t)len), 0);
	close(fd);
	EXPECT(before - meminfo_kib("MemFree:") < slack);
	runtime_end();
}

static const struct ktap_case large_cases[] = {
	{ "four_gib", four_gib, 240 },
};

SUITE(large, large_cases, false);

static const struct ktap_case cases[] = {
	{ "one_fault", one_fault, 60 },
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
	{ "revoked", revoked, 60 },
	{ "revoked_in_use", revoked_in_use, 120 },
	{ "automatic", automatic, 120 },
	{ "automatic_cache", automatic_cache, 0 },
	{ "rounds", rounds, 300 },
};

SUITE(huge, cases, false);
