/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmapper-fuzz: sequences of calls against the driver, drawn at random and
 * guided by the blocks of the module that they reach.
 *
 * A sequence is a list of operations.  Each has an actor, a thread of a
 * process; an actor does its operations in order, all actors side by side.
 * What a process does it does in an arena, a range of addresses that nothing
 * else uses, and with a few descriptors of fixed numbers, the slots, so that
 * operations meet each other.  One process more, the supervisor, makes the
 * sequences, writes each down before it is run, and judges what came of it.
 *
 * What a lone thread does can be foretold: see model.c.  Of threads that share
 * an arena, and of buffers made at run time (see op_buffer.c), only the set of
 * errors is checked, and that nothing is left behind.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <mmapper/uapi.h>

#include "model.h"
#include "op.h"

enum {
	SLOT_FD		= 100,		/* the descriptor of slot 0 */
	BUF_FD		= 110,		/* likewise, of a buffer made at run time */
	BUFFERS		= 2,
	RANGE_PAGES	= 12,		/* for mappings of these */
	BIG_PAGES	= 1024,		/* for those of 2 MiB and more */
	BIG_SPOTS	= 6,		/* of them, that operations are about */
	PLACES		= RANGE_PAGES + BIG_SPOTS,
	NAMES		= 10,
	GOOD_NAMES	= 3,		/* the first of them, that there can be */
	SCRATCH_PAGES	= 9,		/* of own memory, with a hole */
	RING		= PROG_SEQS,	/* sequences that are written down */
	FILES		= 256,		/* opened by one sequence */
	SECTIONS	= 6,		/* of the module's code */
	SECTION_BYTES	= 1 << 17,
	FEATURES	= 1 << 16,
};

#define SCRATCH		0x200000000000ULL
#define RANGE		0x300000000000ULL
#define BIG		(RANGE + (1ULL << 30))	/* no other page table than its own */
#define CONTROL		"/dev/mmapper/control"
#define CONTROL_SYSFS	"/sys/class/mmapper/control/"
extern uint64_t user_end;	/* of a process's addresses on this machine */

struct section {
	char		name[16];
	uint64_t	base;
	uint64_t	bytes;		/* to where another one begins */
};

/**
 * struct channel - what outlives the guest: memory of a file of the host's
 * @magic: CHANNEL_MAGIC once it is set up
 * @seed: that all began with
 * @ops: operations done
 * @next: sequences written down; the last is ring[(next - 1) % RING]
 * @first: where in that count the program that is being run began
 * @at: which operation each actor is at, counted from 1; 0: none
 * @sections: of the module
 * @seen: blocks reached, a bit for each byte of a section
 * @ring: the last sequences
 */
struct channel {
	uint64_t	magic;
	uint64_t	seed;
	uint64_t	ops;
	uint64_t	next;
	uint64_t	first;
	uint32_t	at[ACTORS];
	struct section	sections[SECTIONS];
	uint8_t		seen[SECTIONS][SECTION_BYTES / 8];
	struct seq	ring[RING];
};

#define CHANNEL_MAGIC	0x317a7a7566726d6dULL
extern struct channel *channel;

/* What went wrong first; @kind is the same for the same defect. */
struct failure {
	uint32_t	set;
	int		actor;
	unsigned int	at;
	char		kind[48];
	char		text[320];
};

/** struct team - what all processes share */
struct team {
	struct seq	seq;
	uint32_t	go[ACTORS];	/* futexes: goes up when it is to run */
	uint32_t	done;		/* futex: processes still at it */
	uint32_t	used[PROCS];	/* threads of each in this sequence */
	uint32_t	left[PROCS];	/* those still at it */
	uint32_t	quit;
	uint32_t	size;		/* bytes of each buffer */
	uint32_t	pages;
	uint32_t	blocks;		/* reached, of the module */
	uint32_t	news;		/* features that this sequence was first with */
	uint32_t	nfiles;
	uint32_t	injected;
	uint8_t		features[FEATURES / 8];
	struct file	files[FILES];
	struct shadow	shadows[ROWS];
	struct failure	failure;
};

extern struct team *team;

struct kcov {
	int		fd;
	uint64_t	*area;
};

