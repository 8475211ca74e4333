// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* An attribute file, and the field of struct mmapper_node that it fills. */
struct mm_attribute {
	const char	*file;
	size_t		offset;
};

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

static void *field(struct mmapper_node *node,
		   const struct mm_attribute *attribute)
{
	return (char *)node + attribute->offset;
}

static int read_number(int dir, const char *file, int base, uint64_t max,
		       uint64_t *value)
{
	char text[32];
	int ret;

	ret = mm_sysfs_read(dir, file, text, sizeof(text));
	return ret ? ret : mm_sysfs_parse(text, base, max, value);
}

static int read_words(int dir, struct mm_node *entry)
{
	const char **word;
	int i, ret = 0;

	for (i = 0; i < MM_WORDS && !ret; i++) {
		word = field(&entry->node, &words[i]);
		*word = entry->words[i];
		ret = mm_sysfs_read(dir, words[i].file, entry->words[i],
				    MM_WORD_MAX);
	}
	return ret;
}

static int read_numbers(int dir, struct mmapper_node *node)
{
	uint64_t flags;
	size_t i;
	int ret;

	ret = read_number(dir, "flags", 16, UINT32_MAX, &flags);
	if (ret)
		return ret;
	node->flags = (uint32_t)flags;
	for (i = 0; i < MM_ARRAY_SIZE(numbers) && !ret; i++)
		ret = read_number(dir, numbers[i].file, 10, UINT64_MAX,
				  field(node, &numbers[i]));
	return ret;
}

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
	ret = read_words(dir, entry);
	return ret ? ret : read_numbers(dir, node);
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
