// SPDX-License-Identifier: GPL-2.0-or-later
/* Sequences that were the first to show something. */
#include <string.h>

#include "fuzz.h"

#define CORPUS	1024

static struct seq corpus[CORPUS];
static unsigned int count;

unsigned int corpus_size(void)
{
	return count;
}

/** corpus_add() - keep a sequence; when full, in place of any other */
void corpus_add(struct rng *rng, const struct seq *seq)
{
	unsigned int at = count < CORPUS ? count++ :
		(unsigned int)rng_below(rng, CORPUS);

	corpus[at] = *seq;
}

/**
 * corpus_next() - the next sequence to try
 * @rng: numbers
 * @seq: where to; its size is set
 * @campaign: how many actors there may be
 */
void corpus_next(struct rng *rng, struct seq *seq,
		 const struct campaign *campaign)
{
	uint32_t size = seq->size;
	unsigned int at;

	if (!count || rng_chance(rng, 25)) {
		seq_draw(rng, seq, campaign->procs, campaign->threads);
		return;
	}
	/* The newest have been changed least often. */
	at = (unsigned int)rng_below(rng, count);
	if (rng_chance(rng, 40) && count > 32)
		at = count - 1 - (unsigned int)rng_below(rng, 32);
	*seq = corpus[at];
	seq->size = size;
	seq_mutate(rng, seq, &corpus[rng_below(rng, count)]);
}
