// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Was this error to be expected?  An operation lists the reasons why it must
 * or may fail; it succeeds only if none is certain, and its error must belong
 * to one of them.  Where threads share an arena no reason is known, and the
 * error must be one that the kind of operation can ever give.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

static void add(struct guess *g, int error)
{
	if (g->count < sizeof(g->errors) / sizeof(g->errors[0]))
		g->errors[g->count++] = error;
}

/**
 * must() - a reason for which the call cannot succeed
 * @g: the guess
 * @reason: does it hold?
 * @error: that it gives
 */
void must(struct guess *g, bool reason, int error)
{
	if (!reason)
		return;
	g->certain = true;
	add(g, error);
}

/** may() - a reason for which the call can fail, or not */
void may(struct guess *g, bool reason, int error)
{
	if (reason)
		add(g, error);
}

static bool guessed(const struct guess *g, int error)
{
	unsigned int i;

	for (i = 0; i < g->count; i++)
		if (g->errors[i] == error)
			return true;
	return false;
}

static bool listed(const struct ctx *c)
{
	const int *e = op_descs[c->op->kind].errors;

	for (; e && *e; e++)
		if (*e == c->err)
			return true;
	return false;
}

/* What a failed allocation or copy makes of a call. */
static bool injectable(int error)
{
	return error == ENOMEM || error == EFAULT || error == EAGAIN;
}

/** judge_loosely() - as judge(), where nothing could be guessed */
bool judge_loosely(const struct ctx *c)
{
	if (c->ret >= 0)
		return true;
	if (!listed(c) && !(c->injected && injectable(c->err)))
		fail(c, "undocumented errno", "errno %d (%s)", c->err,
		     strerror(c->err));
	return false;
}

/**
 * judge() - compare what a call gave with what was guessed
 * @c: the thread
 * @g: the guess
 *
 * Return: did the call succeed?
 */
bool judge(const struct ctx *c, const struct guess *g)
{
	bool ok = c->ret >= 0;

	if (c->injected && injectable(c->err))
		return ok;
	if (!world.alone)
		return judge_loosely(c);
	if (ok && g->certain)
		fail(c, "succeeded", "it gave %ld; expected errno %d (%s)",
		     c->ret, g->errors[0], strerror(g->errors[0]));
	if (!ok && !guessed(g, c->err))
		fail(c, g->count ? "other errno" : "failed",
		     "errno %d (%s); expected %s", c->err, strerror(c->err),
		     g->count ? strerror(g->errors[0]) : "success");
	return ok;
}
