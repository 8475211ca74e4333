// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters that a driver keeps, shown as they go on. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

/* A name can have no control byte in it. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void print_json(const char *name, const struct mmapper_counters *c)
{
	uint32_t i;

	printf("{ \"name\": ");
	print_string(name);
	printf(", \"time\": %" PRIu64 ", \"updates\": %" PRIu64 ", \"values\": [",
	       (uint64_t)c->time, (uint64_t)c->updates);
	for (i = 0; i < c->count; i++)
		printf("%s%" PRIu64, i ? ", " : "", (uint64_t)c->values[i]);
	printf("] }\n");
}

static void print_text(const char *name, const struct mmapper_counters *c,
		       const uint64_t *before)
{
	uint32_t i;

	printf("%s: %" PRIu64 " updates", name, (uint64_t)c->updates);
	if (before)
		printf(", %" PRIu64 "/s", (uint64_t)c->updates - *before);
	putchar(':');
	for (i = 0; i < c->count; i++)
		printf(" %" PRIu64, (uint64_t)c->values[i]);
	putchar('\n');
}

static int watch(const struct cli_args *args, struct mmapper_reader *reader)
{
	const char *name = args->names[0];
	struct mmapper_counters c;
	uint64_t before = 0;
	bool first = true;
	int error;

	for (;;) {
		error = mmapper_counters_read(reader, &c);
		if (error && error != -ESTALE)
			return cli_fail(name, error);
		if (args->given & CLI_JSON)
			print_json(name, &c);
		else
			print_text(name, &c, first ? NULL : &before);
		/* Whoever has closed the other end need not be served. */
		if (fflush(stdout) != 0 || args->given & CLI_ONCE)
			return CLI_DONE;
		if (error) {
			fprintf(stderr, "%s: the driver has ended them\n", name);
			return CLI_DONE;
		}
		before = c.updates;
		first = false;
		/* A second, or less when they end: then a wait fails at once. */
		if (mmapper_counters_wait(reader, 0, UINT64_MAX, 1000) == 0)
			sleep(1);
	}
}

int cmd_watch_counters(const struct cli_args *args)
{
	struct mmapper_reader *reader;
	int error, status;

	error = mmapper_counters_open(args->names[0], &reader);
	if (error == -EOPNOTSUPP)
		return cli_complain("this buffer holds no counters",
				    "mmapper-cli list");
	if (error)
		return cli_fail_buffer(args, args->names[0], error);
	status = watch(args, reader);
	mmapper_counters_close(reader);
	return status;
}
