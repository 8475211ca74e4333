// SPDX-License-Identifier: GPL-2.0-or-later
/* The flags of a VMA and what they do (C18, D4, K3, K12). */
#include <elf.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "device.h"

static bool has_flag(const char *flags, const char *flag)
{
	const char *at = flags;

	while ((at = strstr(at, flag)) != NULL) {
		if ((at == flags || at[-1] == ' ') &&
		    (at[2] == ' ' || at[2] == '\0'))
			return true;
		at++;
	}
	return false;
}

static void flags(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	char value[256], flag[3] = "";
	const char *want;

	REQUIRE(smaps_field(map, "VmFlags", value, sizeof(value)));
	ktap_say("VmFlags:%s", value);
	for (want = dev.row->vmflags; *want; want += want[2] ? 3 : 2) {
		memcpy(flag, want, 2);
		ktap_expect(has_flag(value, flag), __FILE__, __LINE__,
			    "flag %s is not set", flag);
	}
	for (want = dev.row->vmflags_not; *want; want += want[2] ? 3 : 2) {
		memcpy(flag, want, 2);
		ktap_expect(!has_flag(value, flag), __FILE__, __LINE__,
			    "flag %s is set", flag);
	}
}

/* The line of maps says what was asked for, and no kernel's number. */
static void maps_line(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t first;

	for (first = 0; first < dev.pages; first++) {
		char *map = dev_map(&dev, PROT_READ, first, 1);
		unsigned long long start, offset;
		char line[512], perms[8], path[256];
		FILE *maps = fopen("/proc/self/maps", "r");
		bool found = false;

		REQUIRE(maps != NULL);
		while (fgets(line, sizeof(line), maps)) {
			if (sscanf(line, "%llx-%*x %7s %llx %*s %*s %255s",
				   &start, perms, &offset, path) != 4)
				continue;
			if (start != (uintptr_t)map)
				continue;
			found = true;
			EXPECT_EQ(offset, first * dev.page);
			EXPECT(strcmp(perms, "r--s") == 0);
			/* It ends at a blank here. */
			EXPECT(strncmp(path, row_maps(dev.row),
				       strlen(path)) == 0);
		}
		fclose(maps);
		EXPECT(found);
		munmap(map, dev.page);
	}
}

/*
 * VM_DONTEXPAND: mremap() cannot grow.  Without it, a mapping of a part grows
 * over the rest of the buffer, and past its end there is SIGBUS, not memory.
 */
static void growth(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	size_t len = (dev.pages + 2) * dev.page, i;
	struct mmapper_stats before, after;
	char *grown = mremap(map, dev.page, len, MREMAP_MAYMOVE);

	if (strstr(dev.row->vmflags, "de")) {
		int error = errno;

		EXPECT_EQ((intptr_t)grown, -1);
		EXPECT_EQ(error, EFAULT);
		dev_check(&dev, map, 0, dev.page);
		/* Nor can it be doubled by the old length of 0. */
		EXPECT_EQ((intptr_t)mremap(map, 0, dev.page, MREMAP_MAYMOVE),
			  -1);
		return;
	}
	REQUIRE(grown != MAP_FAILED);
	dev_check(&dev, grown, 0, dev.pages * dev.page);
	before = dev_stats(dev.fd);
	for (i = dev.pages; i < dev.pages + 2; i++) {
		EXPECT_EQ(touch(grown + i * dev.page, false), SIGBUS);
		EXPECT_EQ(touch(grown + i * dev.page, true), SIGBUS);
	}
	EXPECT_EQ(touch_code, BUS_ADRERR);
	after = dev_stats(dev.fd);
	EXPECT_EQ(after.faults - before.faults, 4);
	/* The kernel finds no page there either. */
	EXPECT_ERRNO(pread(dev.fd, grown + dev.pages * dev.page, 1, 0),
		     EFAULT);
}

/* Offset 0 of a node mapped at its end, grown beyond it. */
static void growth_at_the_end(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, dev.pages - 1, 1);
	char *grown = mremap(map, dev.page, 2 * dev.page, MREMAP_MAYMOVE);

	if (grown == MAP_FAILED) {
		EXPECT(strstr(dev.row->vmflags, "de") != NULL);
		return;
	}
	dev_check(&dev, grown, (dev.pages - 1) * dev.page, dev.page);
	EXPECT_EQ(touch(grown + dev.page, false), SIGBUS);
}

