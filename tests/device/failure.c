// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the driver does when the kernel fails it (D1, K5): mmapper_fail.ko makes
 * one call fail, then the next, until the operation meets no failure.
 */
#include <sys/syscall.h>

#include "device.h"

/**
 * struct target - a function to fail
 * @symbols: its names, of which the kernel has the first or a later one
 * @value: what it returns when it fails
 * @caller: the module whose calls alone are meant, or NULL
 * @optional: some kernels have none of these
 */
struct target {
	const char	*symbols[4];
	long		value;
	const char	*caller;
	bool		optional;
};

static const struct target remaps[] = {
	{ .symbols = { "remap_pfn_range" }, .value = -ENOMEM },
	/* The same for what was prepared; then close comes without mapped. */
	{ .symbols = { "remap_pfn_range_complete" }, .value = -ENOMEM,
	  .optional = true },
	{ .symbols = { "remap_vmalloc_range" }, .value = -ENOMEM },
	{ .symbols = { "vm_insert_page" }, .value = -ENOMEM },
};

static const struct target allocations[] = {
	{
		.symbols = { "__kmalloc_noprof", "__kmalloc" },
		.caller = "mmapper",
	}, {
		/* Of a size that the compiler knows. */
		.symbols = { "__kmalloc_cache_noprof", "kmalloc_trace",
			     "kmem_cache_alloc_trace" },
		.caller = "mmapper",
	}, {
		.symbols = { "__vmalloc_noprof", "__vmalloc" },
		.caller = "mmapper",
	}, {
		.symbols = { "vmalloc_user_noprof", "vmalloc_user" },
		.caller = "mmapper",
	},
};

