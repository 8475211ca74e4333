// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define PER_LINE	16
#define DEFAULT_LENGTH	78

struct dump {
	uint64_t	offset;
	unsigned char	last[PER_LINE];
	bool		have_last;
	bool		repeats;
};

static void print_line(uint64_t offset, const unsigned char *bytes,
		       size_t count)
{
	char hex[3 * PER_LINE + 2], text[PER_LINE + 1];
	size_t i, used = 0;

	for (i = 0; i < count; i++) {
		used += (size_t)sprintf(hex + used, i == PER_LINE / 2 ?
					"  %02x" : " %02x", bytes[i]);
		text[i] = isprint(bytes[i]) ? (char)bytes[i] : '.';
	}
	text[count] = '\0';
	printf("%08" PRIx64 " %-49s  |%s|\n", offset, hex, text);
}

static void see_dump(const unsigned char *bytes, size_t count, void *to)
{
	struct dump *dump = to;
	unsigned char line[PER_LINE];
	size_t i, n;

	for (i = 0; i < count; i += n) {
		n = count - i < PER_LINE ? count - i : PER_LINE;
		/* The memory may change under us: look at it once. */
		memcpy(line, bytes + i, n);
		if (n == PER_LINE && dump->have_last &&
		    memcmp(dump->last, line, n) == 0) {
			if (!dump->repeats)
				printf("*\n");
			dump->repeats = true;
		} else {
			print_line(dump->offset, line, n);
			memcpy(dump->last, line, n);
			dump->have_last = n == PER_LINE;
			dump->repeats = false;
		}
		dump->offset += n;
	}
}

static void see_raw(const unsigned char *bytes, size_t count, void *to)
{
	(void)to;
	fwrite(bytes, 1, count, stdout);
}

int cmd_dump(const struct cli_args *args)
{
	struct mmapper_info info = { 0 };
	struct mmapper_buffer *buffer;
	struct dump dump = { 0 };
	uint64_t offset, length = DEFAULT_LENGTH;
	int status;

	status = cli_open(args, O_RDONLY, &buffer, &info);
	if (status != CLI_DONE)
		return status;
	status = cli_range(args, &info, &offset, &length);
	if (status == CLI_DONE) {
		dump.offset = offset;
		status = cli_visit(args, buffer, &info, offset, length,
				   args->given & CLI_RAW ? see_raw : see_dump,
				   &dump);
		if (status == CLI_DONE && !(args->given & CLI_RAW))
			printf("%08" PRIx64 "\n", dump.offset);
	}
	mmapper_buffer_close(buffer);
	return status;
}
