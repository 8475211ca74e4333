// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sweep over fork().  Most of what it allocates is for the process itself,
 * so one child inherits mappings of all rows: a failure at one of them comes when
 * those before it are made.
 */
#include <sys/wait.h>

#include "attack.h"

#define HELD_MAX	64
#define FIRST		0x100000000000ul
#define GAP		0x10000000000ul

static struct held {
	struct dev	dev;
	int		flags;
	size_t		len;
	char		*map;
	char		*copy;
	uint64_t	mappings;
} held[HELD_MAX];

static size_t held_count;
static pid_t child;

/* A private one has a page of its own, which is written and still the same. */
static void hold(const struct row *row, int flags)
{
	struct held *h = &held[held_count];
	char *at = (char *)(FIRST + held_count * GAP);

	REQUIRE(held_count < HELD_MAX);
	held_count++;
	h->dev = dev_open(row);
	h->flags = flags;
	h->len = h->dev.pages * h->dev.page;
	h->map = mmap(at, h->len, PROT_READ | PROT_WRITE,
		      flags | MAP_FIXED_NOREPLACE, h->dev.fd, 0);
	REQUIRE(h->map == at);
	REQUIRE(dev_check(&h->dev, h->map, 0, h->len));
	if (flags == MAP_PRIVATE)
		__atomic_store_n(h->map, row->first, __ATOMIC_RELAXED);
	h->copy = malloc(h->len);
	REQUIRE(h->copy != NULL);
	memcpy(h->copy, h->map, h->len);
}

static void before_fork(struct try *t)
{
	struct held *h;
	size_t r;

	(void)t;
	if (held_count)
		return;
	for (r = 0; r < row_count; r++) {
		hold(&rows[r], MAP_SHARED);
		if (rows[r].flags & MMAPPER_BACKEND_F_PRIVATE)
			hold(&rows[r], MAP_PRIVATE);
	}
	for (h = held; h < held + held_count; h++)
		h->mappings = dev_stats(h->dev.fd).mappings;
}

static bool same_bytes(void)
{
	const struct held *h;

	for (h = held; h < held + held_count; h++)
		if (memcmp(h->map, h->copy, h->len) != 0)
			return false;
	return true;
}

static long call_fork(struct try *t)
{
	(void)t;
	child = fork();
	if (child == 0)
		_exit(!same_bytes());
	return child < 0 ? -1 : 0;
}

static void after_fork(struct try *t)
{
	const struct held *h;
	int status = -1;

	if (t->result == 0) {
		EXPECT_EQ(waitpid(child, &status, 0), child);
		EXPECT_EQ(status, 0);
	}
	EXPECT(same_bytes());
	for (h = held; h < held + held_count; h++)
		EXPECT_EQ(dev_stats(h->dev.fd).mappings, h->mappings);
}

SWEEP(fork) = {
	.before = before_fork, .call = call_fork, .after = after_fork,
	.errors = { ENOMEM, EAGAIN }, .alone = true, .again = 8,
};

static const struct ktap_case cases[] = { SWEEP_CASE(fork) };

SUITE(sweep_fork, cases, false);
