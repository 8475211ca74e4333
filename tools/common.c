// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
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

int cli_fail(const char *what, int error)
{
	char text[512];

	if (error == -ENOENT && what)
		return cli_no_name(what);
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

const char *cli_kind(uint32_t flags)
{
	return flags & MMAPPER_BACKEND_F_PAGES ? "page-backed" : "special";
}

const char *cli_when(uint32_t flags)
{
	if (flags & MMAPPER_BACKEND_F_EAGER)
		return "eager";
	if (flags & MMAPPER_BACKEND_F_HUGE)
		return "on fault, by blocks";
	return flags & MMAPPER_BACKEND_F_AROUND ? "on fault, by tables" :
						  "on fault";
}

const char *cli_private(uint32_t flags)
{
	return flags & MMAPPER_BACKEND_F_PRIVATE ? "copy on write" : "refused";
}

const char *cli_cache(uint32_t cache)
{
	static const char *const caches[] = {
		[MMAPPER_CACHE_CACHED]	= "cached",
		[MMAPPER_CACHE_WC]	= "write-combined",
		[MMAPPER_CACHE_UC]	= "uncached",
	};

	return cache < ARRAY_SIZE(caches) ? caches[cache] : "unknown";
}

static const struct {
	uint32_t	seal;
	const char	*word;
} seal_words[] = {
	{ MMAPPER_SEAL_SEAL, "seal" },
	{ MMAPPER_SEAL_RESIZE, "resize" },
	{ MMAPPER_SEAL_WRITE, "write" },
	{ MMAPPER_SEAL_DELETE, "delete" },
};

const char *cli_seals(uint32_t seals, char text[64])
{
	size_t i, used = 0;

	strcpy(text, "none");
	for (i = 0; i < ARRAY_SIZE(seal_words); i++)
		if (seals & seal_words[i].seal)
			used += (size_t)sprintf(text + used, "%s%s",
						used ? " " : "",
						seal_words[i].word);
	return text;
}

uint32_t cli_seal_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seal_words); i++)
		if (strcmp(word, seal_words[i].word) == 0)
			return seal_words[i].seal;
	return 0;
}

const char *cli_user(uint32_t uid, char text[64])
{
	const struct passwd *entry = getpwuid(uid);

	if (entry)
		snprintf(text, 64, "%s", entry->pw_name);
	else
		snprintf(text, 64, "%" PRIu32, uid);
	return text;
}

const char *cli_group(uint32_t gid, char text[64])
{
	const struct group *entry = getgrgid(gid);

	if (entry)
		snprintf(text, 64, "%s", entry->gr_name);
	else
		snprintf(text, 64, "%" PRIu32, gid);
	return text;
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
		cli_fail_buffer(args, args->names[0], error);
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
			return cli_fail_buffer(args, args->names[0], (int)got);
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
