// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* argp's keys have 24 bits, and those that are characters are short options. */
#define KEY(option)	(256 + __builtin_ctz(option))
#define OPTION(key)	(1U << ((key) - 256))

static const struct argp_option known[] = {
	{ "json", KEY(CLI_JSON), NULL, 0, "Print JSON, with plain numbers", 0 },
	{ "offset", KEY(CLI_OFFSET), "N", 0, "Begin at byte N (default 0)", 0 },
	{ "length", KEY(CLI_LENGTH), "N", 0, "So many bytes", 0 },
	{ "via", KEY(CLI_VIA_READ), "map|read", 0,
	  "Through a mapping (default) or by read()", 0 },
	{ "via", KEY(CLI_VIA_WRITE), "map|write", 0,
	  "Through a mapping (default) or by write()", 0 },
	{ "raw", KEY(CLI_RAW), NULL, 0, "Write the bytes as they are", 0 },
	{ "pattern", KEY(CLI_PATTERN), NULL, 0,
	  "What the driver fills a fresh buffer with", 0 },
	{ "module", KEY(CLI_MODULE), "FILE", 0, "Load this file", 0 },
	{ "size", KEY(CLI_SIZE), "BYTES", 0,
	  "Size of each buffer; K, M and G stand for KiB, MiB and GiB", 0 },
	{ "size", KEY(CLI_BYTES), "BYTES", 0,
	  "Its size; K, M and G stand for KiB, MiB and GiB", 0 },
	{ "size", KEY(CLI_EACH_SIZE), "BYTES", 0,
	  "Of this size only; K, M and G stand for KiB, MiB and GiB", 0 },
	{ "clock", KEY(CLI_CLOCK), "time|tsc", 0,
	  "Count nanoseconds (default) or the time stamp counter", 0 },
	{ "growth", KEY(CLI_GROWTH), NULL, 0,
	  "How the cost grows with buffers and mappings", 0 },
	{ "once", KEY(CLI_ONCE), NULL, 0, "Show them once", 0 },
	{ "backend", KEY(CLI_BACKEND), "BACKEND", 0,
	  "Made by this one (default: auto, the driver chooses)", 0 },
	{ "mode", KEY(CLI_MODE), "MODE", 0,
	  "Who may open it, as in chmod, octal (default 0600)", 0 },
	{ "owner", KEY(CLI_OWNER), "USER[:GROUP]", 0, "Whose it is", 0 },
	{ "cache", KEY(CLI_CACHE), "CACHE", 0,
	  "cached (default), write-combined or uncached", 0 },
	{ "device", KEY(CLI_DEVICE), "PCI/BAR", 0,
	  "For bar-remap and bar-fault, as 0000:00:04.0/2", 0 },
	{ "numa", KEY(CLI_NUMA), "N", 0, "Where its memory lies (default: anywhere)",
	  0 },
	{ "memory", KEY(CLI_MEMORY), NULL, 0,
	  "What buffers have, may have, and could get now", 0 },
	{ "validate", KEY(CLI_VALIDATE), NULL, 0,
	  "Check the same; KTAP on standard output", 0 },
	{ "help", KEY(CLI_HELP), NULL, 0, "Show this help", 0 },
};

/* What argp hands to the parser; told is set once the user knows what is wrong. */
struct parse {
	struct cli_args	*args;
	bool		told;
};

