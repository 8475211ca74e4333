// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"

int cli_complain(const char *what, const char *hint)
{
	fprintf(stderr, "mmapper-cli: %s\n", what);
	if (hint)
		fprintf(stderr, "try: %s\n", hint);
	return CLI_FAILED;
}

bool cli_is_row(const struct mmapper_node *node)
{
	const char *base = strrchr(node->name, '/');

	return strcmp(base ? base + 1 : node->name, node->backend) == 0;
}

static int no_backend(const char *name)
{
	struct mmapper_nodes *nodes = NULL;
	const char *between = "";
	size_t i;

	fprintf(stderr, "mmapper-cli: no backend '%s'; there are ", name);
	mmapper_nodes_list(&nodes);
	for (i = 0; i < mmapper_nodes_count(nodes); i++) {
		const struct mmapper_node *node = mmapper_nodes_get(nodes, i);

		if (!cli_is_row(node))
			continue;
		fprintf(stderr, "%s%s", between, node->backend);
		between = ", ";
	}
	fputc('\n', stderr);
	mmapper_nodes_free(nodes);
	return CLI_USAGE;
}

int cli_fail(const char *what, int error)
{
	char text[512];

	if (error == -ENOENT && what)
		return no_backend(what);
	snprintf(text, sizeof(text), "%s%s%s", what ? what : "",
		 what ? ": " : "", mmapper_strerror(error));
	cli_complain(text, mmapper_hint(error));
	switch (error) {
	case -ENODEV:
	case -ENOPKG:
	case -ENXIO:
	case -EACCES:
	case -EPROTO:
	case -EPROTONOSUPPORT:
	case -EPROTOTYPE:
		return CLI_NO_DRIVER;
	}
	return CLI_FAILED;
}

int cli_nodes(struct mmapper_nodes **nodes)
{
	int error = mmapper_nodes_list(nodes);

	return error < 0 ? cli_fail(NULL, error) : CLI_DONE;
}

int cli_open(const char *name, int flags, struct mmapper_buffer **buffer,
	     struct mmapper_info *info)
{
	int error;

	error = mmapper_buffer_open(name, flags, buffer);
	if (error < 0)
		return cli_fail(name, error);
	error = mmapper_buffer_get_info(*buffer, info, sizeof(*info));
	if (error < 0) {
		mmapper_buffer_close(*buffer);
		return cli_fail(name, error);
	}
	return CLI_DONE;
}

const char *cli_kind(uint32_t flags)
{
	return flags & MMAPPER_BACKEND_F_PAGES ? "page-backed" : "special";
}

const char *cli_when(uint32_t flags)
{
	return flags & MMAPPER_BACKEND_F_EAGER ? "eager" : "on fault";
}

const char *cli_private(uint32_t flags)
{
	return flags & MMAPPER_BACKEND_F_PRIVATE ? "copy on write" : "refused";
}

const char *cli_bytes(uint64_t bytes, char text[32])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	size_t i = 0;

	while (bytes && bytes % 1024 == 0 && i + 1 < ARRAY_SIZE(units)) {
		bytes /= 1024;
		i++;
	}
	if (i && bytes >= 10 * 1024)
		snprintf(text, 32, "%.1f %s", (double)bytes / 1024,
			 units[i + 1]);
	else
		snprintf(text, 32, "%" PRIu64 " %s", bytes,
			 bytes == 1 && !i ? "byte" : units[i]);
	return text;
}

int cli_range(const struct cli_args *args, const struct mmapper_info *info,
	      uint64_t *offset, uint64_t *length)
{
	/* A mapping shows the rest of the last page too. */
	uint64_t limit = args->by_call ? info->size : info->map_size;
	const char *how = limit == info->size ? "" : ", in whole pages";

	*offset = args->given & CLI_OFFSET ? args->offset : 0;
	if (*offset >= limit)
		return cli_usage(args, "--offset %" PRIu64 " is beyond the end: %s is %" PRIu64 " bytes long%s",
				 *offset, args->names[0], limit, how);
	if (args->given & CLI_LENGTH) {
		*length = args->length;
		if (*length > limit - *offset)
			return cli_usage(args, "--offset %" PRIu64
					 " with --length %" PRIu64
					 " goes beyond the end: %s is %" PRIu64
					 " bytes long%s", *offset, *length,
					 args->names[0], limit, how);
	} else if (*length > limit - *offset) {
		*length = limit - *offset;
	}
	return CLI_DONE;
}

unsigned char *cli_window(const struct cli_args *args,
			  const struct mmapper_buffer *buffer,
			  const struct mmapper_info *info, int prot,
			  uint64_t offset, uint64_t length,
			  struct mmapper_mapping **mapping)
{
	uint64_t slack = offset % info->page_size;
	unsigned char *bytes;
	int error = -ENOMEM;

	if (length + slack <= SIZE_MAX)
		error = mmapper_buffer_map(buffer, offset - slack,
					   (size_t)(length + slack), prot,
					   MAP_SHARED, mapping);
	if (error < 0) {
		cli_fail(args->names[0], error);
		return NULL;
	}
	bytes = mmapper_mapping_get_address(*mapping);
	return bytes + slack;
}

static int visit_read(const struct cli_args *args,
		      const struct mmapper_buffer *buffer, uint64_t offset,
		      uint64_t length,
		      void (*see)(const unsigned char *, size_t, void *),
		      void *to)
{
	static unsigned char bytes[64 * 1024];

	while (length) {
		size_t want = length < sizeof(bytes) ? (size_t)length :
						       sizeof(bytes);
		ssize_t got = mmapper_buffer_read(buffer, bytes, want, offset);

		if (got < 0)
			return cli_fail(args->names[0], (int)got);
		if ((size_t)got != want)
			return cli_complain("read() ended before the buffer did",
					    NULL);
		see(bytes, want, to);
		offset += want;
		length -= want;
	}
	return CLI_DONE;
}

int cli_visit(const struct cli_args *args, const struct mmapper_buffer *buffer,
	      const struct mmapper_info *info, uint64_t offset, uint64_t length,
	      void (*see)(const unsigned char *bytes, size_t count, void *to),
	      void *to)
{
	struct mmapper_mapping *mapping;
	unsigned char *bytes;

	if (args->by_call)
		return visit_read(args, buffer, offset, length, see, to);
	bytes = cli_window(args, buffer, info, PROT_READ, offset, length,
			   &mapping);
	if (!bytes)
		return CLI_FAILED;
	see(bytes, (size_t)length, to);
	mmapper_mapping_unmap(mapping);
	return CLI_DONE;
}
