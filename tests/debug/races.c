// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls against each other: who runs where, for how long, and what is left. */
#include <sched.h>
#include <setjmp.h>

#include "races.h"

/* Far from everything else. */
#define SLOT_BASE	0x100000000000ul
#define SLOT_GAP	0x10000000000ul
#define SHARED_FD	900
#define STEP_MS		20
#define LONGEST_MS	20000

static unsigned int cpus(void)
{
	return (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
}

void race_expect(struct race *race, bool ok, const char *file, int line,
		 const char *text)
{
	if (ktap_expect(ok, file, line, "%s", text))
		return;
	atomic_store(&race->failed, true);
	atomic_store(&race->stop, true);
}

void race_pin(unsigned int id)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(id % cpus(), &set);
	REQUIRE(sched_setaffinity(0, sizeof(set), &set) == 0);
}

unsigned int race_random(struct actor *actor, unsigned int below)
{
	return (unsigned int)rand_r(&actor->seed) % below;
}

/* Wait until every actor has come here; false: the race is over. */
bool race_meet(struct actor *actor)
{
	struct race *race = actor->race;
	unsigned long mine = atomic_fetch_add(&race->arrived, 1);
	unsigned long all = (mine / race->count + 1) * race->count;
	unsigned int spins = 0;

	while (atomic_load(&race->arrived) < all) {
		if (atomic_load(&race->stop))
			return false;
		/* The host may run one processor of the guest at a time. */
		if (++spins % 1000 == 0)
			sched_yield();
	}
	return true;
}

static _Thread_local sigjmp_buf touch_back;

static void on_signal(int sig)
{
	siglongjmp(touch_back, sig);
}

/* As touch(), from several threads; @value: the byte that was there. */
int race_touch(char *byte, bool write, char *value)
{
	int sig = sigsetjmp(touch_back, 1);

	if (sig)
		return sig;
	*value = __atomic_load_n(byte, __ATOMIC_RELAXED);
	if (write)
		__atomic_store_n(byte, 'W', __ATOMIC_RELAXED);
	return 0;
}

/* A case begins: a module of its own, loaded with buffers of @pages. */
void race_begin(struct race *race, const struct row *row, size_t pages)
{
	unsigned int i;

	need_root();
	module_begin();
	REQUIRE(cpus() >= 2);
	REQUIRE(module_load_size(pages, 0) == 0);
	memset(race, 0, sizeof(*race));
	race->row = row;
	race->ms = race_ms;
	race->shared = SHARED_FD;
	for (i = 0; i < SLOTS; i++)
		race->slot[i] = (char *)(SLOT_BASE + i * SLOT_GAP);
	signal(SIGSEGV, on_signal);
	signal(SIGBUS, on_signal);
}

/* The node stays open, and the buffer's addresses are known. */
void race_open(struct race *race)
{
	size_t i;

	race->dev = dev_open(race->row);
	race->len = race->dev.pages * race->dev.page;
	race->phys = calloc(race->dev.pages, sizeof(*race->phys));
	REQUIRE(race->phys != NULL);
	for (i = 0; i < race->dev.pages; i++) {
		struct mmapper_phys phys = { .where = i * race->dev.page };

		REQUIRE(ioctl(race->dev.fd, MMAPPER_IOC_LOOKUP, &phys) == 0);
		race->phys[i] = phys.phys;
	}
	/* What is made when it is first touched has all its pages from here on. */
	REQUIRE(ioctl(race->dev.fd, MMAPPER_IOC_INFO, &race->dev.info) == 0);
}

/* One actor more. */
void race_add(struct race *race, void (*step)(struct actor *actor))
{
	struct actor *actor = &race->actors[race->count++];

	REQUIRE(race->count <= ACTORS);
	actor->race = race;
	actor->id = race->count - 1;
	actor->seed = race->count;
	actor->step[0] = step;
}

/* One step more for the last one. */
void race_also(struct race *race, void (*step)(struct actor *actor))
{
	struct actor *actor = &race->actors[race->count - 1];
	unsigned int i = 0;

	while (actor->step[i])
		i++;
	REQUIRE(i < STEPS - 1);
	actor->step[i] = step;
}

static void *act(void *arg)
{
	struct actor *actor = arg;
	unsigned int steps = 0;

	race_pin(actor->id);
	while (steps < STEPS && actor->step[steps])
		steps++;
	while (!atomic_load(&actor->race->stop)) {
		actor->step[race_random(actor, steps)](actor);
		actor->rounds++;
	}
	return NULL;
}

/* On a slow machine an actor may not have had its turn. */
static bool all_met(struct race *race)
{
	unsigned int i;

	for (i = 0; i < race->count; i++)
		if (!__atomic_load_n(&race->actors[i].met, __ATOMIC_RELAXED))
			return false;
	return true;
}

void race_run(struct race *race)
{
	unsigned int i, ms = 0;

	for (i = 0; i < race->count; i++)
		REQUIRE(pthread_create(&race->actors[i].thread, NULL, act,
				       &race->actors[i]) == 0);
	while (!atomic_load(&race->stop) &&
	       (ms < race->ms || (ms < LONGEST_MS && !all_met(race)))) {
		usleep(STEP_MS * 1000);
		ms += STEP_MS;
	}
	atomic_store(&race->stop, true);
	for (i = 0; i < race->count; i++)
		pthread_join(race->actors[i].thread, NULL);
}

/* Nothing is left behind, the buffer is whole, and the module goes. */
void race_end(struct race *race, const char *name)
{
	char text[256] = "";
	struct mmapper_stats stats;
	unsigned int i;
	size_t used = 0;
	char *map;

	for (i = 0; i < race->count; i++) {
		const struct actor *actor = &race->actors[i];

		totals->rounds += actor->rounds;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s %lu/%lu", i ? "," : "",
					 actor->met, actor->rounds);
		EXPECT(actor->met > 0);
	}
	ktap_say("%s: calls that met what they were after/rounds:%s", name,
		 text);
	close(race->shared);
	for (i = 0; i < SLOTS; i++)
		if (race->len)
			munmap(race->slot[i], race->len);
	if (race->phys) {
		close(race->dev.fd);
		free(race->phys);
	}

	race->dev = dev_open(race->row);
	stats = dev_stats(race->dev.fd);
	EXPECT_EQ(stats.files, 1);
	EXPECT_EQ(stats.mappings, 0);
	EXPECT_EQ(maps_count(row_maps(race->row)), 0);
	map = dev_map(&race->dev, PROT_READ, 0, race->dev.pages);
	dev_check(&race->dev, map, 0, race->dev.pages * race->dev.page);
	munmap(map, race->dev.pages * race->dev.page);
	close(race->dev.fd);
	EXPECT_EQ(module_unload(), 0);
}

void race_total(const void *arg)
{
	(void)arg;
	ktap_say("%lu rounds in all", totals->rounds);
	EXPECT(totals->rounds > 0);
}
