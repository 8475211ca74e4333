// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "cli.h"
#include "table.h"

static const size_t sizes[] = { 4u << 10, 64u << 10, 4u << 20, 256u << 20 };

#define GROWTH_SIZE	((size_t)4 << 20)

/* The largest that is measured; what a process could map is far more. */
#define MOST		((uint64_t)16 << 30)

static int create_backend(struct bench_memory *m)
{
	struct mmapper_buffer_params params = MMAPPER_BUFFER_PARAMS_INIT;
	int error;

	params.size = m->size;
	params.backend = m->target->name;
	error = mmapper_buffer_create(&params, sizeof(params), &m->buffer);
	if (!error)
		m->fd = mmapper_buffer_get_fd(m->buffer);
	return error;
}

/**
 * struct targets - what is to be measured
 * @list: in this order
 * @count: how many
 * @nodes: keeps the names of backends
 */
struct targets {
	struct bench_target	*list;
	size_t			count;
	struct mmapper_nodes	*nodes;
};

static void targets_free(struct targets *t)
{
	free(t->list);
	mmapper_nodes_free(t->nodes);
}

/* Memory of a device, and a buffer of each process's own, are others' to measure. */
static bool can_create(const struct mmapper_node *node)
{
	return cli_is_row(node) &&
	       !(node->flags & MMAPPER_BACKEND_F_PER_OPEN);
}

static int targets_all(struct targets *t)
{
	size_t i, count;
	int status;

	memset(t, 0, sizeof(*t));
	status = cli_nodes(&t->nodes);
	if (status != CLI_DONE)
		return status;
	count = mmapper_nodes_count(t->nodes);
	t->list = calloc(count + bench_peers_count, sizeof(*t->list));
	if (!t->list) {
		targets_free(t);
		return cli_complain("out of memory", NULL);
	}
	for (i = 0; i < count; i++) {
		const struct mmapper_node *node;

		node = mmapper_nodes_get(t->nodes, i);
		if (!can_create(node))
			continue;
		t->list[t->count++] = (struct bench_target){
			.name = node->backend,
			.create = create_backend, .readable = true,
		};
	}
	for (i = 0; i < bench_peers_count; i++)
		t->list[t->count++] = bench_peers[i];
	return CLI_DONE;
}

static bool named(const struct cli_args *args, const char *name)
{
	unsigned int i;

	for (i = 0; i < args->count; i++)
		if (strcmp(args->names[i], name) == 0)
			return true;
	return !args->count;
}

