// SPDX-License-Identifier: GPL-2.0-or-later
/* What it means that pages are pinned, by what the kernel says and does (C29). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

/* From include/linux/mm.h: what a pin adds to a reference count. */
#define PIN_BIAS	1024
/* What comes and goes: a page that is new has a reference of a list's for a while. */
#define OTHERS		4

static int hold(int fd, const void *address, uint32_t count)
{
	struct mmapper_lab_hold h = {
		.address = (uintptr_t)address, .count = count,
	};

	return ioctl(fd, MMAPPER_LAB_IOC_HOLD, &h);
}

static struct mmapper_lab_held held(int fd, uint32_t index)
{
	struct mmapper_lab_held h = { .index = index };

	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_HELD, &h) == 0);
	return h;
}

/* kB, from /proc/self/status. */
static long vm_pin(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	REQUIRE(status);
	while (fgets(line, sizeof(line), status))
		if (strncmp(line, "VmPin:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	fclose(status);
	return kb;
}

/* The frame behind an address: Documentation/admin-guide/mm/pagemap.rst. */
static uint64_t frame(const void *address)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, &entry, sizeof(entry),
		      (off_t)((uintptr_t)address / lab_page() * 8)) ==
		sizeof(entry));
	close(fd);
	return entry >> 63 ? entry & ((1ull << 55) - 1) : 0;
}

static void counts(const void *arg)
{
	struct mmapper_lab_held one, two;
	long page = (long)lab_page() / 1024;
	char *own = lab_memory(2);
	int fd = lab_open(), again = lab_open();

	(void)arg;
	madvise(own, 2 * lab_page(), MADV_NOHUGEPAGE);
	EXPECT_EQ(vm_pin(), 0);
	REQUIRE(hold(fd, own, 2) == 0);
	one = held(fd, 0);
	ktap_say("pinned once: %" PRIu64 " references, taken for pinned: %s, VmPin %ld kB, frame as in pagemap: %s",
		 (uint64_t)one.refs, one.pinned ? "yes" : "no", vm_pin(),
		 one.pfn == frame(own) ? "yes" : "no");
	EXPECT(one.refs > PIN_BIAS && one.refs < PIN_BIAS + OTHERS);
	EXPECT(one.pinned);
	EXPECT_EQ(one.pfn, frame(own));
	EXPECT_EQ(vm_pin(), 2 * page);
	REQUIRE(hold(again, own, 1) == 0);
	two = held(again, 0);
	ktap_say("pinned twice: %" PRIu64 " references, VmPin %ld kB",
		 (uint64_t)two.refs, vm_pin());
	EXPECT(two.refs > 2 * PIN_BIAS && two.refs < 2 * PIN_BIAS + OTHERS);
	EXPECT_EQ(vm_pin(), 3 * page);
	close(again);
	two = held(fd, 0);
	EXPECT(two.refs > PIN_BIAS && two.refs < PIN_BIAS + OTHERS);
	EXPECT_EQ(hold(fd, NULL, 0), 0);
	ktap_say("let go: VmPin %ld kB", vm_pin());
	EXPECT_EQ(vm_pin(), 0);
}

/* Moves a page to the other node; the node where it is afterwards, or -errno. */
static int move(void *address, int node)
{
	void *pages[1] = { address };
	int nodes[1] = { node }, status[1] = { -1 };

	if (syscall(SYS_move_pages, 0, 1, pages, nodes, status,
		    2 /* MPOL_MF_MOVE */) < 0)
		return -errno;
	return status[0];
}

static int node_of(void *address)
{
	void *pages[1] = { address };
	int status[1] = { -1 };

	REQUIRE(syscall(SYS_move_pages, 0, 1, pages, NULL, status, 0) == 0);
	return status[0];
}

/* The control is the neighbour, which nobody has pinned. */
static void stays(const void *arg)
{
	char *own = lab_memory(2), *neighbour = own + lab_page();
	uint64_t before[2];
	int fd = lab_open(), from;

	(void)arg;
	if (access("/sys/devices/system/node/node1", F_OK))
		ktap_skip("needs a machine with two NUMA nodes");
	madvise(own, 2 * lab_page(), MADV_NOHUGEPAGE);
	*own = *neighbour = 'p';
	REQUIRE(hold(fd, own, 1) == 0);
	from = node_of(own);
	REQUIRE(from >= 0 && node_of(neighbour) == from);
	before[0] = frame(own);
	before[1] = frame(neighbour);
	EXPECT(move(own, !from) != !from);
	EXPECT_EQ(move(neighbour, !from), !from);
	ktap_say("move_pages() to node %d: the pinned page stays on node %d, the frame the same: %s; its neighbour is on node %d, another frame: %s",
		 !from, node_of(own), frame(own) == before[0] ? "yes" : "no",
		 node_of(neighbour), frame(neighbour) != before[1] ? "yes" : "no");
	EXPECT_EQ(node_of(own), from);
	EXPECT_EQ(frame(own), before[0]);
	EXPECT(frame(neighbour) != before[1]);
	/* And once it is let go it moves, too. */
	EXPECT_EQ(hold(fd, NULL, 0), 0);
	EXPECT_EQ(move(own, !from), !from);
	EXPECT(frame(own) != before[0]);
}

