/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bar on standard error, where that is a terminal, once a copy has taken a
 * while.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - how far a copy has come
 * @what: what is copied
 * @total: how many bytes; 0: nobody knows
 * @begun: when it began, in ms
 * @shown: when the bar was last drawn, in ms; 0: never
 * @wanted: somebody looks at it
 */
struct progress {
	const char	*what;
	uint64_t	total;
	uint64_t	begun;
	uint64_t	shown;
	bool		wanted;
};

void progress_begin(struct progress *progress, const char *what,
		    uint64_t total);
void progress_step(struct progress *progress, uint64_t done);
/** progress_end() - take the bar away */
void progress_end(const struct progress *progress);

#endif /* PROGRESS_H */
