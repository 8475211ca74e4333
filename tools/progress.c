// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define PATIENCE	500	/* ms before the first bar */
#define INTERVAL	100
#define WIDTH		24

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	memset(progress, 0, sizeof(*progress));
	progress->what = what;
	progress->total = total;
	progress->begun = now();
	progress->wanted = isatty(STDERR_FILENO);
}

static void say(const struct progress *progress, uint64_t done, uint64_t ms)
{
	double mib = (double)done / (1 << 20);
	double rate = mib * 1000 / (double)ms;
	char bar[WIDTH + 1];
	size_t full;

	if (!progress->total) {
		fprintf(stderr, "\r%s: %.0f MiB, %.0f MiB/s\033[K",
			progress->what, mib, rate);
		return;
	}
	if (done > progress->total)
		done = progress->total;
	full = (size_t)((double)done / (double)progress->total * WIDTH);
	memset(bar, ' ', WIDTH);
	memset(bar, '#', full);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r%s: [%s] %3.0f%% of %.0f MiB, %.0f MiB/s\033[K",
		progress->what, bar,
		100 * (double)done / (double)progress->total,
		(double)progress->total / (1 << 20), rate);
}

void progress_step(struct progress *progress, uint64_t done)
{
	uint64_t time;

	if (!progress->wanted)
		return;
	time = now();
	if (time < progress->begun + PATIENCE ||
	    time < progress->shown + INTERVAL)
		return;
	say(progress, done, time - progress->begun);
	progress->shown = time;
}

void progress_end(const struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
}