/** struct ctx - a thread that does operations */
struct ctx {
	unsigned int	actor;
	unsigned int	at;
	const struct op	*op;
	bool		child;
	bool		injected;	/* a failure was made in this operation */
	bool		powerless;	/* without the capabilities that matter */
	unsigned int	skip;		/* operations that a child has done */
	int		nth_fd;
	unsigned int	row;		/* that it was about, or ROWS */
	long		ret;
	int		err;
	uint8_t		*scratch;
	struct kcov	kcov;
	bool		touching;
	sigjmp_buf	back;
};

/* kcov.c */
bool kcov_open(struct kcov *kcov);
void kcov_begin(struct kcov *kcov);
void kcov_collect(struct kcov *kcov);
void kcov_sections(void);
void feature_see(uint32_t hash);

/* call.c: CALL() does the one call that an operation is about */
void call_begin(struct ctx *c);
void call_end(struct ctx *c, long ret);
#define CALL(c, call)							\
({									\
	struct ctx *ctx_ = (c);						\
	long ret_;							\
									\
	call_begin(ctx_);						\
	errno = 0;							\
	ret_ = (long)(call);						\
	call_end(ctx_, ret_);						\
	ret_;								\
})
int touch_byte(struct ctx *c, uint64_t addr, bool write, uint8_t *byte);
void call_setup(void);
__attribute__((format(printf, 3, 4)))
void fail(const struct ctx *c, const char *kind, const char *format, ...);

/* judge.c: which errors a call may give, for a reason that is certain or not */
struct guess {
	unsigned int	count;
	bool		certain;
	int		errors[16];
};

void must(struct guess *g, bool reason, int error);
void may(struct guess *g, bool reason, int error);
bool judge(const struct ctx *c, const struct guess *g);	/* did it succeed? */
bool judge_loosely(const struct ctx *c);

/* place.c: addresses */
void place_setup(void);
uint64_t place(const struct ctx *c, uint64_t at);
bool place_clip(uint64_t addr, uint64_t *len);
bool place_pages(uint64_t addr, uint64_t len, unsigned int *first,
		 unsigned int *count);
uint64_t place_settle(struct ctx *c, uint64_t addr, uint64_t len);
uint64_t place_room(const struct ctx *c, uint64_t at, uint64_t len,
		    bool write, bool *sure);

/* team.c */
void team_start(void);
void team_stop(void);
bool team_run(const struct seq *seq);		/* false: team->failure is set */

/* actor.c: the threads of a process that does operations */
void actors_run(int proc) __attribute__((noreturn));
void run_ops(struct ctx *c, unsigned int from, unsigned int count);
void futex_wait(uint32_t *word, uint32_t value, unsigned int ms);
void futex_wake(uint32_t *word);

/* module.c */
extern const char *module_path;
bool module_size(uint32_t size);		/* load it with this size */
bool module_unload(void);
bool module_stats(struct mmapper_stats *stats);
void module_clean(void);		/* of buffers made at run time */

/* card.c: a PCI device that the module is given */
extern char card[32];			/* its name; empty: there is none */
void card_give(void);
void card_back(void);

/* op_buffer.c */
extern const char buffer_names[NAMES][MMAPPER_BUFFER_NAME_MAX];
void make_big(struct rng *rng, struct op *create, struct op *map);

/* kmsg.c */
void kmsg_open(void);
void kmsg_check(void);

/* channel.c */
bool channel_open(const char *path, bool fresh);
void channel_note(const struct seq *seq, bool first);
void channel_recall(struct prog *prog, unsigned int last);
void channel_print(unsigned int last);
void channel_show_seen(void);

/**
 * struct campaign - how much is to be done
 * @seed: the numbers begin with it
 * @ops: operations; 0: no limit
 * @seconds: likewise
 * @procs: processes that a sequence may have
 * @threads: threads of each
 * @blocks: of the module, for the figures; 0: not known
 */
struct campaign {
	uint64_t	seed;
	uint64_t	ops;
	unsigned int	seconds;
	unsigned int	procs;
	unsigned int	threads;
	unsigned int	blocks;
};

/* campaign.c */
bool campaign_run(const struct campaign *campaign, struct prog *failed);
double now(void);

/* corpus.c */
void corpus_add(struct rng *rng, const struct seq *seq);
void corpus_next(struct rng *rng, struct seq *seq,
		 const struct campaign *campaign);
unsigned int corpus_size(void);

/* prog.c */
bool prog_run(const struct prog *prog, unsigned int repeat);
bool prog_shrink(struct prog *prog, unsigned int repeat, unsigned int seconds);
void prog_print(const struct prog *prog, const char *what);
void failure_print(void);

#endif /* FUZZ_H */
