// SPDX-License-Identifier: GPL-2.0-or-later
/* Physical addresses: the store's, the page tables', pagemap's (C21, C34). */
#include "device.h"

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_PFN	((1ULL << 55) - 1)

static int phys(int fd, unsigned long cmd, uint64_t where, uint64_t *out)
{
	struct mmapper_phys p = { .where = where };
	int r = ioctl(fd, cmd, &p);

	*out = p.phys;
	return r;
}

static uint64_t lookup(const struct dev *dev, size_t offset)
{
	uint64_t out;

	REQUIRE(phys(dev->fd, MMAPPER_IOC_LOOKUP, offset, &out) == 0);
	return out;
}

static uint64_t translate(const struct dev *dev, const char *at)
{
	uint64_t out;

	REQUIRE(phys(dev->fd, MMAPPER_IOC_TRANSLATE, (uintptr_t)at, &out) == 0);
	return out;
}

static uint64_t pagemap(const void *at, size_t page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, &entry, sizeof(entry),
		      (off_t)((uintptr_t)at / page * sizeof(entry))) ==
		sizeof(entry));
	close(fd);
	return entry;
}

static void touch_pages(const struct dev *dev, const char *map)
{
	size_t i;

	for (i = 0; i < dev->pages; i++)
		REQUIRE(touch((char *)map + i * dev->page, false) == 0);
}

/* Store and page tables agree, page by page; runs are what the row says. */
static void agree(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);
	size_t i, runs = 1;
	uint64_t last = 0;

	need_root();
	touch_pages(&dev, map);
	for (i = 0; i < dev.pages; i++) {
		uint64_t want = lookup(&dev, i * dev.page);

		EXPECT(want != 0);
		EXPECT_EQ(want % dev.page, 0);
		EXPECT_EQ(translate(&dev, map + i * dev.page), want);
		/* Within a page, too. */
		EXPECT_EQ(lookup(&dev, i * dev.page + 123), want + 123);
		EXPECT_EQ(translate(&dev, map + i * dev.page + 123),
			  want + 123);
		runs += i && want != last + dev.page;
		last = want;
		ktap_say("page %zu: physical 0x%llx", i,
			 (unsigned long long)want);
	}
	ktap_say("%zu pages in %zu runs", dev.pages, runs);
	if (dev.row->flags & MMAPPER_BACKEND_F_CONTIGUOUS)
		EXPECT_EQ(runs, 1);
}

/* The memory comes in blocks as large as is told; the largest ones come first. */
static void in_blocks(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t each = (size_t)1 << dev.info.block_order, i;

	need_root();
	ktap_say("%llu blocks of %zu pages", (unsigned long long)dev.info.blocks,
		 each);
	EXPECT(dev.info.blocks * each <= dev.pages);
	for (i = 0; i < dev.info.blocks * each; i++)
		if (i % each)
			EXPECT_EQ(lookup(&dev, i * dev.page),
				  lookup(&dev, (i - 1) * dev.page) + dev.page);
		else
			EXPECT_EQ(lookup(&dev, i * dev.page) %
				  (each * dev.page), 0);
}

/* pagemap confirms it where the kernel sees pages, and shows none elsewhere. */
static void by_pagemap(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);
	uint64_t own;
	size_t i;

	need_root();
	touch_pages(&dev, map);
	own = pagemap(&dev, dev.page);
	EXPECT(own & PAGEMAP_PRESENT && own & PAGEMAP_PFN);
	for (i = 0; i < dev.pages; i++) {
		uint64_t entry = pagemap(map + i * dev.page, dev.page);

		if (row_pages(dev.row))
			EXPECT_EQ((entry & PAGEMAP_PFN) * dev.page,
				  lookup(&dev, i * dev.page));
		else
			EXPECT_EQ(entry & PAGEMAP_PFN, 0);
	}
}

static void two_mappings(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *a = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	char *b = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	size_t i;

	need_root();
	EXPECT(a != b);
	touch_pages(&dev, a);
	touch_pages(&dev, b);
	for (i = 0; i < dev.pages * dev.page; i += dev.page) {
		EXPECT_EQ(translate(&dev, a + i), translate(&dev, b + i));
		a[i] = 'A';
		EXPECT_EQ(b[i], 'A');
		b[i] = 'B';
		EXPECT_EQ(a[i], 'B');
	}
	EXPECT_EQ(munmap(a, dev.pages * dev.page), 0);
	for (i = 0; i < dev.pages * dev.page; i += dev.page)
		EXPECT_EQ(translate(&dev, b + i), lookup(&dev, i));
}

