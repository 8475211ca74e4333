// SPDX-License-Identifier: GPL-2.0-or-later
/* The supervisor's side of the processes that do operations. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define PATIENCE	90	/* seconds that a sequence may take */

struct team *team;
static pid_t pids[PROCS];

/* All of one process are used by nobody until they say so. */
static bool wait_done(unsigned int seconds)
{
	double end = now() + seconds;
	uint32_t left;

	while ((left = __atomic_load_n(&team->done, __ATOMIC_ACQUIRE)) != 0) {
		int status;
		pid_t pid;

		futex_wait(&team->done, left, 200);
		pid = waitpid(-1, &status, WNOHANG);
		if (pid > 0) {
			fail(NULL, "a process died", "status 0x%x", status);
			team_stop();
			return false;
		}
		if (now() > end) {
			fail(NULL, "no end", "after %u s", seconds);
			team_stop();
			return false;
		}
	}
	return true;
}

/** team_start() - make the processes, unless they are there */
void team_start(void)
{
	int p;

	if (pids[0])
		return;
	team->done = ACTORS;
	for (p = 0; p < PROCS; p++) {
		fflush(stdout);
		pids[p] = fork();
		if (pids[p] == 0)
			actors_run(p);
		if (pids[p] < 0) {
			perror("fork");
			exit(3);
		}
	}
	wait_done(PATIENCE);
}

/** team_stop() - end them, whatever they are at */
void team_stop(void)
{
	int p, tries;

	for (p = 0; p < PROCS; p++)
		if (pids[p] > 0)
			kill(pids[p], SIGKILL);
	for (p = 0; p < PROCS; p++) {
		/* One that hangs in the kernel cannot be waited for. */
		for (tries = 0; pids[p] > 0 && tries < 500; tries++) {
			if (waitpid(pids[p], NULL, WNOHANG) != 0)
				break;
			usleep(10000);
		}
		pids[p] = 0;
	}
}

/* Who does what, and which buffers have one user only. */
static void plan(const struct seq *seq, bool *used)
{
	unsigned int i, p, row;

	memset(team->used, 0, sizeof(team->used));
	for (row = 0; row < ROWS; row++) {
		team->shadows[row].owner = -1;
		team->shadows[row].known = false;
	}
	for (i = 0; i < seq->count; i++) {
		const struct op *op = &seq->ops[i];
		struct shadow *s;

		p = op->actor / THREADS;
		team->used[p] += !used[op->actor];
		used[op->actor] = true;
		if (op->kind != OP_OPEN)
			continue;
		s = &team->shadows[node_row(op->arg[1])];
		s->owner = s->owner == -1 || s->owner == (int)p ? (int)p : -2;
	}
}

static void check_stats(const struct mmapper_stats *before)
{
	struct mmapper_stats after[ROWS];
	unsigned int i;

	if (!module_stats(after))
		return;
	for (i = 0; i < ROWS; i++) {
		if (after[i].files != before[i].files)
			fail(NULL, "files left open", "%s: %lld",
			     rows[i].name, (long long)(after[i].files -
						       before[i].files));
		if (after[i].mappings != before[i].mappings)
			fail(NULL, "mappings left", "%s: %lld", rows[i].name,
			     (long long)(after[i].mappings -
					 before[i].mappings));
	}
}

/**
 * team_run() - run a sequence
 * @seq: the sequence; the module is loaded with its size
 *
 * Return: false: an oracle did not hold; team->failure says which.
 */
bool team_run(const struct seq *seq)
{
	struct mmapper_stats before[ROWS];
	bool used[ACTORS] = { false };
	unsigned int i;

	memset(&team->failure, 0, sizeof(team->failure));
	if (!seq->count)
		return true;
	team_start();
	if (!module_stats(before))
		return false;
	memcpy(&team->seq, seq, sizeof(*seq));
	team->nfiles = 0;
	team->news = 0;
	plan(seq, used);
	for (i = 0; i < PROCS; i++) {
		team->left[i] = team->used[i];
		team->done += team->used[i] > 0;
	}
	for (i = 0; i < ACTORS; i++)
		if (used[i])
			__atomic_fetch_add(&team->go[i], 1, __ATOMIC_RELEASE);
	for (i = 0; i < ACTORS; i++)
		if (used[i])
			futex_wake(&team->go[i]);
	if (wait_done(PATIENCE)) {
		check_stats(before);
		card_back();
		module_clean();
	}
	kmsg_check();
	return !team->failure.set;
}
