// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "cli.h"
#include "table.h"

static const struct table_column backend_columns[] = {
	{ "name", TABLE_TEXT },
	{ "store", TABLE_TEXT },
	{ "mapper", TABLE_TEXT },
	{ "kind", TABLE_TEXT },
	{ "mmap", TABLE_TEXT },
	{ "private", TABLE_TEXT },
	{ "contiguous", TABLE_BOOL },
	{ "resize", TABLE_BOOL },
	{ "lazy", TABLE_BOOL },
	{ "per_open", TABLE_BOOL },
	{ "max_size", TABLE_BYTES },
	{ "description", TABLE_TEXT },
};

static void add_backend(struct table *table, const struct mmapper_node *node)
{
	table_row(table);
	table_text(table, node->backend);
	table_text(table, node->store);
	table_text(table, node->mapper);
	table_text(table, cli_kind(node->flags));
	table_text(table, cli_when(node->flags));
	table_text(table, cli_private(node->flags));
	table_number(table, node->flags & MMAPPER_BACKEND_F_CONTIGUOUS);
	table_number(table, node->flags & MMAPPER_BACKEND_F_RESIZE);
	table_number(table, node->flags & MMAPPER_BACKEND_F_LAZY);
	table_number(table, node->flags & MMAPPER_BACKEND_F_PER_OPEN);
	table_number(table, node->max_size);
	table_text(table, node->description);
}

static const struct table_column node_columns[] = {
	{ "node", TABLE_TEXT },
	{ "backend", TABLE_TEXT },
	{ "size", TABLE_BYTES },
	{ "files", TABLE_NUMBER },
	{ "opens", TABLE_NUMBER },
	{ "mappings", TABLE_NUMBER },
	{ "mappings_total", TABLE_NUMBER },
	{ "faults", TABLE_NUMBER },
};

static void add_node(struct table *table, const struct mmapper_node *node)
{
	table_row(table);
	table_text(table, node->path);
	table_text(table, node->backend);
	table_number(table, node->size);
	table_number(table, node->files);
	table_number(table, node->opens);
	table_number(table, node->mappings);
	table_number(table, node->mappings_total);
	table_number(table, node->faults);
}

int cmd_backends(const struct cli_args *args)
{
	struct mmapper_nodes *nodes;
	struct table *table;
	int status;
	size_t i;

	status = cli_nodes(&nodes);
	if (status != CLI_DONE)
		return status;
	table = table_new("backends", args->given & CLI_JSON, backend_columns,
			  ARRAY_SIZE(backend_columns));
	for (i = 0; i < mmapper_nodes_count(nodes); i++)
		if (cli_is_row(mmapper_nodes_get(nodes, i)))
			add_backend(table, mmapper_nodes_get(nodes, i));
	status = table_print(table);
	mmapper_nodes_free(nodes);
	return status;
}

static const struct table_column buffer_columns[] = {
	{ "buffer", TABLE_TEXT },
	{ "backend", TABLE_TEXT },
	{ "owner", TABLE_TEXT },
	{ "group", TABLE_TEXT },
	{ "mode", TABLE_TEXT },
	{ "size", TABLE_BYTES },
	{ "seals", TABLE_TEXT },
	{ "cache", TABLE_TEXT },
	{ "state", TABLE_TEXT },
	{ "files", TABLE_NUMBER },
	{ "mappings", TABLE_NUMBER },
	{ "faults", TABLE_NUMBER },
};

static void add_buffer(struct table *table,
		       const struct mmapper_buffer_entry *buffer)
{
	char text[64];

	table_row(table);
	table_text(table, buffer->name);
	table_text(table, buffer->backend);
	table_text(table, cli_user(buffer->owner, text));
	table_text(table, cli_group(buffer->group, text));
	snprintf(text, sizeof(text), "%04o", buffer->mode);
	table_text(table, text);
	table_number(table, buffer->size);
	table_text(table, cli_seals(buffer->seals, text));
	table_text(table, buffer->cache);
	table_text(table, buffer->state);
	table_number(table, buffer->files);
	table_number(table, buffer->mappings);
	table_number(table, buffer->faults);
}

static struct table *buffers_table(bool json,
				   const struct mmapper_buffers *buffers)
{
	struct table *table = table_new("buffers", json, buffer_columns,
					ARRAY_SIZE(buffer_columns));
	size_t i;

	for (i = 0; i < mmapper_buffers_count(buffers); i++)
		add_buffer(table, mmapper_buffers_get(buffers, i));
	return table;
}

static struct table *nodes_table(bool json, const struct mmapper_nodes *nodes)
{
	struct table *table = table_new("nodes", json, node_columns,
					ARRAY_SIZE(node_columns));
	size_t i;

	for (i = 0; i < mmapper_nodes_count(nodes); i++)
		add_node(table, mmapper_nodes_get(nodes, i));
	return table;
}

int cmd_list(const struct cli_args *args)
{
	bool json = args->given & CLI_JSON;
	struct mmapper_buffers *buffers;
	struct mmapper_nodes *nodes;
	int status, error;

	status = cli_nodes(&nodes);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffers_list(&buffers);
	if (error < 0) {
		mmapper_nodes_free(nodes);
		return cli_fail(NULL, error);
	}
	status = table_print_both(nodes_table(json, nodes),
				  buffers_table(json, buffers));
	mmapper_buffers_free(buffers);
	mmapper_nodes_free(nodes);
	return status;
}
