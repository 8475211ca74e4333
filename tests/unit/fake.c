// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
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

/* Which row an open descriptor is of, and one more; or one of these. */
static unsigned char rows[1024];
#define CONTROL		100
#define MADE		101

/* Buffers made at run time. */
static struct {
	int		memory;
	char		name[MMAPPER_BUFFER_NAME_MAX];
	uint32_t	seals;
	bool		revoked;
} made[8];
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

static void put_made(size_t i, const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path),
		 "/sys/class/mmapper/control/buffers/%s/%s", made[i].name, file);
	fake_put(path, text);
}

static void show(size_t i, const struct mmapper_create *create)
{
	static const char *const numbers[] = {
		"max_size", "files", "opens", "mappings", "mappings_total",
		"faults",
	};
	char text[32];
	size_t n;

	put_made(i, "backend", "pages\n");
	put_made(i, "store", "pages\n");
	put_made(i, "mapper", "insert\n");
	put_made(i, "description", "pages of the test\n");
	put_made(i, "cache", "cached\n");
	put_made(i, "state", "persistent\n");
	put_made(i, "flags", "0x5\n");
	put_made(i, "seals", "0x2\n");
	put_made(i, "owner", "4294967294\n");
	put_made(i, "group", "4294967294\n");
	snprintf(text, sizeof(text), "%04o\n", create->mode);
	put_made(i, "mode", text);
	snprintf(text, sizeof(text), "%llu\n", create->size);
	put_made(i, "size", text);
	for (n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
		put_made(i, numbers[n], "1\n");
}

static void hide(size_t i)
{
	char path[160];

	if (!*made[i].name)
		return;
	snprintf(path, sizeof(path), "/sys/class/mmapper/control/buffers/%s",
		 made[i].name);
	fake_remove(path);
	*made[i].name = '\0';
}

/* The buffer of a name, or room for one; -1: there is none. */
static int find_made(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (strcmp(made[i].name, name) == 0 &&
		    (*name || !made[i].memory))
			return (int)i;
	return -1;
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int open_made(int i, int flags)
{
	char real[64];
	int fd;

	snprintf(real, sizeof(real), "/proc/self/fd/%d", made[i].memory);
	fd = real_openat(AT_FDCWD, real, flags);
	if (fd >= 0)
		rows[fd] = (unsigned char)(MADE + i);
	return fd;
}

static int make(struct mmapper_create *create)
{
	int i = find_made("");

	if (i < 0 || find_made(create->name) >= 0)
		return refuse(i < 0 ? ENOMEM : EEXIST);
	if (strcmp(create->backend, "auto") && strcmp(create->backend, "pages"))
		return refuse(strcmp(create->backend, "kmalloc") ? ENOENT :
								   EOPNOTSUPP);
	if (strchr(create->name, '/') || create->numa_node > 0)
		return refuse(EINVAL);
	made[i].memory = memfd_create("made", MFD_CLOEXEC);
	made[i].seals = 0;
	made[i].revoked = false;
	if (ftruncate(made[i].memory, (off_t)create->size) != 0)
		abort();
	strcpy(made[i].name, create->name);
	show((size_t)i, create);
	strcpy(create->backend, "pages");
	create->fd = open_made(i, O_RDWR);
	return 0;
}

static int control(unsigned long request, void *arg)
{
	struct mmapper_delete *delete = arg;
	struct mmapper_open *open = arg;
	int i;

	switch (request) {
	case MMAPPER_IOC_CREATE:
		return make(arg);
	case MMAPPER_IOC_OPEN:
		i = find_made(open->name);
		if (i < 0)
			return refuse(ENOENT);
		open->fd = open_made(i, (int)open->access);
		return 0;
	case MMAPPER_IOC_DELETE:
		i = find_made(delete->name);
		if (i < 0)
			return refuse(ENOENT);
		if (made[i].seals & MMAPPER_SEAL_DELETE)
			return refuse(EPERM);
		hide((size_t)i);
		return 0;
	}
	return refuse(ENOTTY);
}

static uint64_t size_of(int fd)
{
	struct stat st;

	if (rows[fd] < MADE)
		return fake_info.size;
	fstatat(fd, "", &st, AT_EMPTY_PATH);
	return (uint64_t)st.st_size;
}

static int ioctl_made(int fd, size_t i, unsigned long request, void *arg)
{
	struct mmapper_info *info = arg;
	struct mmapper_seal *seal = arg;

	switch (request) {
	case MMAPPER_IOC_INFO:
		*info = kmalloc;
		info->features |= MMAPPER_FEATURE_CONTROL;
		info->backend_flags |= MMAPPER_BACKEND_F_RESIZE;
		info->pattern = MMAPPER_PATTERN_ZERO;
		info->size = size_of(fd);
		info->map_size = (info->size + FAKE_PAGE - 1) &
				 -(uint64_t)FAKE_PAGE;
		info->seals = made[i].seals;
		info->block_order = 1;
		info->blocks = 2;
		strcpy(info->backend, "pages");
		strcpy(info->name, made[i].name);
		return 0;
	case MMAPPER_IOC_STATS:
		return 0;
	}
	if (made[i].revoked)
		return refuse(ESTALE);
	switch (request) {
	case MMAPPER_IOC_RESET:
		return 0;
	case MMAPPER_IOC_SEAL:
		made[i].seals |= seal->seals;
		seal->seals = made[i].seals;
		return 0;
	case MMAPPER_IOC_REVOKE:
		made[i].revoked = true;
		hide(i);
		return 0;
	}
	return refuse(ENOTTY);
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
	char abi[16];
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
	memset(made, 0, sizeof(made));
	fake_put("/sys/class/mmapper/control/dev", "240:0\n");
	fake_put("/sys/class/mmapper/control/used", "4096\n");
	fake_put("/sys/class/mmapper/control/count", "1\n");
	fake_put("/sys/module/mmapper/parameters/limit", "1048576\n");
	fake_put("/sys/module/mmapper/parameters/user_limit", "524288\n");
	fake_put("/sys/module/mmapper/parameters/user_buffers", "16\n");
	snprintf(abi, sizeof(abi), "%u\n", MMAPPER_ABI_VERSION);
	fake_put("/sys/class/mmapper/abi", abi);
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
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (made[i].memory)
			close(made[i].memory);
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

	if (strcmp(path, "mmapper/control") == 0) {
		fd = real_openat(AT_FDCWD, "/dev/null", flags);
		rows[fd] = CONTROL;
		return fd;
	}
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
	int ret;

	if (fails("fstat"))
		return failure.error ? -1 : 0;
	ret = fstatat(fd, "", st, AT_EMPTY_PATH);
	if (rows[fd] && rows[fd] < MADE)
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
	if (rows[fd] == CONTROL)
		return control(request, arg);
	if (rows[fd] >= MADE)
		return ioctl_made(fd, rows[fd] - MADE, request, arg);
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
static ssize_t within(int fd, size_t len, off_t offset)
{
	uint64_t size = size_of(fd);

	if (offset >= (off_t)size)
		return 0;
	if (len > size - (size_t)offset)
		return (ssize_t)(size - (size_t)offset);
	return (ssize_t)len;
}

ssize_t fake_pread(int fd, void *data, size_t len, off_t offset)
{
	if (fails("pread"))
		return failure.error ? -1 : 0;
	return real_pread(fd, data, (size_t)within(fd, len, offset), offset);
}

ssize_t fake_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	ssize_t room = within(fd, len, offset);

	if (fails("pwrite"))
		return failure.error ? -1 : 0;
	if (len && !room) {
		errno = ENOSPC;
		return -1;
	}
	return real_pwrite(fd, data, (size_t)room, offset);
}
