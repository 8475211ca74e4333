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
 * an arena only the set of errors is checked, and that nothing is left behind.
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

enum {
	PAGE		= 4096,
	PROCS		= 3,
	THREADS		= 3,
	ACTORS		= PROCS * THREADS,
	SLOTS		= 6,
	SLOT_FD		= 100,		/* the descriptor of slot 0 */
	ARENA_PAGES	= 32,
	ROWS		= 4,
	NODES		= 6,
	BUF_PAGES	= 8,		/* of the largest buffer */
	SCRATCH_PAGES	= 9,		/* of own memory, with a hole */
	OP_ARGS		= 6,
	SEQ_OPS		= 80,
	RING		= 128,		/* sequences that are written down */
	PROG_SEQS	= RING,
	FILES		= 256,		/* opened by one sequence */
	SECTIONS	= 6,		/* of the module's code */
	SECTION_BYTES	= 1 << 17,
	FEATURES	= 1 << 16,
};

#define ARENA		0x100000000000ULL
#define ARENA_END	(ARENA + ARENA_PAGES * PAGE)
#define SCRATCH		0x200000000000ULL
extern uint64_t user_end;	/* of a process's addresses on this machine */

#define SPLIT(len)	(((len) + PAGE - 1) / PAGE)	/* bytes to pages */

/* rng.c: numbers from a seed */
struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t limit);
bool rng_chance(struct rng *rng, unsigned int percent);

/**
 * struct op - an operation
 * @kind: enum op_kind
 * @actor: who does it
 * @nth: 0, or which allocation or copy of it is to fail
 * @arg: its arguments, as its description says
 */
struct op {
	uint8_t		kind;
	uint8_t		actor;
	uint8_t		nth;
	uint64_t	arg[OP_ARGS];
};

/** struct seq - a sequence; @size is the module's parameter */
struct seq {
	uint32_t	count;
	uint32_t	size;
	struct op	ops[SEQ_OPS];
};

/** struct prog - sequences that are run one after the other */
struct prog {
	unsigned int	count;
	struct seq	seqs[PROG_SEQS];
};

/* What an argument is: how it is drawn, told and read. */
enum arg_type {
	ARG_NONE,
	ARG_SLOT,	/* a descriptor */
	ARG_WORD,	/* one of words */
	ARG_BITS,	/* any of words; when tame, one of those in max */
	ARG_AT,		/* an address of the arena, mostly */
	ARG_PTR,	/* memory for the kernel to read or write */
	ARG_WHERE,	/* an address, or an offset of the buffer */
	ARG_LEN,
	ARG_OFF,
	ARG_NUM,	/* below max */
	ARG_COMMAND,	/* of ioctl(), without its size */
	ARG_SIZE,	/* that size */
};

/* An address: its kind in the top byte, the rest an offset. */
enum {
	AT_ARENA, AT_NULL, AT_LOW, AT_KERNEL, AT_WILD,
	AT_BUF,		/* the thread's own memory */
	AT_EDGE,	/* that many bytes before memory ends */
	AT_RO,		/* memory that cannot be written */
	AT_RAW,		/* no address at all */
	AT_KINDS,
};

#define AT_SHIFT	56
#define AT(kind, off)	((uint64_t)(kind) << AT_SHIFT | (off))
#define AT_KIND(v)	((unsigned int)((v) >> AT_SHIFT))
#define AT_OFF(v)	((v) & ((1ULL << 48) - 1))

/**
 * struct word - a name in the text
 * @name: the name
 * @value: what it stands for
 * @weight: how often it is drawn; of bits: in percent
 * @tame: likewise, when the operation is to succeed
 */
struct word {
	const char	*name;
	uint64_t	value;
	unsigned int	weight;
	unsigned int	tame;
};

struct arg {
	const char		*name;
	enum arg_type		type;
	const struct word	*words;
	uint64_t		max;
};

struct ctx;

/**
 * struct op_desc - a kind of operation
 * @name: in the text
 * @weight: how often it is drawn
 * @run: does it and judges it
 * @errors: that it may ever give, 0 at the end
 * @args: its arguments
 */
struct op_desc {
	const char	*name;
	unsigned int	weight;
	void		(*run)(struct ctx *c, const uint64_t *v);
	const int	*errors;
	struct arg	args[OP_ARGS];
};

enum op_kind {
	OP_OPEN, OP_CLOSE, OP_DUP, OP_MMAP, OP_ANON, OP_MUNMAP, OP_MREMAP,
	OP_MPROTECT, OP_MADVISE, OP_MLOCK, OP_MUNLOCK, OP_MSYNC, OP_REMAP_FILE,
	OP_MINCORE, OP_MBIND, OP_TOUCH, OP_CHECK, OP_READ, OP_WRITE, OP_PREAD,
	OP_PWRITE, OP_READV, OP_WRITEV, OP_LSEEK, OP_POLL, OP_FCNTL, OP_FILE,
	OP_IOCTL, OP_VMREAD, OP_VMWRITE, OP_MEM, OP_VMSPLICE, OP_SPLICE,
	OP_DRAIN, OP_SYSFS, OP_PROC, OP_FUTEX, OP_CAPS, OP_FORK, OP_YIELD,
	OP_KINDS,
};

extern const struct op_desc op_descs[OP_KINDS];
extern const struct word node_words[];
extern const struct word command_words[];

/* values.c, text.c, seq.c */
uint64_t value_draw(struct rng *rng, const struct arg *arg, uint32_t size,
		    bool tame);
uint64_t value_mutate(struct rng *rng, const struct arg *arg, uint64_t old,
		      uint32_t size);
void seq_draw(struct rng *rng, struct seq *seq, unsigned int procs,
	      unsigned int threads);
void seq_mutate(struct rng *rng, struct seq *seq, const struct seq *other);
int op_text(const struct op *op, char *text, size_t len);
void seq_print(const struct seq *seq, int fd);
int prog_read(struct prog *prog, const char *path);	/* or a line's number */

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
	bool		powerless;	/* without CAP_SYS_ADMIN */
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
void touch_setup(void);
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

/* op_*.c */
#define OP_RUN(name)	void op_##name(struct ctx *c, const uint64_t *v)
OP_RUN(open); OP_RUN(close); OP_RUN(dup); OP_RUN(mmap); OP_RUN(anon);
OP_RUN(munmap); OP_RUN(mremap); OP_RUN(mprotect); OP_RUN(madvise);
OP_RUN(mlock); OP_RUN(munlock); OP_RUN(msync); OP_RUN(remap_file);
OP_RUN(mincore); OP_RUN(mbind); OP_RUN(touch); OP_RUN(check); OP_RUN(read);
OP_RUN(write); OP_RUN(pread); OP_RUN(pwrite); OP_RUN(readv); OP_RUN(writev);
OP_RUN(lseek); OP_RUN(poll); OP_RUN(fcntl); OP_RUN(file); OP_RUN(ioctl);
OP_RUN(vmread); OP_RUN(vmwrite); OP_RUN(mem); OP_RUN(vmsplice); OP_RUN(splice);
OP_RUN(drain); OP_RUN(sysfs); OP_RUN(proc); OP_RUN(futex); OP_RUN(caps);
OP_RUN(fork); OP_RUN(yield);

#endif /* FUZZ_H */
