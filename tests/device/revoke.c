// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is taken back or cut off while others have it (K4). */
#include <poll.h>
#include <sys/wait.h>

#include "runtime.h"

#define PAGES	8

static bool creatable(const struct row *row)
{
	return !(row->flags & MMAPPER_BACKEND_F_PER_OPEN);
}

static int make_of(const struct row *row, const char *name, size_t size)
{
	struct mmapper_create p = rt_params_of(row->name, name, size);
	int fd;

	p.mode = 0666;
	fd = rt_create(p);
	REQUIRE(fd >= 0);
	return fd;
}

static void of_row(const struct row *row)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = PAGES * page, i;
	int fd = make_of(row, "r", len), other = rt_open("r", O_RDWR);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	struct pollfd poll_for = { .fd = fd, .events = POLLIN | POLLOUT };
	char *map = rt_map(fd, PROT_READ | PROT_WRITE), c = 0;
	char *theirs = rt_map(other, PROT_READ);
	off_t at = (off_t)(uintptr_t)map;

	for (i = 0; i < len; i += page)
		map[i] = 'r';
	EXPECT_EQ(theirs[page], 'r');
	EXPECT_EQ(pread(mem, &c, 1, at), 1);
	EXPECT_EQ(c, 'r');
	EXPECT_EQ(pwrite(mem, "m", 1, at), 1);
	EXPECT_EQ(theirs[0], 'm');
	EXPECT_EQ(poll(&poll_for, 1, 0), 1);
	EXPECT_EQ(poll_for.revents, POLLIN | POLLOUT);
	EXPECT_EQ(rt_revoke(other), 0);

	for (i = 0; i < len; i += page) {
		EXPECT_EQ(touch(map + i, true), SIGBUS);
		EXPECT_EQ(touch(theirs + i, false), SIGBUS);
	}
	EXPECT_ERRNO(pread(mem, &c, 1, at), EIO);
	EXPECT_ERRNO(pwrite(mem, "x", 1, at), EIO);
	EXPECT_EQ(poll(&poll_for, 1, 0), 1);
	EXPECT_EQ(poll_for.revents, POLLERR | POLLHUP);
	EXPECT_ERRNO(pread(fd, &c, 1, 0), ESTALE);
	EXPECT_ERRNO(pwrite(fd, "x", 1, 0), ESTALE);
	EXPECT_REFUSED(mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0), ESTALE);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_RESET,
			   &(struct mmapper_reset){ 0 }), ESTALE);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_LOOKUP,
			   &(struct mmapper_phys){ 0 }), ESTALE);
	EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), ESTALE);
	EXPECT_ERRNO(rt_revoke(fd), ESTALE);
	if (row->flags & MMAPPER_BACKEND_F_RESIZE)
		EXPECT_ERRNO(ftruncate(fd, (off_t)page), ESTALE);
	EXPECT_EQ(rt_info(fd).buffer_flags, MMAPPER_BUFFER_F_REVOKED);
	EXPECT_ERRNO(rt_open("r", O_RDONLY), ENOENT);
	/* It is freed, though it is mapped and open. */
	EXPECT_EQ(rt_number("count"), 0);
	/* Its name is free. */
	close(make_of(row, "r", len));
	EXPECT_EQ(rt_delete("r"), 0);
	EXPECT_EQ(munmap(map, len), 0);
	EXPECT_EQ(munmap(theirs, len), 0);
	close(fd);
	close(other);
	close(mem);
}

static void each_row(const void *arg)
{
	size_t r;

	(void)arg;
	runtime_begin();
	for (r = 0; r < row_count; r++)
		if (creatable(&rows[r]))
			of_row(&rows[r]);
	runtime_end();
}

/* A private copy is its process's own, but goes as truncated files' do. */
static void private_copy(const void *arg)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map;
	int fd;

	(void)arg;
	runtime_begin();
	fd = rt_make("p", 2 * page);
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	REQUIRE(map != MAP_FAILED);
	map[0] = 'c';
	EXPECT_EQ(rt_revoke(fd), 0);
	EXPECT_EQ(touch(map, false), SIGBUS);
	EXPECT_EQ(touch(map + page, true), SIGBUS);
	munmap(map, 2 * page);
	close(fd);
	runtime_end();
}

/* Rounds of a buffer that is made, used by all, and taken away. */
static void under_load(const struct row *row, unsigned int rounds)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct rt_use use = {
		.row = row->name, .len = PAGES * page, .stride = page,
		.rounds = rounds,
	};
	struct rt_used used = rt_revoke_in_use(&use);

	EXPECT(used.buses + used.stales > 0);
}

/* A thousand for all the rows. */
#define ROUNDS	1000

static void in_use(const void *arg)
{
	size_t r, n = 0;

	(void)arg;
	runtime_begin();
	for (r = 0; r < row_count; r++)
		n += creatable(&rows[r]);
	for (r = 0; r < row_count; r++)
		if (creatable(&rows[r]))
			under_load(&rows[r], (unsigned int)(ROUNDS / n + 1));
	runtime_end();
}

