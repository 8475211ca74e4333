// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "table.h"

static const struct table_column columns[] = {
	{ "backend", TABLE_TEXT },
	{ "store", TABLE_TEXT },
	{ "mapper", TABLE_TEXT },
	{ "kind", TABLE_TEXT },
	{ "mmap", TABLE_TEXT },
	{ "private", TABLE_TEXT },
	{ "contiguous", TABLE_BOOL },
	{ "pattern", TABLE_TEXT },
	{ "size", TABLE_BYTES },
	{ "map_size", TABLE_BYTES },
	{ "max_size", TABLE_BYTES },
	{ "page_size", TABLE_BYTES },
	{ "driver_version", TABLE_TEXT },
	{ "abi_version", TABLE_NUMBER },
	{ "features", TABLE_TEXT },
	{ "opens", TABLE_NUMBER },
	{ "files", TABLE_NUMBER },
	{ "mmaps", TABLE_NUMBER },
	{ "vma_opens", TABLE_NUMBER },
	{ "vma_closes", TABLE_NUMBER },
	{ "mappings", TABLE_NUMBER },
	{ "mappings_total", TABLE_NUMBER },
	{ "faults", TABLE_NUMBER },
};

static const char *pattern_name(uint32_t pattern)
{
	switch (pattern) {
	case MMAPPER_PATTERN_DIGITS:
		return "digits";
	case MMAPPER_PATTERN_LETTERS:
		return "letters";
	}
	return "unknown";
}

static void add_info(struct table *table, const struct mmapper_info *info)
{
	uint64_t rest = info->features;
	char features[64];

	rest &= ~(uint64_t)(MMAPPER_FEATURE_RESET | MMAPPER_FEATURE_PHYS);
	snprintf(features, sizeof(features), "%s%s",
		 info->features & MMAPPER_FEATURE_RESET ? "reset " : "",
		 info->features & MMAPPER_FEATURE_PHYS ? "phys " : "");
	if (rest)
		snprintf(features, sizeof(features), "0x%llx ",
			 (unsigned long long)info->features);
	if (*features)
		features[strlen(features) - 1] = '\0';

	table_text(table, info->backend);
	table_text(table, info->store);
	table_text(table, info->mapper);
	table_text(table, cli_kind(info->backend_flags));
	table_text(table, cli_when(info->backend_flags));
	table_text(table, cli_private(info->backend_flags));
	table_number(table, info->backend_flags & MMAPPER_BACKEND_F_CONTIGUOUS);
	table_text(table, pattern_name(info->pattern));
	table_number(table, info->size);
	table_number(table, info->map_size);
	table_number(table, info->max_size);
	table_number(table, info->page_size);
	table_text(table, info->driver_version);
	table_number(table, info->abi_version);
	table_text(table, features);
}

static void add_stats(struct table *table, const struct mmapper_stats *stats)
{
	table_number(table, stats->opens);
	table_number(table, stats->files);
	table_number(table, stats->mmaps);
	table_number(table, stats->vma_opens);
	table_number(table, stats->vma_closes);
	table_number(table, stats->mappings);
	table_number(table, stats->mappings_total);
	table_number(table, stats->faults);
}

int cmd_info(const struct cli_args *args)
{
	struct mmapper_stats stats = { 0 };
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	struct table *table;
	int status, error;

	status = cli_open(args->names[0], O_RDONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffer_get_stats(buffer, &stats, sizeof(stats));
	mmapper_buffer_close(buffer);
	if (error < 0)
		return cli_fail(args->names[0], error);

	table = table_new("info", args->given & CLI_JSON, columns,
			  ARRAY_SIZE(columns));
	table_row(table);
	add_info(table, &info);
	add_stats(table, &stats);
	return table_print_record(table);
}