static const struct target ladder[] = {
	{ .symbols = { "class_register", "__class_register" },
	  .value = -ENOMEM },
	{ .symbols = { "alloc_chrdev_region" }, .value = -ENOMEM },
	{ .symbols = { "device_create" }, .value = -ENOMEM },
	{ .symbols = { "cdev_add" }, .value = -ENOMEM },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define FAILED		"/sys/module/mmapper_fail/parameters/failed"

/* False: this kernel has no such function. */
static bool fail_begin(const struct target *target, unsigned int nth)
{
	int fd = open(fail_path, O_RDONLY | O_CLOEXEC), r = -1, error;
	char params[128];
	size_t i;

	REQUIRE(fd >= 0);
	for (i = 0; r < 0 && i < COUNT(target->symbols); i++) {
		if (!target->symbols[i])
			break;
		snprintf(params, sizeof(params),
			 "symbol=%s nth=%u value=%ld %s%s", target->symbols[i],
			 nth, target->value, target->caller ? "caller=" : "",
			 target->caller ? target->caller : "");
		r = (int)syscall(SYS_finit_module, fd, params, 0);
	}
	error = errno;
	close(fd);
	if (r < 0 && error == ENOENT && target->optional)
		return false;
	if (r < 0)
		ktap_say("%s: %s", target->symbols[0], strerror(error));
	REQUIRE(r == 0);
	return true;
}

/* Did the call come that was to fail? */
static bool fail_end(void)
{
	char text[16];

	REQUIRE(file_read(FAILED, text, sizeof(text)));
	REQUIRE(syscall(SYS_delete_module, "mmapper_fail", O_NONBLOCK) == 0);
	return text[0] == '1';
}

static void begin(void)
{
	if (!fail_path)
		ktap_skip("needs --fail FILE");
	syscall(SYS_delete_module, "mmapper_fail", O_NONBLOCK);
	module_begin();
}

/* One mmap() with a failure in it; false: none came. */
static bool mmap_once(const struct dev *dev, const struct target *target,
		      unsigned int nth)
{
	size_t len = dev->pages * dev->page;
	struct mmapper_stats before = dev_stats(dev->fd), after;
	bool failed;
	void *map;
	int error;

	if (!fail_begin(target, nth))
		return false;
	map = mmap(NULL, len, PROT_READ, MAP_SHARED, dev->fd, 0);
	error = errno;
	failed = fail_end();
	if (failed) {
		EXPECT_EQ((intptr_t)map, -1);
		EXPECT_EQ(error, ENOMEM);
	} else {
		REQUIRE(map != MAP_FAILED);
	}
	if (map != MAP_FAILED)
		EXPECT_EQ(munmap(map, len), 0);
	EXPECT_EQ(maps_count(dev->row->path), 0);
	after = dev_stats(dev->fd);
	EXPECT_EQ(after.mmaps - before.mmaps, failed ? 0 : 1);
	EXPECT_EQ(after.mappings, 0);
	return failed;
}

/* Every call that maps something, for every row; the next mmap() succeeds. */
static void of_mmap(const void *arg)
{
	unsigned int nth, seen[COUNT(remaps)] = { 0 };
	size_t r, t;

	(void)arg;
	begin();
	REQUIRE(module_load_size(4, 0) == 0);
	for (r = 0; r < row_count; r++) {
		struct dev dev = dev_open(&rows[r]);
		char *map;

		for (t = 0; t < COUNT(remaps); t++) {
			for (nth = 1; mmap_once(&dev, &remaps[t], nth); nth++)
				seen[t]++;
		}
		map = dev_map(&dev, PROT_READ, 0, dev.pages);
		dev_check(&dev, map, 0, dev.pages * dev.page);
		munmap(map, dev.pages * dev.page);
		close(dev.fd);
	}
	for (t = 0; t < COUNT(remaps); t++)
		ktap_say("%s was made to fail %u times", remaps[t].symbols[0],
			 seen[t]);
	/* One call for kmalloc, one a page for vmalloc-pfn, and so on. */
	EXPECT_EQ(seen[0], row_flags(&rows[0]) & MMAPPER_BACKEND_F_MMAP_PREPARE ?
		  4 : 1 + 4);
	EXPECT_EQ(seen[0] + seen[1], 1 + 4);
	EXPECT_EQ(seen[2], 1);
	EXPECT(seen[3] >= 4 || seen[3] == 0);
	EXPECT_EQ(module_unload(), 0);
}

/* The first open, which makes the memory. */
static bool open_once(const struct row *row, const struct target *target,
		      unsigned int nth)
{
	struct dev dev;
	bool failed;
	int fd, error;

	REQUIRE(module_load("") == 0);
	fail_begin(target, nth);
	fd = open(row->path, O_RDWR | O_CLOEXEC);
	error = errno;
	failed = fail_end();
	if (fd < 0) {
		EXPECT(failed);
		EXPECT_EQ(error, ENOMEM);
	} else {
		close(fd);
	}
	dev = dev_open(row);
	EXPECT_EQ(dev_stats(dev.fd).files, 1);
	EXPECT_EQ(dev_stats(dev.fd).opens, fd < 0 ? 1 : 2);
	close(dev.fd);
	EXPECT_EQ(module_unload(), 0);
	return failed;
}

static void of_open(const void *arg)
{
	unsigned int nth, seen = 0;
	size_t r, t;

	(void)arg;
	begin();
	for (r = 0; r < row_count; r++)
		for (t = 0; t < COUNT(allocations); t++)
			for (nth = 1; open_once(&rows[r], &allocations[t],
						nth); nth++)
				seen++;
	ktap_say("%u allocations were made to fail", seen);
	/* The buffer and its memory, for each row. */
	EXPECT_EQ(seen, 2 * row_count);
}

/* vmalloc-pfn: there was memory for the buffer, none for its pages. */
static void open_without_memory(void)
{
	fail_begin(&allocations[2], 1);
	EXPECT_ERRNO(open(rows[1].path, O_RDWR | O_CLOEXEC), ENOMEM);
	EXPECT(fail_end());
}

static void memory(const void *arg)
{
	(void)arg;
	begin();
	need_root();
	REQUIRE(module_load("") == 0);
	EXPECT(memory_kept(open_without_memory));
	EXPECT_EQ(module_unload(), 0);
}

static bool in_devices(void)
{
	char text[4096];

	REQUIRE(file_read("/proc/devices", text, sizeof(text)));
	return strstr(text, " mmapper\n") != NULL;
}

/* Loading fails at each step of the ladder, and leaves nothing behind. */
static bool load_once(const struct target *target, unsigned int nth)
{
	bool failed;
	int r;

	fail_begin(target, nth);
	r = module_load("");
	failed = fail_end();
	EXPECT_EQ(r, failed ? -ENOMEM : 0);
	if (!failed) {
		EXPECT(in_devices());
		EXPECT_EQ(module_unload(), 0);
	}
	EXPECT(!module_loaded());
	EXPECT(!in_devices());
	EXPECT_EQ(access("/sys/class/mmapper", F_OK), -1);
	EXPECT_EQ(access(rows[0].path, F_OK), -1);
	EXPECT_EQ(access(rows[0].classic, F_OK), -1);
	return failed;
}

static void of_load(const void *arg)
{
	unsigned int nth, seen = 0;
	size_t t;

	(void)arg;
	begin();
	for (t = 0; t < COUNT(ladder); t++)
		for (nth = 1; load_once(&ladder[t], nth); nth++)
			seen++;
	ktap_say("%u steps were made to fail", seen);
	/* The four of the ladder, with a device for each name of each row. */
	EXPECT_EQ(seen, 3 + row_count + 2);
}

static const struct ktap_case cases[] = {
	{ "of_mmap", of_mmap, 60 },
	{ "of_open", of_open, 120 },
	{ "of_load", of_load, 60 },
	{ "memory", memory, 120 },
};

SUITE(failure, cases, false);
