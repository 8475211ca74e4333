// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What mmap() and mprotect() take and refuse (C19, D1, D2, D7, K1, K6, K11,
 * K16).
 */
#include <sys/personality.h>
#include <sys/syscall.h>

#include "device.h"

/* Raw, so that the last page offset of all can be asked for. */
#ifdef SYS_mmap2
#define LAST_PGOFF(page)	(~(size_t)0)
#else
#define LAST_PGOFF(page)	(~(size_t)0 / (page))
#endif

static void *map_pages(int fd, int prot, int flags, size_t len, size_t pgoff)
{
#ifdef SYS_mmap2
	return (void *)syscall(SYS_mmap2, NULL, len, prot, flags, fd, pgoff);
#else
	return (void *)syscall(SYS_mmap, NULL, len, prot, flags, fd,
			       pgoff * (size_t)sysconf(_SC_PAGESIZE));
#endif
}

/* Every range around the buffer's ends, and the right bytes at each offset. */
static void ranges(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t first, count;

	for (first = 0; first < dev.pages + 3; first++) {
		for (count = 1; count < dev.pages + 3; count++) {
			size_t len = count * dev.page;
			char *map = map_pages(dev.fd, PROT_READ, MAP_SHARED,
					      len, first);

			if (first + count <= dev.pages) {
				REQUIRE(map != MAP_FAILED);
				dev_check(&dev, map, first * dev.page, len);
				EXPECT_EQ(munmap(map, len), 0);
			} else {
				int error = errno;

				EXPECT_EQ((intptr_t)map, -1);
				EXPECT_EQ(error, EINVAL);
			}
		}
	}
	EXPECT_EQ(dev_stats(dev.fd).mappings, 0);
}

static void lengths(const void *arg)
{
	struct dev dev = dev_open(arg);
	const size_t top = ~(size_t)0;
	char *map;

	EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED, 0, 0), EINVAL);
	/* A byte stands for its page. */
	map = map_pages(dev.fd, PROT_READ, MAP_SHARED, 1, 0);
	EXPECT(map != MAP_FAILED);
	EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED,
				 (dev.pages + 1) * dev.page, 0), EINVAL);
	EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED,
				 dev.pages * dev.page + 1, 0), EINVAL);
	EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED, top, 0),
		       ENOMEM);
	/* Half of all addresses: on a 64-bit kernel a 32-bit process has them. */
	EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED, top / 2 + 1,
				 0), sizeof(top) == 4 ? EINVAL : ENOMEM);
	EXPECT_REFUSED(syscall(SYS_munmap, map, 0), EINVAL);
	EXPECT_EQ(munmap(map, dev.page), 0);
	EXPECT_EQ(dev_stats(dev.fd).mappings, 0);
}

/* Offsets whose sum with the length wraps, in bytes or in pages. */
static void wraps(const void *arg)
{
	struct dev dev = dev_open(arg);
	const size_t last = LAST_PGOFF(dev.page);
	struct mmapper_stats before = dev_stats(dev.fd);
	size_t back;

	for (back = 0; back < 8; back++) {
		size_t count;

		for (count = 1; count <= dev.pages + 1; count++) {
			void *map = map_pages(dev.fd, PROT_READ, MAP_SHARED,
					      count * dev.page, last - back);

			EXPECT_EQ((intptr_t)map, -1);
			EXPECT(errno == EINVAL || errno == EOVERFLOW);
		}
	}
	EXPECT_EQ(dev_stats(dev.fd).mmaps, before.mmaps);
	/* An offset within a page is refused by the kernel or by libc. */
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ, MAP_SHARED, dev.fd, 1),
		       EINVAL);
}

/*
 * Offsets and lengths that fit once some of their bits are lost: in pages or in
 * bytes, as 32 bits or fewer.
 */
static void huge(const void *arg)
{
	struct dev dev = dev_open(arg);
	const unsigned int bits = sizeof(size_t) == 8 ? 33 : 19;
	struct mmapper_stats before = dev_stats(dev.fd);
	unsigned int bit;

	for (bit = 8; bit <= bits; bit++) {
		size_t far = (size_t)1 << bit, len = (far + 1) * dev.page;

		EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED,
					 dev.page, far), EINVAL);
		/* Beyond what a process can have, the kernel says ENOMEM. */
		if (len / dev.page != far + 1 || len >> 31 >> 15)
			continue;
		EXPECT_REFUSED(map_pages(dev.fd, PROT_READ, MAP_SHARED, len,
					 0), EINVAL);
	}
	EXPECT_EQ(dev_stats(dev.fd).mmaps, before.mmaps);
}

/* remap_file_pages() asks for another offset of an existing mapping. */
static void remap_file(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, 1);
	long r;

	EXPECT_ERRNO(syscall(SYS_remap_file_pages, map, dev.page, 0,
			     dev.pages, 0), EINVAL);
	if (dev.pages < 2)
		return;
	map = dev_map(&dev, PROT_READ, 0, 1);
	r = syscall(SYS_remap_file_pages, map, dev.page, 0, 1, 0);
	if (row_swaps(dev.row))	/* past the driver's own mmap() */
		EXPECT_EQ(r, -1);
	else
		EXPECT_EQ(r, 0);
	if (r == 0)
		dev_check(&dev, map, dev.page, dev.page);
}

