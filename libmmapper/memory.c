// SPDX-License-Identifier: LGPL-2.1-or-later
/* How much the buffers made at run time have, may have, and could get now. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define BLOCK		(2ULL << 20)
#define TEXT_MAX	65536

static int read_parameter(const char *sysfs, const char *name, uint64_t *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/module/mmapper/parameters/%s", sysfs,
		 name);
	return mm_sysfs_read_number(AT_FDCWD, path, 10, UINT64_MAX, value);
}

static int read_control(const char *sysfs, struct mmapper_memory *memory)
{
	int class, ret;

	class = mm_sysfs_open_class(sysfs);
	if (class < 0)
		return class;
	ret = mm_sysfs_read_number(class, MM_CONTROL "/used", 10, UINT64_MAX,
				   &memory->used);
	if (!ret)
		ret = mm_sysfs_read_number(class, MM_CONTROL "/count", 10,
					   UINT64_MAX, &memory->count);
	close(class);
	if (!ret)
		ret = read_parameter(sysfs, "limit", &memory->limit);
	if (!ret)
		ret = read_parameter(sysfs, "user_limit", &memory->user_limit);
	if (!ret)
		ret = read_parameter(sysfs, "user_buffers",
				     &memory->user_buffers);
	return ret == -ENOENT ? -EPROTONOSUPPORT : ret;
}

static const char *after(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) ? NULL : line + len;
}

static void read_meminfo(char *text, struct mmapper_memory *memory)
{
	const struct {
		const char	*key;
		uint64_t	*value;
	} keys[] = {
		{ "MemTotal:", &memory->total },
		{ "MemFree:", &memory->free },
		{ "MemAvailable:", &memory->available },
	};
	const char *line, *value;
	size_t i;

	while ((line = strsep(&text, "\n"))) {
		for (i = 0; i < MM_ARRAY_SIZE(keys); i++) {
			value = after(line, keys[i].key);
			if (value)
				*keys[i].value = strtoull(value, NULL, 10) *
						 1024;
		}
	}
}

/* "Node 0, zone   Normal    5    3    0": free blocks, of 2^0 pages and so on. */
static void read_zone(const char *line, struct mmapper_memory *memory)
{
	const char *at = strstr(line, "zone");
	uint64_t bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned long long count;
	char *end;

	if (!at)
		return;
	at += strlen("zone");
	at += strspn(at, " ");
	at += strcspn(at, " ");
	for (;; bytes <<= 1, at = end) {
		count = strtoull(at, &end, 10);
		if (end == at)
			break;
		if (!count)
			continue;
		if (bytes > memory->largest)
			memory->largest = bytes;
		if (bytes >= BLOCK)
			memory->free_blocks += count * bytes;
	}
}

static void read_buddyinfo(char *text, struct mmapper_memory *memory)
{
	const char *line;

	while ((line = strsep(&text, "\n")))
		read_zone(line, memory);
}

static int read_proc(const char *proc, const char *file,
		     void (*read)(char *text, struct mmapper_memory *memory),
		     struct mmapper_memory *memory)
{
	char path[PATH_MAX];
	char *text;
	int ret;

	text = malloc(TEXT_MAX);
	if (!text)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/%s", proc, file);
	ret = mm_sysfs_read(AT_FDCWD, path, text, TEXT_MAX);
	if (!ret)
		read(text, memory);
	free(text);
	return ret;
}

/* What /proc does not tell everybody stays 0. */
int mm_memory_read(const char *sysfs, const char *proc,
		   struct mmapper_memory *memory)
{
	int ret;

	memset(memory, 0, sizeof(*memory));
	ret = read_control(sysfs, memory);
	if (!ret)
		ret = read_proc(proc, "meminfo", read_meminfo, memory);
	if (!ret && read_proc(proc, "buddyinfo", read_buddyinfo, memory) ==
	    -ENOMEM)
		ret = -ENOMEM;
	if (ret)
		return ret;
	if (!memory->limit)
		memory->limit = memory->total / 2;
	if (!memory->user_limit)
		memory->user_limit = memory->total / 4;
	return 0;
}

int mmapper_memory_get(struct mmapper_memory *memory, size_t len)
{
	struct mmapper_memory now;
	int ret;

	MM_KEEP_ERRNO;

	if (!memory || len < MM_MEMORY_SIZE_VER0)
		return -EINVAL;
	ret = mm_driver_missing(mm_memory_read(MM_SYSFS, MM_PROC, &now),
				MM_MODULES);
	if (ret)
		return ret;
	memset(memory, 0, len);
	memcpy(memory, &now, len < sizeof(now) ? len : sizeof(now));
	return 0;
}
