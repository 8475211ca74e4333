// SPDX-License-Identifier: GPL-2.0-or-later
/* A process's own memory as a buffer (C30): what is taken, how long it stays. */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runtime.h"

#define PAGES	3

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Anonymous memory, page i filled with 'a' + i. */
static char *memory(size_t pages)
{
	size_t page = page_size(), i;
	char *own = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(own != MAP_FAILED);
	for (i = 0; i < pages; i++)
		memset(own + i * page, (int)('a' + i), page);
	return own;
}

static struct mmapper_create user_params(const char *name, const void *at,
					 uint64_t size)
{
	struct mmapper_create params = rt_params_of("user", name, size);

	params.address = (uintptr_t)at;
	params.mode = 0666;
	return params;
}

static int user_make(const char *name, const void *at, size_t pages)
{
	int fd = rt_create(user_params(name, at, pages * page_size()));

	if (fd < 0)
		ktap_say("create %s: %s", name, strerror(errno));
	REQUIRE(fd >= 0);
	return fd;
}

/* kB that the kernel says are pinned of this process. */
static long pinned(void)
{
	char text[4096], *at;

	REQUIRE(file_read("/proc/self/status", text, sizeof(text)));
	at = strstr(text, "VmPin:");
	REQUIRE(at);
	return strtol(at + strlen("VmPin:"), NULL, 10);
}

/* Another user finds the bytes, and the process finds what that one has written. */
static void other_user(void *arg)
{
	size_t page = page_size();
	char *map, c = 0;
	int fd;

	(void)arg;
	become(STRANGER, STRANGER);
	fd = rt_open("mine", O_RDWR);
	REQUIRE(fd >= 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	EXPECT_EQ(map[0], 'a');
	EXPECT_EQ(map[PAGES * page - 1], 'a' + PAGES - 1);
	map[page] = 'S';
	EXPECT_EQ(pwrite(fd, "W", 1, 1), 1);
	EXPECT_EQ(pread(fd, &c, 1, (off_t)page), 1);
	EXPECT_EQ(c, 'S');
	/* What only its owner may. */
	EXPECT_ERRNO(rt_revoke(fd), EPERM);
	EXPECT_ERRNO(rt_delete("mine"), EPERM);
}

static void shared_with(const void *arg)
{
	struct mmapper_reset reset = { 0 };
	size_t page = page_size();
	char *own, c = 0;
	int fd;

	(void)arg;
	runtime_begin();
	own = memory(PAGES);
	fd = user_make("mine", own, PAGES);
	EXPECT_EQ(pinned(), (long)(PAGES * page / 1024));
	EXPECT_EQ(rt_info(fd).size, PAGES * page);
	EXPECT_EQ(rt_info(fd).pattern, MMAPPER_PATTERN_ZERO);
	EXPECT(strcmp(rt_info(fd).backend, "user") == 0);
	EXPECT_EQ(rt_number("used"), (long long)(PAGES * page));
	/* It was not cleared, and nobody can have it cleared or resized. */
	EXPECT_EQ(own[0], 'a');
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_RESET, &reset), EOPNOTSUPP);
	EXPECT_ERRNO(ftruncate(fd, (off_t)page), EOPNOTSUPP);
	EXPECT_EQ(own[0], 'a');
	EXPECT_REFUSED(mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL);
	EXPECT(child_ok(other_user, NULL));
	EXPECT_EQ(own[page], 'S');
	EXPECT_EQ(own[1], 'W');
	own[2 * page] = 'O';
	EXPECT_EQ(pread(fd, &c, 1, (off_t)(2 * page)), 1);
	EXPECT_EQ(c, 'O');
	close(fd);
	EXPECT_EQ(pinned(), (long)(PAGES * page / 1024));
	EXPECT_EQ(rt_delete("mine"), 0);
	EXPECT_EQ(pinned(), 0);
	EXPECT_EQ(own[page], 'S');
	munmap(own, PAGES * page);
	runtime_end();
}

struct bad {
	const char	*what;
	uint64_t	at;
	uint64_t	size;
	int		error;
};

static uint64_t number(const void *at)
{
	return (uintptr_t)at;
}

static void refused(const struct bad *bad)
{
	struct mmapper_create params = user_params("bad", NULL, bad->size);
	int fd;

	params.address = bad->at;
	fd = rt_create(params);
	ktap_expect(fd == -1 && errno == bad->error, __FILE__, __LINE__,
		    "%s: expected %s, got %d with %s", bad->what,
		    strerror(bad->error), fd, strerror(errno));
	EXPECT_EQ(pinned(), 0);
	/* Two buffers whose mappings are tried. */
	EXPECT_EQ(rt_number("count"), 2);
}

