// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

struct mmapper_nodes {
	size_t		count;
	struct mm_node	**list;
};

static int add_entry(int class, const char *name, struct mmapper_nodes *nodes)
{
	struct mm_node **list, *entry;
	int ret;

	list = reallocarray(nodes->list, nodes->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	nodes->list = list;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	ret = mm_node_read(class, name, entry);
	if (ret <= 0) {
		free(entry);
		return ret;
	}
	nodes->list[nodes->count++] = entry;
	return 0;
}

static int add_all(int class, DIR *entries, struct mmapper_nodes *nodes)
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
		ret = add_entry(class, entry->d_name, nodes);
		if (ret)
			return ret;
	}
}

static int compare(const void *left, const void *right)
{
	uint32_t a = (*(struct mm_node *const *)left)->node.minor;
	uint32_t b = (*(struct mm_node *const *)right)->node.minor;

	return (a > b) - (a < b);
}

static int fill(const char *sysfs, struct mmapper_nodes *nodes)
{
	DIR *entries;
	int class, ret;

	class = mm_sysfs_open_class(sysfs);
	if (class < 0)
		return class;
	entries = fdopendir(class);
	if (!entries) {
		ret = -errno;
		close(class);
		return ret;
	}
	ret = add_all(class, entries, nodes);
	closedir(entries);
	if (!ret && nodes->count)
		qsort(nodes->list, nodes->count, sizeof(*nodes->list),
		      compare);
	return ret;
}

int mm_nodes_read(const char *sysfs, struct mmapper_nodes **nodes)
{
	struct mmapper_nodes *new;
	int ret;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = fill(sysfs, new);
	if (ret) {
		mmapper_nodes_free(new);
		return ret;
	}
	*nodes = new;
	return 0;
}

int mmapper_nodes_list(struct mmapper_nodes **nodes)
{
	MM_KEEP_ERRNO;

	if (!nodes)
		return -EINVAL;
	return mm_driver_missing(mm_nodes_read(MM_SYSFS, nodes), MM_MODULES);
}

size_t mmapper_nodes_count(const struct mmapper_nodes *nodes)
{
	return nodes ? nodes->count : 0;
}

const struct mmapper_node *mmapper_nodes_get(const struct mmapper_nodes *nodes,
					     size_t index)
{
	if (index >= mmapper_nodes_count(nodes))
		return NULL;
	return &nodes->list[index]->node;
}

void mmapper_nodes_free(struct mmapper_nodes *nodes)
{
	size_t i;

	if (!nodes)
		return;
	for (i = 0; i < nodes->count; i++)
		free(nodes->list[i]);
	free(nodes->list);
	free(nodes);
}