static int check_names(const struct cli_args *args, const struct targets *t)
{
	unsigned int i;
	size_t k;

	for (i = 0; i < args->count; i++) {
		for (k = 0; k < t->count; k++)
			if (strcmp(args->names[i], t->list[k].name) == 0)
				break;
		if (k < t->count)
			continue;
		fprintf(stderr, "mmapper-cli: bench: no target '%s'; there are",
			args->names[i]);
		for (k = 0; k < t->count; k++)
			fprintf(stderr, " %s", t->list[k].name);
		fputc('\n', stderr);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

/* For programs: totals.  The unit is that of "clock". */
static const struct table_column json_columns[] = {
	{ "target", TABLE_TEXT }, { "size", TABLE_NUMBER },
	{ "skipped", TABLE_TEXT }, { "create", TABLE_NUMBER },
	{ "cold_map", TABLE_NUMBER }, { "cold_touch", TABLE_NUMBER },
	{ "cold_faults", TABLE_NUMBER }, { "cold_tables", TABLE_NUMBER },
	{ "warm_map", TABLE_NUMBER }, { "warm_touch", TABLE_NUMBER },
	{ "warm_faults", TABLE_NUMBER }, { "warm_tables", TABLE_NUMBER },
	{ "warm_unmap", TABLE_NUMBER }, { "read_map", TABLE_NUMBER },
	{ "read_touch", TABLE_NUMBER }, { "read_faults", TABLE_NUMBER },
	{ "read_unmap", TABLE_NUMBER }, { "copy_map", TABLE_NUMBER },
	{ "copy_read", TABLE_NUMBER }, { "pin", TABLE_NUMBER },
	{ "raw", TABLE_NUMBER }, { "library", TABLE_NUMBER },
};

/* For people: for each page, but for faults and page tables. */
static const struct table_column columns[] = {
	{ "target", TABLE_TEXT }, { "size", TABLE_BYTES },
	{ "create", TABLE_TEXT }, { "map", TABLE_TEXT },
	{ "touch", TABLE_TEXT }, { "faults", TABLE_NUMBER },
	{ "again_map", TABLE_TEXT }, { "again_touch", TABLE_TEXT },
	{ "again_faults", TABLE_NUMBER }, { "page_tables", TABLE_BYTES },
	{ "unmap", TABLE_TEXT }, { "pin", TABLE_TEXT },
	{ "read", TABLE_TEXT },
};

static void per_page(struct table *table, uint64_t count, size_t size)
{
	uint64_t pages = size / (uint64_t)sysconf(_SC_PAGESIZE);
	char text[32];

	snprintf(text, sizeof(text), "%.1f", (double)count / (double)pages);
	table_text(table, text);
}

/* The library's words are about the driver. */
static const char *why(const struct bench_target *target, int error)
{
	return target->create == create_backend ? mmapper_strerror(error) :
		strerror(-error);
}

static void row_json(struct table *table, const struct bench_target *target,
		     size_t size, const struct bench_result *r)
{
	const uint64_t numbers[] = {
		r->create, r->cold.map, r->cold.touch, r->cold.faults,
		r->cold.tables, r->warm.map, r->warm.touch, r->warm.faults,
		r->warm.tables, r->warm.unmap, r->read.map, r->read.touch,
		r->read.faults, r->read.unmap, r->copy.map, r->copy.read,
		r->pin, r->raw, r->library,
	};
	size_t i;

	table_row(table);
	table_text(table, target->name);
	table_number(table, size);
	table_text(table, r->error ? why(target, r->error) : "");
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		table_number(table, numbers[i]);
}

static void row(struct table *table, const struct bench_target *target,
		size_t size, const struct bench_result *r)
{
	table_row(table);
	table_text(table, target->name);
	table_number(table, size);
	if (r->error) {
		table_text(table, why(target, r->error));
		return;
	}
	per_page(table, r->create, size);
	per_page(table, r->cold.map, size);
	per_page(table, r->cold.touch, size);
	table_number(table, r->cold.faults);
	if (!r->warm.done)
		return;
	per_page(table, r->warm.map, size);
	per_page(table, r->warm.touch, size);
	table_number(table, r->warm.faults);
	table_number(table, r->warm.tables);
	per_page(table, r->warm.unmap, size);
	if (r->pin)
		per_page(table, r->pin, size);
	else
		table_text(table, "");
	if (target->readable)
		per_page(table, r->copy.read, size);
}

static void measure_one(const struct bench_target *target, size_t size,
			struct bench_crowd crowd, struct bench_result *result)
{
	bool tell = isatty(STDERR_FILENO);

	if (tell)
		fprintf(stderr, "\r\033[K%s, %zu KiB", target->name, size >> 10);
	bench_measure(target, size, crowd, result);
	if (tell)
		fprintf(stderr, "\r\033[K");
}

static void add(const struct cli_args *args, struct table *table,
		const struct bench_target *target, size_t size)
{
	struct bench_result result;

	measure_one(target, size, BENCH_ALONE, &result);
	if (args->given & CLI_JSON)
		row_json(table, target, size, &result);
	else
		row(table, target, size, &result);
}

static void add_call(struct table *table, const char *name, uint64_t cost)
{
	table_row(table);
	table_text(table, name);
	table_number(table, cost);
}

static int measure(const struct cli_args *args, const struct targets *t)
{
	static const struct table_column call_columns[] = {
		{ "call", TABLE_TEXT }, { "cost", TABLE_NUMBER },
	};
	bool json = args->given & CLI_JSON;
	struct table *calls, *table;
	struct bench_calls cost;
	size_t i, k;
	int error;

	error = bench_measure_calls("/dev/mmapper/control", &cost);
	if (error)
		return cli_fail("/dev/mmapper/control", error);
	table = table_new("targets", json, json ? json_columns : columns,
			  json ? ARRAY_SIZE(json_columns) : ARRAY_SIZE(columns));
	for (i = 0; i < t->count; i++) {
		if (!named(args, t->list[i].name))
			continue;
		if (args->given & CLI_EACH_SIZE)
			add(args, table, &t->list[i], args->size);
		for (k = 0; !(args->given & CLI_EACH_SIZE) &&
		     k < ARRAY_SIZE(sizes); k++)
			add(args, table, &t->list[i], sizes[k]);
	}
	calls = table_new("calls", json, call_columns,
			  ARRAY_SIZE(call_columns));
	add_call(calls, "getppid", cost.getppid);
	add_call(calls, "ioctl", cost.ioctl);
	add_call(calls, "eventfd-ping-pong", cost.eventfd);
	return table_print_both(table, calls);
}

/* How what a mapping costs grows with what else there is. */
static const struct bench_crowd crowds[] = {
	{ 1, 1 }, { 10, 1 }, { 1000, 1 }, { 1, 8 }, { 1, 64 },
};

static int growth(const struct cli_args *args, const struct targets *t)
{
	static const struct table_column growth_columns[] = {
		{ "target", TABLE_TEXT }, { "size", TABLE_NUMBER },
		{ "buffers", TABLE_NUMBER }, { "mappings", TABLE_NUMBER },
		{ "skipped", TABLE_TEXT }, { "map", TABLE_NUMBER },
		{ "touch", TABLE_NUMBER }, { "unmap", TABLE_NUMBER },
	};
	size_t size = args->given & CLI_EACH_SIZE ? args->size : GROWTH_SIZE;
	struct bench_result r;
	struct table *table;
	size_t i, k;

	table = table_new("growth", args->given & CLI_JSON, growth_columns,
			  ARRAY_SIZE(growth_columns));
	for (i = 0; i < t->count; i++) {
		if (!named(args, t->list[i].name) || t->list[i].private_map)
			continue;
		for (k = 0; k < ARRAY_SIZE(crowds); k++) {
			measure_one(&t->list[i], size, crowds[k], &r);
			table_row(table);
			table_text(table, t->list[i].name);
			table_number(table, size);
			table_number(table, crowds[k].buffers);
			table_number(table, crowds[k].mappings);
			table_text(table, r.error ? why(&t->list[i], r.error) :
				   "");
			table_number(table, r.warm.map);
			table_number(table, r.warm.touch);
			table_number(table, r.warm.unmap);
		}
	}
	return table_print(table);
}

int cmd_bench(const struct cli_args *args)
{
	struct targets targets;
	int status;

	if (args->given & CLI_EACH_SIZE &&
	    (args->size > MOST ||
	     args->size % (uint64_t)sysconf(_SC_PAGESIZE)))
		return cli_usage(args, "--size: it is whole pages, up to 16 GiB");
	status = targets_all(&targets);
	if (status != CLI_DONE)
		return status;
	status = check_names(args, &targets);
	bench_set_clock(args->tsc ? BENCH_TSC : BENCH_TIME);
	if (status == CLI_DONE)
		status = args->given & CLI_GROWTH ? growth(args, &targets) :
			measure(args, &targets);
	targets_free(&targets);
	return status;
}
