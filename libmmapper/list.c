// SPDX-License-Identifier: LGPL-2.1-or-later
/* A list of what a folder of sysfs holds. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

/* There may be thousands. */
static int make_room(struct mm_list *list)
{
	size_t room = list->room ? 2 * list->room : 16;
	void **items;

	if (list->count < list->room)
		return 0;
	items = reallocarray(list->items, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	list->room = room;
	return 0;
}

static int add(struct mm_list *list, const struct mm_kind *kind, int folder,
	       const char *name)
{
	void *item;
	int ret;

	ret = make_room(list);
	if (ret)
		return ret;
	item = calloc(1, kind->size);
	if (!item)
		return -ENOMEM;
	ret = kind->read(folder, name, item);
	if (ret <= 0) {
		free(item);
		return ret;
	}
	list->items[list->count++] = item;
	return 0;
}

static int add_all(struct mm_list *list, const struct mm_kind *kind, int folder,
		   DIR *entries)
{
	const struct dirent *entry;
	int ret;

	for (;;) {
		errno = 0;
		entry = readdir(entries);
		if (!entry)
			return -errno;
		if (entry->d_name[0] == '.')
			continue;
		ret = add(list, kind, folder, entry->d_name);
		if (ret)
			return ret;
	}
}

/* Takes the descriptor @folder.  After an error nothing is left in the list. */
int mm_list_read(struct mm_list *list, const struct mm_kind *kind, int folder)
{
	DIR *entries;
	int ret;

	entries = fdopendir(folder);
	if (!entries) {
		ret = -errno;
		close(folder);
		return ret;
	}
	ret = add_all(list, kind, folder, entries);
	closedir(entries);
	if (ret)
		mm_list_clear(list);
	else if (list->count)
		qsort(list->items, list->count, sizeof(*list->items),
		      kind->compare);
	return ret;
}

void mm_list_clear(struct mm_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct mm_list){ 0 };
}
