// SPDX-License-Identifier: GPL-2.0-or-later
/* Sequences run again, and made smaller as long as they fail the same way. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define ENOUGH	4000	/* operations of an attempt, where actors race */

static char kind[sizeof(((struct failure *)0)->kind)];
static unsigned int attempts;

/** failure_print() - what went wrong, and where */
void failure_print(void)
{
	const struct failure *f = &team->failure;
	char text[512] = "";

	printf("# FAILED %s: %s\n", f->kind, f->text);
	if (f->actor >= 0 && f->at < team->seq.count) {
		op_text(&team->seq.ops[f->at], text, sizeof(text));
		printf("# at line %u: %s\n", f->at + 2, text);
	}
	fflush(stdout);
}

/** prog_print() - as text, between lines that say what it is */
void prog_print(const struct prog *prog, const char *what)
{
	unsigned int i;

	printf("begin %s\n", what);
	fflush(stdout);
	for (i = 0; i < prog->count; i++)
		seq_print(&prog->seqs[i], STDOUT_FILENO);
	printf("end %s\n", what);
	fflush(stdout);
}

static bool run_once(const struct prog *prog)
{
	unsigned int i;

	for (i = 0; i < prog->count; i++) {
		memset(&team->failure, 0, sizeof(team->failure));
		channel_note(&prog->seqs[i], i == 0);
		if (!module_size(prog->seqs[i].size) ||
		    !team_run(&prog->seqs[i]))
			return false;
	}
	return true;
}

/**
 * prog_run() - run sequences, several times over
 * @prog: the sequences
 * @repeat: how often
 *
 * Return: false: an oracle did not hold; team->failure says which.
 */
bool prog_run(const struct prog *prog, unsigned int repeat)
{
	while (repeat--)
		if (!run_once(prog))
			return false;
	return true;
}

static unsigned int size_of(const struct prog *prog)
{
	unsigned int i, n = 0;

	for (i = 0; i < prog->count; i++)
		n += prog->seqs[i].count;
	return n;
}

/* Processes that share nothing do the same each time. */
static bool many_actors(const struct prog *prog)
{
	unsigned int i, k;

	for (i = 0; i < prog->count; i++)
		for (k = 0; k < prog->seqs[i].count; k++)
			if (prog->seqs[i].ops[k].actor)
				return true;
	return false;
}

/*
 * Each attempt has the module to itself: it cannot fail of what was before it,
 * and a reference too few or too many shows when the buffers go.
 */
static bool fails_alike(const struct prog *prog, unsigned int repeat)
{
	unsigned int most = 1 + ENOUGH / (size_of(prog) + 1);
	bool passes;

	attempts++;
	if (!many_actors(prog))
		repeat = 2;
	if (!module_unload())
		return false;
	passes = prog_run(prog, repeat < most ? repeat : most);
	if (module_unload() && passes)
		return false;
	/* A kind is known from the first failure on. */
	if (!kind[0])
		memcpy(kind, team->failure.kind, sizeof(kind));
	return !strcmp(kind, team->failure.kind);
}

/* One sequence less, or a piece of one. */
static void drop(struct prog *to, const struct prog *from, unsigned int which,
		 unsigned int at, unsigned int count)
{
	struct seq *seq = &to->seqs[which];

	*to = *from;
	if (count >= seq->count && to->count > 1) {
		to->count--;
		memmove(seq, seq + 1,
			(to->count - which) * sizeof(*seq));
		return;
	}
	memmove(&seq->ops[at], &seq->ops[at + count],
		(seq->count - at - count) * sizeof(struct op));
	seq->count -= count;
}

static bool try(struct prog *prog, const struct prog *smaller,
		unsigned int repeat)
{
	if (!fails_alike(smaller, repeat))
		return false;
	*prog = *smaller;
	printf("# %u operations still fail: %s\n", size_of(prog), kind);
	fflush(stdout);
	return true;
}

/* Half of the sequences, down to single ones. */
static bool drop_seqs(struct prog *prog, unsigned int repeat, double end)
{
	static struct prog smaller;
	bool changed = false;
	unsigned int n, at;

	for (n = prog->count / 2; n; n /= 2) {
		for (at = 0; at < prog->count && prog->count > 1;) {
			unsigned int till = at + n < prog->count ? at + n :
					    prog->count;

			if (now() > end)
				return false;
			smaller = *prog;
			smaller.count -= till - at;
			memmove(&smaller.seqs[at], &smaller.seqs[till],
				(prog->count - till) * sizeof(struct seq));
			if (smaller.count && try(prog, &smaller, repeat))
				changed = true;
			else
				at += n;
		}
	}
	return changed;
}

/* Pieces of each sequence, from half of it down to single operations. */
static bool drop_pieces(struct prog *prog, unsigned int repeat, double end)
{
	static struct prog smaller;
	bool changed = false;
	unsigned int i, n, at;

	for (i = prog->count; i-- > 0;) {
		n = (prog->seqs[i].count + 1) / 2;
		for (; n; n = n == 1 ? 0 : (n + 1) / 2) {
			for (at = 0; i < prog->count &&
			     at + n <= prog->seqs[i].count;) {
				if (now() > end)
					return false;
				drop(&smaller, prog, i, at, n);
				if (size_of(&smaller) &&
				    try(prog, &smaller, repeat))
					changed = true;
				else
					at += n;
			}
		}
	}
	return changed;
}

static void calm(struct prog *to, const struct prog *from, unsigned int step)
{
	unsigned int i, k;

	*to = *from;
	for (i = 0; i < to->count; i++) {
		for (k = 0; k < to->seqs[i].count; k++) {
			struct op *op = &to->seqs[i].ops[k];

			if (step == 0)
				op->actor = 0;
			else if (step == 1)
				op->actor -= op->actor % THREADS;
			else
				op->nth = 0;
		}
	}
}

/* One actor instead of several, and no failures that were asked for. */
static void drop_actors(struct prog *prog, unsigned int repeat)
{
	static struct prog smaller;
	unsigned int step;

	for (step = 0; step < 3; step++) {
		calm(&smaller, prog, step);
		if (memcmp(&smaller, prog, sizeof(smaller)))
			try(prog, &smaller, repeat);
	}
}

/**
 * prog_shrink() - drop what a failure does not need
 * @prog: the sequences, which are changed
 * @repeat: how often each attempt is run, where actors race
 * @seconds: to spend
 *
 * When the kernel dies of an attempt, the channel holds it: the host begins
 * again with it, and the failure need not be seen here first.
 *
 * Return: does it fail at all, the kernel left alive?
 */
bool prog_shrink(struct prog *prog, unsigned int repeat, unsigned int seconds)
{
	double end = now() + seconds;
	bool changed;

	if (!kind[0])
		memcpy(kind, team->failure.kind, sizeof(kind));
	if (kind[0] && !fails_alike(prog, repeat))
		return false;
	do {
		changed = drop_seqs(prog, repeat, end);
		drop_actors(prog, repeat);
		changed |= drop_pieces(prog, repeat, end);
	} while (changed);
	printf("# %u attempts, %u operations left%s\n", attempts,
	       size_of(prog), now() > end ? ", out of time" : "");
	return kind[0];
}
