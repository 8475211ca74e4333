// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "doctor.h"
#include "table.h"

static const struct table_column columns[] = {
	{ "number", TABLE_NUMBER },
	{ "stage", TABLE_TEXT },
	{ "status", TABLE_TEXT },
	{ "found", TABLE_TEXT },
	{ "command", TABLE_TEXT },
};

static const char *const words[] = {
	[DOCTOR_OK]		= "ok",
	[DOCTOR_NOTE]		= "note",
	[DOCTOR_FAILED]		= "failed",
	[DOCTOR_NOT_REACHED]	= "not reached",
};

/* People find the command below the table, where it can be copied from. */
static int print(const struct doctor_row *rows, bool json)
{
	struct table *table;
	size_t i;

	table = table_new("doctor", json, columns,
			  ARRAY_SIZE(columns) - (json ? 0 : 1));
	for (i = 0; i < doctor_stage_count; i++) {
		table_row(table);
		table_number(table, DOCTOR_FIRST + i);
		table_text(table, doctor_stages[i].name);
		table_text(table, words[rows[i].status]);
		table_text(table, rows[i].status == DOCTOR_FAILED && !json ?
			   "see below" : rows[i].found);
		if (json)
			table_text(table, rows[i].command);
	}
	return table_print(table);
}

static int walk(const struct doctor *doctor, struct doctor_row *rows, bool json)
{
	int failed = -1, status;
	char text[1200];
	size_t i;

	for (i = 0; i < doctor_stage_count; i++) {
		rows[i].status = DOCTOR_NOT_REACHED;
		if (failed >= 0)
			continue;
		doctor_stages[i].run(doctor, &rows[i]);
		if (rows[i].status == DOCTOR_FAILED)
			failed = (int)i;
	}
	status = print(rows, json);
	if (status != CLI_DONE || failed < 0)
		return status;
	fflush(stdout);
	snprintf(text, sizeof(text), "doctor: %s: %s",
		 doctor_stages[failed].name, rows[failed].found);
	cli_complain(text, *rows[failed].command ? rows[failed].command : NULL);
	return DOCTOR_FIRST + failed;
}

int cmd_doctor(const struct cli_args *args)
{
	struct doctor_row *rows;
	struct doctor doctor;
	int status;

	rows = calloc(doctor_stage_count, sizeof(*rows));
	if (!rows)
		status = cli_complain("out of memory", NULL);
	else if (doctor_begin(&doctor, NULL) < 0)
		status = cli_complain("doctor: libkmod does not start", NULL);
	else
		status = walk(&doctor, rows, args->given & CLI_JSON);
	free(rows);
	return status;
}
