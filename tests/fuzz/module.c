// SPDX-License-Identifier: GPL-2.0-or-later
/* The module: loaded with one size after another, its counters read. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define LIMIT	(24u << 20)	/* bytes of all buffers made at run time */

const char *module_path;

static int fds[ROWS] = { -1, -1, -1, -1 };
static uint32_t loaded;
static struct kcov kcov;

static void close_all(void)
{
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/**
 * module_unload() - take it out: nothing may hold it any more
 *
 * Return: false: it is in use, and team->failure is set.
 */
bool module_unload(void)
{
	bool ours = loaded && module_path;

	close_all();
	loaded = 0;
	if (!ours)
		return true;
	/* Who died has left names, which hold the module. */
	module_clean();
	kcov_begin(&kcov);
	if (syscall(SYS_delete_module, "mmapper", O_NONBLOCK) < 0) {
		fail(NULL, "unload", "everything is closed, and yet: %m");
		return false;
	}
	kcov_collect(&kcov);
	kmsg_check();
	return true;
}

static bool load(uint32_t size)
{
	char params[128];
	long ret;
	int fd;

	fd = open(module_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fail(NULL, "load", "%s: %m", module_path);
		return false;
	}
	/* What one user may have takes a capability to go beyond. */
	snprintf(params, sizeof(params),
		 "size=%u limit=%u user_limit=%u user_buffers=4", size,
		 LIMIT, LIMIT / 2);
	kcov_begin(&kcov);
	ret = syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	if (ret < 0) {
		fail(NULL, "load", "%s: %m", params);
		return false;
	}
	kcov_sections();
	kcov_collect(&kcov);
	return true;
}

static bool learn(unsigned int row)
{
	struct mmapper_info info = { 0 };
	uint32_t i;

	/* The first file of a node makes its buffer. */
	kcov_begin(&kcov);
	fds[row] = open(node_paths[row], O_RDWR | O_CLOEXEC);
	kcov_collect(&kcov);
	if (fds[row] < 0 || ioctl(fds[row], MMAPPER_IOC_INFO, &info) < 0) {
		fail(NULL, "open", "%s: %m", node_paths[row]);
		return false;
	}
	if (info.size > BUF_PAGES * PAGE || info.page_size != PAGE) {
		fail(NULL, "open", "%s: a buffer of %llu bytes",
		     node_paths[row], (unsigned long long)info.size);
		return false;
	}
	team->size = (uint32_t)info.size;
	team->pages = (uint32_t)SPLIT(info.size);
	for (i = 0; i < team->pages; i++) {
		struct mmapper_phys phys = { .where = (uint64_t)i * PAGE };

		if (ioctl(fds[row], MMAPPER_IOC_LOOKUP, &phys) < 0)
			fail(NULL, "lookup", "%s: %m", node_paths[row]);
		team->shadows[row].phys[i] = phys.phys;
	}
	return true;
}

/**
 * module_size() - have it loaded with this size
 * @size: bytes of each buffer
 *
 * Without --module, what is loaded stays.
 *
 * Return: false: team->failure is set.
 */
bool module_size(uint32_t size)
{
	unsigned int i;

	if (loaded && (loaded == size || !module_path))
		return true;
	if (!kcov.area && !kcov.fd)
		kcov_open(&kcov);
	if (!module_unload() || (module_path && !load(size)))
		return false;
	if (!module_path)
		kcov_sections();
	for (i = 0; i < ROWS; i++)
		if (!learn(i))
			return false;
	loaded = size;
	return true;
}

/**
 * module_stats() - the counters of all rows
 * @stats: ROWS of them
 *
 * Return: false: team->failure is set.
 */
bool module_stats(struct mmapper_stats *stats)
{
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		stats[i] = (struct mmapper_stats){ 0 };
		if (ioctl(fds[i], MMAPPER_IOC_STATS, &stats[i]) < 0) {
			fail(NULL, "stats", "%s: %m", node_paths[i]);
			return false;
		}
	}
	return true;
}

/* A name may be sealed; then what it leads to is revoked, and that frees it. */
static void delete_name(int control, const char *name)
{
	struct mmapper_delete delete = { 0 };
	struct mmapper_open open = { .access = 2 };	/* O_RDWR */
	struct mmapper_revoke revoke = { 0 };

	memcpy(delete.name, name, sizeof(delete.name));
	memcpy(open.name, name, sizeof(open.name));
	if (!ioctl(control, MMAPPER_IOC_DELETE, &delete) || errno == ENOENT)
		return;
	if (ioctl(control, MMAPPER_IOC_OPEN, &open) < 0) {
		fail(NULL, "delete", "%s: it cannot be opened: %m", name);
		return;
	}
	if (ioctl(open.fd, MMAPPER_IOC_REVOKE, &revoke) < 0)
		fail(NULL, "delete", "%s: it cannot be revoked: %m", name);
	close(open.fd);
}

static void check_zero(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned long long value;

	if (!file || fscanf(file, "%llu", &value) != 1)
		fail(NULL, "buffers left", "%s: it cannot be read", path);
	else if (value)
		fail(NULL, "buffers left", "%s: %llu", path, value);
	if (file)
		fclose(file);
}

/** module_clean() - delete every name; then there must be no buffer any more */
void module_clean(void)
{
	int control = open(CONTROL, O_RDWR | O_CLOEXEC);
	unsigned int i;

	if (control < 0) {
		fail(NULL, "control", "it cannot be opened: %m");
		return;
	}
	for (i = 0; i < GOOD_NAMES; i++)
		delete_name(control, buffer_names[i]);
	close(control);
	check_zero(CONTROL_SYSFS "count");
	check_zero(CONTROL_SYSFS "used");
}