static void detached(const void *arg)
{
	char *own = lab_memory(1);
	uint64_t pinned;
	int fd = lab_open();

	(void)arg;
	*own = 'b';
	REQUIRE(hold(fd, own, 1) == 0);
	pinned = held(fd, 0).pfn;
	EXPECT_EQ(frame(own), pinned);
	REQUIRE(madvise(own, lab_page(), MADV_DONTNEED) == 0);
	EXPECT_EQ(*own, 0);
	*own = 'a';
	ktap_say("MADV_DONTNEED succeeds; the process has another page now: %s; the old one is pinned still: %s",
		 frame(own) != pinned ? "yes" : "no",
		 held(fd, 0).pinned ? "yes" : "no");
	EXPECT(frame(own) != pinned);
	EXPECT_EQ(held(fd, 0).pfn, pinned);
	EXPECT(held(fd, 0).pinned);
}

static void limits(const void *arg)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2];
	struct rlimit two = { 2 * lab_page(), 2 * lab_page() };
	char *own = lab_memory(4);
	int fd = lab_open();

	(void)arg;
	REQUIRE(setrlimit(RLIMIT_MEMLOCK, &two) == 0);
	EXPECT_EQ(hold(fd, own, 3), 0);
	EXPECT_EQ(hold(fd, NULL, 0), 0);
	REQUIRE(syscall(SYS_capget, &head, caps) == 0);
	caps[0].effective &= ~(1u << CAP_IPC_LOCK);
	REQUIRE(syscall(SYS_capset, &head, caps) == 0);
	EXPECT_ERRNO(hold(fd, own, 3), ENOMEM);
	EXPECT_EQ(vm_pin(), 0);
	EXPECT_EQ(hold(fd, own, 2), 0);
	ktap_say("RLIMIT_MEMLOCK of two pages: three are refused (ENOMEM) and not counted, two pinned; with CAP_IPC_LOCK three were");
	close(fd);
	EXPECT_EQ(vm_pin(), 0);
}

static void refused(const void *arg)
{
	char *readonly = lab_memory(1), *hole = lab_memory(2);
	struct lab_buffer special = lab_buffer("kmalloc", 1);
	struct lab_buffer pages = lab_buffer("pages-fault", 1);
	int fd = lab_open();

	(void)arg;
	REQUIRE(mprotect(readonly, lab_page(), PROT_READ) == 0);
	REQUIRE(munmap(hole + lab_page(), lab_page()) == 0);
	EXPECT_ERRNO(hold(fd, NULL, 1), EFAULT);
	EXPECT_ERRNO(hold(fd, hole, 2), EFAULT);
	EXPECT_ERRNO(hold(fd, readonly, 1), EFAULT);
	EXPECT_ERRNO(hold(fd, special.bytes, 1), EFAULT);
	EXPECT_ERRNO(hold(fd, (void *)(~0ul << (8 * sizeof(long) - 17)), 1),
		     EFAULT);
	EXPECT_ERRNO(hold(fd, hole + 1, 1), EINVAL);
	EXPECT_ERRNO(hold(fd, hole, MMAPPER_LAB_HOLD_MAX + 1), EINVAL);
	EXPECT_EQ(vm_pin(), 0);
	EXPECT_EQ(hold(fd, pages.bytes, 1), 0);
	EXPECT_ERRNO(hold(fd, pages.bytes, 1), EBUSY);
	ktap_say("EFAULT: nothing, a hole, read-only memory, a special mapping, a kernel address; a page-backed mapping of a driver is pinned");
}

static const struct evidence_case checks[] = {
	{ { "counts", counts, 0 }, "What a pin counts" },
	{ { "stays", stays, 0 }, "A pinned page stays where it is; its neighbour moves" },
	{ { "detached", detached, 0 },
	  "MADV_DONTNEED parts the process from its pinned page" },
	{ { "limits", limits, 0 }, "RLIMIT_MEMLOCK" },
	{ { "refused", refused, 0 }, "What cannot be pinned" },
};

const struct lab_experiment lab_pin = {
	.name		= "pin",
	.question	= "how can one tell that pages are pinned, and what does it change?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
