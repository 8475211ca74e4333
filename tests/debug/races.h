/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the races share. */
#ifndef RACES_H
#define RACES_H

#include <pthread.h>
#include <stdatomic.h>

#include "attack.h"

#define ACTORS	4
#define SLOTS	2
#define STEPS	16

struct actor;

/**
 * struct race - calls against each other, on one row's node
 * @row: the row
 * @ms: how long it lasts
 * @dev: open throughout
 * @len: bytes of a whole mapping
 * @phys: physical address of each page of the buffer
 * @slot: addresses where mappings come and go
 * @shared: number of a descriptor that comes and goes
 * @refusal: errno of an mmap() of it that may be refused
 * @stop: the race is over
 * @failed: something is wrong
 * @arrived: how many are at the barrier, over all rounds
 * @actors: who runs
 * @count: how many of them
 */
struct race {
	const struct row	*row;
	unsigned int		ms;
	struct dev		dev;
	size_t			len;
	uint64_t		*phys;
	char			*slot[SLOTS];
	int			shared;
	int			refusal;
	atomic_bool		stop;
	atomic_bool		failed;
	atomic_ulong		arrived;
	struct actor {
		struct race	*race;
		pthread_t	thread;
		unsigned int	id;
		unsigned int	seed;
		unsigned long	rounds;
		unsigned long	met;

		void		(*step[STEPS])(struct actor *actor);
	} actors[ACTORS];
	unsigned int		count;
};

/* Something is wrong: the race ends. */
#define RACE_EXPECT(race, cond)						\
	race_expect((race), (cond), __FILE__, __LINE__, #cond)

/* races.c */
void race_expect(struct race *race, bool ok, const char *file, int line,
		 const char *text);
void race_begin(struct race *race, const struct row *row, size_t pages);
void race_open(struct race *race);
void race_run(struct race *race);
void race_end(struct race *race, const char *name);
void race_add(struct race *race, void (*step)(struct actor *actor));
void race_also(struct race *race, void (*step)(struct actor *actor));
void race_pin(unsigned int id);
bool race_meet(struct actor *actor);
int race_touch(char *byte, bool write, char *value);
unsigned int race_random(struct actor *actor, unsigned int below);

/* races_steps.c: one call each, or a few */
void step_map(struct actor *a);
void step_touch(struct actor *a);
void step_fork(struct actor *a);
void step_split(struct actor *a);
void step_move(struct actor *a);
void step_forget(struct actor *a);
void step_translate(struct actor *a);
void step_open(struct actor *a);
void step_come_and_go(struct actor *a);
void step_map_shared(struct actor *a);
void step_stats(struct actor *a);
void step_reset(struct actor *a);
void step_write(struct actor *a);
void step_read(struct actor *a);
void step_tell(struct actor *a);
void step_sysfs(struct actor *a);

#endif /* RACES_H */
