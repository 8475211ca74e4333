// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "table.h"

static const struct table_column columns[] = {
	{ "name", TABLE_TEXT },
	{ "sum", TABLE_NUMBER },
	{ "size", TABLE_NUMBER },
};

static void see(const unsigned char *bytes, size_t count, void *to)
{
	uint64_t *sum = to;
	size_t i;

	for (i = 0; i < count; i++)
		*sum += bytes[i];
}

int cmd_sum(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	struct table *table;
	uint64_t sum = 0;
	int status;

	status = cli_open(args, O_RDONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	status = cli_visit(args, buffer, &info, 0, info.size, see, &sum);
	mmapper_buffer_close(buffer);
	if (status != CLI_DONE)
		return status;
	if (!(args->given & CLI_JSON)) {
		printf("%" PRIu64 " %" PRIu64 " %s\n", sum,
		       (uint64_t)info.size, cli_named(&info));
		return CLI_DONE;
	}
	table = table_new("sum", true, columns, ARRAY_SIZE(columns));
	table_row(table);
	table_text(table, cli_named(&info));
	table_number(table, sum);
	table_number(table, info.size);
	return table_print(table);
}
