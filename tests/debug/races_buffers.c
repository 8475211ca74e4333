// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Races on buffers made at run time: their names, and what takes memory or rights
 * back from those who use it.  One descriptor stands for whatever buffer there is
 * now; its number stays.
 */
#include "races.h"
#include "runtime.h"

#define PAGES	4
#define NAME	"raced"
#define WRITTEN	'W'
#define WINDOW_US	5000	/* that others have a new buffer for, at most */

static int control;

static int make(struct race *race, const char *name)
{
	struct mmapper_create p = rt_params_of(race->row->name, name, race->len);

	return ioctl(control, MMAPPER_IOC_CREATE, &p) == 0 ? p.fd : -1;
}

/* A new buffer takes the place of the one that was raced for. */
static int replace(struct actor *a)
{
	int fd = make(a->race, "");

	RACE_EXPECT(a->race, fd >= 0);
	RACE_EXPECT(a->race, dup2(fd, a->race->shared) == a->race->shared);
	return fd;
}

static bool byte_ok(char byte)
{
	return byte == 0 || byte == WRITTEN;
}

static void begin(struct race *race, const void *row)
{
	race_begin(race, row, PAGES);
	race->ms = RACE_NODE_MS;
	race->dev.page = (size_t)sysconf(_SC_PAGESIZE);
	race->len = PAGES * race->dev.page;
	control = open(CONTROL, O_RDWR | O_CLOEXEC);
	REQUIRE(control >= 0);
}

/* There is a buffer from the first round on. */
static void begin_shared(struct race *race, const void *row)
{
	int fd;

	begin(race, row);
	fd = make(race, "");
	REQUIRE(fd >= 0);
	REQUIRE(dup2(fd, race->shared) == race->shared);
	close(fd);
}

/* No buffer is left, whoever came last. */
static void end(struct race *race, const char *name)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		munmap(race->slot[i], race->len);
	close(race->shared);
	close(control);
	if (rt_delete(NAME) < 0)
		EXPECT_EQ(errno, ENOENT);
	EXPECT_EQ(rt_number("count"), 0);
	EXPECT_EQ(rt_number("used"), 0);
	race_end(race, name);
}

static void step_create(struct actor *a)
{
	struct race *race = a->race;
	int fd = make(race, NAME);
	char byte = 1;

	if (fd < 0) {
		RACE_EXPECT(race, errno == EEXIST);
		return;
	}
	a->met++;
	RACE_EXPECT(race, pread(fd, &byte, 1, 0) == 1 && byte_ok(byte));
	close(fd);
}

static void step_open_name(struct actor *a)
{
	struct race *race = a->race;
	struct mmapper_open o = { .access = O_RDWR, .name = NAME };
	char byte = WRITTEN;

	if (ioctl(control, MMAPPER_IOC_OPEN, &o) < 0) {
		RACE_EXPECT(race, errno == ENOENT);
		return;
	}
	a->met++;
	/* It is whole, whether or not it still has its name. */
	RACE_EXPECT(race, rt_info(o.fd).size == race->len);
	RACE_EXPECT(race, pwrite(o.fd, &byte, 1, 0) == 1);
	close(o.fd);
}

static void step_delete(struct actor *a)
{
	struct mmapper_delete d = { .name = NAME };

	if (ioctl(control, MMAPPER_IOC_DELETE, &d) == 0)
		a->met++;
	else
		RACE_EXPECT(a->race, errno == ENOENT);
}

static void names(const void *row)
{
	static struct race race;

	begin(&race, row);
	race_add(&race, step_create);
	race_add(&race, step_create);
	race_add(&race, step_open_name);
	race_add(&race, step_delete);
	race_run(&race);
	end(&race, "names");
}

/* Beyond the end, revoked, or sealed, as the other actor of the case has it. */
static void step_map_now(struct actor *a)
{
	struct race *race = a->race;
	char *at = race->slot[race_random(a, SLOTS)];

	if (mmap(at, race->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 race->shared, 0) == at)
		a->met++;
	else
		RACE_EXPECT(race, errno == race->refusal);
	if (race_random(a, 4) == 0)
		RACE_EXPECT(race, munmap(at, race->len) == 0);
}

static void step_touch_now(struct actor *a)
{
	struct race *race = a->race;
	char *at = race->slot[race_random(a, SLOTS)], byte = 0;
	int sig = race_touch(at + race_random(a, PAGES) * race->dev.page,
			     race_random(a, 2), &byte);

	RACE_EXPECT(race, sig == 0 || sig == SIGSEGV || sig == SIGBUS);
	if (sig == 0) {
		a->met++;
		RACE_EXPECT(race, byte_ok(byte));
	}
}