static bool resizable(const struct row *row)
{
	return creatable(row) && row->flags & MMAPPER_BACKEND_F_RESIZE;
}

/* Zero where there was nothing, and what was there stays. */
static void check_size(int fd, char *map, size_t kept, size_t size, size_t len)
{
	struct stat st;
	size_t i;
	char c;

	REQUIRE(fstat(fd, &st) == 0);
	EXPECT_EQ(st.st_size, size);
	EXPECT_EQ(rt_info(fd).size, size);
	EXPECT_EQ(pread(fd, &c, 1, (off_t)size), 0);
	EXPECT_ERRNO(pwrite(fd, "x", 1, (off_t)size), ENOSPC);
	EXPECT_EQ(pread(fd, &c, 1, (off_t)size - 1), 1);
	for (i = 0; i < len; i++) {
		char want = i < kept ? 'z' : 0;

		if (!ktap_expect(map[i] == want, __FILE__, __LINE__,
				 "byte %zu of %zu is 0x%02x", i, size, map[i]))
			break;
	}
}

static void resize_row(const struct row *row)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 3 * page + 100, i;
	int fd = make_of(row, "z", size);
	char *map = rt_map(fd, PROT_READ | PROT_WRITE), *more;

	memset(map, 'z', 4 * page);
	/* Smaller within a page, smaller by pages: the rest is gone. */
	EXPECT_EQ(ftruncate(fd, (off_t)(2 * page + 10)), 0);
	EXPECT_EQ(touch(map + 3 * page, false), SIGBUS);
	EXPECT_EQ(touch(map + 2 * page, true), 0);
	EXPECT_EQ(map[2 * page + 9], 'z');
	for (i = 2 * page + 10; i < 3 * page; i++)
		if (!EXPECT_EQ(map[i], 0))
			break;
	EXPECT_EQ(rt_number("used"), 3 * page);
	EXPECT_REFUSED(mmap(NULL, 4 * page, PROT_READ, MAP_SHARED, fd, 0),
		       EINVAL);
	memset(map, 'z', 3 * page);
	/* Larger again: zero from the old end on, in the old mapping as well. */
	EXPECT_EQ(ftruncate(fd, (off_t)(6 * page)), 0);
	EXPECT_EQ(rt_number("used"), 6 * page);
	more = rt_map(fd, PROT_READ | PROT_WRITE);
	check_size(fd, more, 2 * page + 10, 6 * page, 6 * page);
	EXPECT_EQ(touch(map + 3 * page, true), 0);
	more[3 * page] = 'n';
	EXPECT_EQ(map[3 * page], 'n');
	EXPECT_EQ(ftruncate(fd, 1), 0);
	check_size(fd, more, 1, 1, 1);
	EXPECT_EQ(touch(more + page, false), SIGBUS);
	EXPECT_ERRNO(ftruncate(fd, 0), EINVAL);
	EXPECT_ERRNO(ftruncate(fd, -1), EINVAL);
	EXPECT_EQ(rt_info(fd).size, 1);
	munmap(map, 4 * page);
	munmap(more, 6 * page);
	close(fd);
	EXPECT_EQ(rt_delete("z"), 0);
}

static void resize(const void *arg)
{
	size_t r, n = 0;

	(void)arg;
	runtime_begin();
	for (r = 0; r < row_count; r++) {
		int fd;

		if (resizable(&rows[r])) {
			resize_row(&rows[r]);
			n++;
		} else if (creatable(&rows[r])) {
			fd = make_of(&rows[r], "", 100);
			EXPECT_ERRNO(ftruncate(fd, 4), EOPNOTSUPP);
			EXPECT_EQ(rt_info(fd).size, 100);
			close(fd);
		}
	}
	EXPECT(n > 0);
	runtime_end();
}

/* A reader's descriptor, a path, too much, and a limit: nothing changes. */
static void resize_refused(const void *arg)
{
	struct mmapper_info info;
	char path[64];
	int fd, ro;

	(void)arg;
	runtime_begin();
	fd = rt_make("z", 4096);
	ro = rt_open("z", O_RDONLY);
	EXPECT_ERRNO(ftruncate(ro, 8192), EINVAL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_ERRNO(truncate(path, 8192), EINVAL);
	info = rt_info(fd);
	EXPECT_ERRNO(ftruncate(fd, (off_t)info.max_size + 1), EFBIG);
	EXPECT_ERRNO(ftruncate(fd, INT64_MAX), EFBIG);
	rt_set("limit", 16384);
	EXPECT_ERRNO(ftruncate(fd, 16385), ENOMEM);
	EXPECT_EQ(ftruncate(fd, 16384), 0);
	rt_set("limit", 0);
	EXPECT_EQ(rt_info(fd).size, 16384);
	close(ro);
	close(fd);
	EXPECT_EQ(rt_delete("z"), 0);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "each_row", each_row, 60 },
	{ "private_copy", private_copy, 0 },
	{ "in_use", in_use, 300 },
	{ "resize", resize, 60 },
	{ "resize_refused", resize_refused, 0 },
};

SUITE(revoke, cases, false);
