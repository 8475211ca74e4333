/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations and sequences of them: how they are drawn, told and read. */
#ifndef FUZZ_OP_H
#define FUZZ_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PROCS		= 3,
	THREADS		= 3,
	ACTORS		= PROCS * THREADS,
	SLOTS		= 6,
	OP_ARGS		= 6,
	SEQ_OPS		= 80,
	PROG_SEQS	= 128,
};

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
	ARG_BYTES,	/* of a buffer made at run time */
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
	OP_CREATE, OP_BOPEN, OP_DELETE, OP_BNODE, OP_BCLOSE, OP_SEAL, OP_REVOKE,
	OP_ASK, OP_RESIZE, OP_ATTR, OP_BREAD, OP_BWRITE, OP_BMMAP, OP_BMUNMAP,
	OP_BPROTECT, OP_BMADVISE, OP_BTOUCH, OP_BMEM, OP_NAMES, OP_CARD,
	OP_KINDS,
};

extern const struct op_desc op_descs[OP_KINDS];
extern const struct word node_words[];
extern const struct word command_words[];
extern const struct word row_words[], name_words[], how_words[], seal_words[];
extern const struct word attr_words[];

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
OP_RUN(fork); OP_RUN(yield); OP_RUN(create); OP_RUN(bopen); OP_RUN(delete);
OP_RUN(bnode); OP_RUN(bclose); OP_RUN(seal); OP_RUN(revoke); OP_RUN(ask);
OP_RUN(resize); OP_RUN(attr); OP_RUN(bread); OP_RUN(bwrite); OP_RUN(bmmap);
OP_RUN(bmunmap); OP_RUN(bprotect); OP_RUN(bmadvise); OP_RUN(btouch);
OP_RUN(bmem); OP_RUN(names); OP_RUN(card);

#endif /* FUZZ_OP_H */
