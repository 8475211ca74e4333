// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of the buffers made at run time that have a name. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

struct mmapper_buffers {
	struct mm_list	list;	/* of struct mm_entry */
};

static int read_entry(int folder, const char *name, void *entry)
{
	return mm_entry_read(folder, name, entry);
}

static int compare(const void *left, const void *right)
{
	return strcmp((*(struct mm_entry *const *)left)->name,
		      (*(struct mm_entry *const *)right)->name);
}

static const struct mm_kind kind = {
	.size = sizeof(struct mm_entry), .read = read_entry, .compare = compare,
};

/* -ENOENT: the driver makes no buffers at run time. */
static int open_folder(const char *sysfs)
{
	int class, folder;

	class = mm_sysfs_open_class(sysfs);
	if (class < 0)
		return class;
	folder = mm_open(class, MM_CONTROL "/buffers",
			 O_RDONLY | O_DIRECTORY);
	close(class);
	return folder;
}

int mm_buffers_read(const char *sysfs, struct mmapper_buffers **buffers)
{
	struct mmapper_buffers *new;
	int ret;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = open_folder(sysfs);
	if (ret >= 0)
		ret = mm_list_read(&new->list, &kind, ret);
	else if (ret == -ENOENT)
		ret = 0;
	if (ret) {
		free(new);
		return ret;
	}
	*buffers = new;
	return 0;
}

int mmapper_buffers_list(struct mmapper_buffers **buffers)
{
	MM_KEEP_ERRNO;

	if (!buffers)
		return -EINVAL;
	return mm_driver_missing(mm_buffers_read(MM_SYSFS, buffers),
				 MM_MODULES);
}

size_t mmapper_buffers_count(const struct mmapper_buffers *buffers)
{
	return buffers ? buffers->list.count : 0;
}

const struct mmapper_buffer_entry *
mmapper_buffers_get(const struct mmapper_buffers *buffers, size_t index)
{
	const struct mm_entry *entry;

	if (index >= mmapper_buffers_count(buffers))
		return NULL;
	entry = buffers->list.items[index];
	return &entry->entry;
}

void mmapper_buffers_free(struct mmapper_buffers *buffers)
{
	if (!buffers)
		return;
	mm_list_clear(&buffers->list);
	free(buffers);
}
