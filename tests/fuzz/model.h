/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is foretold: the rows, their buffers, a process's files and its arena. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "op.h"

enum {
	PAGE		= 4096,
	ARENA_PAGES	= 32,
	ROWS		= 4,
	NODES		= 6,
	BUF_PAGES	= 8,		/* of the largest buffer */
};

/* Below it only who has CAP_SYS_RAWIO may map anything: vm.mmap_min_addr, of this or less. */
#define LOWEST		0x10000ULL
#define ARENA		0x100000000000ULL
#define ARENA_END	(ARENA + ARENA_PAGES * PAGE)
#define SPLIT(len)	(((len) + PAGE - 1) / PAGE)	/* bytes to pages */

struct ctx;

/**
 * struct row - what is known of a backend
 * @name: its own
 * @first: first byte of its pattern
 * @period: after how many bytes the pattern begins again
 * @cow: takes MAP_PRIVATE
 * @grows: mremap() can grow its mappings
 * @special: its mappings show no pages
 */
struct row {
	const char	*name;
	uint8_t		first;
	uint8_t		period;
	bool		cow;
	bool		grows;
	bool		special;
};

extern const struct row rows[ROWS];
extern const char *const node_paths[NODES];
unsigned int node_row(uint64_t node);

/**
 * struct file - an open file, as foretold
 * @row: its backend
 * @mode: PROT_READ, PROT_WRITE as it may be used
 * @path: opened with O_PATH
 * @pos: where it stands
 */
struct file {
	uint8_t	row;
	uint8_t	mode;
	bool	path;
	int64_t	pos;
};

/**
 * struct shadow - a buffer, as foretold
 * @owner: the only process that uses it in this sequence, or -1
 * @known: @bytes holds what the buffer holds
 * @phys: physical address of each page
 */
struct shadow {
	int		owner;
	bool		known;
	uint64_t	phys[BUF_PAGES];
	uint8_t		bytes[BUF_PAGES * PAGE];
};

/* A page of the arena, as foretold. */
enum page_kind { PG_NONE, PG_DEV, PG_ANON, PG_UNKNOWN };

/**
 * struct page - a page of the arena
 * @kind: enum page_kind
 * @row: whose buffer
 * @prot: PROT_*
 * @shared: MAP_SHARED
 * @writable: may become so by mprotect()
 * @copied: private, and has a copy of its own: world.copies
 * @hazy: what it holds is not known
 * @forked: madvise() may have kept it from children
 * @index: page of the buffer
 */
struct page {
	uint8_t	kind;
	uint8_t	row;
	uint8_t	prot;
	bool	shared;
	bool	writable;
	bool	copied;
	bool	hazy;
	bool	forked;
	int32_t	index;
};

/**
 * struct world - what a process has; a child has a copy
 * @alone: one thread does it all, so that it can be foretold
 * @files: of each slot, an index of team->files, or -1
 * @children: not waited for yet
 */
struct world {
	int		proc;
	bool		alone;
	bool		crowd;		/* children run beside it */
	int		files[SLOTS];
	int		pipe[2];
	pid_t		children[SEQ_OPS];
	unsigned int	nchildren;
	struct page	pages[ARENA_PAGES];
	uint8_t		copies[ARENA_PAGES][PAGE];
};

extern struct world world;

/* model.c */
void model_clear(unsigned int first, unsigned int count);
void model_blur(unsigned int first, unsigned int count);
void model_blur_range(uint64_t addr, uint64_t len);
void model_move(unsigned int from, unsigned int to, unsigned int count);
void model_hazy(uint64_t addr, uint64_t len);
void model_forget_writes(uint64_t addr, uint64_t len);
const uint8_t *model_bytes(const struct page *p);	/* NULL: not known */
void model_write(struct page *p, unsigned int off, uint8_t byte);
void model_check_maps(struct ctx *c);
struct shadow *model_shadow(unsigned int row);	/* NULL: shared with others */
struct file *model_file(uint64_t slot);		/* NULL: none is open */
bool model_io(void);		/* is what files hold and where they stand known? */
uint8_t row_byte(unsigned int row, size_t i);

#endif /* FUZZ_MODEL_H */
