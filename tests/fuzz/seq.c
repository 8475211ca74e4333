// SPDX-License-Identifier: GPL-2.0-or-later
/* Sequences: made from nothing, changed, spliced. */
#include <fcntl.h>
#include <string.h>

#include "fuzz.h"

/* The structure that goes with the command, and what it asks about. */
static void tame_ioctl(struct rng *rng, struct op *op, uint32_t size)
{
	op->arg[2] = sizeof(struct mmapper_phys);
	switch (_IOC_NR(op->arg[1])) {
	case _IOC_NR(MMAPPER_IOC_INFO):
		op->arg[2] = sizeof(struct mmapper_info);
		break;
	case _IOC_NR(MMAPPER_IOC_STATS):
		op->arg[2] = sizeof(struct mmapper_stats);
		break;
	case _IOC_NR(MMAPPER_IOC_RESET):
		op->arg[2] = sizeof(struct mmapper_reset);
		break;
	case _IOC_NR(MMAPPER_IOC_LOOKUP):
		op->arg[5] = AT(AT_RAW, rng_below(rng, size));
	}
}

/* Most operations are decent, or only one of their arguments is not. */
static void draw_args(struct rng *rng, struct op *op, uint32_t size)
{
	const struct op_desc *desc = &op_descs[op->kind];
	bool tame = rng_chance(rng, 60);
	unsigned int i;

	for (i = 0; i < OP_ARGS; i++)
		op->arg[i] = value_draw(rng, &desc->args[i], size,
					tame || rng_chance(rng, 60));
	if (tame && op->kind == OP_IOCTL)
		tame_ioctl(rng, op, size);
	op->nth = 0;
	/* Where less is foretold, more may fail. */
	if (rng_chance(rng, op->kind < OP_CREATE ? 3 : 12))
		op->nth = (uint8_t)(1 + rng_below(rng, 8));
}

/* A mapping that an operation asks for: where, and how long. */
static bool asks_for(const struct op *op, uint64_t *at, uint64_t *len)
{
	switch (op->kind) {
	case OP_MMAP:
		*at = op->arg[1];
		*len = op->arg[2];
		return true;
	case OP_ANON:
		*at = op->arg[0];
		*len = op->arg[1];
		return true;
	case OP_MREMAP:
		*at = op->arg[3] & MREMAP_FIXED ? op->arg[4] : op->arg[0];
		*len = op->arg[2];
		return true;
	}
	return false;
}

/* Any of the operations before this one that its process does, or NULL. */
static const struct op *earlier(struct rng *rng, const struct seq *seq,
				unsigned int before, unsigned int proc,
				bool open)
{
	uint64_t at, len;
	unsigned int tries;

	for (tries = 0; before && tries < 16; tries++) {
		/* Of the last few, if there is one. */
		unsigned int far = tries < 8 && before > 10 ? 10 : before;
		const struct op *op = &seq->ops[before - 1 -
						rng_below(rng, far)];

		if (op->actor / THREADS != proc)
			continue;
		if (open ? op->kind == OP_OPEN : asks_for(op, &at, &len))
			return op;
	}
	return NULL;
}

static void relate_range(struct rng *rng, struct op *op, uint64_t at,
			 uint64_t len)
{
	const struct op_desc *desc = &op_descs[op->kind];
	uint64_t pages = SPLIT(len) % ARENA_PAGES;
	unsigned int i;
	bool first = true;

	for (i = 0; i < OP_ARGS; i++) {
		enum arg_type type = desc->args[i].type;
		bool place = type == ARG_AT || type == ARG_WHERE ||
			(type == ARG_PTR && AT_KIND(op->arg[i]) == AT_ARENA);

		if (place && first) {
			op->arg[i] = at;
			if (rng_chance(rng, 35))
				op->arg[i] += PAGE * rng_below(rng, pages + 1);
			first = false;
		} else if (type == ARG_LEN && rng_chance(rng, 50)) {
			op->arg[i] = len;
			if (rng_chance(rng, 50))
				op->arg[i] = PAGE * rng_below(rng, pages + 4);
		}
	}
}

/* A mapping that this descriptor and this buffer allow. */
static void tame_mmap(struct op *op, const struct op *open, uint32_t size)
{
	uint64_t end = (uint64_t)SPLIT(size) * PAGE;

	op->arg[0] = open->arg[0];
	if (op->arg[3] < end && op->arg[2] > end - op->arg[3])
		op->arg[2] = end - op->arg[3];
	if (open->arg[2] == O_RDONLY)
		op->arg[4] &= ~(uint64_t)PROT_WRITE;
	if (!rows[node_row(open->arg[1])].cow && op->arg[5] & MAP_PRIVATE)
		op->arg[5] ^= MAP_PRIVATE | MAP_SHARED;
}

