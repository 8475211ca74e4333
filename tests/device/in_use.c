// SPDX-License-Identifier: GPL-2.0-or-later
/* A buffer that is taken back while processes use it, round after round. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime.h"

#define WORKERS	8

struct shared {
	volatile bool	stop;
	unsigned long	touched;	/* goes up with each access that ends well */
	struct rt_used	used;
};

static unsigned long touched(const struct shared *shared)
{
	return __atomic_load_n(&shared->touched, __ATOMIC_RELAXED);
}

static void worker_map(const struct rt_use *use, int fd, struct shared *shared,
		       struct rt_used *used)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;
	bool write = false;
	char *map;

	map = mmap(NULL, use->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		if (errno != ESTALE)
			_exit(2);
		used->stales++;
		return;
	}
	for (i = 0; i < use->len; i += use->stride, write = !write) {
		int sig = touch(map + i, write);

		if (sig && sig != SIGBUS)
			_exit(3);
		used->buses += sig != 0;
		used->good += sig == 0;
		__atomic_add_fetch(&shared->touched, sig == 0,
				   __ATOMIC_RELAXED);
	}
	if (use->split) {
		/* Its own protection, and so a page table of its own. */
		if (mprotect(map + page, page, PROT_READ) ||
		    touch(map, true) == SIGSEGV)
			_exit(6);
	}
	munmap(map, use->len);
}

/* Maps, reads and writes without a pause: only SIGBUS and clear errnos. */
static void worker(const struct rt_use *use, struct shared *shared)
{
	struct rt_used used = { 0 };
	char byte = 0;

	while (!shared->stop) {
		int fd = rt_open("w", O_RDWR);

		if (fd < 0) {
			if (errno != ENOENT)
				_exit(1);
			/* Who makes the next one has the processor until then. */
			usleep(100);
			continue;
		}
		worker_map(use, fd, shared, &used);
		if (pwrite(fd, "w", 1, 0) != 1) {
			if (errno != ESTALE)
				_exit(4);
			used.stales++;
		}
		if (pread(fd, &byte, 1, 0) != 1) {
			if (errno != ESTALE)
				_exit(5);
			used.stales++;
		}
		close(fd);
	}
	__atomic_add_fetch(&shared->used.good, used.good, __ATOMIC_RELAXED);
	__atomic_add_fetch(&shared->used.buses, used.buses, __ATOMIC_RELAXED);
	__atomic_add_fetch(&shared->used.stales, used.stales, __ATOMIC_RELAXED);
	_exit(0);
}

/* However slow the machine is, what is taken back has been used before. */
static void wait_for_use(const struct shared *shared, unsigned long before)
{
	unsigned int i;

	for (i = 0; i < 10000 && touched(shared) == before; i++)
		usleep(500);
	EXPECT(touched(shared) != before);
}

struct rt_used rt_revoke_in_use(const struct rt_use *use)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rt_used used;
	pid_t pids[WORKERS];
	unsigned int i;
	int status, fd;

	REQUIRE(shared != MAP_FAILED);
	fflush(stdout);
	for (i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (pids[i] == 0)
			worker(use, shared);
	}
	/* Who takes it back does not wait for its turn among them. */
	REQUIRE(setpriority(PRIO_PROCESS, 0, -20) == 0);
	for (i = 0; i < use->rounds; i++) {
		unsigned long before = touched(shared);

		fd = rt_create(rt_params_of(use->row, "w", use->len));
		REQUIRE(fd >= 0);
		wait_for_use(shared, before);
		usleep(i % 7 * 300);
		EXPECT_EQ(rt_revoke(fd), 0);
		close(fd);
	}
	REQUIRE(setpriority(PRIO_PROCESS, 0, 0) == 0);
	shared->stop = true;
	for (i = 0; i < WORKERS; i++) {
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
		EXPECT_EQ(status, 0);
	}
	used = shared->used;
	ktap_say("%s: %u rounds: %lu accesses, %lu ended by SIGBUS, %lu calls by ESTALE",
		 use->row, use->rounds, used.good, used.buses, used.stales);
	munmap(shared, sizeof(*shared));
	return used;
}
