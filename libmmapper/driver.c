// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int mm_driver_read_version(const char *sysfs, char *buf, size_t len)
{
	char path[PATH_MAX];
	char text[256];
	int ret;

	snprintf(path, sizeof(path), "%s/module/mmapper/version", sysfs);
	ret = mm_sysfs_read(AT_FDCWD, path, text, sizeof(text));
	if (ret)
		return ret == -ENOENT ? -ENODEV : ret;
	if (!*text)
		return -EPROTO;
	if (strlen(text) >= len)
		return -ENOSPC;
	strcpy(buf, text);
	return 0;
}

int mm_driver_read_abi(const char *sysfs)
{
	uint64_t version;
	char text[32];
	int dir, ret;

	dir = mm_sysfs_open_class(sysfs);
	if (dir < 0)
		return dir;
	ret = mm_sysfs_read(dir, "abi", text, sizeof(text));
	close(dir);
	if (ret)
		return ret == -ENOENT ? -EPROTO : ret;
	ret = mm_sysfs_parse(text, 10, INT_MAX, &version);
	if (ret)
		return ret;
	return version ? (int)version : -EPROTO;
}

static int diagnose_node(int class, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct mm_uevent uevent;
	int dir, ret;

	dir = mm_open(class, slash ? slash + 1 : path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return -ENOENT;
	ret = mm_sysfs_read_uevent(dir, &uevent);
	close(dir);
	/* A node of this name might belong elsewhere in /dev. */
	return ret || strcmp(uevent.path, path) ? -ENOENT : -ENXIO;
}

/* Why is there nothing at the path of a node?  Never returns 0. */
int mm_driver_diagnose(const char *sysfs, const char *path)
{
	int class, ret;

	class = mm_sysfs_open_class(sysfs);
	if (class < 0)
		return class;
	ret = diagnose_node(class, path);
	close(class);
	return ret;
}

int mmapper_driver_get_version(char *buf, size_t len)
{
	MM_KEEP_ERRNO;

	if (!buf)
		return -EINVAL;
	return mm_driver_read_version(MM_SYSFS, buf, len);
}

int mmapper_driver_get_abi(void)
{
	MM_KEEP_ERRNO;

	return mm_driver_read_abi(MM_SYSFS);
}