bool cli_size_parse(const char *text, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned int shift = 0;

	/* strtoull() would take blanks and signs. */
	if (!isdigit((unsigned char)text[0]) ||
	    (hex && !isxdigit((unsigned char)text[2])))
		return false;
	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	if (errno)
		return false;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (*value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

int cli_usage(const struct cli_args *args, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "mmapper-cli: %s: ", args->command->name);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	return CLI_USAGE;
}

static bool has(const struct cli_args *args, const struct argp_option *option)
{
	return (args->command->options | CLI_HELP) & OPTION(option->key);
}

static void list_options(const struct cli_args *args, char *text, size_t len)
{
	size_t i, used = 0;

	for (i = 0; i < ARRAY_SIZE(known) && used < len; i++) {
		const struct argp_option *o = &known[i];

		if (has(args, o))
			used += (size_t)snprintf(text + used, len - used,
						 "%s--%s%s%s",
						 used ? ", " : "", o->name,
						 o->arg ? "=" : "",
						 o->arg ? o->arg : "");
	}
}

/* getopt has refused an option and keeps to itself why. */
static void bad_option(const struct cli_args *args,
		       const struct argp_state *state)
{
	const char *word = state->argv[state->next - 1];
	char list[512];
	size_t i, len;

	/* It goes past a group of letters only with the last of them. */
	if (state->next < state->argc && state->argv[state->next][0] == '-' &&
	    (word[0] != '-' || state->argv[state->next][1] != '-'))
		word = state->argv[state->next];
	len = strcspn(word, "=");
	for (i = 0; i < ARRAY_SIZE(known) && len > 2; i++) {
		const struct argp_option *o = &known[i];

		if (!has(args, o) || strncmp(word + 2, o->name, len - 2) != 0)
			continue;
		if (o->arg && !word[len])
			cli_usage(args, "--%s needs a value, --%s=%s", o->name,
				  o->name, o->arg);
		else
			cli_usage(args, "--%s takes no value", o->name);
		return;
	}
	list_options(args, list, sizeof(list));
	cli_usage(args, "no option '%s'; there are %s", word, list);
}

static int take_via(struct cli_args *args, const char *call, const char *value)
{
	if (strcmp(value, call) == 0)
		args->by_call = true;
	else if (strcmp(value, "map") == 0)
		args->by_call = false;
	else
		return cli_usage(args, "--via '%s': it is map or %s", value,
				 call);
	return CLI_DONE;
}

static int take_mode(struct cli_args *args, const char *value)
{
	size_t digits = strspn(value, "01234567");

	/* One 0 before the three is the habit. */
	if (!digits || digits > 4 || value[digits] ||
	    strtoul(value, NULL, 8) > 0777)
		return cli_usage(args, "--mode '%s': it is octal, 0 to 0777",
				 value);
	args->mode = (uint32_t)strtoul(value, NULL, 8);
	return CLI_DONE;
}

static int take_cache(struct cli_args *args, const char *value)
{
	for (args->cache = 0; args->cache <= MMAPPER_CACHE_UC; args->cache++)
		if (strcmp(value, cli_cache(args->cache)) == 0)
			return CLI_DONE;
	return cli_usage(args, "--cache '%s': it is cached, write-combined or uncached",
			 value);
}

static int take_clock(struct cli_args *args, const char *value)
{
	args->tsc = strcmp(value, "tsc") == 0;
	if (!args->tsc && strcmp(value, "time") != 0)
		return cli_usage(args, "--clock '%s': it is time or tsc", value);
	return CLI_DONE;
}

static int take_numa(struct cli_args *args, const char *value)
{
	uint64_t number;

	if (!cli_size_parse(value, &number) || number > INT32_MAX)
		return cli_usage(args, "--numa '%s': it is the number of a NUMA node",
				 value);
	args->numa = (uint32_t)number;
	return CLI_DONE;
}

static int take_option(struct cli_args *args, unsigned int key,
		       const char *value)
{
	uint64_t *number = key == CLI_OFFSET ? &args->offset :
			   key == CLI_LENGTH ? &args->length : &args->size;

	args->given |= key;
	switch (key) {
	case CLI_VIA_READ:
		return take_via(args, "read", value);
	case CLI_VIA_WRITE:
		return take_via(args, "write", value);
	case CLI_MODULE:
		args->module = value;
		break;
	case CLI_BACKEND:
		args->backend = value;
		break;
	case CLI_DEVICE:
		args->device = value;
		break;
	case CLI_OWNER:
		args->owner = value;
		break;
	case CLI_MODE:
		return take_mode(args, value);
	case CLI_CACHE:
		return take_cache(args, value);
	case CLI_CLOCK:
		return take_clock(args, value);
	case CLI_NUMA:
		return take_numa(args, value);
	case CLI_OFFSET:
	case CLI_LENGTH:
	case CLI_SIZE:
	case CLI_EACH_SIZE:
	case CLI_BYTES:
		if (!cli_size_parse(value, number))
			return cli_usage(args, "'%s' is no size: give a number of bytes up to 2^64 - 1, or one with K, M or G after it",
					 value);
		if (!*number && key != CLI_OFFSET)
			return cli_usage(args, "--%s is 1 or more",
					 key == CLI_LENGTH ? "length" : "size");
		break;
	}
	return CLI_DONE;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct parse *p = state->input;

	switch (key) {
	case ARGP_KEY_ARGS:
		p->args->names = state->argv + state->next;
		p->args->count = (unsigned int)(state->argc - state->next);
		return 0;
	case ARGP_KEY_ERROR:
		if (!p->told)
			bad_option(p->args, state);
		return 0;
	default:
		if (key < KEY(CLI_ONCE) || key > KEY(CLI_HELP))
			return ARGP_ERR_UNKNOWN;
		p->told = take_option(p->args, OPTION(key), value) != CLI_DONE;
		return p->told ? EINVAL : 0;
	}
}

static int count_names(const struct cli_args *args)
{
	const struct cli_command *c = args->command;
	const char *blank = *c->arguments ? " " : "";

	if (args->count < c->min)
		return cli_usage(args, "%.*s is missing; usage: mmapper-cli %s%s%s [OPTION...]",
				 (int)strcspn(c->arguments, " ."), c->arguments,
				 c->name, blank, c->arguments);
	if (args->count > c->max)
		return cli_usage(args, "'%s' is too much; usage: mmapper-cli %s%s%s [OPTION...]",
				 args->names[c->max], c->name, blank,
				 c->arguments);
	return CLI_DONE;
}

int cli_args_parse(const struct cli_command *command, int argc, char **argv,
		   struct cli_args *args)
{
	struct argp_option options[ARRAY_SIZE(known) + 1];
	struct argp argp = { .options = options, .parser = parse,
			     .args_doc = *command->arguments ?
				 command->arguments : NULL };
	struct parse p = { .args = args };
	char name[64], doc[1024];
	size_t i, n = 0;

	memset(args, 0, sizeof(*args));
	args->command = command;
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (has(args, &known[i]))
			options[n++] = known[i];
	memset(&options[n], 0, sizeof(options[n]));

	/* argp's own words fill several lines; ours are in bad_option(). */
	argp_err_exit_status = CLI_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP |
		       ARGP_NO_EXIT, NULL, &p) != 0)
		return CLI_USAGE;
	if (!(args->given & CLI_HELP))
		return count_names(args);

	snprintf(name, sizeof(name), "mmapper-cli %s", command->name);
	snprintf(doc, sizeof(doc), "%c%s.%s%s", toupper(command->help[0]),
		 command->help + 1, command->more ? "\v" : "",
		 command->more ? command->more : "");
	argp.doc = doc;
	argp_help(&argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG |
		  ARGP_HELP_DOC, name);
	return CLI_DONE;
}
