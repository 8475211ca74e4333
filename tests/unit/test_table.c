// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: calloc scols_new_table scols_table_enable_json scols_table_set_name */
/* wrap: scols_table_new_column scols_column_set_json_type scols_table_new_line */
/* wrap: scols_line_set_data scols_table_enable_noheadings scols_print_table */
/* wrap: scols_print_table_to_string */
/* Tables for people and for programs, and without memory for them. */
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "said.h"
#include "table.h"

static int calls_left = -1;

/* What a table is as a string, if not what the library makes of it. */
static const char *as_string;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
struct libscols_table *__real_scols_new_table(void);
struct libscols_table *__wrap_scols_new_table(void);
int __real_scols_table_enable_json(struct libscols_table *t, int on);
int __wrap_scols_table_enable_json(struct libscols_table *t, int on);
int __real_scols_table_set_name(struct libscols_table *t, const char *name);
int __wrap_scols_table_set_name(struct libscols_table *t, const char *name);
struct libscols_column *__real_scols_table_new_column(struct libscols_table *t,
						      const char *name,
						      double hint, int flags);
struct libscols_column *__wrap_scols_table_new_column(struct libscols_table *t,
						      const char *name,
						      double hint, int flags);
int __real_scols_column_set_json_type(struct libscols_column *c, int type);
int __wrap_scols_column_set_json_type(struct libscols_column *c, int type);
struct libscols_line *__real_scols_table_new_line(struct libscols_table *t,
						  struct libscols_line *up);
struct libscols_line *__wrap_scols_table_new_line(struct libscols_table *t,
						  struct libscols_line *up);
int __real_scols_line_set_data(struct libscols_line *l, size_t n,
			       const char *data);
int __wrap_scols_line_set_data(struct libscols_line *l, size_t n,
			       const char *data);
int __real_scols_table_enable_noheadings(struct libscols_table *t, int on);
int __wrap_scols_table_enable_noheadings(struct libscols_table *t, int on);
int __real_scols_print_table(struct libscols_table *t);
int __wrap_scols_print_table(struct libscols_table *t);
int __real_scols_print_table_to_string(struct libscols_table *t, char **text);
int __wrap_scols_print_table_to_string(struct libscols_table *t, char **text);

