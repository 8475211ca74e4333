/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables for people and for programs.
 *
 * A column's key is its JSON name; people see it in capitals.  Cells are given
 * row by row, from left to right.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum table_type {
	TABLE_TEXT,
	TABLE_NUMBER,
	TABLE_BYTES,	/* a number; "16 KiB" for people */
	TABLE_BOOL,	/* no or yes; false or true */
};

struct table_column {
	const char	*key;
	enum table_type	type;
};

struct table;

/** table_new() - begin a table, or with @json an array named @name */
struct table *table_new(const char *name, bool json,
			const struct table_column *columns, size_t count);
void table_row(struct table *table);
void table_text(struct table *table, const char *text);
void table_number(struct table *table, uint64_t number);

/* All print it, free it and return the exit status. */
int table_print(struct table *table);
/** table_print_record() - as table_print(), the one row shown downwards */
int table_print_record(struct table *table);
/**
 * table_print_both() - as table_print(), for two
 *
 * As JSON one object has both arrays; people see the second if it has a row.
 */
int table_print_both(struct table *first, struct table *second);

#endif /* TABLE_H */
