// SPDX-License-Identifier: GPL-2.0-or-later
/* The module: loading, unloading, sizes, nodes that come and go (C02, K10). */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <mmapper.h>

#include "device.h"

int module_load(const char *params)
{
	int fd = open(module_path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = syscall(SYS_finit_module, fd, params, 0) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int module_load_size(size_t pages, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char param[64];

	snprintf(param, sizeof(param), "size=%zu", pages * page + bytes);
	return module_load(param);
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "mmapper", O_NONBLOCK) < 0 ?
	       -errno : 0;
}

bool module_loaded(void)
{
	return access("/sys/module/mmapper", F_OK) == 0;
}

void module_begin(void)
{
	if (!module_path)
		ktap_skip("needs --module FILE");
	if (module_loaded())
		REQUIRE(module_unload() == 0);
}

static void fresh_row(const struct row *row)
{
	struct dev dev = { .row = row };
	char *map;

	dev.fd = open(row->path, O_RDWR | O_CLOEXEC);
	REQUIRE(dev.fd >= 0);
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_INFO, &dev.info) == 0);
	EXPECT_EQ(dev.info.size, 5000);
	map = mmap(NULL, (size_t)dev.info.map_size, PROT_READ | PROT_WRITE,
		   MAP_SHARED, dev.fd, 0);
	REQUIRE(map != MAP_FAILED);
	dev_check(&dev, map, 0, (size_t)dev.info.map_size);
	/* For the next round, which must not see it. */
	memset(map, 0xa5, (size_t)dev.info.map_size);
	munmap(map, (size_t)dev.info.map_size);
	close(dev.fd);
}

/* What the next to take memory is likely to get; on a debug kernel less, it takes long. */
static void dirty(void)
{
	const size_t len = (debug_kernel() ? 4 : 64) << 20;
	char *map = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(map != MAP_FAILED);
	memset(map, 0xa5, len);
	munmap(map, len);
}

/*
 * Before anybody asks for a reset, and with nothing left of the last time: what
 * was freed is what the next round is likely to get.  Where the kernel clears
 * all memory by itself (init_on_alloc), this proves nothing of the driver.
 */
static void fresh(const void *arg)
{
	unsigned int round;
	size_t r;

	(void)arg;
	module_begin();
	for (round = 0; round < 3; round++) {
		REQUIRE(module_load("size=5000") == 0);
		for (r = 0; r < row_count; r++) {
			dirty();
			fresh_row(&rows[r]);
		}
		EXPECT_EQ(module_unload(), 0);
	}
}

static void default_size(const void *arg)
{
	size_t r;

	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	for (r = 0; r < row_count; r++) {
		struct dev dev = dev_open(&rows[r]);

		EXPECT_EQ(dev.info.size, 16384);
		close(dev.fd);
	}
	EXPECT_EQ(module_unload(), 0);
}

/* The kernel answers EAGAIN, which rmmod reports as "in use". */
static void busy(const void *arg)
{
	size_t r;

	(void)arg;
	module_begin();
	for (r = 0; r < row_count; r++) {
		struct dev dev;
		char *map;

		REQUIRE(module_load("") == 0);
		dev = dev_open(&rows[r]);
		EXPECT_EQ(module_unload(), -EAGAIN);
		map = dev_map(&dev, PROT_READ, 0, dev.pages);
		close(dev.fd);
		EXPECT_EQ(module_unload(), -EAGAIN);
		EXPECT_EQ(munmap(map, dev.page), 0);
		if (dev.pages > 1) {
			EXPECT_EQ(module_unload(), -EAGAIN);
			dev_check(&dev, map + dev.page, dev.page, dev.page);
			EXPECT_EQ(munmap(map, dev.pages * dev.page), 0);
		}
		EXPECT_EQ(module_unload(), 0);
	}
}

static unsigned long long max_size(const struct row *row)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/max_size", row->name);
	REQUIRE(file_read(path, text, sizeof(text)));
	return strtoull(text, NULL, 10);
}

static int load_size(unsigned long long size)
{
	char param[64];

	snprintf(param, sizeof(param), "size=%llu", size);
	return module_load(param);
}

/* Sizes that no store can give, and those that one of them can. */
static void sizes(const void *arg)
{
	unsigned long long small, large;
	size_t r;

	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	small = max_size(&rows[0]);
	large = max_size(&rows[1]);
	REQUIRE(module_unload() == 0);
	ktap_say("kmalloc gives up to %llu bytes, vmalloc %llu", small, large);
	REQUIRE(small < large);

	EXPECT_EQ(module_load("size=0"), -EINVAL);
	EXPECT_EQ(module_load("size=-1"), -EINVAL);
	EXPECT_EQ(module_load("size=18446744073709551615"), -EINVAL);
	EXPECT_EQ(module_load("size=18446744073709547520"), -EINVAL);
	EXPECT_EQ(module_load("size=4k"), -EINVAL);
	EXPECT_EQ(load_size(large + 1), -EINVAL);
	EXPECT(!module_loaded());

	REQUIRE(load_size(small + 1) == 0);
	for (r = 0; r < row_count; r++) {
		int fd = open(rows[r].path, O_RDWR | O_CLOEXEC);

		if (max_size(&rows[r]) == small) {
			int error = errno;

			EXPECT_EQ(fd, -1);
			EXPECT_EQ(error, EFBIG);
		} else {
			EXPECT(fd >= 0);
			close(fd);
		}
	}
	EXPECT_EQ(module_unload(), 0);
}

