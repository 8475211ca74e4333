// SPDX-License-Identifier: GPL-2.0-or-later
/* The sweep over the module's own life, and the open() that makes a buffer. */
#include <sys/syscall.h>

#include "attack.h"

#define PAGES	4

static void load(void)
{
	REQUIRE(module_load_size(PAGES, 0) == 0);
}

/* A failed open() makes no buffer: the module is as good as new for the next. */
static void before_first_open(struct try *t)
{
	(void)t;
	if (!module_loaded())
		load();
}

static long call_open(struct try *t)
{
	return t->fd = open(t->row->path, O_RDWR | O_CLOEXEC);
}

static void check_unopened(const struct row *row, const char *name)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/%s", row->name,
		 name);
	REQUIRE(file_read(path, text, sizeof(text)));
	EXPECT(strcmp(text, "0\n") == 0);
}

/* It made what those before it could not. */
static void after_first_open(struct try *t)
{
	struct dev dev = { .row = t->row };
	static char bytes[16384 + 1];
	struct mmapper_stats stats;
	ssize_t n;

	if (t->fd < 0) {
		check_unopened(t->row, "opens");
		check_unopened(t->row, "files");
		return;
	}
	dev.fd = open(t->row->path, O_RDWR | O_CLOEXEC);
	REQUIRE(dev.fd >= 0);
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_INFO, &dev.info) == 0);
	stats = dev_stats(dev.fd);
	EXPECT_EQ(stats.opens, 2);
	EXPECT_EQ(stats.files, 2);
	n = pread(dev.fd, bytes, sizeof(bytes), 0);
	EXPECT_EQ(n, dev.info.size);
	dev_check(&dev, bytes, 0, n > 0 ? (size_t)n : 0);
	close(dev.fd);
	EXPECT_EQ(close(t->fd), 0);
	EXPECT_EQ(module_unload(), 0);
}

SWEEP(first_open) = {
	.before = before_first_open, .call = call_open,
	.after = after_first_open, .errors = NO_EITHER, .alone = true,
	.again = 8,
};

static const struct ktap_case open_cases[] = { SWEEP_CASE(first_open) };

SUITE(sweep_open, open_cases, true);

static bool in_devices(void)
{
	char text[4096];

	REQUIRE(file_read("/proc/devices", text, sizeof(text)));
	return strstr(text, " mmapper\n") != NULL;
}

/* A row's node has that name and no other. */
static bool check_nodes(bool there)
{
	bool ok = true;
	char path[64];
	size_t r;

	for (r = 0; r < row_count; r++) {
		ok &= EXPECT_EQ(access(rows[r].path, F_OK), there ? 0 : -1);
		if (rows[r].classic)
			ok &= EXPECT_EQ(access(rows[r].classic, F_OK),
					there ? 0 : -1);
		snprintf(path, sizeof(path), "/dev/%s", rows[r].name);
		ok &= EXPECT_EQ(access(path, F_OK), -1);
	}
	return ok;
}

static void check_gone(void)
{
	EXPECT(!module_loaded());
	EXPECT(!in_devices());
	EXPECT_EQ(access("/sys/class/mmapper", F_OK), -1);
	/* What stays behind once would be told after every try. */
	REQUIRE(check_nodes(false));
}

static void before_load(struct try *t)
{
	t->fd = open(module_path, O_RDONLY | O_CLOEXEC);
	REQUIRE(t->fd >= 0);
}

static long call_load(struct try *t)
{
	return syscall(SYS_finit_module, t->fd, "size=5000", 0);
}

static void after_load(struct try *t)
{
	close(t->fd);
	if (t->result == 0) {
		EXPECT(in_devices());
		check_nodes(true);
		EXPECT_EQ(access("/sys/class/mmapper/kmalloc/size", F_OK), 0);
		EXPECT_EQ(module_unload(), 0);
	}
	check_gone();
}

static void before_unload(struct try *t)
{
	int fd;

	(void)t;
	load();
	fd = open(rows[0].path, O_RDWR | O_CLOEXEC);
	REQUIRE(fd >= 0);
	close(fd);
}

static long call_unload(struct try *t)
{
	(void)t;
	return syscall(SYS_delete_module, "mmapper", O_NONBLOCK);
}

static void after_unload(struct try *t)
{
	if (t->result == -1)
		EXPECT_EQ(module_unload(), 0);
	check_gone();
}

SWEEP(load) = {
	.before = before_load, .call = call_load, .after = after_load,
	.errors = NO_EITHER, .alone = true, .again = 32, .sparse = 120,
};

SWEEP(unload) = {
	.before = before_unload, .call = call_unload, .after = after_unload,
	.errors = NO_EITHER, .alone = true, .again = 8,
};

static const struct ktap_case cases[] = {
	SWEEP_CASE(load), SWEEP_CASE(unload),
};

SUITE(sweep_module, cases, false);
