// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake.h"

struct mmapper_info fake_info;

static const struct mmapper_info kmalloc = {
	.features	= MMAPPER_FEATURE_RESET,
	.abi_version	= MMAPPER_ABI_VERSION,
	.page_size	= FAKE_PAGE,
	.backend_flags	= MMAPPER_BACKEND_F_EAGER |
			  MMAPPER_BACKEND_F_CONTIGUOUS,
	.pattern	= MMAPPER_PATTERN_DIGITS,
	.size		= FAKE_SIZE,
	.map_size	= FAKE_MAP_SIZE,
	.max_size	= 4 * FAKE_PAGE,
	.backend	= "kmalloc",
	.store		= "slab",
	.mapper		= "remap",
	.driver_version	= MMAPPER_VERSION,
};

/* The rows of the driver's table, and its nodes. */
static const char *const backends[] = { "kmalloc", "vmalloc-user" };
static int memory[2] = { -1, -1 };

static const struct {
	const char	*name;
	const char	*path;
	int		row;
} nodes[] = {
	{ "kmalloc", "mmapper/kmalloc", 0 },
	{ "vmalloc-user", "mmapper/vmalloc-user", 1 },
	{ "mmapper_k", "mmapper_k", 0 },
};

/* Which row an open descriptor is of, and one more. */
static unsigned char rows[1024];
static char root[64];

/* Not by their names, which the program wraps. */
static int real_openat(int dir, const char *path, int flags)
{
	return (int)syscall(SYS_openat, dir, path, flags, 0);
}

static ssize_t real_pread(int fd, void *data, size_t len, off_t offset)
{
	return syscall(SYS_pread64, fd, data, len, offset);
}

static ssize_t real_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return syscall(SYS_pwrite64, fd, data, len, offset);
}

static struct {
	const char	*call;
	int		after;
	int		error;
} failure = { "", -1, 0 };

void fake_fail(const char *call, int after, int error)
{
	failure.call = call;
	failure.after = after;
	failure.error = error;
}

static int fails(const char *call)
{
	if (failure.after < 0 || strcmp(call, failure.call) != 0 ||
	    failure.after--)
		return 0;
	errno = failure.error;
	return 1;
}

