// SPDX-License-Identifier: LGPL-2.1-or-later
/* What sysfs says of one buffer made at run time. */
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define FIELD(name)	{ #name, offsetof(struct mmapper_buffer_entry, name) }

static const struct mm_attribute words[MM_ENTRY_WORDS] = {
	FIELD(backend),
	FIELD(store),
	FIELD(mapper),
	FIELD(description),
	FIELD(cache),
	FIELD(state),
};

static const struct mm_attribute numbers[] = {
	FIELD(size),
	FIELD(max_size),
	FIELD(files),
	FIELD(opens),
	FIELD(mappings),
	FIELD(mappings_total),
	FIELD(faults),
};

static int read_all(int dir, struct mm_entry *entry)
{
	struct mmapper_buffer_entry *buffer = &entry->entry;
	int ret;

	ret = mm_sysfs_read_words(dir, words, MM_ENTRY_WORDS, buffer,
				  entry->words);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "flags", 16, &buffer->flags);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "seals", 16, &buffer->seals);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "mode", 8, &buffer->mode);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "owner", 10, &buffer->owner);
	if (!ret)
		ret = mm_sysfs_read_u32(dir, "group", 10, &buffer->group);
	if (!ret)
		ret = mm_sysfs_read_numbers(dir, numbers,
					    MM_ARRAY_SIZE(numbers), buffer);
	return ret;
}

/*
 * Returns 1 where there is a buffer, 0 where there is none: its files come and
 * go one by one, so that one that lacks any is coming or going.
 */
int mm_entry_read(int folder, const char *name, struct mm_entry *entry)
{
	int dir, ret;

	if (strlen(name) >= sizeof(entry->name))
		return -EPROTO;
	strcpy(entry->name, name);
	entry->entry.name = entry->name;
	dir = mm_open(folder, name, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return dir == -ENOENT || dir == -ENOTDIR ? 0 : dir;
	ret = read_all(dir, entry);
	close(dir);
	if (ret == -ENOENT || ret == -ENODEV)
		return 0;
	return ret ? ret : 1;
}
