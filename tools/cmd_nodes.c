// SPDX-License-Identifier: GPL-2.0-or-later
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

int cmd_list(const struct cli_args *args)
{
	struct mmapper_nodes *nodes;
	struct table *table;
	int status;
	size_t i;

	status = cli_nodes(&nodes);
	if (status != CLI_DONE)
		return status;
	table = table_new("nodes", args->given & CLI_JSON, node_columns,
			  ARRAY_SIZE(node_columns));
	for (i = 0; i < mmapper_nodes_count(nodes); i++)
		add_node(table, mmapper_nodes_get(nodes, i));
	status = table_print(table);
	mmapper_nodes_free(nodes);
	return status;
}
