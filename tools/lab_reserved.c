// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What SetPageReserved() changes for ordinary RAM that a driver maps: old
 * advice, from before Linux 2.6.15, against the running kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

#define PAGES		16
/* From Documentation/admin-guide/mm/pagemap.rst's source, include/linux/kernel-page-flags.h. */
#define KPF_RESERVED	32

struct ram {
	int		fd;
	size_t		page;
	size_t		len;
	unsigned char	*bytes;
};

static const char *said(uint32_t flags)
{
	return flags & MMAPPER_LAB_RAM_RESERVED ? "reserved" : "plain   ";
}

static struct ram ram_make(uint32_t flags, uint32_t count)
{
	struct mmapper_lab_ram wanted = { .flags = flags, .count = count };
	struct ram ram = { .page = (size_t)sysconf(_SC_PAGESIZE) };

	ram.fd = open(MMAPPER_LAB_PATH, O_RDWR | O_CLOEXEC);
	REQUIRE(ram.fd >= 0);
	REQUIRE(ioctl(ram.fd, MMAPPER_LAB_IOC_RAM, &wanted) == 0);
	ram.len = count * ram.page;
	ram.bytes = mmap(NULL, ram.len, PROT_READ | PROT_WRITE, MAP_SHARED,
			 ram.fd, 0);
	REQUIRE(ram.bytes != MAP_FAILED);
	return ram;
}

static void ram_drop(const struct ram *ram)
{
	EXPECT_EQ(munmap(ram->bytes, ram->len), 0);
	close(ram->fd);
}

static struct mmapper_lab_frame ram_frame(const struct ram *ram, uint32_t index)
{
	struct mmapper_lab_frame frame = { .index = index };

	REQUIRE(ioctl(ram->fd, MMAPPER_LAB_IOC_FRAME, &frame) == 0);
	return frame;
}

/* What /proc/kpageflags tells of a frame. */
static bool is_reserved(uint64_t pfn)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t bits = 0;

	if (fd < 0)
		ktap_skip("there is no /proc/kpageflags");
	REQUIRE(pread(fd, &bits, sizeof(bits),
		      (off_t)(pfn * sizeof(bits))) == sizeof(bits));
	close(fd);
	return bits >> KPF_RESERVED & 1;
}

static void bit(const void *arg)
{
	static const uint32_t flags[] = { 0, MMAPPER_LAB_RAM_RESERVED };
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct ram ram = ram_make(flags[i], 1);
		struct mmapper_lab_frame frame = ram_frame(&ram, 0);
		bool reserved = is_reserved(frame.pfn);

		ktap_say("%s: frame 0x%" PRIx64 ", KPF_RESERVED is %s",
			 said(flags[i]), (uint64_t)frame.pfn,
			 reserved ? "set" : "clear");
		EXPECT_EQ(reserved, i);
		ram_drop(&ram);
		EXPECT(!is_reserved(frame.pfn));
	}
}

/* One write to each page; the faults that it took. */
static uint64_t touch_all(const struct ram *ram)
{
	uint64_t faults;
	size_t i;

	for (i = 0; i < ram->len; i++)
		if (!EXPECT_EQ(ram->bytes[i], 0))
			break;
	faults = ev_faults();
	for (i = 0; i < ram->len; i += ram->page)
		ram->bytes[i] = 'X';
	return ev_faults() - faults;
}

/* As the kernel reaches the pages of another process: by pinning them. */
static int pin(const struct ram *ram)
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { ram->bytes, 1 };

	errno = 0;
	if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != 1)
		return errno;
	EXPECT_EQ(byte, 'X');
	return 0;
}

/* The same mapping of plain and of reserved pages: all that can be told apart. */
static void both(uint32_t how, bool pages)
{
	const uint32_t flags[] = { how, how | MMAPPER_LAB_RAM_RESERVED };
	struct vma seen[2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct ram ram = ram_make(flags[i], PAGES);
		uint64_t faults = touch_all(&ram);
		int error = pin(&ram);
		uint64_t refs = ram_frame(&ram, 0).refs;

		REQUIRE(vma_find(ram.bytes, &seen[i]));
		ktap_say("%s: %" PRIu64 " faults on the touch of %d pages, %" PRIu64 " kB resident",
			 said(flags[i]), faults, PAGES, seen[i].rss);
		ktap_say("          %" PRIu64 " references, pinned: %s, VmFlags: %s",
			 refs, error ? strerror(error) : "yes", seen[i].flags);
		EXPECT_EQ(faults, 0);
		EXPECT_EQ(error, pages ? 0 : EFAULT);
		EXPECT_EQ(seen[i].rss, pages ? ram.len / 1024 : 0);
		EXPECT_EQ(refs, pages ? 2 : 1);
		EXPECT_EQ(vma_has(&seen[i], "pf"), !pages);
		ram_drop(&ram);
	}
	EXPECT(strcmp(seen[0].flags, seen[1].flags) == 0);
}

