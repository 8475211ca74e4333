// SPDX-License-Identifier: GPL-2.0-or-later
/* How much there may be: limits, quota, the memory cgroup. */
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime.h"

#define MIB	(1ull << 20)

/* errno of a create by that user, which is undone by its end; 0: done. */
static int create_as(unsigned int uid, uint64_t size)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		if (uid)
			become(uid, uid);
		_exit(rt_create(rt_params("", size)) < 0 ? errno : 0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* One user's buffers, kept by names; who is over the quota hurts nobody else. */
static void fill_quota(void *arg)
{
	(void)arg;
	become(OWNER, OWNER);
	close(rt_make("a", 3 * MIB));
	EXPECT_ERRNO(rt_create(rt_params("b", 2 * MIB)), EDQUOT);
	close(rt_make("b", MIB));
	EXPECT_ERRNO(rt_create(rt_params("c", 1)), EDQUOT);
}

static void quota(const void *arg)
{
	int fd;

	(void)arg;
	runtime_begin();
	rt_set("user_limit", 4 * MIB);
	EXPECT(child_ok(fill_quota, NULL));
	EXPECT_EQ(create_as(OWNER, 1), EDQUOT);
	EXPECT_EQ(create_as(STRANGER, 4 * MIB), 0);
	EXPECT_EQ(create_as(STRANGER, 4 * MIB + 1), EDQUOT);
	EXPECT_EQ(create_as(0, 8 * MIB), 0);
	/* Growing counts too, for who made it. */
	fd = rt_open("b", O_RDWR);
	EXPECT_EQ(ftruncate(fd, 2 * MIB), 0);
	EXPECT_EQ(ftruncate(fd, MIB), 0);
	EXPECT_EQ(rt_number("used"), 4 * MIB);
	close(fd);
	EXPECT_EQ(rt_delete("a"), 0);
	EXPECT_EQ(create_as(OWNER, 3 * MIB), 0);
	EXPECT_EQ(rt_delete("b"), 0);
	runtime_end();
}

/* All together: ENOMEM, for root too. */
static void limit(const void *arg)
{
	(void)arg;
	runtime_begin();
	rt_set("limit", 8 * MIB);
	close(rt_make("a", 6 * MIB));
	EXPECT_EQ(create_as(0, 2 * MIB), 0);
	EXPECT_EQ(create_as(0, 2 * MIB + 1), ENOMEM);
	EXPECT_EQ(create_as(STRANGER, 2 * MIB + 1), ENOMEM);
	EXPECT_EQ(rt_delete("a"), 0);
	EXPECT_EQ(create_as(0, 8 * MIB), 0);
	runtime_end();
}

static void count(const void *arg)
{
	int fds[5], i;

	(void)arg;
	runtime_begin();
	rt_set("user_buffers", 4);
	fflush(stdout);
	REQUIRE(seteuid(OWNER) == 0);
	for (i = 0; i < 4; i++)
		fds[i] = rt_make("", 1);
	EXPECT_ERRNO(rt_create(rt_params("", 1)), EDQUOT);
	close(fds[0]);
	fds[0] = rt_make("", 1);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	REQUIRE(seteuid(0) == 0);
	runtime_end();
}

/* More than any machine of these tests has: refused before a page is taken. */
static void huge(const void *arg)
{
	struct timespec a, b;
	double seconds;

	(void)arg;
	runtime_begin();
	clock_gettime(CLOCK_MONOTONIC, &a);
	EXPECT_ERRNO(rt_create(rt_params("huge", 64ull << 30)), ENOMEM);
	clock_gettime(CLOCK_MONOTONIC, &b);
	seconds = (double)(b.tv_sec - a.tv_sec) +
		  (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	ktap_say("64 GiB were refused after %.3f s", seconds);
	EXPECT(seconds < 1);
	runtime_end();
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		ktap_say("%s: %s", path, strerror(errno));
	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Nobody is killed for it, and the group's memory comes back. */
static void in_group(void *arg)
{
	int fd;

	(void)arg;
	put("/tmp/cgroup/small/cgroup.procs", "0");
	EXPECT_ERRNO(rt_create(rt_params("big", 128 * MIB)), ENOMEM);
	fd = rt_make("", 32 * MIB);
	EXPECT_ERRNO(rt_create(rt_params("", 48 * MIB)), ENOMEM);
	close(fd);
	close(rt_make("", 48 * MIB));
}

static void cgroup(const void *arg)
{
	char text[4096];

	(void)arg;
	REQUIRE(file_read("/proc/filesystems", text, sizeof(text)));
	if (!strstr(text, "cgroup2"))
		ktap_skip("this kernel has no control groups");
	mkdir("/tmp/cgroup", 0755);
	REQUIRE(mount("none", "/tmp/cgroup", "cgroup2", 0, NULL) == 0);
	REQUIRE(file_read("/tmp/cgroup/cgroup.controllers", text, sizeof(text)));
	if (!strstr(text, "memory")) {
		umount("/tmp/cgroup");
		ktap_skip("this kernel has no memory controller");
	}
	runtime_begin();
	put("/tmp/cgroup/cgroup.subtree_control", "+memory");
	REQUIRE(mkdir("/tmp/cgroup/small", 0755) == 0);
	put("/tmp/cgroup/small/memory.max", "67108864");
	EXPECT(child_ok(in_group, NULL));
	REQUIRE(file_read("/tmp/cgroup/small/memory.events", text,
			  sizeof(text)));
	EXPECT(strstr(text, "oom_kill 0") != NULL);
	EXPECT_EQ(rmdir("/tmp/cgroup/small"), 0);
	umount("/tmp/cgroup");
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "quota", quota, 0 },
	{ "limit", limit, 0 },
	{ "count", count, 0 },
	{ "huge", huge, 0 },
	{ "cgroup", cgroup, 60 },
};

SUITE(limits, cases, false);
