// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: openat read close faccessat */
/*
 * What the library reads of /sys and of the index of modules.  The first letter
 * of the input says how many bytes a read() gives at most; each piece behind it
 * is a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "internal.h"

#define FIRST_FD	1000
#define DIRECTORY	999

static const char *const names[] = {
	"uevent", "backend", "store", "mapper", "description", "flags", "size",
	"max_size", "files", "opens", "mappings", "mappings_total", "faults",
	"abi", "version", "modules.dep", "dev",
};

#define FILES	MM_ARRAY_SIZE(names)

static struct piece files[FILES];
static size_t offsets[FILES], step;
static bool has[FILES], interrupted;
static int held;

/* Out of an input, these calls are libFuzzer's own. */
static bool within;

int __wrap_openat(int dir, const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
ssize_t __real_read(int fd, void *to, size_t len);
int __real_close(int fd);
ssize_t __wrap_read(int fd, void *to, size_t len);
int __wrap_close(int fd);
int __wrap_faccessat(int dir, const char *path, int mode, int flags);

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	const char *base = strrchr(path, '/');
	size_t i;

	if (!within)
		return __real_openat(dir, path, flags);
	always(flags & O_CLOEXEC);
	always(dir == AT_FDCWD || dir == DIRECTORY);
	base = base ? base + 1 : path;
	if (flags & O_DIRECTORY) {
		held++;
		return DIRECTORY;
	}
	for (i = 0; i < FILES; i++) {
		if (strcmp(base, names[i]) != 0 || !has[i])
			continue;
		offsets[i] = 0;
		held++;
		return FIRST_FD + (int)i;
	}
	errno = ENOENT;
	return -1;
}

/* Every second call is interrupted. */
ssize_t __wrap_read(int fd, void *to, size_t len)
{
	size_t i = (size_t)(fd - FIRST_FD);

	if (!within)
		return __real_read(fd, to, len);
	always(fd >= FIRST_FD && i < FILES && len);
	interrupted = !interrupted;
	if (interrupted) {
		errno = EINTR;
		return -1;
	}
	if (len > step)
		len = step;
	if (len > files[i].len - offsets[i])
		len = files[i].len - offsets[i];
	memcpy(to, files[i].text + offsets[i], len);
	offsets[i] += len;
	return (ssize_t)len;
}

int __wrap_close(int fd)
{
	if (!within)
		return __real_close(fd);
	always(fd >= DIRECTORY && held-- > 0);
	return 0;
}

int __wrap_faccessat(int dir, const char *path, int mode, int flags)
{
	always(dir == DIRECTORY && !strcmp(path, "dev") && !mode && !flags);
	return has[FILES - 1] ? 0 : -1;
}

static void check_node(void)
{
	struct mm_node entry = { 0 };
	size_t i;
	int ret;

	ret = mm_node_read(DIRECTORY, "x", &entry);
	always(ret == 0 || ret == 1 || ret == -EPROTO);
	if (ret != 1)
		return;
	always(memchr(entry.uevent.path, 0, sizeof(entry.uevent.path)));
	always(!strncmp(entry.node.path, "/dev/", 5) && entry.node.path[5]);
	always(entry.node.name == entry.node.path + 5 && entry.node.major);
	for (i = 0; i < MM_WORDS; i++)
		always(memchr(entry.words[i], 0, MM_WORD_MAX));
}

static void check_driver(void)
{
	char text[16];
	int ret;

	memset(text, 'x', sizeof(text));
	ret = mm_driver_read_version("/sys", text, sizeof(text));
	always(ret == 0 || ret == -ENODEV || ret == -EPROTO || ret == -ENOSPC);
	always(ret ? text[0] == 'x' : *text && memchr(text, 0, sizeof(text)));
	ret = mm_driver_read_abi("/sys");
	always(ret > 0 || ret == -EPROTO);
	ret = mm_driver_diagnose("/sys", "/dev/mmapper/x");
	always(ret == -ENOENT || ret == -ENXIO);
}

/* The name, where a path or a line begins. */
static bool names_module(const struct piece *index)
{
	static const char name[] = "mmapper.ko";
	const char *at = index->text, *end = index->text + index->len;

	for (; (at = memmem(at, (size_t)(end - at), name, sizeof(name) - 1));
	     at++)
		if (at == index->text || at[-1] == '/' || at[-1] == ' ' ||
		    at[-1] == '\n')
			return true;
	return false;
}

static void check_index(void)
{
	const size_t index = FILES - 2;
	int ret = mm_driver_missing(-ENODEV, "/lib/modules");

	always(ret == (has[index] && names_module(&files[index]) ? -ENODEV :
								   -ENOPKG));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	struct piece first = input_next(&in, '|');
	size_t i;

	/* a: 1 byte, b: 2, and so on. */
	step = first.len ? 1UL << ((unsigned char)(*first.text - 'a') % 14) :
			   4096;
	free(first.text);
	for (i = 0; i < FILES; i++) {
		has[i] = in.left;
		files[i] = input_next(&in, '|');
	}
	held = 0;
	within = true;
	check_node();
	check_driver();
	check_index();
	within = false;
	always(held == 0);
	for (i = 0; i < FILES; i++)
		free(files[i].text);
	return 0;
}