/* A mapping has the protection that was asked for, and no more (D2, K6). */
static void protection(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);
	size_t i;

	for (i = 0; i < dev.pages; i++)
		EXPECT_EQ(touch(map + i * dev.page, true), SIGSEGV);
	EXPECT_EQ(touch_code, SEGV_ACCERR);
	EXPECT_EQ(touch(map, false), 0);
	EXPECT_EQ(mprotect(map, dev.page, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQ(touch(map, true), 0);
	EXPECT_EQ(mprotect(map, dev.page, PROT_READ), 0);
	EXPECT_EQ(touch(map, true), SIGSEGV);
	EXPECT_EQ(mprotect(map, dev.page, PROT_NONE), 0);
	EXPECT_EQ(touch(map, false), SIGSEGV);
	EXPECT_EQ(mprotect(map, dev.page, PROT_READ), 0);
	dev_check(&dev, map, 0, dev.page);
}

static void read_only(const void *arg)
{
	struct dev dev = dev_open(arg);
	int fd = open(dev.row->path, O_RDONLY | O_CLOEXEC);
	int w = open(dev.row->path, O_WRONLY | O_CLOEXEC);
	char *map;

	REQUIRE(fd >= 0 && w >= 0);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd, 0), EACCES);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_WRITE, MAP_SHARED, fd, 0),
		       EACCES);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ, MAP_SHARED, w, 0),
		       EACCES);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_WRITE, MAP_SHARED, w, 0),
		       EACCES);
	map = mmap(NULL, dev.page, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(map != MAP_FAILED);
	dev_check(&dev, map, 0, dev.page);
	EXPECT_ERRNO(mprotect(map, dev.page, PROT_READ | PROT_WRITE), EACCES);
	EXPECT_ERRNO(mprotect(map, dev.page, PROT_WRITE), EACCES);
	EXPECT_EQ(touch(map, true), SIGSEGV);
	/* Nor may the kernel write there on the caller's behalf. */
	EXPECT_ERRNO(pread(dev.fd, map, 1, 0), EFAULT);
	dev_check(&dev, map, 0, dev.page);
}

static void no_exec(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);

	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_EXEC, MAP_SHARED, dev.fd, 0),
		       EPERM);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ | PROT_EXEC, MAP_SHARED,
			    dev.fd, 0), EPERM);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_SHARED, dev.fd, 0), EPERM);
	EXPECT_ERRNO(mprotect(map, dev.page, PROT_EXEC), EACCES);
	EXPECT_ERRNO(mprotect(map, dev.page, PROT_READ | PROT_EXEC), EACCES);
	/* What a program without a non-executable stack asks for. */
	EXPECT(personality(READ_IMPLIES_EXEC) != -1);
	EXPECT_REFUSED(mmap(NULL, dev.page, PROT_READ, MAP_SHARED, dev.fd, 0),
		       EPERM);
}

/* MAP_PRIVATE is refused, on whatever descriptor. */
static void private_refused(const struct dev *dev)
{
	int fd = open(dev->row->path, O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	EXPECT_REFUSED(mmap(NULL, dev->page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE, dev->fd, 0), EINVAL);
	EXPECT_REFUSED(mmap(NULL, dev->pages * dev->page,
			    PROT_READ | PROT_WRITE, MAP_PRIVATE, dev->fd, 0),
		       EINVAL);
	EXPECT_REFUSED(mmap(NULL, dev->page, PROT_READ, MAP_PRIVATE, fd, 0),
		       EINVAL);
	EXPECT_REFUSED(mmap(NULL, dev->page, PROT_NONE, MAP_PRIVATE, fd, 0),
		       EINVAL);
}

/* MAP_PRIVATE copies on write: the buffer never sees what is written. */
static void private_copies(const struct dev *dev)
{
	size_t len = dev->pages * dev->page, i;
	int fd = row_per_open(dev->row) ? dup(dev->fd) :
		 open(dev->row->path, O_RDONLY | O_CLOEXEC);
	char *shared = dev_map(dev, PROT_READ | PROT_WRITE, 0, dev->pages);
	char *own = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	char c = 0;

	REQUIRE(fd >= 0 && own != MAP_FAILED);
	dev_check(dev, own, 0, len);
	/* Before its own write it sees those of others ... */
	shared[0] = 'S';
	EXPECT_EQ(own[0], 'S');
	for (i = 0; i < dev->pages; i++)
		own[i * dev->page] = 'P';
	/* ... and afterwards neither sees the other. */
	EXPECT_EQ(shared[0], 'S');
	shared[0] = 'T';
	EXPECT_EQ(own[0], 'P');
	EXPECT_EQ(pread(dev->fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'T');
	shared[0] = row_byte(dev->row, 0);
	dev_check(dev, shared, 0, len);
	/* Dropping the copies brings the buffer back. */
	EXPECT_EQ(madvise(own, len, MADV_DONTNEED), 0);
	dev_check(dev, own, 0, len);
}

static void private(const void *arg)
{
	struct dev dev = dev_open(arg);

	if (dev.row->flags & MMAPPER_BACKEND_F_PRIVATE)
		private_copies(&dev);
	else
		private_refused(&dev);
}

static const struct ktap_case cases[] = {
	{ "ranges", ranges, 0 },
	{ "lengths", lengths, 0 },
	{ "wraps", wraps, 0 },
	{ "huge", huge, 0 },
	{ "remap_file", remap_file, 0 },
	{ "protection", protection, 0 },
	{ "read_only", read_only, 0 },
	{ "no_exec", no_exec, 0 },
	{ "private", private, 0 },
};

SUITE(mmap, cases, true);