/* A part, or nothing, where the end has come nearer. */
static void step_read_now(struct actor *a)
{
	struct race *race = a->race;
	size_t at = race_random(a, (unsigned int)race->len);
	char bytes[256];
	ssize_t n = pread(race->shared, bytes, sizeof(bytes), (off_t)at), i;

	if (n < 0)
		RACE_EXPECT(race, errno == ESTALE);
	for (i = 0; i < n; i++)
		if (!byte_ok(bytes[i]))
			RACE_EXPECT(race, !"a byte that nobody wrote");
	a->met += n > 0;
}

static void step_write_now(struct actor *a)
{
	struct race *race = a->race;
	size_t at = race_random(a, (unsigned int)race->len);
	char byte = WRITTEN;

	if (pwrite(race->shared, &byte, 1, (off_t)at) == 1)
		a->met++;
	else
		RACE_EXPECT(race, errno == ESTALE || errno == EPERM ||
			    errno == ENOSPC);
}

/* Once somebody has mapped it, and a while later. */
static void step_revoke(struct actor *a)
{
	struct race *race = a->race;
	int fd = replace(a);
	char byte;

	while (!dev_stats(fd).mmaps && !atomic_load(&race->stop))
		usleep(WINDOW_US / 10);
	usleep(race_random(a, WINDOW_US));
	RACE_EXPECT(race, rt_revoke(fd) == 0);
	RACE_EXPECT(race, pread(fd, &byte, 1, 0) == -1 && errno == ESTALE);
	a->met++;
	close(fd);
}

static void revoked(const void *row)
{
	static struct race race;

	begin_shared(&race, row);
	race.refusal = ESTALE;
	race_add(&race, step_revoke);
	race_add(&race, step_map_now);
	race_add(&race, step_touch_now);
	race_add(&race, step_read_now);
	race_also(&race, step_write_now);
	race_run(&race);
	end(&race, "revoked");
}

/* To any size, and often to the largest, which the others can map. */
static void step_resize(struct actor *a)
{
	struct race *race = a->race;
	size_t size = race_random(a, 2) ? race->len :
		      1 + race_random(a, (unsigned int)race->len);

	RACE_EXPECT(race, ftruncate(race->shared, (off_t)size) == 0);
	RACE_EXPECT(race, rt_info(race->shared).size == size);
	a->met++;
}

static void resized(const void *arg)
{
	static struct race race;
	const struct row *row = arg;

	if (!(row->flags & MMAPPER_BACKEND_F_RESIZE))
		ktap_skip("its size cannot change");
	begin_shared(&race, row);
	race.refusal = EINVAL;
	race_add(&race, step_resize);
	race_add(&race, step_map_now);
	race_add(&race, step_touch_now);
	race_add(&race, step_read_now);
	race_also(&race, step_write_now);
	race_run(&race);
	EXPECT_EQ(rt_number("used"), rt_info(race.shared).map_size);
	end(&race, "resized");
}

/* From the moment that they are sealed the bytes stay as they are. */
static void step_seal(struct actor *a)
{
	struct race *race = a->race;
	char before[256], after[256];
	int fd = replace(a);

	usleep(race_random(a, WINDOW_US));
	if (rt_seal(fd, MMAPPER_SEAL_WRITE) == 0) {
		a->met++;
		RACE_EXPECT(race, pread(fd, before, sizeof(before), 0) ==
			    sizeof(before));
		usleep(race_random(a, WINDOW_US));
		RACE_EXPECT(race, pread(fd, after, sizeof(after), 0) ==
			    sizeof(after));
		RACE_EXPECT(race, memcmp(before, after, sizeof(after)) == 0);
	} else {
		RACE_EXPECT(race, errno == EBUSY);
	}
	close(fd);
}

static void sealed(const void *row)
{
	static struct race race;

	begin_shared(&race, row);
	race.refusal = EPERM;
	race_add(&race, step_seal);
	race_add(&race, step_map_now);
	race_add(&race, step_write_now);
	race_add(&race, step_touch_now);
	race_run(&race);
	end(&race, "sealed");
}

static const struct ktap_case cases[] = {
	{ "names", names, 600 },
	{ "revoked", revoked, 600 },
	{ "resized", resized, 600 },
	{ "sealed", sealed, 600 },
};

SUITE(races_buffers, cases, true);