static void bad_memory(const void *arg)
{
	size_t page = page_size(), i;
	char *own, *readonly, *hole, *shared, *pages, *special;
	int fd[2];

	(void)arg;
	runtime_begin();
	own = memory(PAGES);
	readonly = memory(1);
	hole = memory(PAGES);
	shared = mmap(NULL, page, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	fd[0] = rt_make("", page);
	fd[1] = rt_create(rt_params_of("kmalloc", "", page));
	REQUIRE(fd[1] >= 0);
	pages = rt_map(fd[0], PROT_READ | PROT_WRITE);
	special = rt_map(fd[1], PROT_READ | PROT_WRITE);
	REQUIRE(mprotect(readonly, page, PROT_READ) == 0);
	REQUIRE(munmap(hole + page, page) == 0);
	const struct bad bads[] = {
		{ "null", 0, page, EINVAL },
		{ "size 0", number(own), 0, EINVAL },
		{ "no whole pages", number(own), page + 1, EINVAL },
		{ "within a page", number(own) + 1, page, EINVAL },
		{ "a kernel address", ~0ull << 47, page, EFAULT },
		{ "the last page", -(uint64_t)page, page, EFAULT },
		{ "what wraps", -(uint64_t)page, 2 * page, EFAULT },
		{ "not canonical", 1ull << 62, page, EFAULT },
		{ "not mapped", page, page, EFAULT },
		{ "a hole", number(hole), PAGES * page, EFAULT },
		{ "read-only", number(readonly), page, EFAULT },
		{ "huge", number(own), 1ull << 60, ENOMEM },
		{ "shared", number(shared), page, EOPNOTSUPP },
		{ "pages of a buffer", number(pages), page, EOPNOTSUPP },
		{ "a special mapping", number(special), page, EFAULT },
	};

	for (i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
		refused(&bads[i]);
	munmap(pages, page);
	munmap(special, page);
	close(fd[0]);
	close(fd[1]);
	runtime_end();
}

/* What other fields must be, and that no other row takes an address. */
static void bad_fields(const void *arg)
{
	struct mmapper_create params;
	size_t page = page_size();
	char *own;

	(void)arg;
	runtime_begin();
	own = memory(1);
	params = user_params("", own, page);
	params.cache = MMAPPER_CACHE_WC;
	EXPECT_ERRNO(rt_create(params), EOPNOTSUPP);
	params = user_params("", own, page);
	params.numa_node = 0;
	EXPECT_ERRNO(rt_create(params), EOPNOTSUPP);
	params = user_params("", own, page);
	params.device[0] = 'x';
	EXPECT_ERRNO(rt_create(params), EINVAL);
	params = rt_params("", page);
	params.address = number(own);
	EXPECT_ERRNO(rt_create(params), EINVAL);
	/* For drivers alone. */
	EXPECT_ERRNO(rt_create(rt_params_of("counters", "", page)), EOPNOTSUPP);
	EXPECT_ERRNO(rt_create(rt_params_of("driver-pfn", "", page)),
		     EOPNOTSUPP);
	EXPECT_EQ(pinned(), 0);
	runtime_end();
}

static void drop_capability(int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2];

	REQUIRE(syscall(SYS_capget, &head, caps) == 0);
	caps[cap / 32].effective &= ~(1u << cap % 32);
	REQUIRE(syscall(SYS_capset, &head, caps) == 0);
}

/* May the caller pin so many pages more, of which nothing stays? */
static bool may_pin(size_t pages)
{
	char *own = memory(pages);
	int fd = rt_create(user_params("", own, pages * page_size())), e = errno;

	if (fd >= 0)
		close(fd);
	else
		EXPECT_EQ(e, ENOMEM);
	munmap(own, pages * page_size());
	return fd >= 0;
}

/* As somebody who may pin two pages, and nothing else. */
static void limit_two(void)
{
	struct rlimit two = { 2 * page_size(), 2 * page_size() };

	REQUIRE(setrlimit(RLIMIT_MEMLOCK, &two) == 0);
	become(OWNER, OWNER);
}

static void limited(void *arg)
{
	size_t page = page_size();
	char *own = memory(PAGES);
	int fd;

	(void)arg;
	limit_two();
	EXPECT(!may_pin(3));
	EXPECT(may_pin(2));
	fd = user_make("", own, 1);
	EXPECT_EQ(pinned(), (long)(page / 1024));
	EXPECT(!may_pin(2));
	EXPECT(may_pin(1));
	close(fd);
	EXPECT_EQ(pinned(), 0);
	EXPECT(may_pin(2));
}

enum death { BY_EXIT, BY_KILL, BY_EXEC, BY_SEGV, DEATHS };

/* A process that has pinned all that it may ends. */
static void die(enum death how)
{
	char *own = memory(2);

	(void)user_make("", own, 2);
	if (may_pin(1))
		_exit(99);
	switch (how) {
	case BY_KILL:
		raise(SIGKILL);
		break;
	case BY_EXEC:
		execl("/proc/self/exe", "mmapper-test", "--none", NULL);
		break;
	case BY_SEGV:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	default:
		break;
	}
	_exit(0);
}

static void all_given_back(void *arg)
{
	enum death how;
	int status;
	pid_t pid;

	(void)arg;
	limit_two();
	for (how = 0; how < DEATHS; how++) {
		fflush(stdout);
		pid = fork();
		REQUIRE(pid >= 0);
		if (pid == 0) {
			fclose(stderr);
			die(how);
		}
		REQUIRE(waitpid(pid, &status, 0) == pid);
		EXPECT(!WIFEXITED(status) || WEXITSTATUS(status) != 99);
		ktap_expect(may_pin(2), __FILE__, __LINE__,
			    "after death %d (status 0x%x) it counts still", how,
			    status);
	}
}

static void memlock(const void *arg)
{
	(void)arg;
	runtime_begin();
	EXPECT(child_ok(limited, NULL));
	EXPECT(child_ok(all_given_back, NULL));
	runtime_end();
}

/* With the capability RLIMIT_MEMLOCK is no bound; the limits of all still are. */
static void capable(const void *arg)
{
	struct rlimit none = { 0, 0 };

	(void)arg;
	runtime_begin();
	REQUIRE(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
	EXPECT(may_pin(PAGES));
	rt_set("limit", PAGES * page_size());
	EXPECT(may_pin(PAGES));
	EXPECT(!may_pin(PAGES + 1));
	rt_set("limit", 0);
	drop_capability(CAP_IPC_LOCK);
	EXPECT(!may_pin(1));
	runtime_end();
}

/* A child sees its copy; what it writes is nobody else's. */
static void child_copy(void *arg)
{
	char *own = arg;

	EXPECT_EQ(own[0], 'a');
	own[0] = 'C';
}

/* What the process does with its addresses does not reach the buffer. */
static void outlives(const void *arg)
{
	size_t page = page_size();
	char *own, *map, *moved;
	int fd;

	(void)arg;
	runtime_begin();
	own = memory(PAGES);
	fd = user_make("mine", own, PAGES);
	map = rt_map(fd, PROT_READ | PROT_WRITE);

	EXPECT(child_ok(child_copy, own));
	EXPECT_EQ(map[0], 'a');
	/* A write after fork() is a copy on write, and yet the same page. */
	own[0] = 'P';
	EXPECT_EQ(map[0], 'P');

	REQUIRE(mprotect(own, page, PROT_READ) == 0);
	map[0] = 'Q';
	EXPECT_EQ(own[0], 'Q');
	REQUIRE(mprotect(own, page, PROT_READ | PROT_WRITE) == 0);

	moved = mremap(own + 2 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED,
		       own + 2 * page + 64 * page);
	REQUIRE(moved != MAP_FAILED);
	*moved = 'M';
	EXPECT_EQ(map[2 * page], 'M');

	/* Given back: the process has another page there from now on. */
	REQUIRE(madvise(own, page, MADV_DONTNEED) == 0);
	EXPECT_EQ(own[0], 0);
	EXPECT_EQ(map[0], 'Q');
	own[0] = 'D';
	EXPECT_EQ(map[0], 'Q');

	munmap(own, 2 * page);
	munmap(moved, page);
	EXPECT_EQ(map[page], 'b');
	EXPECT_EQ(pinned(), (long)(PAGES * page / 1024));
	EXPECT_EQ(module_unload(), -EAGAIN);
	munmap(map, PAGES * page);
	close(fd);
	EXPECT_EQ(rt_delete("mine"), 0);
	EXPECT_EQ(pinned(), 0);
	runtime_end();
}

static void lend(void *arg)
{
	(void)arg;
	close(user_make("left", memory(PAGES), PAGES));
}

/* Its owner is gone; whoever may open it has the bytes, and the module stays. */
static void owner_dead(const void *arg)
{
	char *map;
	int fd;

	(void)arg;
	runtime_begin();
	EXPECT(child_ok(lend, NULL));
	EXPECT_EQ(module_unload(), -EAGAIN);
	fd = rt_open("left", O_RDWR);
	REQUIRE(fd >= 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	EXPECT_EQ(map[0], 'a');
	EXPECT_EQ(map[2 * page_size()], 'c');
	EXPECT_EQ(rt_revoke(fd), 0);
	EXPECT_EQ(touch(map, false), SIGBUS);
	close(fd);
	munmap(map, PAGES * page_size());
	runtime_end();
}

/* Taken back from the others; the process keeps its memory. */
static void revoked(const void *arg)
{
	size_t page = page_size();
	char *own, *map, c;
	int fd;

	(void)arg;
	runtime_begin();
	own = memory(PAGES);
	fd = user_make("mine", own, PAGES);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	map[0] = 'R';
	EXPECT_EQ(rt_revoke(fd), 0);
	EXPECT_EQ(pinned(), 0);
	EXPECT_EQ(touch(map, false), SIGBUS);
	EXPECT_ERRNO(pread(fd, &c, 1, 0), ESTALE);
	EXPECT_EQ(own[0], 'R');
	EXPECT_EQ(touch(own + page, true), 0);
	close(fd);
	munmap(map, PAGES * page);
	munmap(own, PAGES * page);
	runtime_end();
}

/* A huge page, and what nobody has touched yet. */
static void huge(const void *arg)
{
	const size_t len = 4 << 20;
	char *own, *map;
	size_t i;
	int fd;

	(void)arg;
	runtime_begin();
	own = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(own != MAP_FAILED);
	madvise(own, len, MADV_HUGEPAGE);
	fd = user_make("", own, len / page_size());
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	for (i = 0; i < len; i += page_size()) {
		EXPECT_EQ(map[i], 0);
		own[i] = (char)(i / page_size());
	}
	for (i = 0; i < len; i += page_size())
		if (!EXPECT_EQ(map[i], (char)(i / page_size())))
			break;
	/* In pieces, while it is pinned. */
	REQUIRE(munmap(own, len / 4) == 0);
	EXPECT_EQ(map[page_size()], 1);
	munmap(own + len / 4, len - len / 4);
	munmap(map, len);
	close(fd);
	runtime_end();
}

#define LENDERS		4
#define BORROWERS	4
#define ROUNDS		150

/* Each of them at once, in any order; the last thing that some do is to die. */
static void lender(unsigned int seed)
{
	size_t len = PAGES * page_size();
	char *own = memory(PAGES);
	int fd;

	fd = rt_create(user_params("lent", own, len));
	if (fd < 0 && errno != EEXIST)
		_exit(8);
	switch (seed % 8) {
	case 0:
		munmap(own, len);
		break;
	case 1:
		(void)!fork();
		own[0]++;
		break;
	case 2:
		madvise(own, len, MADV_DONTNEED);
		break;
	case 3:
		execl("/proc/self/exe", "mmapper-test", "--none", NULL);
		break;
	case 4:
		raise(SIGKILL);
		break;
	case 5:
		if (fd >= 0)
			rt_revoke(fd);
		break;
	case 6:
		close(fd);
		break;
	}
	rt_delete("lent");
	_exit(0);
}

static void borrower(void)
{
	size_t len = PAGES * page_size();
	char *map, c;
	int fd = rt_open("lent", O_RDWR);

	if (fd < 0)
		_exit(errno == ENOENT ? 0 : 9);
	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		_exit(errno == ESTALE ? 0 : 3);
	(void)!fork();
	touch(map, true);
	touch(map + len - 1, false);
	if (pread(fd, &c, 1, 0) != 1 && errno != ESTALE)
		_exit(4);
	_exit(0);
}

static void under_load(const void *arg)
{
	unsigned int round, i, wrong = 0;
	int status;

	(void)arg;
	runtime_begin();
	for (round = 0; round < ROUNDS; round++) {
		fflush(stdout);
		for (i = 0; i < LENDERS + BORROWERS; i++) {
			pid_t pid = fork();

			REQUIRE(pid >= 0);
			if (pid)
				continue;
			fclose(stderr);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (i < LENDERS)
				lender(round * LENDERS + i);
			borrower();
		}
		while (wait(&status) > 0)
			wrong += WIFEXITED(status) ? WEXITSTATUS(status) > 2 :
						     WTERMSIG(status) != SIGKILL;
	}
	EXPECT_EQ(wrong, 0);
	rt_delete("lent");
	/* What was forked and is not our child ends by itself. */
	for (i = 0; rt_number("count") && i < 1000; i++)
		usleep(10000);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "shared_with", shared_with, 0 },
	{ "bad_memory", bad_memory, 0 },
	{ "bad_fields", bad_fields, 0 },
	{ "memlock", memlock, 0 },
	{ "capable", capable, 0 },
	{ "outlives", outlives, 0 },
	{ "owner_dead", owner_dead, 0 },
	{ "revoked", revoked, 0 },
	{ "huge", huge, 60 },
	{ "under_load", under_load, 120 },
};

SUITE(user, cases, false);
