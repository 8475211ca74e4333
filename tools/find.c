// SPDX-License-Identifier: GPL-2.0-or-later
/* What a name leads to: a backend's node, or a buffer made at run time. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define NAMES_SHOWN	8
#define CONTROL		"/dev/mmapper/control"

/*
 * Others choose the names of their buffers, and root may paste what we print:
 * "--" before it is the caller's.
 */
const char *cli_quote(const char *name, char text[CLI_QUOTED])
{
	char *to = text;
	const char *c;

	for (c = name; isalnum((unsigned char)*c) ||
	     (*c && strchr("._+:@%-", *c));)
		c++;
	if (*name && !*c && c - name < MMAPPER_BUFFER_NAME_MAX)
		return strcpy(text, name);
	*to++ = '\'';
	for (; *name && to - text < CLI_QUOTED - 6; name++) {
		if (*name == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *name;
	}
	strcpy(to, "'");
	return text;
}

void cli_list_names(FILE *to, const struct mmapper_buffers *buffers)
{
	size_t i, count = mmapper_buffers_count(buffers);

	for (i = 0; i < count && i < NAMES_SHOWN; i++)
		fprintf(to, "%s%s", i ? ", " : "",
			mmapper_buffers_get(buffers, i)->name);
	if (count > NAMES_SHOWN)
		fprintf(to, " and %zu more", count - NAMES_SHOWN);
}

/* Without @buffers, none of them is meant. */
static int no_name(const char *name, const struct mmapper_buffers *buffers)
{
	struct mmapper_nodes *nodes = NULL;
	const char *between = "";
	size_t i;

	mmapper_nodes_list(&nodes);
	fprintf(stderr, "mmapper-cli: no backend%s '%s'; there are ",
		mmapper_buffers_count(buffers) ? " or buffer" : "", name);
	for (i = 0; i < mmapper_nodes_count(nodes); i++) {
		const struct mmapper_node *node = mmapper_nodes_get(nodes, i);

		if (!cli_is_row(node))
			continue;
		fprintf(stderr, "%s%s", between, node->backend);
		between = ", ";
	}
	if (mmapper_buffers_count(buffers)) {
		fprintf(stderr, "; ");
		cli_list_names(stderr, buffers);
	}
	fputc('\n', stderr);
	mmapper_nodes_free(nodes);
	return CLI_USAGE;
}

int cli_no_backend(const char *name)
{
	return no_name(name, NULL);
}

int cli_no_name(const char *name)
{
	struct mmapper_buffers *buffers = NULL;
	int status;

	mmapper_buffers_list(&buffers);
	status = no_name(name, buffers);
	mmapper_buffers_free(buffers);
	return status;
}

static int no_buffer(const char *name, const struct mmapper_buffers *buffers)
{
	char quoted[CLI_QUOTED];

	fprintf(stderr, "mmapper-cli: no buffer '%s'; there %s", name,
		mmapper_buffers_count(buffers) ? "are " : "is none");
	cli_list_names(stderr, buffers);
	fputc('\n', stderr);
	if (!mmapper_buffers_count(buffers))
		fprintf(stderr, "try: mmapper-cli create --size=BYTES -- %s\n",
			cli_quote(name, quoted));
	return CLI_USAGE;
}

static const struct mmapper_buffer_entry *
find(const struct mmapper_buffers *buffers, const char *name)
{
	size_t i;

	for (i = 0; i < mmapper_buffers_count(buffers); i++)
		if (strcmp(mmapper_buffers_get(buffers, i)->name, name) == 0)
			return mmapper_buffers_get(buffers, i);
	return NULL;
}

/* Why not: it is another's, or it is sealed. */
static int denied(const struct cli_args *args,
		  const struct mmapper_buffer_entry *entry, int error)
{
	char text[512], help[512], user[64], group[64], seals[64];
	char quoted[CLI_QUOTED];
	const char *verb = args->command->name;

	if (geteuid() && (error == -EACCES || entry->owner != geteuid())) {
		snprintf(text, sizeof(text), "%s: it belongs to %s, group %s, mode %04o: this user may not do that",
			 entry->name, cli_user(entry->owner, user),
			 cli_group(entry->group, group), entry->mode);
		snprintf(help, sizeof(help), "sudo mmapper-cli %s -- %s", verb,
			 cli_quote(entry->name, quoted));
		return cli_complain(text, help);
	}
	snprintf(text, sizeof(text), "%s: it is sealed for good: %s",
		 entry->name, cli_seals(entry->seals, seals));
	snprintf(help, sizeof(help), "mmapper-cli revoke -- %s",
		 cli_quote(entry->name, quoted));
	return cli_complain(text, strcmp(verb, "delete") ? NULL : help);
}

/* Whoever may not open this node gets at no buffer, whosever it is. */
static bool may_control(void)
{
	return faccessat(AT_FDCWD, CONTROL, R_OK | W_OK, AT_EACCESS) == 0 ||
	       errno != EACCES;
}

int cli_fail_buffer(const struct cli_args *args, const char *name, int error)
{
	const struct mmapper_buffer_entry *entry;
	struct mmapper_buffers *buffers = NULL;
	char text[256];
	int status;

	mmapper_buffers_list(&buffers);
	entry = find(buffers, name);
	if (error == -ENOENT) {
		status = no_buffer(name, buffers);
	} else if (error == -EACCES && !may_control()) {
		status = cli_fail(CONTROL, error);
	} else if (entry && (error == -EACCES || error == -EPERM)) {
		status = denied(args, entry, error);
	} else if (error == -EBUSY) {
		snprintf(text, sizeof(text), "%s: somebody has it mapped for writing, or is writing to it",
			 name);
		status = cli_complain(text, "mmapper-cli list");
	} else {
		status = cli_fail(name, error);
	}
	mmapper_buffers_free(buffers);
	return status;
}

static int ask(const struct cli_args *args, const char *name,
	       struct mmapper_buffer *buffer, struct mmapper_info *info)
{
	int error = mmapper_buffer_get_info(buffer, info, sizeof(*info));

	if (!error)
		return CLI_DONE;
	mmapper_buffer_close(buffer);
	return args ? cli_fail_buffer(args, name, error) :
		      cli_fail(name, error);
}

int cli_open_node(const char *name, int flags, struct mmapper_buffer **buffer,
		  struct mmapper_info *info)
{
	int error = mmapper_buffer_open(name, flags, buffer);

	return error < 0 ? cli_fail(name, error) :
			   ask(NULL, name, *buffer, info);
}

int cli_open_buffer(const struct cli_args *args, int flags, int or_flags,
		    struct mmapper_buffer **buffer, struct mmapper_info *info)
{
	const char *name = args->names[0];
	int error;

	error = mmapper_buffer_open_name(name, flags, buffer);
	if (error == -EACCES && or_flags != flags)
		error = mmapper_buffer_open_name(name, or_flags, buffer);
	return error < 0 ? cli_fail_buffer(args, name, error) :
			   ask(args, name, *buffer, info);
}

/* The name cannot be a backend's, or is the control node's. */
static bool is_no_backend(const char *name, int error)
{
	return !strchr(name, '/') &&
	       (error == -ENOENT || error == -EINVAL || error == -EPROTO);
}

int cli_open(const struct cli_args *args, int flags,
	     struct mmapper_buffer **buffer, struct mmapper_info *info)
{
	const char *name = args->names[0];
	int error;

	error = mmapper_buffer_open(name, flags, buffer);
	if (!error)
		return ask(NULL, name, *buffer, info);
	if (!is_no_backend(name, error))
		return cli_fail(name, error);
	error = mmapper_buffer_open_name(name, flags, buffer);
	switch (error) {
	case 0:
		return ask(args, name, *buffer, info);
	case -ENOENT:
	case -EINVAL:
	case -ENAMETOOLONG:
	case -EPROTONOSUPPORT:
		return cli_no_name(name);
	}
	return cli_fail_buffer(args, name, error);
}

const char *cli_named(const struct mmapper_info *info)
{
	return *info->name ? info->name : info->backend;
}