void fake_put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_remove(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	if (nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

static void put_attribute(const char *node, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/%s", node, file);
	fake_put(path, text);
}

static void put_node(size_t i)
{
	static const char *const numbers[] = {
		"files", "opens", "mappings", "mappings_total", "faults",
	};
	const char *name = nodes[i].name;
	char text[128];
	size_t n;

	snprintf(text, sizeof(text), "MAJOR=240\nMINOR=%zu\nDEVNAME=%s\n",
		 i + 1, nodes[i].path);
	put_attribute(name, "uevent", text);
	put_attribute(name, "dev", "240:1\n");
	put_attribute(name, "backend", backends[nodes[i].row]);
	put_attribute(name, "store", "slab\n");
	put_attribute(name, "mapper", "remap\n");
	put_attribute(name, "description", "pages of the test\n");
	put_attribute(name, "flags", "0x5\n");
	put_attribute(name, "size", "12287\n");
	put_attribute(name, "max_size", "16384\n");
	for (n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
		put_attribute(name, numbers[n], "1\n");
}

static void fill(int fd)
{
	static char pattern[FAKE_MAP_SIZE];
	size_t i;

	for (i = 0; i < FAKE_SIZE; i++)
		pattern[i] = (char)('0' + i % 10);
	if (real_pwrite(fd, pattern, sizeof(pattern), 0) != FAKE_MAP_SIZE)
		abort();
}

void fake_reset(void)
{
	size_t i;

	for (i = 0; i < 2; i++)
		fill(memory[i]);
	fake_info = kmalloc;
	fake_fail("", -1, 0);
}

void fake_load(void)
{
	size_t i;

	snprintf(root, sizeof(root), "%s/fake-XXXXXX",
		 getenv("TMPDIR") ?: "/tmp");
	if (!mkdtemp(root))
		abort();
	for (i = 0; i < 2; i++) {
		memory[i] = memfd_create("fake", MFD_CLOEXEC);
		if (ftruncate(memory[i], FAKE_MAP_SIZE) != 0)
			abort();
	}
	fake_put("/sys/class/mmapper/abi", "1\n");
	fake_put("/sys/module/mmapper/version", MMAPPER_VERSION "\n");
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		put_node(i);
	fake_reset();
}

void fake_unload(void)
{
	size_t i;

	for (i = 0; i < 2; i++)
		close(memory[i]);
	fake_remove("");
}

void fake_bytes(const char *backend, unsigned char bytes[FAKE_MAP_SIZE])
{
	size_t row = strcmp(backend, backends[0]) != 0;

	if (real_pread(memory[row], bytes, FAKE_MAP_SIZE, 0) !=
	    FAKE_MAP_SIZE)
		abort();
}

static int open_node(const char *path, int flags)
{
	char real[64];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if (strcmp(path, nodes[i].path) != 0)
			continue;
		snprintf(real, sizeof(real), "/proc/self/fd/%d",
			 memory[nodes[i].row]);
		fd = real_openat(AT_FDCWD, real, flags);
		if (fd >= 0 && fd < (int)sizeof(rows))
			rows[fd] = (unsigned char)(nodes[i].row + 1);
		return fd;
	}
	errno = ENOENT;
	return -1;
}

int fake_openat(int dir, const char *path, int flags)
{
	char real[4200];
	int fd;

	if (fails("openat"))
		return failure.error ? -1 : 0;
	if (strncmp(path, "/dev/mmapper", 12) == 0)
		return open_node(path + 5, flags);
	if (strncmp(path, "/sys/", 5) == 0) {
		snprintf(real, sizeof(real), "%s%s", root, path);
		path = real;
	}
	fd = real_openat(dir, path, flags);
	if (fd >= 0 && fd < (int)sizeof(rows))
		rows[fd] = 0;
	return fd;
}

int fake_fstat(int fd, struct stat *st)
{
	int ret = fstatat(fd, "", st, AT_EMPTY_PATH);

	if (rows[fd])
		st->st_mode = S_IFCHR | 0660;
	return ret;
}

static void give_info(int row, struct mmapper_info *info)
{
	*info = fake_info;
	if (row)
		strcpy(info->backend, backends[row]);
}

int fake_ioctl(int fd, unsigned long request, void *arg)
{
	struct mmapper_stats *stats;

	if (fails("ioctl"))
		return failure.error ? -1 : 0;
	if (!rows[fd]) {
		errno = ENOTTY;
		return -1;
	}
	switch (request) {
	case MMAPPER_IOC_INFO:
		give_info(rows[fd] - 1, arg);
		return 0;
	case MMAPPER_IOC_STATS:
		stats = arg;
		stats->opens = 7;
		return 0;
	case MMAPPER_IOC_RESET:
		fill(memory[rows[fd] - 1]);
		return 0;
	}
	errno = EPERM;
	return -1;
}

/* Neither call goes beyond the buffer's size, though the file does. */
static ssize_t within(size_t len, off_t offset)
{
	if (offset >= (off_t)fake_info.size)
		return 0;
	if (len > fake_info.size - (size_t)offset)
		return (ssize_t)(fake_info.size - (size_t)offset);
	return (ssize_t)len;
}

ssize_t fake_pread(int fd, void *data, size_t len, off_t offset)
{
	if (fails("pread"))
		return failure.error ? -1 : 0;
	return real_pread(fd, data, (size_t)within(len, offset), offset);
}

ssize_t fake_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	ssize_t room = within(len, offset);

	if (fails("pwrite"))
		return failure.error ? -1 : 0;
	if (len && !room) {
		errno = ENOSPC;
		return -1;
	}
	return real_pwrite(fd, data, (size_t)room, offset);
}
