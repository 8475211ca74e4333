// SPDX-License-Identifier: GPL-2.0-or-later
/* Races of calls on one node; each case leaves an unloaded module behind. */
#include <sys/wait.h>

#include "races.h"

#define PAGES	4

static void begin(struct race *race, const void *row)
{
	race_begin(race, row, PAGES);
	race_open(race);
}

/* Mappings that appear, are touched, inherited, cut into pieces and vanish. */
static void unmap_fault_fork(const void *row)
{
	static struct race race;

	begin(&race, row);
	race_add(&race, step_map);
	race_add(&race, step_touch);
	race_add(&race, step_fork);
	race_add(&race, step_split);
	race_run(&race);
	race_end(&race, "unmap_fault_fork");
}

/* Mappings that move and lose their pages while they are looked at. */
static void move_touch_translate(const void *row)
{
	static struct race race;
	bool pages = row_pages(row);

	begin(&race, row);
	race_add(&race, step_move);
	race_also(&race, step_map);
	race_add(&race, step_touch);
	race_add(&race, step_translate);
	if (pages)
		race_add(&race, step_forget);
	race_run(&race);
	race_end(&race, "move_touch_translate");
}

/* A descriptor that others map is closed and opened again. */
static void close_mmap(const void *row)
{
	static struct race race;

	begin(&race, row);
	race_add(&race, step_come_and_go);
	race_add(&race, step_map_shared);
	race_add(&race, step_come_and_go);
	race_add(&race, step_map_shared);
	race_run(&race);
	race_end(&race, "close_mmap");
}

/* The same counters from both processors, read by a third. */
static void open_close(const void *row)
{
	static struct race race;

	begin(&race, row);
	race.ms = RACE_NODE_MS;
	race_add(&race, step_open);
	race_add(&race, step_open);
	race_add(&race, step_stats);
	race_add(&race, step_sysfs);
	race_run(&race);
	race_end(&race, "open_close");
}

/* Every open may be the first, every close the last. */
static void step_use(struct actor *a)
{
	struct race *race = a->race;
	int fd = open(race->row->path, O_RDWR | O_CLOEXEC);
	char byte = 0, *map;

	RACE_EXPECT(race, fd >= 0);
	RACE_EXPECT(race, pread(fd, &byte, 1, 1) == 1);
	RACE_EXPECT(race, byte == row_byte(race->row, 1));
	map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	RACE_EXPECT(race, map != MAP_FAILED);
	close(fd);
	if (map == MAP_FAILED)
		return;
	RACE_EXPECT(race, *map == race->row->first);
	munmap(map, 1);
	a->met++;
}

static void last_close(const void *row)
{
	static struct race race;

	race_begin(&race, row, PAGES);
	race.ms = 3 * (race_ms > RACE_NODE_MS ? race_ms : RACE_NODE_MS);
	race_add(&race, step_use);
	race_add(&race, step_use);
	race_run(&race);
	race_end(&race, "last_close");
}

static void bytes(const void *row)
{
	static struct race race;

	begin(&race, row);
	race.ms = RACE_NODE_MS;
	race_add(&race, step_write);
	race_add(&race, step_reset);
	race_add(&race, step_read);
	race_add(&race, step_map);
	race_also(&race, step_touch);
	race_run(&race);
	race_end(&race, "bytes");
}

static void storm_actors(struct race *race)
{
	static void (* const steps[])(struct actor *actor) = {
		step_map, step_touch, step_fork, step_split, step_move,
		step_translate, step_open, step_stats, step_reset, step_read,
		step_sysfs,
	};
	size_t i;

	while (race->count < ACTORS) {
		race_add(race, step_tell);
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			race_also(race, steps[i]);
	}
}

/* Everything against everything, in two processes. */
static void storm(const void *row)
{
	static struct race race;
	int status = -1;
	pid_t pid;

	begin(&race, row);
	storm_actors(&race);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		unsigned int i;

		for (i = 0; i < race.count; i++)
			race.actors[i].seed += race.count;
		race_run(&race);
		fflush(stdout);
		_exit(atomic_load(&race.failed));
	}
	race_run(&race);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	race_end(&race, "storm");
}

/*
 * Two threads, at the same moment on two processors, take the first fault of
 * each page of one mapping.
 */
static char *same_map;
static int same_flags;

static void same_round(struct actor *a, char letter)
{
	struct race *race = a->race;
	size_t page = race->dev.page, i;
	char byte;

	if (a->id == 0) {
		same_map = mmap(race->slot[0], race->len,
				PROT_READ | PROT_WRITE, same_flags | MAP_FIXED,
				race->dev.fd, 0);
		RACE_EXPECT(race, same_map == race->slot[0]);
	}
	if (!race_meet(a))
		return;
	for (i = 0; i < race->len; i += page)
		__atomic_store_n(same_map + i + a->id, letter,
				 __ATOMIC_RELAXED);
	if (!race_meet(a))
		return;
	for (i = 0; i < race->len; i += page) {
		RACE_EXPECT(race, same_map[i] == 'A' && same_map[i + 1] == 'B');
		RACE_EXPECT(race, pread(race->dev.fd, &byte, 1,
					(off_t)(i + a->id)) == 1);
		if (same_flags == MAP_SHARED)
			RACE_EXPECT(race, byte == letter);
		else
			RACE_EXPECT(race, byte != letter);
	}
	a->met++;
	if (race_meet(a) && a->id == 0)
		RACE_EXPECT(race, munmap(same_map, race->len) == 0);
}

static void step_same_0(struct actor *a)
{
	same_round(a, 'A');
}

static void step_same_1(struct actor *a)
{
	same_round(a, 'B');
}

static void same_page_with(const void *row, int flags, const char *name)
{
	static struct race race;

	begin(&race, row);
	same_flags = flags;
	race_add(&race, step_same_0);
	race_add(&race, step_same_1);
	race_run(&race);
	race_end(&race, name);
}

static void same_page(const void *row)
{
	same_page_with(row, MAP_SHARED, "same_page");
}

static void same_page_private(const void *arg)
{
	const struct row *row = arg;

	if (!(row->flags & MMAPPER_BACKEND_F_PRIVATE))
		ktap_skip("MAP_PRIVATE is refused here");
	same_page_with(row, MAP_PRIVATE, "same_page_private");
}

static const struct ktap_case cases[] = {
	{ "same_page", same_page, 600 },
	{ "same_page_private", same_page_private, 600 },
	{ "unmap_fault_fork", unmap_fault_fork, 600 },
	{ "move_touch_translate", move_touch_translate, 600 },
	{ "close_mmap", close_mmap, 600 },
	{ "storm", storm, 600 },
};

SUITE(races, cases, true);

/* The row makes no difference to these. */
static const struct ktap_case node_cases[] = {
	{ "open_close", open_close, 600 },
	{ "last_close", last_close, 600 },
	{ "bytes", bytes, 600 },
};

SUITE(races_node, node_cases, false);
