// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel and other programs can do with the memory of a mapping:
 * with pages nearly everything, with a special mapping what copies through
 * the page tables.  docs/backends/ says the same.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "device.h"

/* ptrace() and debuggers go this way, through vm_ops->access where no pages are. */
static void proc_mem(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t len = dev.pages * dev.page;
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	char *bytes = malloc(len);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0 && bytes);
	EXPECT_EQ(pread(fd, bytes, len, (off_t)(uintptr_t)map), (ssize_t)len);
	dev_check(&dev, bytes, 0, len);
	/* From the middle of the last page beyond the end. */
	EXPECT_EQ(pread(fd, bytes, dev.page,
			(off_t)(uintptr_t)(map + len - dev.page / 2)) >=
		  (ssize_t)(dev.page / 2), 1);
	dev_check(&dev, bytes, len - dev.page / 2, dev.page / 2);
	EXPECT_EQ(pwrite(fd, "mm", 2, (off_t)(uintptr_t)map), 2);
	EXPECT_EQ(map[0], 'm');
	EXPECT_EQ(map[1], 'm');
	EXPECT_EQ(map[2], row_byte(dev.row, 2) * (dev.info.size > 2));
	free(bytes);
}

/* What a process may not do with a mapping of its own, this must not do either. */
static void proc_mem_protected(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages), c = 0;
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	EXPECT_ERRNO(pwrite(fd, "m", 1, (off_t)(uintptr_t)map), EIO);
	EXPECT_EQ(map[0], row_byte(dev.row, 0));
	REQUIRE(mprotect(map, dev.page, PROT_NONE) == 0);
	if (!row_pages(dev.row))
		EXPECT_ERRNO(pread(fd, &c, 1, (off_t)(uintptr_t)map), EIO);
}

static void process_vm(const void *arg)
{
	struct dev dev = dev_open(arg);
	char c = 0;
	struct iovec here = { &c, 1 };
	struct iovec there = { dev_map(&dev, PROT_READ, 0, 1), 1 };

	if (row_pages(dev.row)) {
		EXPECT_EQ(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
			  1);
		EXPECT_EQ(c, row_byte(dev.row, 0));
	} else {
		EXPECT_ERRNO(process_vm_readv(getpid(), &here, 1, &there, 1, 0),
			     EFAULT);
	}
}

/* vmsplice() pins the pages, as O_DIRECT and its like do. */
static void pinned_by_vmsplice(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct iovec v = { dev_map(&dev, PROT_READ, 0, 1), 16 };
	char bytes[16] = "";
	int fds[2];

	REQUIRE(pipe(fds) == 0);
	if (row_pages(dev.row)) {
		EXPECT_EQ(vmsplice(fds[1], &v, 1, 0), 16);
		EXPECT_EQ(read(fds[0], bytes, 16), 16);
		dev_check(&dev, bytes, 0, 16);
	} else {
		EXPECT_ERRNO(vmsplice(fds[1], &v, 1, 0), EFAULT);
	}
}

/* A private futex is an address, a shared one wants a page of a file. */
static void futexes(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);

	EXPECT_EQ(touch(map, true), 0);
	EXPECT_EQ(syscall(SYS_futex, map, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
			  0), 0);
	if (row_swaps(dev.row))
		EXPECT_EQ(syscall(SYS_futex, map, FUTEX_WAKE, 1, NULL, NULL,
				  0), 0);
	else
		EXPECT_ERRNO(syscall(SYS_futex, map, FUTEX_WAKE, 1, NULL, NULL,
				     0), EFAULT);
}

static void mlock_accounts_nothing(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	char value[64];

	EXPECT_EQ(mlock(map, dev.page), 0);
	REQUIRE(smaps_field(map, "Locked", value, sizeof(value)));
	EXPECT_EQ(strtol(value, NULL, 10), 0);
	EXPECT_EQ(munlock(map, dev.page), 0);
}

static void no_msync(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);

	EXPECT_ERRNO(msync(map, dev.page, MS_SYNC), EINVAL);
}

/* What only copies through the page tables works on every row. */
static void copies(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	int fds[2];

	REQUIRE(pipe(fds) == 0);
	EXPECT_EQ(write(fds[1], map, 1), 1);
	EXPECT_EQ(read(fds[0], map + 1, 1), 1);
	EXPECT_EQ(map[1], row_byte(dev.row, 0));
}

static const struct ktap_case cases[] = {
	{ "proc_mem", proc_mem, 0 },
	{ "proc_mem_protected", proc_mem_protected, 0 },
	{ "process_vm", process_vm, 0 },
	{ "pinned_by_vmsplice", pinned_by_vmsplice, 0 },
	{ "futexes", futexes, 0 },
	{ "mlock_accounts_nothing", mlock_accounts_nothing, 0 },
	{ "no_msync", no_msync, 0 },
	{ "copies", copies, 0 },
};

SUITE(reach, cases, true);
