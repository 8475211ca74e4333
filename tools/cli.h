/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands of mmapper-cli share: the command table, the options, and
 * the words for errors.  Every function that returns an int returns the exit
 * status, enum cli_exit.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmapper.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum cli_exit {
	CLI_DONE	= 0,
	CLI_FAILED	= 1,
	CLI_USAGE	= 2,
	CLI_NO_DRIVER	= 3,
	/* 11 to 17 are the stages of doctor. */
};

/* Bits, and also argp's keys: none may be a character. */
enum cli_option {
	CLI_JSON	= 1 << 12,
	CLI_OFFSET	= 1 << 13,
	CLI_LENGTH	= 1 << 14,
	CLI_VIA_READ	= 1 << 15,
	CLI_VIA_WRITE	= 1 << 16,
	CLI_RAW		= 1 << 17,
	CLI_PATTERN	= 1 << 18,
	CLI_MODULE	= 1 << 19,
	CLI_SIZE	= 1 << 20,
	CLI_HELP	= 1 << 21,
};

struct cli_args;

/**
 * struct cli_command - one row of the command table
 * @name: what the user types
 * @arguments: what follows it, for --help
 * @help: one line
 * @more: what else its own --help says, or NULL
 * @options: which of enum cli_option it takes
 * @min: names that it needs
 * @max: names that it takes at most
 * @run: does it
 */
struct cli_command {
	const char	*name;
	const char	*arguments;
	const char	*help;
	const char	*more;
	unsigned int	options;
	unsigned int	min;
	unsigned int	max;
	int		(*run)(const struct cli_args *args);
};

/**
 * struct cli_args - a command line, taken apart
 * @command: the row of the table
 * @names: the words that are no options
 * @count: how many
 * @given: which options were given, enum cli_option
 * @by_call: --via read or --via write, not map
 * @offset: --offset
 * @length: --length
 * @size: --size
 * @module: --module
 */
struct cli_args {
	const struct cli_command	*command;
	char				**names;
	unsigned int			count;
	unsigned int			given;
	bool				by_call;
	uint64_t			offset;
	uint64_t			length;
	uint64_t			size;
	const char			*module;
};

/* options.c */
bool cli_size_parse(const char *text, uint64_t *value);
int cli_args_parse(const struct cli_command *command, int argc, char **argv,
		   struct cli_args *args);
/** cli_usage() - say in one line what is wrong with the command line */
int cli_usage(const struct cli_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* common.c */
/** cli_fail() - say that the library answered @error to @what */
int cli_fail(const char *what, int error);
/** cli_complain() - say what is wrong and what may help (or NULL) */
int cli_complain(const char *what, const char *hint);
int cli_open(const char *name, int flags, struct mmapper_buffer **buffer,
	     struct mmapper_info *info);
int cli_nodes(struct mmapper_nodes **nodes);
/** cli_is_row() - whether a node is its backend's own, no second name */
bool cli_is_row(const struct mmapper_node *node);
const char *cli_kind(uint32_t flags);
const char *cli_when(uint32_t flags);
const char *cli_private(uint32_t flags);
/** cli_bytes() - a number of bytes for people, "16 KiB", held by @text */
const char *cli_bytes(uint64_t bytes, char text[32]);
/** cli_range() - --offset and --length, checked; @length is the default */
int cli_range(const struct cli_args *args, const struct mmapper_info *info,
	      uint64_t *offset, uint64_t *length);

/**
 * cli_visit() - show a range of a buffer to @see, piece by piece
 *
 * Each piece but the last is a multiple of 16 bytes long.
 */
int cli_visit(const struct cli_args *args, const struct mmapper_buffer *buffer,
	      const struct mmapper_info *info, uint64_t offset, uint64_t length,
	      void (*see)(const unsigned char *bytes, size_t count, void *to),
	      void *to);

/** cli_window() - map the pages that hold a range; its first byte, or NULL */
unsigned char *cli_window(const struct cli_args *args,
			  const struct mmapper_buffer *buffer,
			  const struct mmapper_info *info, int prot,
			  uint64_t offset, uint64_t length,
			  struct mmapper_mapping **mapping);

/* cmd_*.c */
int cmd_backends(const struct cli_args *args);
int cmd_list(const struct cli_args *args);
int cmd_info(const struct cli_args *args);
int cmd_dump(const struct cli_args *args);
int cmd_fill(const struct cli_args *args);
int cmd_sum(const struct cli_args *args);
int cmd_demo(const struct cli_args *args);
int cmd_validate(const struct cli_args *args);
int cmd_load(const struct cli_args *args);
int cmd_unload(const struct cli_args *args);
int cmd_doctor(const struct cli_args *args);

#endif /* CLI_H */