static void remap(const void *arg)
{
	(void)arg;
	both(0, false);
}

static void insert(const void *arg)
{
	(void)arg;
	both(MMAPPER_LAB_RAM_INSERT, true);
}

/* Reads a byte as a debugger does; 0 or the errno. */
static int debugger(const struct ram *ram)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char byte = 0;
	int error = 0;

	REQUIRE(fd >= 0);
	ram->bytes[0] = 'X';
	if (pread(fd, &byte, 1, (off_t)(uintptr_t)ram->bytes) != 1)
		error = errno;
	else
		EXPECT_EQ(byte, 'X');
	close(fd);
	return error;
}

static void access_by(uint32_t flags, int wanted)
{
	struct ram ram = ram_make(MMAPPER_LAB_RAM_ACCESS | flags, 1);
	int error = debugger(&ram);

	ktap_say("%s: /proc/self/mem through generic_access_phys(): %s",
		 said(flags), error ? strerror(error) : "read");
	EXPECT_EQ(error, wanted);
}

static void access_reserved(const void *arg)
{
	struct utsname host;

	(void)arg;
	REQUIRE(uname(&host) == 0);
	if (strcmp(host.machine, "x86_64") != 0)
		ktap_skip("ioremap() of %s warns of any RAM, reserved or not",
			  host.machine);
	access_by(MMAPPER_LAB_RAM_RESERVED, 0);
}

static void access_plain(const void *arg)
{
	(void)arg;
	access_by(0, EIO);
}

static bool log_has(const char *text)
{
	static char log[1 << 20];
	int n = klogctl(3, log, sizeof(log) - 1);

	REQUIRE(n > 0);
	log[n] = '\0';
	return strstr(log, text);
}

/* Freed with the bit: a kernel that checks keeps the page from being used again. */
static void forget(const void *arg)
{
	static uint64_t pfn[MMAPPER_LAB_PAGES_MAX];
	struct ram ram = ram_make(MMAPPER_LAB_RAM_RESERVED |
				  MMAPPER_LAB_RAM_FORGET, ARRAY_SIZE(pfn));
	bool complained;
	size_t lost = 0;
	uint32_t i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		pfn[i] = ram_frame(&ram, i).pfn;
	ram_drop(&ram);
	for (i = 0; i < ARRAY_SIZE(pfn); i++)
		lost += is_reserved(pfn[i]);
	complained = log_has("Bad page state");
	ktap_say("%zu of %zu pages freed with the bit are reserved still, lost until the next boot; the kernel %s",
		 lost, ARRAY_SIZE(pfn),
		 complained ? "complains: Bad page state" : "says nothing");
	EXPECT_EQ(lost > 0, complained);
}

static const struct evidence_case checks[] = {
	{ { "bit", bit, 0 }, "The bit, in /proc/kpageflags" },
	{ { "remap_pfn_range", remap, 0 },
	  "Mapped by remap_pfn_range(): no difference" },
	{ { "vm_insert_page", insert, 0 },
	  "Mapped by vm_insert_page(): no difference" },
	{ { "generic_access_phys", access_reserved, 0 },
	  "Read by a debugger through generic_access_phys(), which needs the bit" },
};

const struct lab_experiment lab_reserved = {
	.name		= "reserved",
	.question	= "what does SetPageReserved() change for RAM that a driver maps?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};

static const struct evidence_case access_checks[] = {
	{ { "generic_access_phys", access_plain, 0 },
	  "Plain RAM, read by a debugger: kernels before 7.3 warn" },
};

const struct lab_experiment lab_reserved_access = {
	.name		= "reserved-access",
	.question	= "what does generic_access_phys() make of RAM that is not reserved?",
	.harms		= true,
	.checks		= access_checks,
	.count		= ARRAY_SIZE(access_checks),
};

static const struct evidence_case forget_checks[] = {
	{ { "forget", forget, 60 },
	  "Pages freed without ClearPageReserved()" },
};

const struct lab_experiment lab_reserved_forget = {
	.name		= "reserved-forget",
	.question	= "what becomes of pages that are freed with the bit still set?",
	.harms		= true,
	.checks		= forget_checks,
	.count		= ARRAY_SIZE(forget_checks),
};
