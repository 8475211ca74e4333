// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>
#include <unistd.h>

#include "internal.h"

static const struct mm_attribute words[MM_WORDS] = {
	{ "backend", offsetof(struct mmapper_node, backend) },
	{ "store", offsetof(struct mmapper_node, store) },
	{ "mapper", offsetof(struct mmapper_node, mapper) },
	{ "description", offsetof(struct mmapper_node, description) },
};

static const struct mm_attribute numbers[] = {
	{ "size", offsetof(struct mmapper_node, size) },
	{ "max_size", offsetof(struct mmapper_node, max_size) },
	{ "files", offsetof(struct mmapper_node, files) },
	{ "opens", offsetof(struct mmapper_node, opens) },
	{ "mappings", offsetof(struct mmapper_node, mappings) },
	{ "mappings_total", offsetof(struct mmapper_node, mappings_total) },
	{ "faults", offsetof(struct mmapper_node, faults) },
};

static int read_all(int dir, struct mm_node *entry)
{
	struct mmapper_node *node = &entry->node;
	int ret;

	ret = mm_sysfs_read_uevent(dir, &entry->uevent);
	if (ret)
		return ret;
	node->path = entry->uevent.path;
	node->name = node->path + strlen(MM_DEV);
	node->major = entry->uevent.major;
	node->minor = entry->uevent.minor;
	ret = mm_sysfs_read_words(dir, words, MM_WORDS, node, entry->words);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "flags", 16, &node->flags);
	if (!ret)
		ret = mm_sysfs_read_numbers(dir, numbers,
					    MM_ARRAY_SIZE(numbers), node);
	return ret;
}

/*
 * The kernel makes a device's attribute "dev" after all others and takes it
 * away before them.  Without it a node is coming or going.
 */
static int is_whole(int dir)
{
	return !faccessat(dir, "dev", F_OK, 0);
}

static int read_whole(int dir, struct mm_node *entry)
{
	int ret;

	if (!is_whole(dir))
		return 0;
	ret = read_all(dir, entry);
	if (!ret)
		return 1;
	if (!is_whole(dir))
		return 0;
	return ret == -ENOENT ? -EPROTO : ret;
}

/* Returns 1 where there is a node, 0 where there is none. */
int mm_node_read(int class, const char *name, struct mm_node *entry)
{
	int dir, ret;

	dir = mm_open(class, name, O_RDONLY | O_DIRECTORY);
	if (dir == -ENOTDIR || dir == -ENOENT)
		return 0;
	if (dir < 0)
		return dir;
	ret = read_whole(dir, entry);
	close(dir);
	return ret;
}
