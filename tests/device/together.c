// SPDX-License-Identifier: GPL-2.0-or-later
/* What several processes do at the same time (K4). */
#include <sys/wait.h>

#include "device.h"

#define OPENERS	8

/* Shared by processes that open a node at the same time. */
struct start {
	volatile bool	go;
	unsigned int	opened;
};

/* Each leaves its mark, and finds those of the others where it should. */
static void first_opener(const struct row *row, struct start *start, char mark)
{
	char marks[OPENERS];
	int fd, i;

	while (!start->go)
		;
	fd = open(row->path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, &mark, 1, mark) != 1)
		_exit(1);
	__atomic_add_fetch(&start->opened, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&start->opened, __ATOMIC_SEQ_CST) < OPENERS)
		usleep(100);
	if (pread(fd, marks, sizeof(marks), 0) != sizeof(marks))
		_exit(2);
	for (i = 0; i < OPENERS; i++)
		if (marks[i] != (row_per_open(row) && i != mark ?
				 row_byte(row, (size_t)i) : i))
			_exit(3);
	_exit(0);
}

static void first_opens_of(const struct row *row)
{
	struct start *start = mmap(NULL, sizeof(*start), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[OPENERS];
	int status, i;

	REQUIRE(start != MAP_FAILED);
	fflush(stdout);
	for (i = 0; i < OPENERS; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (pids[i] == 0)
			first_opener(row, start, (char)i);
	}
	start->go = true;
	for (i = 0; i < OPENERS; i++) {
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
		EXPECT_EQ(status, 0);
	}
	munmap(start, sizeof(*start));
}

/* Whoever opens a node first, all have the same buffer, or each has its own. */
static void first_opens(const void *arg)
{
	const unsigned int rounds = debug_kernel() ? 1 : 3;
	unsigned int round;
	size_t r;

	(void)arg;
	module_begin();
	for (round = 0; round < rounds; round++) {
		/* So much that filling it takes longer than to begin. */
		REQUIRE(module_load_size(256, 0) == 0);
		for (r = 0; r < row_count; r++)
			first_opens_of(&rows[r]);
		EXPECT_EQ(module_unload(), 0);
	}
}

static const struct ktap_case cases[] = {
	{ "first_opens", first_opens, 0 },
};

SUITE(together, cases, false);
