/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of mmapper-attack share. */
#ifndef ATTACK_H
#define ATTACK_H

#include "device.h"

#define CALLS_MAX	64

/**
 * struct call_totals - sums over all sweeps of one call
 * @name: of the call
 * @sweeps: how many rows and sizes
 * @injected: failures injected
 * @highest: the farthest allocation or copy that was made to fail
 * @errors: failures that the caller got an error for
 * @cut: those that left a transfer cut short
 * @survived: those that the kernel dealt with by itself
 */
struct call_totals {
	char		name[32];
	unsigned int	sweeps;
	unsigned int	injected;
	unsigned int	highest;
	unsigned int	errors;
	unsigned int	cut;
	unsigned int	survived;
};

/**
 * struct attack_totals - sums over all cases; in memory that they share
 * @calls: each that was swept
 * @count: how many
 * @known: reports in the kernel's log that a failure explains
 * @bad_lines: lines of it that none does
 * @rounds: of races
 */
struct attack_totals {
	struct call_totals	calls[CALLS_MAX];
	size_t			count;
	unsigned long		known;
	unsigned long		bad_lines;
	unsigned long		rounds;
};

extern struct attack_totals *totals;

/* How long each race of each row lasts. */
extern unsigned int race_ms;

/* Those that are not every row's are few, and may take their time. */
#define RACE_NODE_MS	1500

extern const struct suite suite_sweep_file, suite_sweep_store, suite_sweep_map,
	suite_sweep_fork, suite_sweep_made, suite_sweep_control, suite_sweep_open,
	suite_sweep_module, suite_races, suite_races_node, suite_races_buffers,
	suite_races_open, suite_races_module;

/* sweep_log.c */
void log_begin(void);
void log_check(const char *when);
void log_end(void);

/* races.c */
void race_total(const void *arg);

/* sweep.c */
void sweep_setup(const void *arg);
void sweep_total(const void *arg);

/**
 * struct try - one call, with or without a failure in it
 * @name: of the call
 * @row: of the node
 * @dev: open from the first try to the last, unless the call is alone
 * @fresh: what the buffer holds when nobody has written
 * @before: statistics before the try
 * @map: for a call that needs a mapping: all of it
 * @len: bytes of it
 * @fd: for a call that makes or ends one
 * @result: what the call gave
 * @error: errno, if that was -1
 * @came: a failure was injected
 * @cut: set after a call that did a part of what was asked
 */
struct try {
	const char		*name;
	const struct row	*row;
	struct dev		dev;
	const char		*fresh;
	struct mmapper_stats	before;
	char			*map;
	size_t			len;
	int			fd;
	long			result;
	int			error;
	bool			came;
	bool			cut;
};

#define CALL_ERRORS	3

/**
 * struct call - a call whose every allocation and copy is made to fail
 * @before: makes what it needs
 * @call: nothing but the call; errno as it left it
 * @after: judges the result, and undoes it
 * @errors: errno values that the call may fail with, 0 at the end
 * @wanted: says why a row or size has no such call, or NULL
 * @alone: no node is open for it; @after looks after everything
 * @writes: the buffer's bytes are looked at by @after, and reset after it
 * @sparse: takes long: from this number on every eleventh fails, for what comes
 *	then has come before, row after row; 0: each
 * @again: takes long: made again after every so many failures, not after each
 * @takes_nothing: neither memory nor copies: there is nothing to fail
 */
struct call {
	void		(*before)(struct try *t);
	long		(*call)(struct try *t);
	void		(*after)(struct try *t);
	int		errors[CALL_ERRORS];
	const char	*(*wanted)(const struct try *t);
	bool		alone;
	bool		writes;
	unsigned int	sparse;
	unsigned int	again;
	bool		takes_nothing;
};

void sweep_call(const char *name, const struct call *call,
		const struct row *row);
void try_check(const struct try *t, const char *bytes, size_t offset,
	       size_t len);

/* A call and the case that sweeps it. */
#define SWEEP(_name)							\
static const struct call swept_##_name;				\
static void sweep_##_name(const void *row)				\
{									\
	sweep_call(#_name, &swept_##_name, row);			\
}									\
static const struct call swept_##_name

#define SWEEP_CASE(_name) { #_name, sweep_##_name, 600 }

/* Errors that each such call may have. */
#define NO_MEMORY	{ ENOMEM }
#define NO_COPY		{ EFAULT }
#define NO_EITHER	{ ENOMEM, EFAULT }

#endif /* ATTACK_H */
