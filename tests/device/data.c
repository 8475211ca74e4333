// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes: pattern, read and write, llseek, poll (C01-C05, D1, D7, K7). */
#include <poll.h>

#include "device.h"

static void pattern(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);
	char *copy = malloc((size_t)dev.info.size + 1);

	REQUIRE(copy != NULL);
	/* dev_check() wants zero between size and the end of the page. */
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
	EXPECT_EQ(read(dev.fd, copy, (size_t)dev.info.size + 1), dev.info.size);
	dev_check(&dev, copy, 0, (size_t)dev.info.size);
	ktap_say("%.78s", map);
}

static void coherent(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	size_t at;

	for (at = 0; at < dev.info.size; at += 997) {
		char c = (char)(at % 251), back = 0;

		map[at] = c;
		EXPECT_EQ(pread(dev.fd, &back, 1, (off_t)at), 1);
		EXPECT_EQ(back, c);
		c ^= 0x55;
		EXPECT_EQ(pwrite(dev.fd, &c, 1, (off_t)at), 1);
		EXPECT_EQ(map[at], c);
	}
}

static void across_the_end(const void *arg)
{
	struct dev dev = dev_open(arg);
	off_t size = (off_t)dev.info.size;
	char bytes[32];

	memset(bytes, 'x', sizeof(bytes));
	EXPECT_EQ(pread(dev.fd, bytes, sizeof(bytes), size - 1), 1);
	EXPECT_EQ(bytes[0], row_byte(dev.row, (size_t)size - 1));
	EXPECT_EQ(bytes[1], 'x');
	EXPECT_EQ(pread(dev.fd, bytes, sizeof(bytes), size), 0);
	EXPECT_EQ(pread(dev.fd, bytes, sizeof(bytes), size + 4096), 0);
	EXPECT_EQ(pread(dev.fd, bytes, sizeof(bytes), INT64_MAX - 4096), 0);
	EXPECT_ERRNO(pread(dev.fd, bytes, 1, -1), EINVAL);
	EXPECT_EQ(pread(dev.fd, bytes, 0, 0), 0);

	memset(bytes, 'y', sizeof(bytes));
	EXPECT_EQ(pwrite(dev.fd, bytes, sizeof(bytes), size - 1), 1);
	EXPECT_EQ(pread(dev.fd, bytes + 1, 1, size - 1), 1);
	EXPECT_EQ(bytes[1], 'y');
	EXPECT_ERRNO(pwrite(dev.fd, bytes, 1, size), ENOSPC);
	EXPECT_ERRNO(pwrite(dev.fd, bytes, 1, size + 4096), ENOSPC);
	EXPECT_ERRNO(pwrite(dev.fd, bytes, 1, INT64_MAX - 4096), ENOSPC);
	EXPECT_ERRNO(pwrite(dev.fd, bytes, 1, -1), EINVAL);
	EXPECT_EQ(pwrite(dev.fd, bytes, 0, size), 0);
	/* What the write across the end did not claim, it did not write. */
	if (dev.info.size < dev.info.map_size)
		EXPECT_EQ(dev_map(&dev, PROT_READ, 0, dev.pages)[size], 0);
}

