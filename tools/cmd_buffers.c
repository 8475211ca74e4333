// SPDX-License-Identifier: GPL-2.0-or-later
/* Buffers made at run time: how they come, change and go. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "table.h"

#define NOBODY	UINT32_MAX

static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t number;

	if (!isdigit((unsigned char)text[strlen(text) ? strlen(text) - 1 : 0]) ||
	    !cli_size_parse(text, &number) || number >= NOBODY)
		return false;
	*id = (uint32_t)number;
	return true;
}

static int find_user(const struct cli_args *args, const char *text,
		     uint32_t *uid)
{
	const struct passwd *entry;

	if (!*text || parse_id(text, uid))
		return CLI_DONE;
	entry = getpwnam(text);
	if (!entry)
		return cli_usage(args, "--owner: no user '%s'", text);
	*uid = entry->pw_uid;
	return CLI_DONE;
}

static int find_group(const struct cli_args *args, const char *text,
		      uint32_t *gid)
{
	const struct group *entry;

	if (!*text || parse_id(text, gid))
		return CLI_DONE;
	entry = getgrnam(text);
	if (!entry)
		return cli_usage(args, "--owner: no group '%s'", text);
	*gid = entry->gr_gid;
	return CLI_DONE;
}

/* USER, USER:GROUP or :GROUP; what is not named stays as it is. */
static int find_owner(const struct cli_args *args, uint32_t *uid, uint32_t *gid)
{
	char text[256];
	char *group;
	int status;

	*uid = NOBODY;
	*gid = NOBODY;
	if (!(args->given & CLI_OWNER))
		return CLI_DONE;
	snprintf(text, sizeof(text), "%s", args->owner);
	group = strchr(text, ':');
	if (group)
		*group++ = '\0';
	status = find_user(args, text, uid);
	if (status == CLI_DONE && group)
		status = find_group(args, group, gid);
	return status;
}

/* The other commands would take such a name for the backend's. */
static int check_name(const struct cli_args *args)
{
	const char *name = args->names[0];
	struct mmapper_nodes *nodes;
	int status;
	size_t i;

	status = cli_nodes(&nodes);
	if (status != CLI_DONE)
		return status;
	for (i = 0; i < mmapper_nodes_count(nodes) && status == CLI_DONE; i++)
		if (strcmp(mmapper_nodes_get(nodes, i)->backend, name) == 0)
			status = cli_usage(args, "'%s' is the name of a backend; a buffer needs another",
					   name);
	mmapper_nodes_free(nodes);
	return status;
}

static bool may_be_name(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '/')
			return false;
	return *name && *name != '.';
}

static int create_failed(const struct cli_args *args, int error)
{
	const char *name = args->names[0];
	char text[256];

	switch (error) {
	case -EACCES:
		return cli_fail("/dev/mmapper/control", error);
	case -ENOENT:
		return cli_no_backend(args->backend);
	case -EINVAL:
		if (!may_be_name(name))
			return cli_usage(args, "'%s' cannot be a name: it has 1 to 63 printable characters, no slash, and begins with no dot",
					 name);
		if (args->given & CLI_NUMA)
			return cli_usage(args, "there is no NUMA node %" PRIu32,
					 args->numa);
		break;
	case -EBUSY:
		return cli_complain("--device: another buffer has this BAR",
				    "mmapper-cli list");
	case -EPERM:
		return cli_complain("--device: only root may have a device's memory, and only where the kernel is not locked down",
				    "sudo mmapper-cli create");
	case -EOPNOTSUPP:
		snprintf(text, sizeof(text), "%s: backend %s makes no buffers at run time, or not with such --cache and --numa",
			 name, args->backend ? args->backend : "auto");
		return cli_complain(text, "mmapper-cli backends");
	}
	return cli_fail(name, error);
}

/* Whoever shall not open it has no chance to before it is the right one's. */
static int make(const struct cli_args *args, uint32_t uid, uint32_t gid,
		struct mmapper_buffer **buffer)
{
	struct mmapper_buffer_params params = MMAPPER_BUFFER_PARAMS_INIT;
	uint32_t mode = args->given & CLI_MODE ? args->mode : params.mode;
	int error;

	params.size = args->size;
	params.backend = args->backend;
	params.name = args->names[0];
	params.cache = args->cache;
	params.device = args->device;
	params.mode = args->given & CLI_OWNER ? 0 : mode;
	if (args->given & CLI_NUMA)
		params.numa_node = (int32_t)args->numa;
	error = mmapper_buffer_create(&params, sizeof(params), buffer);
	if (error < 0)
		return create_failed(args, error);
	if (!(args->given & CLI_OWNER))
		return CLI_DONE;
	/* Once it is another's, its mode is no longer ours to change. */
	error = mmapper_buffer_set_owner(*buffer, NOBODY, gid);
	if (!error)
		error = mmapper_buffer_set_mode(*buffer, mode);
	if (!error)
		error = mmapper_buffer_set_owner(*buffer, uid, NOBODY);
	if (!error)
		return CLI_DONE;
	mmapper_buffer_close(*buffer);
	mmapper_buffer_delete(params.name);
	return error == -EPERM ?
	       cli_complain("--owner: only root gives buffers to others",
			    "sudo mmapper-cli create") :
	       cli_fail(params.name, error);
}

