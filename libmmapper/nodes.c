// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of the nodes. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct mmapper_nodes {
	struct mm_list	list;	/* of struct mm_node */
};

static int read_node(int class, const char *name, void *node)
{
	/* A node of no backend: it makes buffers. */
	if (!strcmp(name, MM_CONTROL))
		return 0;
	return mm_node_read(class, name, node);
}

static int compare(const void *left, const void *right)
{
	uint32_t a = (*(struct mm_node *const *)left)->node.minor;
	uint32_t b = (*(struct mm_node *const *)right)->node.minor;

	return (a > b) - (a < b);
}

static const struct mm_kind kind = {
	.size = sizeof(struct mm_node), .read = read_node, .compare = compare,
};

int mm_nodes_read(const char *sysfs, struct mmapper_nodes **nodes)
{
	struct mmapper_nodes *new;
	int ret;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = mm_sysfs_open_class(sysfs);
	if (ret >= 0)
		ret = mm_list_read(&new->list, &kind, ret);
	if (ret) {
		free(new);
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
	return nodes ? nodes->list.count : 0;
}

const struct mmapper_node *mmapper_nodes_get(const struct mmapper_nodes *nodes,
					     size_t index)
{
	const struct mm_node *node;

	if (index >= mmapper_nodes_count(nodes))
		return NULL;
	node = nodes->list.items[index];
	return &node->node;
}

void mmapper_nodes_free(struct mmapper_nodes *nodes)
{
	if (!nodes)
		return;
	mm_list_clear(&nodes->list);
	free(nodes);
}
