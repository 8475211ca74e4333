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
#include <stdio.h>

#include <mmapper.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum cli_exit {
	CLI_DONE	= 0,
	CLI_FAILED	= 1,
	CLI_USAGE	= 2,
	CLI_NO_DRIVER	= 3,
	/* 11 to 17 are the stages of doctor. */
};

enum cli_option {
	CLI_ONCE	= 1 << 8,	/* the first; CLI_HELP is the last */
	CLI_GROWTH	= 1 << 9,
	CLI_CLOCK	= 1 << 10,
	CLI_EACH_SIZE	= 1 << 11,
	CLI_JSON	= 1 << 12,
	CLI_OFFSET	= 1 << 13,
	CLI_LENGTH	= 1 << 14,
	CLI_VIA_READ	= 1 << 15,
	CLI_VIA_WRITE	= 1 << 16,
	CLI_RAW		= 1 << 17,
	CLI_PATTERN	= 1 << 18,
	CLI_MODULE	= 1 << 19,
	CLI_SIZE	= 1 << 20,
	CLI_BYTES	= 1 << 21,
	CLI_BACKEND	= 1 << 22,
	CLI_MODE	= 1 << 23,
	CLI_OWNER	= 1 << 24,
	CLI_CACHE	= 1 << 25,
	CLI_NUMA	= 1 << 26,
	CLI_MEMORY	= 1 << 27,
	CLI_DEVICE	= 1 << 28,
	CLI_VALIDATE	= 1 << 29,
	CLI_HELP	= 1 << 30,
};

/* Each byte of a name may become four, and there are two quotes. */
#define CLI_QUOTED	(4 * MMAPPER_BUFFER_NAME_MAX + 4)

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
 * @tsc: --clock tsc
 * @offset: --offset
 * @length: --length
 * @size: --size
 * @module: --module
 * @backend: --backend
 * @owner: --owner
 * @device: --device
 * @mode: --mode
 * @cache: --cache, enum mmapper_cache
 * @numa: --numa
 */
struct cli_args {
	const struct cli_command	*command;
	char				**names;
	unsigned int			count;
	unsigned int			given;
	bool				by_call;
	bool				tsc;
	uint64_t			offset;
	uint64_t			length;
	uint64_t			size;
	const char			*module;
	const char			*backend;
	const char			*owner;
	const char			*device;
	uint32_t			mode;
	uint32_t			cache;
	uint32_t			numa;
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
int cli_nodes(struct mmapper_nodes **nodes);
/** cli_is_row() - whether a node is its backend's own, no second name */
bool cli_is_row(const struct mmapper_node *node);
const char *cli_kind(uint32_t flags);
const char *cli_when(uint32_t flags);
const char *cli_private(uint32_t flags);
const char *cli_cache(uint32_t cache);
/** cli_seals() - seals in words, "resize write", held by @text */
const char *cli_seals(uint32_t seals, char text[64]);
/** cli_seal_find() - one seal by its word; 0: there is none */
uint32_t cli_seal_find(const char *word);
/** cli_user(), cli_group() - name, or number, of a user or group */
const char *cli_user(uint32_t uid, char text[64]);
const char *cli_group(uint32_t gid, char text[64]);
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

/* find.c */
/** cli_no_backend() - say that no backend has this name */
int cli_no_backend(const char *name);
/** cli_no_name() - say that neither a backend nor a buffer has it */
int cli_no_name(const char *name);
/** cli_fail_buffer() - say that the library answered @error to a buffer */
int cli_fail_buffer(const struct cli_args *args, const char *name, int error);
/** cli_open_node() - open a backend's node, by its name or path */
int cli_open_node(const char *name, int flags, struct mmapper_buffer **buffer,
		  struct mmapper_info *info);
/** cli_open_buffer() - open a buffer made at run time, in one of these modes */
int cli_open_buffer(const struct cli_args *args, int flags, int or_flags,
		    struct mmapper_buffer **buffer, struct mmapper_info *info);
/** cli_open() - open what the first name leads to: a node, else a buffer */
int cli_open(const struct cli_args *args, int flags,
	     struct mmapper_buffer **buffer, struct mmapper_info *info);
/** cli_named() - what to call what was opened */
const char *cli_named(const struct mmapper_info *info);
/** cli_quote() - a name as a shell takes it for one word, held by @text */
const char *cli_quote(const char *name, char text[CLI_QUOTED]);
/** cli_list_names() - print names of buffers, not too many, with commas */
void cli_list_names(FILE *to, const struct mmapper_buffers *buffers);

/* cmd_*.c */
int cmd_create(const struct cli_args *args);
int cmd_delete(const struct cli_args *args);
int cmd_resize(const struct cli_args *args);
int cmd_seal(const struct cli_args *args);
int cmd_revoke(const struct cli_args *args);
int cmd_read(const struct cli_args *args);
int cmd_write(const struct cli_args *args);
int cmd_bench(const struct cli_args *args);
int cmd_backends(const struct cli_args *args);
int cmd_list(const struct cli_args *args);
int cmd_info(const struct cli_args *args);
int cmd_dump(const struct cli_args *args);
int cmd_fill(const struct cli_args *args);
int cmd_sum(const struct cli_args *args);
int cmd_demo(const struct cli_args *args);
int cmd_validate(const struct cli_args *args);
int cmd_lab(const struct cli_args *args);
int cmd_watch_counters(const struct cli_args *args);
int cmd_load(const struct cli_args *args);
int cmd_unload(const struct cli_args *args);
int cmd_doctor(const struct cli_args *args);

#endif /* CLI_H */