/* A private copy lies elsewhere. */
static void copy_on_write(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *own;

	need_root();
	if (!(dev.row->flags & MMAPPER_BACKEND_F_PRIVATE))
		ktap_skip("MAP_PRIVATE is refused here");
	own = mmap(NULL, dev.page, PROT_READ | PROT_WRITE, MAP_PRIVATE, dev.fd,
		   0);
	REQUIRE(own != MAP_FAILED);
	EXPECT_EQ(touch(own, false), 0);
	EXPECT_EQ(translate(&dev, own), lookup(&dev, 0));
	own[0] = '!';
	EXPECT(translate(&dev, own) != lookup(&dev, 0));
}

struct inherited {
	const struct dev	*dev;
	char			*map;
};

static void gone_child(void *arg)
{
	const struct inherited *in = arg;
	uint64_t out;

	if (munmap(in->map, in->dev->page) < 0)
		_exit(1);
	if (phys(in->dev->fd, MMAPPER_IOC_TRANSLATE, (uintptr_t)in->map,
		 &out) != -1 || errno != EINVAL)
		_exit(2);
}

/*
 * The parent opened the node and has the page mapped; the child, who has
 * unmapped it, must be told of its own address space and not of the parent's.
 */
static void of_the_caller(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct inherited in = { &dev, dev_map(&dev, PROT_READ, 0, 1) };
	uint64_t before;

	need_root();
	EXPECT_EQ(touch(in.map, false), 0);
	before = translate(&dev, in.map);
	EXPECT(child_ok(gone_child, &in));
	EXPECT_EQ(translate(&dev, in.map), before);
}

/* A page counts as mapped while the process has any access to it. */
static void by_protection(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	uint64_t want, out;

	need_root();
	EXPECT_EQ(touch(map, true), 0);
	want = lookup(&dev, 0);
	EXPECT_EQ(mprotect(map, dev.page, PROT_NONE), 0);
	EXPECT_ERRNO(phys(dev.fd, MMAPPER_IOC_TRANSLATE, (uintptr_t)map, &out),
		     ENODATA);
	EXPECT_EQ(mprotect(map, dev.page, PROT_WRITE), 0);
	*(volatile char *)map = 'w';
	EXPECT_EQ(translate(&dev, map), want);
	EXPECT_EQ(mprotect(map, dev.page, PROT_READ), 0);
	EXPECT_EQ(touch(map, false), 0);
	EXPECT_EQ(translate(&dev, map), want);
}

/* What is not this buffer's mapping, in this process, is refused. */
static void refused(const void *arg)
{
	struct dev dev = dev_open(arg);
	const struct row *other = dev.row == rows ? rows + 1 : rows;
	char *map = dev_map(&dev, PROT_READ, 0, 1);
	char *foreign;
	uint64_t out;
	int fd;

	need_root();
	fd = open(other->path, O_RDWR | O_CLOEXEC);
	REQUIRE(fd >= 0);
	foreign = mmap(NULL, dev.page, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(foreign != MAP_FAILED);
	EXPECT_EQ(touch(foreign, false), 0);

#define REFUSED(cmd, where, error)					\
	EXPECT_ERRNO(phys(dev.fd, cmd, (uint64_t)(where), &out), error)

	if (!row_eager(dev.row))
		REFUSED(MMAPPER_IOC_TRANSLATE, (uintptr_t)map, ENODATA);
	REFUSED(MMAPPER_IOC_TRANSLATE, (uintptr_t)foreign, EINVAL);
	REFUSED(MMAPPER_IOC_TRANSLATE, (uintptr_t)&dev, EINVAL);
	REFUSED(MMAPPER_IOC_TRANSLATE, 0, EINVAL);
	REFUSED(MMAPPER_IOC_TRANSLATE, ~0ULL, EINVAL);
	REFUSED(MMAPPER_IOC_TRANSLATE, 0xffff888000000000ULL, EINVAL);
	REFUSED(MMAPPER_IOC_TRANSLATE, (uintptr_t)map | 1ULL << 63, EINVAL);
	REFUSED(MMAPPER_IOC_LOOKUP, dev.info.map_size, EINVAL);
	REFUSED(MMAPPER_IOC_LOOKUP, dev.info.map_size + 1, EINVAL);
	REFUSED(MMAPPER_IOC_LOOKUP, ~0ULL, EINVAL);
	REFUSED(MMAPPER_IOC_LOOKUP, 1ULL << 63, EINVAL);
	EXPECT(lookup(&dev, (size_t)dev.info.map_size - 1) != 0);
}

static const struct ktap_case cases[] = {
	{ "agree", agree, 0 },
	{ "in_blocks", in_blocks, 0 },
	{ "by_pagemap", by_pagemap, 0 },
	{ "two_mappings", two_mappings, 0 },
	{ "copy_on_write", copy_on_write, 0 },
	{ "refused", refused, 0 },
	{ "of_the_caller", of_the_caller, 0 },
	{ "by_protection", by_protection, 0 },
};

SUITE(phys, cases, true);