static void position(const void *arg)
{
	struct dev dev = dev_open(arg);
	off_t size = (off_t)dev.info.size;
	char c;

	EXPECT_EQ(lseek(dev.fd, 0, SEEK_END), size);
	EXPECT_EQ(read(dev.fd, &c, 1), 0);
	EXPECT_EQ(lseek(dev.fd, -1, SEEK_CUR), size - 1);
	EXPECT_EQ(read(dev.fd, &c, 1), 1);
	EXPECT_EQ(c, row_byte(dev.row, (size_t)size - 1));
	EXPECT_ERRNO(lseek(dev.fd, size + 1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(dev.fd, 1, SEEK_END), EINVAL);
	EXPECT_ERRNO(lseek(dev.fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(lseek(dev.fd, 0, 99), EINVAL);
	EXPECT_EQ(lseek(dev.fd, 0, SEEK_CUR), size);
	EXPECT_EQ(lseek(dev.fd, 0, SEEK_SET), 0);
	EXPECT_EQ(write(dev.fd, "z", 1), 1);
	EXPECT_EQ(lseek(dev.fd, 0, SEEK_CUR), 1);
}

/* Volatile, for the compiler warns of an address that it can see. */
static char *volatile nowhere = (char *)8;

static void bad_pointers(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *two = mmap(NULL, 2 * dev.page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = two + dev.page - 1;
	char *map = dev_map(&dev, PROT_READ, 0, dev.pages);

	REQUIRE(two != MAP_FAILED);
	munmap(two + dev.page, dev.page);
	EXPECT_ERRNO(read(dev.fd, nowhere, 1), EFAULT);
	EXPECT_ERRNO(read(dev.fd, edge + 1, 1), EFAULT);
	EXPECT_ERRNO(read(dev.fd, (void *)-4096L, 1), EFAULT);
	EXPECT_ERRNO(write(dev.fd, nowhere, 1), EFAULT);
	EXPECT_ERRNO(write(dev.fd, edge + 1, 1), EFAULT);
	EXPECT_ERRNO(write(dev.fd, (void *)-4096L, 1), EFAULT);
	EXPECT_EQ(lseek(dev.fd, 0, SEEK_CUR), 0);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);

	/* A transfer that meets the bad page half-way claims what it did. */
	if (dev.info.size < 2)
		return;
	*edge = '!';
	EXPECT_EQ(write(dev.fd, edge, 2), 1);
	EXPECT_EQ(map[0], '!');
	EXPECT_EQ(map[1], row_byte(dev.row, 1));
	EXPECT_EQ(pread(dev.fd, edge, 2, 1), 1);
	EXPECT_EQ(*edge, row_byte(dev.row, 1));
}

static void modes(const void *arg)
{
	struct dev dev = dev_open(arg);
	struct mmapper_reset reset = { 0 };
	int r = open(dev.row->path, O_RDONLY | O_CLOEXEC);
	int w = open(dev.row->path, O_WRONLY | O_CLOEXEC);
	struct pollfd fds[] = {
		{ .fd = dev.fd, .events = POLLIN | POLLOUT },
		{ .fd = r, .events = POLLIN | POLLOUT },
		{ .fd = w, .events = POLLIN | POLLOUT },
	};
	char c = 0;

	REQUIRE(r >= 0 && w >= 0);
	EXPECT_ERRNO(write(r, &c, 1), EBADF);
	EXPECT_ERRNO(read(w, &c, 1), EBADF);
	EXPECT_ERRNO(ioctl(r, MMAPPER_IOC_RESET, &reset), EBADF);
	EXPECT_EQ(ioctl(w, MMAPPER_IOC_RESET, &reset), 0);
	EXPECT_EQ(poll(fds, 3, 0), 3);
	EXPECT_EQ(fds[0].revents, POLLIN | POLLOUT);
	EXPECT_EQ(fds[1].revents, POLLIN);
	EXPECT_EQ(fds[2].revents, POLLOUT);
}

/* Two opens have the same bytes, or each its own, which it may map twice. */
static void two_opens(const void *arg)
{
	struct dev dev = dev_open(arg);
	int other = open(dev.row->path, O_RDWR | O_CLOEXEC);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	char *again = dev_map(&dev, PROT_READ, 0, dev.pages);
	char *theirs = mmap(NULL, dev.page, PROT_READ | PROT_WRITE, MAP_SHARED,
			    other, 0);
	bool own = row_per_open(dev.row);

	REQUIRE(other >= 0 && theirs != MAP_FAILED);
	map[0] = 'M';
	EXPECT_EQ(again[0], 'M');
	EXPECT_EQ(theirs[0], own ? row_byte(dev.row, 0) : 'M');
	theirs[0] = 'T';
	EXPECT_EQ(again[0], own ? 'M' : 'T');
	EXPECT_EQ(pwrite(other, "W", 1, 0), 1);
	EXPECT_EQ(again[0], own ? 'M' : 'W');
	/* What is mapped is the buffer of the file that it was mapped by. */
	EXPECT_EQ(close(other), 0);
	EXPECT_EQ(theirs[0], 'W');
}

static void reset(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	struct mmapper_reset again = { 0 };

	memset(map, 0xee, (size_t)dev.info.map_size);
	EXPECT_EQ(ioctl(dev.fd, MMAPPER_IOC_RESET, &again), 0);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
}

static void second_name(const void *arg)
{
	struct dev dev = dev_open(arg);
	char c = 0;
	int fd;

	if (!dev.row->classic)
		ktap_skip("this row has one name");
	fd = open(dev.row->classic, O_RDWR | O_SYNC | O_CLOEXEC);
	REQUIRE(fd >= 0);
	EXPECT_EQ(pwrite(fd, "~", 1, 0), 1);
	EXPECT_EQ(pread(dev.fd, &c, 1, 0), 1);
	EXPECT_EQ(c, '~');
	EXPECT_EQ(dev_stats(fd).files, dev_stats(dev.fd).files);
}

/* The classic program, as a program of its own, which knows of no mmapper. */
static void classic(const void *arg)
{
	struct dev dev = dev_open(arg);
	char self[256], command[512], out[512];
	ssize_t n;
	size_t i;
	FILE *p;

	/* It maps 16 KiB, which are four of the smallest pages. */
	if (!dev.row->classic || dev.pages < 4)
		ktap_skip("not a classic node, or smaller than four pages");
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	REQUIRE(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "%s/classic %s", self,
		 dev.row->classic);
	p = popen(command, "r");
	REQUIRE(p != NULL && fgets(out, sizeof(out), p) != NULL);
	EXPECT_EQ(pclose(p), 0);
	ktap_say("%.78s", out);
	for (i = 0; i < 78; i++)
		EXPECT_EQ(out[i], row_byte(dev.row, i));
	/* It has cleared them, through its mapping. */
	EXPECT_EQ(pread(dev.fd, out, 78, 0), 78);
	for (i = 0; i < 78; i++)
		EXPECT_EQ(out[i], 0);
}

static const struct ktap_case cases[] = {
	{ "pattern", pattern, 0 },
	{ "coherent", coherent, 0 },
	{ "across_the_end", across_the_end, 0 },
	{ "position", position, 0 },
	{ "bad_pointers", bad_pointers, 0 },
	{ "modes", modes, 0 },
	{ "two_opens", two_opens, 0 },
	{ "reset", reset, 0 },
	{ "second_name", second_name, 0 },
	{ "classic", classic, 0 },
};

SUITE(data, cases, true);
