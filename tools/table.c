// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "table.h"

struct table {
	struct libscols_table		*out;
	struct libscols_line		*line;
	const struct table_column	*columns;
	size_t				count;
	size_t				next;
	bool				json;
	bool				failed;
};

static const int json_types[] = {
	[TABLE_TEXT]	= SCOLS_JSON_STRING,
	[TABLE_NUMBER]	= SCOLS_JSON_NUMBER,
	[TABLE_BYTES]	= SCOLS_JSON_NUMBER,
	[TABLE_BOOL]	= SCOLS_JSON_BOOLEAN,
};

static void heading(const char *key, bool json, char text[32])
{
	size_t i;

	for (i = 0; key[i] && i < 31; i++)
		text[i] = json ? key[i] : key[i] == '_' ? '-' :
			  (char)toupper((unsigned char)key[i]);
	text[i] = '\0';
}

static bool add_column(struct table *table, const struct table_column *column)
{
	struct libscols_column *added;
	char name[32];
	bool number = column->type == TABLE_NUMBER ||
		      column->type == TABLE_BYTES;

	heading(column->key, table->json, name);
	added = scols_table_new_column(table->out, name, 0,
				       number ? SCOLS_FL_RIGHT : 0);
	return added && scols_column_set_json_type(added,
						   json_types[column->type]) == 0;
}

struct table *table_new(const char *name, bool json,
			const struct table_column *columns, size_t count)
{
	struct table *table = calloc(1, sizeof(*table));
	size_t i;

	if (!table)
		return NULL;
	table->columns = columns;
	table->count = count;
	table->json = json;
	table->out = scols_new_table();
	if (!table->out) {
		free(table);
		return NULL;
	}
	if (scols_table_enable_json(table->out, json) < 0 ||
	    scols_table_set_name(table->out, name) < 0)
		table->failed = true;
	for (i = 0; i < count && !table->failed; i++)
		table->failed = !add_column(table, &columns[i]);
	return table;
}

void table_row(struct table *table)
{
	if (!table || table->failed)
		return;
	table->line = scols_table_new_line(table->out, NULL);
	table->next = 0;
	table->failed = !table->line;
}

void table_text(struct table *table, const char *text)
{
	if (!table || table->failed)
		return;
	if (!table->line || table->next >= table->count ||
	    scols_line_set_data(table->line, table->next++, text) < 0)
		table->failed = true;
}

void table_number(struct table *table, uint64_t number)
{
	enum table_type type;
	char text[32];

	if (!table || table->failed || table->next >= table->count)
		return;
	type = table->columns[table->next].type;
	if (type == TABLE_BOOL) {
		table_text(table, number ? "yes" : "no");
	} else if (type == TABLE_BYTES && !table->json) {
		table_text(table, cli_bytes(number, text));
	} else {
		snprintf(text, sizeof(text), "%" PRIu64, number);
		table_text(table, text);
	}
}

static int finish(struct table *table)
{
	bool failed = !table || table->failed;

	if (failed)
		cli_complain("out of memory while making a table", NULL);
	if (table) {
		scols_unref_table(table->out);
		free(table);
	}
	return failed ? CLI_FAILED : CLI_DONE;
}

int table_print(struct table *table)
{
	if (table && !table->failed)
		table->failed = scols_print_table(table->out) < 0;
	return finish(table);
}

/* What stands between the braces of the object that a table is as JSON. */
static char *members(const struct table *table)
{
	char *text = NULL, *open, *close;

	if (scols_print_table_to_string(table->out, &text) < 0)
		return NULL;
	open = text ? strchr(text, '{') : NULL;
	close = open ? strrchr(text, '}') : NULL;
	if (!close) {
		free(text);
		return NULL;
	}
	while (close > open && isspace((unsigned char)close[-1]))
		close--;
	*close = '\0';
	memmove(text, open + 1, strlen(open + 1) + 1);
	return text;
}

static bool print_json(const struct table *first, const struct table *second)
{
	char *one = members(first), *two = members(second);
	bool good = one && two;

	if (good)
		printf("{%s,%s\n}\n", one, two);
	free(one);
	free(two);
	return good;
}

int table_print_both(struct table *first, struct table *second)
{
	bool good = first && second && !first->failed && !second->failed;
	int status;

	if (good && first->json) {
		first->failed = !print_json(first, second);
	} else if (good) {
		first->failed = scols_print_table(first->out) < 0;
		if (second->line && !first->failed) {
			putchar('\n');
			second->failed = scols_print_table(second->out) < 0;
		}
	} else if (first) {
		first->failed = true;
	}
	status = finish(first);
	/* One word is enough. */
	if (second && status != CLI_DONE)
		second->failed = false;
	return second && finish(second) != CLI_DONE ? CLI_FAILED : status;
}

int table_print_record(struct table *table)
{
	struct libscols_table *down;
	struct libscols_line *line;
	char name[32];
	size_t i;

	if (!table || table->failed || table->json)
		return table_print(table);
	down = scols_new_table();
	table->failed = !down || scols_table_enable_noheadings(down, 1) < 0 ||
			!scols_table_new_column(down, "name", 0, 0) ||
			!scols_table_new_column(down, "value", 0, 0);
	for (i = 0; i < table->next && !table->failed; i++) {
		struct libscols_cell *cell = scols_line_get_cell(table->line, i);
		const char *value = cell ? scols_cell_get_data(cell) : NULL;

		heading(table->columns[i].key, false, name);
		line = scols_table_new_line(down, NULL);
		table->failed = !line || scols_line_set_data(line, 0, name) < 0 ||
				scols_line_set_data(line, 1,
						    value ? value : "") < 0;
	}
	if (!table->failed)
		table->failed = scols_print_table(down) < 0;
	if (down)
		scols_unref_table(down);
	return finish(table);
}