static const struct table_column made_columns[] = {
	{ "buffer", TABLE_TEXT },
	{ "backend", TABLE_TEXT },
	{ "size", TABLE_BYTES },
	{ "mode", TABLE_TEXT },
	{ "owner", TABLE_NUMBER },
	{ "group", TABLE_NUMBER },
};

static int tell_made(const struct cli_args *args,
		     const struct mmapper_info *info, const struct stat *st)
{
	char mode[16], size[32], user[64], group[64];
	struct table *table;

	snprintf(mode, sizeof(mode), "%04o", st->st_mode & 0777);
	if (!(args->given & CLI_JSON)) {
		printf("%s: %s by %s, owner %s, group %s, mode %s\n",
		       info->name, cli_bytes(info->size, size), info->backend,
		       cli_user(st->st_uid, user), cli_group(st->st_gid, group),
		       mode);
		return CLI_DONE;
	}
	table = table_new("create", true, made_columns,
			  ARRAY_SIZE(made_columns));
	table_row(table);
	table_text(table, info->name);
	table_text(table, info->backend);
	table_number(table, info->size);
	table_text(table, mode);
	table_number(table, st->st_uid);
	table_number(table, st->st_gid);
	return table_print(table);
}

int cmd_create(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	struct stat st = { 0 };
	uint32_t uid, gid;
	int status, error;

	if (!(args->given & CLI_BYTES))
		return cli_usage(args, "--size is missing: how many bytes?");
	status = find_owner(args, &uid, &gid);
	if (status == CLI_DONE)
		status = check_name(args);
	if (status == CLI_DONE)
		status = make(args, uid, gid, &buffer);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffer_get_info(buffer, &info, sizeof(info));
	if (!error && fstat(mmapper_buffer_get_fd(buffer), &st) < 0)
		error = -errno;
	mmapper_buffer_close(buffer);
	return error < 0 ? cli_fail(args->names[0], error) :
			   tell_made(args, &info, &st);
}

int cmd_delete(const struct cli_args *args)
{
	int error, worst = CLI_DONE;
	unsigned int i;

	for (i = 0; i < args->count; i++) {
		error = mmapper_buffer_delete(args->names[i]);
		if (!error)
			printf("%s: deleted\n", args->names[i]);
		else if (worst == CLI_DONE)
			worst = cli_fail_buffer(args, args->names[i], error);
		else
			cli_fail_buffer(args, args->names[i], error);
	}
	return worst;
}

int cmd_resize(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	char was[32], is[32];
	int status, error;

	if (!(args->given & CLI_BYTES))
		return cli_usage(args, "--size is missing: how many bytes?");
	status = cli_open_buffer(args, O_WRONLY, O_WRONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffer_resize(buffer, args->size);
	mmapper_buffer_close(buffer);
	if (error < 0)
		return cli_fail_buffer(args, args->names[0], error);
	printf("%s: %s, was %s\n", args->names[0], cli_bytes(args->size, is),
	       cli_bytes(info.size, was));
	return CLI_DONE;
}

static const struct table_column seal_columns[] = {
	{ "buffer", TABLE_TEXT },
	{ "seals", TABLE_TEXT },
};

static int tell_seals(const struct cli_args *args, uint32_t seals)
{
	struct table *table;
	char text[64];

	if (!(args->given & CLI_JSON)) {
		printf("%s: seals: %s\n", args->names[0],
		       cli_seals(seals, text));
		return CLI_DONE;
	}
	table = table_new("seal", true, seal_columns,
			  ARRAY_SIZE(seal_columns));
	table_row(table);
	table_text(table, args->names[0]);
	table_text(table, cli_seals(seals, text));
	return table_print(table);
}

int cmd_seal(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	uint32_t seal, seals = 0;
	unsigned int i;
	int status, error;

	for (i = 1; i < args->count; i++) {
		seal = cli_seal_find(args->names[i]);
		if (!seal)
			return cli_usage(args, "no seal '%s'; there are seal, resize, write, delete",
					 args->names[i]);
		seals |= seal;
	}
	status = cli_open_buffer(args, O_RDONLY, O_WRONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	error = seals ? mmapper_buffer_seal(buffer, seals) : 0;
	if (!error)
		error = mmapper_buffer_get_seals(buffer, &seals);
	mmapper_buffer_close(buffer);
	return error < 0 ? cli_fail_buffer(args, args->names[0], error) :
			   tell_seals(args, seals);
}

int cmd_revoke(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	int status, error;

	status = cli_open_buffer(args, O_RDONLY, O_WRONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	error = mmapper_buffer_revoke(buffer);
	mmapper_buffer_close(buffer);
	if (error < 0)
		return cli_fail_buffer(args, args->names[0], error);
	printf("%s: revoked, nobody has it any more\n", args->names[0]);
	return CLI_DONE;
}