/* Operations meet: most are about what those before them have made. */
static void relate(struct rng *rng, const struct seq *seq, struct op *op,
		   unsigned int before)
{
	const struct op_desc *desc = &op_descs[op->kind];
	unsigned int proc = op->actor / THREADS;
	const struct op *from;
	uint64_t at, len;

	if (desc->args[0].type == ARG_SLOT && op->kind != OP_OPEN &&
	    rng_chance(rng, 90)) {
		from = earlier(rng, seq, before, proc, true);
		if (from)
			op->arg[0] = from->arg[0];
		if (from && op->kind == OP_MMAP && rng_chance(rng, 75))
			tame_mmap(op, from, seq->size);
	}
	if (op->kind == OP_MMAP || op->kind == OP_ANON || rng_chance(rng, 15))
		return;
	from = earlier(rng, seq, before, proc, false);
	if (!from || !asks_for(from, &at, &len) || AT_KIND(at) != AT_ARENA)
		return;
	relate_range(rng, op, at, len);
	if (op->kind != OP_MREMAP)
		return;
	if (rng_chance(rng, 60))
		op->arg[1] = len;
	if (rng_chance(rng, 30))
		op->arg[2] = len + PAGE * (1 + rng_below(rng, 6));
}

static uint8_t draw_kind(struct rng *rng)
{
	static unsigned int sum;
	unsigned int kind;
	uint64_t n;

	if (!sum)
		for (kind = 0; kind < OP_KINDS; kind++)
			sum += op_descs[kind].weight;
	n = rng_below(rng, sum);
	for (kind = 0; n >= op_descs[kind].weight; kind++)
		n -= op_descs[kind].weight;
	return (uint8_t)kind;
}

static struct op *append(struct seq *seq, unsigned int actor, uint8_t kind)
{
	struct op *op = &seq->ops[seq->count++];

	*op = (struct op){ .kind = kind, .actor = (uint8_t)actor };
	return op;
}

/* Each process begins with descriptors, of these rows alone. */
static void draw_opens(struct rng *rng, struct seq *seq, unsigned int actor,
		       unsigned int rows_mask)
{
	unsigned int slot, slots = 1 + (unsigned int)rng_below(rng, 3);

	for (slot = 0; slot < slots; slot++) {
		struct op *op = append(seq, actor, OP_OPEN);

		draw_args(rng, op, seq->size);
		op->arg[0] = slot;
		while (!(rows_mask & 1u << node_row(op->arg[1])))
			op->arg[1] = rng_below(rng, ROWS);
		if (slot == 0 && rng_chance(rng, 80)) {
			op->nth = 0;
			op->arg[2] = 2;		/* O_RDWR */
			op->arg[3] = 0;
		}
		/* It takes long, on an instrumented kernel. */
		if (rng_chance(rng, 20)) {
			op = append(seq, actor, OP_IOCTL);
			op->arg[0] = slot;
			op->arg[1] = command_words[2].value;	/* reset */
			op->arg[2] = sizeof(struct mmapper_reset);
			op->arg[3] = AT(AT_BUF, 0);
		}
	}
}

/* ... and with mappings, which most of what follows is about. */
static void draw_maps(struct rng *rng, struct seq *seq, unsigned int actor)
{
	unsigned int i, maps = 1 + (unsigned int)rng_below(rng, 3);

	for (i = 0; i < maps; i++) {
		struct op *op = append(seq, actor, OP_MMAP);

		draw_args(rng, op, seq->size);
		relate(rng, seq, op, seq->count - 1);
	}
}

/* ... and with buffers made at run time, each with a mapping of its own. */
static void draw_buffers(struct rng *rng, struct seq *seq, unsigned int actor)
{
	struct op *create, *map;
	unsigned int buf;

	for (buf = 0; buf < BUFFERS; buf++) {
		create = append(seq, actor, OP_CREATE);
		draw_args(rng, create, seq->size);
		create->arg[0] = buf;
		map = append(seq, actor, OP_BMMAP);
		draw_args(rng, map, seq->size);
		map->arg[0] = buf;
		map->arg[1] = buf * RANGE_PAGES / BUFFERS;
		if (rng_chance(rng, 15))
			make_big(rng, create, map);
	}
}

static void draw_op(struct rng *rng, struct seq *seq, unsigned int actor,
		    unsigned int rows_mask, bool buffers)
{
	struct op *op = append(seq, actor, draw_kind(rng));
	uint64_t at, len;

	while (buffers && op->kind < OP_CREATE)
		op->kind = draw_kind(rng);
	draw_args(rng, op, seq->size);
	if (op->kind == OP_OPEN)
		while (!(rows_mask & 1u << node_row(op->arg[1])))
			op->arg[1] = rng_below(rng, ROWS);
	relate(rng, seq, op, seq->count - 1);
	if (!asks_for(op, &at, &len) || seq->count == SEQ_OPS ||
	    !rng_chance(rng, 40))
		return;
	/* What has just been made is touched, to its end and beyond. */
	op = append(seq, actor, OP_TOUCH);
	op->arg[0] = at;
	op->arg[1] = rng_below(rng, 8);
	op->arg[2] = rng_below(rng, 2);
}