/* Whether this is the call that fails. */
static bool fails(void)
{
	return calls_left >= 0 && !calls_left--;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

struct libscols_table *__wrap_scols_new_table(void)
{
	return fails() ? NULL : __real_scols_new_table();
}

int __wrap_scols_table_enable_json(struct libscols_table *t, int on)
{
	return fails() ? -1 : __real_scols_table_enable_json(t, on);
}

int __wrap_scols_table_set_name(struct libscols_table *t, const char *name)
{
	return fails() ? -1 : __real_scols_table_set_name(t, name);
}

struct libscols_column *__wrap_scols_table_new_column(struct libscols_table *t,
						      const char *name,
						      double hint, int flags)
{
	return fails() ? NULL :
			 __real_scols_table_new_column(t, name, hint, flags);
}

int __wrap_scols_column_set_json_type(struct libscols_column *c, int type)
{
	return fails() ? -1 : __real_scols_column_set_json_type(c, type);
}

struct libscols_line *__wrap_scols_table_new_line(struct libscols_table *t,
						  struct libscols_line *up)
{
	return fails() ? NULL : __real_scols_table_new_line(t, up);
}

int __wrap_scols_line_set_data(struct libscols_line *l, size_t n,
			       const char *data)
{
	return fails() ? -1 : __real_scols_line_set_data(l, n, data);
}

int __wrap_scols_table_enable_noheadings(struct libscols_table *t, int on)
{
	return fails() ? -1 : __real_scols_table_enable_noheadings(t, on);
}

int __wrap_scols_print_table(struct libscols_table *t)
{
	return fails() ? -1 : __real_scols_print_table(t);
}

int __wrap_scols_print_table_to_string(struct libscols_table *t, char **text)
{
	if (fails())
		return -1;
	if (!as_string)
		return __real_scols_print_table_to_string(t, text);
	*text = strdup(as_string);
	return 0;
}

static const struct table_column columns[] = {
	{ "some_words", TABLE_TEXT },
	{ "number", TABLE_NUMBER },
	{ "size", TABLE_BYTES },
	{ "true", TABLE_BOOL },
};

static struct table *make(bool json, unsigned int rows)
{
	struct table *table = table_new("test", json, columns, 4);

	while (rows--) {
		table_row(table);
		table_text(table, "a \"b\"");
		table_number(table, UINT64_MAX);
		table_number(table, 1 << 20);
		table_number(table, 1);
	}
	return table;
}

static void test_people(void **state)
{
	(void)state;
	assert_int_equal(SAYS(table_print(make(false, 1))), CLI_DONE);
	assert_string_equal(said_out,
			    "SOME-WORDS               NUMBER  SIZE TRUE\n"
			    "a \"b\"      18446744073709551615 1 MiB yes\n");
	assert_int_equal(SAYS(table_print_record(make(false, 1))), CLI_DONE);
	said_has(said_out, "SOME-WORDS a \"b\"\n");
	said_has(said_out, "SIZE       1 MiB\n");
	assert_string_equal(said_err, "");
}

static void test_json(void **state)
{
	(void)state;
	assert_int_equal(SAYS(table_print_record(make(true, 1))), CLI_DONE);
	said_has(said_out, "\"some_words\": \"a \\\"b\\\"\"");
	said_has(said_out, "\"number\": 18446744073709551615");
	said_has(said_out, "\"size\": 1048576");
	said_has(said_out, "\"true\": true");
}

/* A cell without a row, and one more than there are columns. */
static void test_misuse(void **state)
{
	struct table *table = make(false, 0);

	(void)state;
	table_text(table, "x");
	assert_int_equal(SAYS(table_print(table)), CLI_FAILED);
	said_has(said_err, "out of memory while making a table");
	table = make(false, 1);
	table_number(table, 1);
	assert_int_equal(SAYS(table_print(table)), CLI_DONE);
	table = make(false, 1);
	table_text(table, "x");
	assert_int_equal(SAYS(table_print(table)), CLI_FAILED);
	assert_int_equal(SAYS(table_print_record(NULL)), CLI_FAILED);
}

/* The second is told of only if it has a row. */
static void test_both(void **state)
{
	(void)state;
	assert_int_equal(SAYS(table_print_both(make(false, 1), make(false, 1))),
			 CLI_DONE);
	said_has(said_out, "1 MiB yes\n\nSOME-WORDS ");
	assert_int_equal(SAYS(table_print_both(make(false, 1), make(false, 0))),
			 CLI_DONE);
	assert_null(strstr(said_out, "\n\n"));
	assert_int_equal(SAYS(table_print_both(make(true, 1), make(true, 0))),
			 CLI_DONE);
	assert_int_equal(said_out[0], '{');
	said_has(said_out, "\"size\": 1048576");
	assert_string_equal(said_err, "");
}

static int both_without(bool json, int after)
{
	struct table *first = make(json, 1), *second = make(json, 1);
	int status;

	said_begin();
	calls_left = after;
	status = table_print_both(first, second);
	if (calls_left >= 0)
		status = -1;
	calls_left = -1;
	said_end();
	return status;
}

/* Whichever of the two fails, one word is said. */
static void both_failed(int status)
{
	assert_int_equal(status, CLI_FAILED);
	assert_string_equal(said_err,
			    "mmapper-cli: out of memory while making a table\n");
}

static void test_both_fail(void **state)
{
	(void)state;
	both_failed(SAYS(table_print_both(NULL, NULL)));
	both_failed(SAYS(table_print_both(make(true, 1), NULL)));
	both_failed(SAYS(table_print_both(NULL, make(true, 1))));
	both_failed(both_without(true, 0));
	assert_string_equal(said_out, "");
	both_failed(both_without(true, 1));
	assert_string_equal(said_out, "");
	both_failed(both_without(false, 0));
	assert_string_equal(said_out, "");
	both_failed(both_without(false, 1));
	assert_int_equal(both_without(false, 2), -1);
	/* No object, or none that ends. */
	as_string = "";
	both_failed(SAYS(table_print_both(make(true, 1), make(true, 1))));
	as_string = "{ \"test\": [";
	both_failed(SAYS(table_print_both(make(true, 1), make(true, 1))));
	assert_string_equal(said_out, "");
	as_string = NULL;
}

static int without_memory(bool json, bool record, int after)
{
	struct table *table;
	int status;

	said_begin();
	calls_left = after;
	table = make(json, 2);
	status = record ? table_print_record(table) : table_print(table);
	if (calls_left >= 0)
		status = -1;
	calls_left = -1;
	said_end();
	return status;
}

/* Each call fails in turn: it is said, and nothing is lost. */
static void test_no_memory(void **state)
{
	int i, after, status;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (after = 0; after < 100; after++) {
			status = without_memory(i & 1, i & 2, after);
			if (status < 0)
				break;
			assert_int_equal(status, CLI_FAILED);
			assert_string_equal(said_out, "");
			said_has(said_err, "out of memory while making a table");
		}
		assert_in_range(after, 20, 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_both_fail),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
