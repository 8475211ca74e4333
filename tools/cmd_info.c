// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

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
	{ "name", TABLE_TEXT },
	{ "state", TABLE_TEXT },
	{ "owner", TABLE_TEXT },
	{ "group", TABLE_TEXT },
	{ "mode", TABLE_TEXT },
	{ "cache", TABLE_TEXT },
	{ "seals", TABLE_TEXT },
	{ "block_size", TABLE_BYTES },
	{ "blocks", TABLE_NUMBER },
};

static const char *pattern_name(uint32_t pattern)
{
	switch (pattern) {
	case MMAPPER_PATTERN_DIGITS:
		return "digits";
	case MMAPPER_PATTERN_LETTERS:
		return "letters";
	case MMAPPER_PATTERN_ZERO:
		return "zero";
	}
	return "unknown";
}

static const char *features(uint64_t given, char text[64])
{
	static const struct {
		uint64_t	feature;
		const char	*word;
	} known[] = {
		{ MMAPPER_FEATURE_RESET, "reset" },
		{ MMAPPER_FEATURE_PHYS, "phys" },
		{ MMAPPER_FEATURE_CONTROL, "control" },
		{ MMAPPER_FEATURE_USER, "user" },
		{ MMAPPER_FEATURE_COUNTERS, "counters" },
	};
	uint64_t rest = given;
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		rest &= ~known[i].feature;
		if (given & known[i].feature)
			used += (size_t)sprintf(text + used, "%s%s",
						used ? " " : "",
						known[i].word);
	}
	if (rest)
		snprintf(text, 64, "0x%llx", (unsigned long long)given);
	return text;
}

static void add_info(struct table *table, const struct mmapper_info *info)
{
	char text[64];

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
	table_text(table, features(info->features, text));
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

/* A driver that cannot make buffers at run time has nothing but nodes. */
static const char *state(const struct mmapper_info *info)
{
	if (info->buffer_flags & MMAPPER_BUFFER_F_NODE ||
	    !(info->features & MMAPPER_FEATURE_CONTROL))
		return "node";
	return info->buffer_flags & MMAPPER_BUFFER_F_EPHEMERAL ? "ephemeral" :
								 "persistent";
}

static void add_buffer(struct table *table, const struct mmapper_info *info,
		       const struct stat *st)
{
	char text[64];

	table_text(table, info->name);
	table_text(table, state(info));
	table_text(table, cli_user(st->st_uid, text));
	table_text(table, cli_group(st->st_gid, text));
	snprintf(text, sizeof(text), "%04o", st->st_mode & 0777);
	table_text(table, text);
	table_text(table, cli_cache(info->cache));
	table_text(table, cli_seals(info->seals, text));
	table_number(table, info->blocks ? (uint64_t)info->page_size <<
		     info->block_order % 32 : 0);
	table_number(table, info->blocks);
}

static int info_of(const struct cli_args *args)
{
	struct mmapper_stats stats = { 0 };
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	struct stat st = { 0 };
	struct table *table;
	int status, error;

	status = cli_open(args, O_RDONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffer_get_stats(buffer, &stats, sizeof(stats));
	if (!error && fstat(mmapper_buffer_get_fd(buffer), &st) < 0)
		error = -errno;
	mmapper_buffer_close(buffer);
	if (error < 0)
		return cli_fail_buffer(args, args->names[0], error);

	table = table_new("info", args->given & CLI_JSON, columns,
			  ARRAY_SIZE(columns));
	table_row(table);
	add_info(table, &info);
	add_stats(table, &stats);
	add_buffer(table, &info, &st);
	return table_print_record(table);
}

static const struct table_column memory_columns[] = {
	{ "buffers", TABLE_NUMBER },
	{ "used", TABLE_BYTES },
	{ "limit", TABLE_BYTES },
	{ "user_limit", TABLE_BYTES },
	{ "user_buffers", TABLE_NUMBER },
	{ "total", TABLE_BYTES },
	{ "free", TABLE_BYTES },
	{ "available", TABLE_BYTES },
	{ "free_in_blocks", TABLE_BYTES },
	{ "largest_block", TABLE_BYTES },
};

static int info_memory(const struct cli_args *args)
{
	struct mmapper_memory memory;
	struct table *table;
	int error;

	if (args->count)
		return cli_usage(args, "NAME or --memory, not both");
	error = mmapper_memory_get(&memory, sizeof(memory));
	if (error < 0)
		return cli_fail(NULL, error);
	table = table_new("memory", args->given & CLI_JSON, memory_columns,
			  ARRAY_SIZE(memory_columns));
	table_row(table);
	table_number(table, memory.count);
	table_number(table, memory.used);
	table_number(table, memory.limit);
	table_number(table, memory.user_limit);
	table_number(table, memory.user_buffers);
	table_number(table, memory.total);
	table_number(table, memory.free);
	table_number(table, memory.available);
	table_number(table, memory.free_blocks);
	table_number(table, memory.largest);
	return table_print_record(table);
}

int cmd_info(const struct cli_args *args)
{
	if (args->given & CLI_MEMORY)
		return info_memory(args);
	return args->count ? info_of(args) :
	       cli_usage(args, "NAME is missing; usage: mmapper-cli info NAME|--memory [OPTION...]");
}
