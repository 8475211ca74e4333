// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"

static bool parse_byte(const char *text, unsigned char *byte)
{
	size_t len = strlen(text);
	uint64_t number;

	if (len == 3 && text[0] == '\'' && text[2] == '\'') {
		*byte = (unsigned char)text[1];
		return true;
	}
	/* A shell takes the quotes of 'c' away. */
	if (len == 1 && !isdigit((unsigned char)text[0])) {
		*byte = (unsigned char)text[0];
		return true;
	}
	if (!isxdigit((unsigned char)text[len ? len - 1 : 0]) ||
	    !cli_size_parse(text, &number) || number > 255)
		return false;
	*byte = (unsigned char)number;
	return true;
}

static int write_bytes(const struct cli_args *args,
		       const struct mmapper_buffer *buffer, unsigned char byte,
		       uint64_t offset, uint64_t length)
{
	static unsigned char bytes[64 * 1024];

	memset(bytes, byte, sizeof(bytes));
	while (length) {
		size_t want = length < sizeof(bytes) ? (size_t)length :
						       sizeof(bytes);
		ssize_t done = mmapper_buffer_write(buffer, bytes, want,
						    offset);

		if (done < 0)
			return cli_fail_buffer(args, args->names[0],
					       (int)done);
		if (!done)
			return cli_complain("write() ended before the buffer did",
					    NULL);
		offset += (uint64_t)done;
		length -= (uint64_t)done;
	}
	return CLI_DONE;
}

/* Nobody else will ever see them. */
static void say_lost(const struct mmapper_info *info)
{
	if (info->backend_flags & MMAPPER_BACKEND_F_PER_OPEN)
		printf("%s: each open has a buffer of its own; this one is gone with the command\n",
		       info->backend);
}

static int fill_bytes(const struct cli_args *args,
		      const struct mmapper_buffer *buffer,
		      const struct mmapper_info *info, unsigned char byte)
{
	struct mmapper_mapping *mapping;
	uint64_t offset, length = info->size;
	unsigned char *bytes;
	int status;

	status = cli_range(args, info, &offset, &length);
	if (status != CLI_DONE)
		return status;
	if (!(args->given & CLI_LENGTH) && offset < info->size)
		length = info->size - offset;
	if (args->by_call) {
		status = write_bytes(args, buffer, byte, offset, length);
	} else {
		bytes = cli_window(args, buffer, info, PROT_READ | PROT_WRITE,
				   offset, length, &mapping);
		if (!bytes)
			return CLI_FAILED;
		memset(bytes, byte, (size_t)length);
		mmapper_mapping_unmap(mapping);
	}
	if (status == CLI_DONE)
		printf("%s: %" PRIu64 " bytes from %" PRIu64 " on are 0x%02x now, %s\n",
		       cli_named(info), length, offset, byte, args->by_call ?
		       "by write()" : "through a mapping");
	if (status == CLI_DONE)
		say_lost(info);
	return status;
}

static int fill_pattern(const struct cli_args *args,
			const struct mmapper_buffer *buffer,
			const struct mmapper_info *info)
{
	int error = mmapper_buffer_reset(buffer);

	if (error < 0)
		return cli_fail_buffer(args, args->names[0], error);
	printf("%s: %" PRIu64 " bytes %s again\n", cli_named(info),
	       (uint64_t)info->size, info->pattern == MMAPPER_PATTERN_ZERO ?
	       "are zero" : "hold the driver's pattern");
	say_lost(info);
	return CLI_DONE;
}

int cmd_fill(const struct cli_args *args)
{
	const unsigned int range = CLI_OFFSET | CLI_LENGTH | CLI_VIA_WRITE;
	bool pattern = args->given & CLI_PATTERN;
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	unsigned char byte = 0;
	int status;

	if (pattern && args->count > 1)
		return cli_usage(args, "BYTE or --pattern, not both");
	if (pattern && args->given & range)
		return cli_usage(args, "--pattern fills the whole buffer, in the driver: no --offset, --length or --via with it");
	if (!pattern && args->count < 2)
		return cli_usage(args, "what with? BYTE (0 to 255, 0x00 to 0xff or 'c') or --pattern");
	if (!pattern && !parse_byte(args->names[1], &byte))
		return cli_usage(args, "'%s' is no byte: give 0 to 255, 0x00 to 0xff or a character",
				 args->names[1]);

	status = cli_open(args, O_RDWR, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	status = pattern ? fill_pattern(args, buffer, &info) :
			   fill_bytes(args, buffer, &info, byte);
	mmapper_buffer_close(buffer);
	return status;
}
