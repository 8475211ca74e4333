// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Races with the module's own life: the open() that makes a buffer, and users
 * that come and go while it is loaded and unloaded without a pause.
 */
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "races.h"

/* Enough to be busy with for as long as another open() takes. */
#define PAGES	64
#define ENOUGH	5
#define UNLOAD_S	6
#define USERS	4

/* Both see one buffer: the same memory, and each other's bytes. */
static int first_fd[2];
static uint64_t first_phys[2];

static void first_round(struct actor *a)
{
	struct race *race = a->race;
	unsigned int me = a->id, other = 1 - a->id;
	struct mmapper_phys phys = { .where = 0 };
	struct mmapper_stats stats;
	char byte = 'A' + (char)me;

	if (me == 0 && a->rounds)
		RACE_EXPECT(race, module_load_size(PAGES, 0) == 0);
	if (!race_meet(a))
		return;
	first_fd[me] = open(race->row->path, O_RDWR | O_CLOEXEC);
	RACE_EXPECT(race, first_fd[me] >= 0);
	RACE_EXPECT(race, ioctl(first_fd[me], MMAPPER_IOC_LOOKUP, &phys) == 0);
	first_phys[me] = phys.phys;
	RACE_EXPECT(race, pwrite(first_fd[me], &byte, 1, me) == 1);
	if (!race_meet(a))
		return;
	RACE_EXPECT(race, first_phys[0] == first_phys[1]);
	RACE_EXPECT(race, pread(first_fd[me], &byte, 1, other) == 1);
	RACE_EXPECT(race, byte == 'A' + (char)other);
	RACE_EXPECT(race, pread(first_fd[me], &byte, 1, 2) == 1);
	RACE_EXPECT(race, byte == row_byte(race->row, 2));
	stats = dev_stats(first_fd[me]);
	RACE_EXPECT(race, stats.opens == 2 && stats.files == 2);
	a->met++;
	if (!race_meet(a))
		return;
	close(first_fd[me]);
	if (race_meet(a) && me == 0)
		RACE_EXPECT(race, module_unload() == 0);
}

static void first_open(const void *row)
{
	static struct race race;

	race_begin(&race, row, PAGES);
	race.ms = 2 * RACE_NODE_MS;
	race_add(&race, first_round);
	race_add(&race, first_round);
	race_run(&race);
	/* The time is over in any part of a round. */
	close(first_fd[0]);
	close(first_fd[1]);
	if (!module_loaded())
		REQUIRE(module_load_size(PAGES, 0) == 0);
	race_end(&race, "first_open");
}

static const struct ktap_case open_cases[] = {
	{ "first_open", first_open, 600 },
};

SUITE(races_open, open_cases, false);

/* What a user of a node that comes and goes may be told. */
static bool is_gone(int error)
{
	return error == ENOENT || error == ENXIO || error == ENODEV;
}

static void use_open(int fd)
{
	char byte;

	if (pread(fd, &byte, 1, 1) != 1)
		_exit(1);
	close(fd);
}

/* What is left is a mapping alone; it ends with munmap(). */
static void use_mapping(int fd)
{
	char *map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);

	close(fd);
	if (map == MAP_FAILED)
		_exit(2);
	if (*map != '0' && *map != 'a')
		_exit(3);
	munmap(map, 1);
}

/* It ends with the process. */
static void use_and_exit(int fd)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
			_exit(1);
		_exit(0);
	}
	close(fd);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(4);
}

static void use_sysfs(const char *name)
{
	char path[128], text[256];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/files", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (!is_gone(errno))
			_exit(5);
		return;
	}
	if (read(fd, text, sizeof(text)) < 0 && !is_gone(errno))
		_exit(6);
	close(fd);
}

struct users {
	atomic_ulong	opened;
	atomic_bool	stop;
};

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Nodes are opened by number, which leaves the least time between two. */
static void user(const char *path, unsigned int id, struct users *users)
{
	unsigned int seed = id, n;

	race_pin(id);
	for (n = 0; !atomic_load(&users->stop); n++) {
		long start = now_us();
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (n % 16 == 0)
			use_sysfs(rows[id % row_count].name);
		if (fd < 0) {
			if (!is_gone(errno))
				_exit(7);
			usleep((unsigned int)rand_r(&seed) % 500);
			continue;
		}
		atomic_fetch_add(&users->opened, 1);
		if (n % 8 == 0)
			use_and_exit(fd);
		else if (n % 2)
			use_open(fd);
		else
			use_mapping(fd);
		/* Leave the module a chance to go, however slow the machine. */
		start = now_us() - start;
		usleep((unsigned int)rand_r(&seed) %
		       (unsigned int)(2 * USERS * start + 1));
	}
	_exit(0);
}

static void make_node(const struct row *row, char *path, size_t len)
{
	struct stat st;

	REQUIRE(stat(row->path, &st) == 0);
	snprintf(path, len, "/tmp/race-%s", row->name);
	unlink(path);
	REQUIRE(mknod(path, S_IFCHR | 0600, st.st_rdev) == 0);
}

static void unload(const void *arg)
{
	struct users *users = mmap(NULL, sizeof(*users), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long gone = 0, refused = 0;
	unsigned int i, seed = 1;
	char path[USERS][64];
	pid_t pids[USERS];
	time_t end;

	(void)arg;
	need_root();
	module_begin();
	REQUIRE(users != MAP_FAILED);
	REQUIRE(module_load("") == 0);
	for (i = 0; i < USERS; i++)
		make_node(&rows[i % row_count], path[i], sizeof(path[i]));
	fflush(stdout);
	for (i = 0; i < USERS; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (pids[i] == 0)
			user(path[i], i, users);
	}
	end = time(NULL) + UNLOAD_S;
	while (time(NULL) < end || gone < ENOUGH || refused < ENOUGH ||
	       atomic_load(&users->opened) < ENOUGH) {
		int r = module_unload();

		if (r == 0) {
			gone++;
			REQUIRE(module_load("") == 0);
			usleep((unsigned int)rand_r(&seed) % 3000);
		} else {
			refused++;
			REQUIRE(r == -EAGAIN || r == -EBUSY);
			usleep((unsigned int)rand_r(&seed) % 500);
		}
	}
	atomic_store(&users->stop, true);
	for (i = 0; i < USERS; i++) {
		int status = -1;

		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	ktap_say("%lu unloads went through, %lu were refused, %lu opens worked",
		 gone, refused, atomic_load(&users->opened));
	totals->rounds += gone + refused;
	EXPECT_EQ(module_unload(), 0);
}

static const struct ktap_case cases[] = {
	{ "unload", unload, 600 },
};

SUITE(races_module, cases, false);