/* Some rows, but not none and not all. */
static unsigned int draw_rows(struct rng *rng)
{
	return 1 + (unsigned int)rng_below(rng, (1u << ROWS) - 2);
}

/**
 * seq_draw() - a sequence from nothing
 * @rng: numbers
 * @seq: where to; its size is set
 * @procs: processes that it may use
 * @threads: threads of each
 *
 * Half of them are of processes with one thread each that share no row, so
 * that all they do can be foretold.  Some are about buffers made at run time
 * alone, once they have begun.
 */
void seq_draw(struct rng *rng, struct seq *seq, unsigned int procs,
	      unsigned int threads)
{
	const unsigned int all = (1u << ROWS) - 1;
	unsigned int mask[PROCS], p, n;
	bool apart = rng_chance(rng, 50), buffers = rng_chance(rng, 50);

	if (apart || rng_chance(rng, 40))
		threads = 1;
	else if (rng_chance(rng, 40))
		procs = 1;
	seq->count = 0;
	for (p = 0; p < procs; p++)
		mask[p] = all;
	if (apart && procs > 1) {
		mask[0] = draw_rows(rng);
		mask[1] = all & ~mask[0];
		procs = 2;
	}
	for (p = 0; p < procs; p++)
		draw_opens(rng, seq, p * THREADS, mask[p]);
	for (p = 0; p < procs; p++)
		draw_maps(rng, seq, p * THREADS);
	for (p = 0; p < procs; p++)
		if (buffers || rng_chance(rng, 30))
			draw_buffers(rng, seq, p * THREADS);
	n = seq->count + 4 +
		(unsigned int)rng_below(rng, SEQ_OPS - 4 - seq->count);
	while (seq->count < n) {
		p = (unsigned int)rng_below(rng, procs);
		draw_op(rng, seq, p * THREADS +
			(unsigned int)rng_below(rng, threads), mask[p],
			buffers);
	}
}

static void remove_op(struct seq *seq, unsigned int at)
{
	seq->count--;
	memmove(&seq->ops[at], &seq->ops[at + 1],
		(seq->count - at) * sizeof(struct op));
}

static void insert_op(struct seq *seq, unsigned int at, const struct op *op)
{
	if (seq->count == SEQ_OPS)
		return;
	memmove(&seq->ops[at + 1], &seq->ops[at],
		(seq->count - at) * sizeof(struct op));
	seq->ops[at] = *op;
	seq->count++;
}

static void mutate_value(struct rng *rng, struct seq *seq, unsigned int at)
{
	struct op *op = &seq->ops[at];
	const struct op_desc *desc = &op_descs[op->kind];
	unsigned int n = 0;

	while (n < OP_ARGS && desc->args[n].name)
		n++;
	if (!n)
		return;
	n = (unsigned int)rng_below(rng, n);
	op->arg[n] = value_mutate(rng, &desc->args[n], op->arg[n], seq->size);
}

/* Part of another sequence, by the actors that this one has. */
static void take_from(struct rng *rng, struct seq *seq,
		      const struct seq *other)
{
	unsigned int from, n, at, i;

	if (!other || !other->count)
		return;
	from = (unsigned int)rng_below(rng, other->count);
	n = 1 + (unsigned int)rng_below(rng, other->count - from);
	at = (unsigned int)rng_below(rng, seq->count + 1);
	for (i = 0; i < n; i++) {
		struct op op = other->ops[from + i];

		op.actor = seq->ops[rng_below(rng, seq->count)].actor;
		insert_op(seq, at + i > seq->count ? seq->count : at + i, &op);
	}
}

static void mutate_once(struct rng *rng, struct seq *seq,
			const struct seq *other)
{
	unsigned int at = (unsigned int)rng_below(rng, seq->count);
	struct op op = seq->ops[at];

	switch (rng_below(rng, 20)) {
	case 0 ... 8:
		mutate_value(rng, seq, at);
		break;
	case 9 ... 12:
		op.kind = draw_kind(rng);
		draw_args(rng, &op, seq->size);
		relate(rng, seq, &op, at);
		insert_op(seq, at, &op);
		break;
	case 13 ... 14:
		if (seq->count > 1)
			remove_op(seq, at);
		break;
	case 15:
		insert_op(seq, at, &op);
		break;
	case 16:
		seq->ops[at].actor =
			seq->ops[rng_below(rng, seq->count)].actor;
		break;
	case 17:
		seq->ops[at] = seq->ops[rng_below(rng, seq->count)];
		break;
	case 18:
		seq->ops[at].nth = (uint8_t)rng_below(rng, 6);
		break;
	default:
		take_from(rng, seq, other);
	}
}

/**
 * seq_mutate() - change a sequence a little
 * @rng: numbers
 * @seq: the sequence, not empty
 * @other: another one to take from, or NULL
 */
void seq_mutate(struct rng *rng, struct seq *seq, const struct seq *other)
{
	unsigned int n = 1 + (unsigned int)rng_below(rng, 6);

	while (n--)
		mutate_once(rng, seq, other);
}