static void dump_child(void *arg)
{
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *filter = fopen("/proc/self/coredump_filter", "w");
	struct dev *dev = arg;

	/* All kinds, so that what is missing is missing by VM_DONTDUMP. */
	if (!filter || fputs("0xff\n", filter) < 0 || fclose(filter))
		_exit(1);
	if (setrlimit(RLIMIT_CORE, &unlimited) < 0 || chdir("/tmp") < 0)
		_exit(1);
	(void)touch(dev_map(dev, PROT_READ | PROT_WRITE, 0, 1), true);
	abort();
}

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr Ehdr;
typedef Elf64_Phdr Phdr;
#else
typedef Elf32_Ehdr Ehdr;
typedef Elf32_Phdr Phdr;
#endif

/* Bytes that a core file holds of the page at an address. */
static long long core_bytes(const char *path, uintptr_t address)
{
	FILE *core = fopen(path, "r");
	long long bytes = -1;
	unsigned int i;
	Ehdr e;
	Phdr p;

	REQUIRE(core != NULL);
	REQUIRE(fread(&e, sizeof(e), 1, core) == 1);
	REQUIRE(fseek(core, (long)e.e_phoff, SEEK_SET) == 0);
	for (i = 0; i < e.e_phnum; i++) {
		REQUIRE(fread(&p, sizeof(p), 1, core) == 1);
		if (p.p_type == PT_LOAD && p.p_vaddr == address)
			bytes = (long long)p.p_filesz;
	}
	fclose(core);
	return bytes;
}

/* VM_DONTDUMP and VM_IO keep the bytes out of core files. */
static void core_dump(const void *arg)
{
	static const char pattern[] = "/proc/sys/kernel/core_pattern";
	struct dev dev = dev_open(arg);
	char old[256], path[64];
	uintptr_t address;
	char *place;
	int status;
	FILE *file;
	pid_t pid;

	need_root();
	/* The child maps at the place that is free here too. */
	place = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);
	address = (uintptr_t)place;
	munmap(place, dev.page);

	REQUIRE(file_read(pattern, old, sizeof(old)));
	file = fopen(pattern, "w");
	REQUIRE(file != NULL && fputs("/tmp/core.%p\n", file) >= 0 &&
		fclose(file) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		dump_child(&dev);
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	file = fopen(pattern, "w");
	REQUIRE(file != NULL && fputs(old, file) >= 0 && fclose(file) == 0);
	REQUIRE(WIFSIGNALED(status) && WCOREDUMP(status));

	snprintf(path, sizeof(path), "/tmp/core.%d", (int)pid);
	EXPECT_EQ(core_bytes(path, address),
		  strstr(dev.row->vmflags, "dd") ? 0 : dev.page);
	unlink(path);
}

/* No VM_DONTCOPY: a child has the mapping, unless it is asked not to. */
static void fork_child(void *arg)
{
	if (touch(arg, false) != 0)
		_exit(1);
}

static void fork_child_without(void *arg)
{
	if (touch(arg, false) != SIGSEGV)
		_exit(1);
}

static void copied_by_fork(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, 1);

	EXPECT(child_ok(fork_child, map));
	EXPECT_EQ(madvise(map, dev.page, MADV_DONTFORK), 0);
	EXPECT(child_ok(fork_child_without, map));
}

/* A special mapping refuses, a page-backed one faults the same pages back. */
static void dontneed(const void *arg)
{
	struct dev dev = dev_open(arg);
	size_t len = dev.pages * dev.page;
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);

	map[0] = '#';
	if (row_pages(dev.row))
		EXPECT_EQ(madvise(map, len, MADV_DONTNEED), 0);
	else
		EXPECT_ERRNO(madvise(map, len, MADV_DONTNEED), EINVAL);
	EXPECT_EQ(touch(map, false), 0);
	EXPECT_EQ(map[0], '#');
	map[0] = row_byte(dev.row, 0);
	dev_check(&dev, map, 0, len);
}

static const struct ktap_case cases[] = {
	{ "flags", flags, 0 },
	{ "maps_line", maps_line, 0 },
	{ "growth", growth, 0 },
	{ "growth_at_the_end", growth_at_the_end, 0 },
	{ "core_dump", core_dump, 0 },
	{ "copied_by_fork", copied_by_fork, 0 },
	{ "dontneed", dontneed, 0 },
};

SUITE(vma, cases, true);