/* The most that kmalloc claims to give, it gives. */
static void largest(const void *arg)
{
	unsigned long long small;
	struct dev dev;
	char *map;

	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	small = max_size(&rows[0]);
	REQUIRE(module_unload() == 0);
	REQUIRE(load_size(small) == 0);
	dev = dev_open(&rows[0]);
	map = dev_map(&dev, PROT_READ, 0, dev.pages);
	EXPECT_EQ(dev.info.map_size, small);
	dev_check(&dev, map, 0, (size_t)small);
	munmap(map, (size_t)small);
	close(dev.fd);
	EXPECT_EQ(module_unload(), 0);
}

static void not_loaded(const void *arg)
{
	struct mmapper_buffer *buffer = NULL;
	struct mmapper_nodes *nodes = NULL;
	char version[32];
	size_t r;

	(void)arg;
	module_begin();
	for (r = 0; r < row_count; r++) {
		EXPECT_ERRNO(open(rows[r].path, O_RDWR), ENOENT);
		if (rows[r].classic)
			EXPECT_ERRNO(open(rows[r].classic, O_RDWR), ENOENT);
		EXPECT_EQ(mmapper_buffer_open(rows[r].name, O_RDWR, &buffer),
			  -ENODEV);
	}
	EXPECT_EQ(mmapper_nodes_list(&nodes), -ENODEV);
	EXPECT_EQ(mmapper_driver_get_abi(), -ENODEV);
	EXPECT_EQ(mmapper_driver_get_version(version, sizeof(version)),
		  -ENODEV);
	EXPECT_EQ(access("/sys/class/mmapper", F_OK), -1);
}

static void twice(const void *arg)
{
	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	EXPECT_EQ(module_load(""), -EEXIST);
	EXPECT_EQ(module_unload(), 0);
	EXPECT_EQ(module_unload(), -ENOENT);
}

/* Minor numbers without a backend; a node that outlives the module. */
static void strange_nodes(const void *arg)
{
	static const char path[] = "/tmp/mmapper-node";
	unsigned int major, m, good = 0;
	struct stat st;

	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	REQUIRE(stat(rows[0].path, &st) == 0);
	major = major(st.st_rdev);
	/* For a number that nobody has the kernel looks for a module: on debug kernels, few. */
	for (m = 0; m < 256; m += debug_kernel() && m >= 80 ? 25 : 1) {
		int fd;

		unlink(path);
		REQUIRE(mknod(path, S_IFCHR | 0600, makedev(major, m)) == 0);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			good++;
			close(fd);
		} else {
			EXPECT_EQ(errno, ENXIO);
		}
	}
	/* Both classic names, and control. */
	EXPECT_EQ(good, row_count + 3);
	unlink(path);
	REQUIRE(mknod(path, S_IFCHR | 0600, st.st_rdev) == 0);
	EXPECT_EQ(module_unload(), 0);
	EXPECT_ERRNO(open(path, O_RDWR), ENXIO);
	unlink(path);
}

/* Open without pause, by number, while the module comes and goes. */
static void opener(const char *path)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (fd < 0) {
			if (errno != ENXIO)
				_exit(1);
			continue;
		}
		if (pwrite(fd, "o", 1, 0) != 1)
			_exit(2);
		/* Leave each side a chance. */
		usleep(100);
		close(fd);
		usleep(100);
	}
}

static void open_while_unloading(const void *arg)
{
	static const char path[] = "/tmp/mmapper-race";
	const unsigned int enough = debug_kernel() ? 5 : 20;
	unsigned int rounds = 0, refused = 0, seed = 1, i;
	struct stat st;
	int status;
	pid_t pid;

	(void)arg;
	module_begin();
	REQUIRE(module_load("") == 0);
	REQUIRE(stat(rows[2].path, &st) == 0);
	unlink(path);
	REQUIRE(mknod(path, S_IFCHR | 0600, st.st_rdev) == 0);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		opener(path);
	for (i = 0; i < 20000 && (rounds < enough || refused < enough); i++) {
		int r;

		/* Now in step with the opener, now out of it. */
		usleep(rand_r(&seed) % 1000);
		r = module_unload();
		if (r == -EAGAIN) {
			refused++;
			continue;
		}
		EXPECT_EQ(r, 0);
		rounds++;
		REQUIRE(module_load("") == 0);
	}
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WTERMSIG(status), SIGKILL);
	ktap_say("%u unloads went through, %u were refused", rounds, refused);
	EXPECT(rounds >= enough && refused >= enough);
	EXPECT_EQ(module_unload(), 0);
	unlink(path);
}

static const struct ktap_case cases[] = {
	{ "fresh", fresh, 120 },
	{ "default_size", default_size, 0 },
	{ "busy", busy, 0 },
	{ "sizes", sizes, 0 },
	{ "largest", largest, 0 },
	{ "not_loaded", not_loaded, 0 },
	{ "twice", twice, 0 },
	{ "strange_nodes", strange_nodes, 0 },
	{ "open_while_unloading", open_while_unloading, 120 },
};

SUITE(module, cases, false);
