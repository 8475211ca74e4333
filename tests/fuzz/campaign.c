// SPDX-License-Identifier: GPL-2.0-or-later
/* Sequence after sequence, until there have been enough or one fails. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

#define PROGRESS	5.0	/* seconds */
#define OPS_PER_SIZE	4000	/* about what the channel keeps */

/* Whole pages, a part of the last, one page, one byte. */
static const uint32_t sizes[] = { 16384, 10000, 4096, 1, 20481 };

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t ops_done(void)
{
	return __atomic_load_n(&channel->ops, __ATOMIC_RELAXED);
}

static void show(const struct campaign *k, double start)
{
	double seconds = now() - start;
	char total[16] = "";

	if (k->blocks)
		snprintf(total, sizeof(total), "/%u", k->blocks);
	printf("# %4.0f s  %llu ops  %.0f/s  %u%s blocks  corpus %u  %u failures made\n",
	       seconds, (unsigned long long)ops_done(),
	       (double)ops_done() / (seconds + 0.001), team->blocks, total,
	       corpus_size(), team->injected);
	fflush(stdout);
}

/* New processes and another size, now and then. */
static bool next_size(unsigned int *turn, uint32_t *size)
{
	*size = sizes[*turn % (sizeof(sizes) / sizeof(sizes[0]))];
	(*turn)++;
	team_stop();
	memset(&team->failure, 0, sizeof(team->failure));
	return module_size(*size);
}

static bool enough(const struct campaign *k, double start)
{
	return (k->ops && ops_done() >= k->ops) ||
		(k->seconds && now() - start >= k->seconds);
}

/**
 * campaign_run() - try sequences
 * @k: how many, from which seed
 * @failed: where to put the one that failed
 *
 * Return: none failed.
 */
bool campaign_run(const struct campaign *k, struct prog *failed)
{
	struct rng rng = { k->seed };
	struct seq *seq = &failed->seqs[0];
	double start = now(), shown = start;
	uint64_t change = 0;
	unsigned int turn = 0;

	failed->count = 1;
	memset(seq, 0, sizeof(*seq));
	while (!enough(k, start)) {
		if (ops_done() >= change) {
			change = ops_done() + OPS_PER_SIZE;
			seq->count = 0;
			if (!next_size(&turn, &seq->size))
				return false;
		}
		corpus_next(&rng, seq, k);
		seq->size = team->size;
		channel_note(seq, true);
		if (!team_run(seq))
			return false;
		if (team->news)
			corpus_add(&rng, seq);
		if (now() - shown > PROGRESS) {
			shown = now();
			show(k, start);
		}
	}
	show(k, start);
	team_stop();
	seq->count = 0;
	return module_unload();
}
