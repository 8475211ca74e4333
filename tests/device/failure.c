// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the driver does when the kernel fails it (D1, K5): mmapper_fail.ko makes
 * one call fail, then the next, until the operation meets no failure.
 */
#include <sys/syscall.h>
#include <sys/uio.h>

#include "failure.h"
#include "runtime.h"

static const struct target remaps[] = {
	{ .symbols = { "remap_pfn_range" }, .value = -ENOMEM },
	/* The same for what was prepared; then close comes without mapped. */
	{ .symbols = { "remap_pfn_range_complete" }, .value = -ENOMEM,
	  .optional = true },
	{ .symbols = { "remap_vmalloc_range" }, .value = -ENOMEM },
	{ .symbols = { "vm_insert_page" }, .value = -ENOMEM },
	{ .symbols = { "vm_insert_pages" }, .value = -ENOMEM },
};

enum { VMALLOC = 2, PAGES = 5 };

static const struct target allocations[] = {
	{
		.symbols = { "__kmalloc_noprof", "__kmalloc" },
		.caller = "mmapper",
	}, {
		/* Of a size that the compiler knows. */
		.symbols = { "__kmalloc_cache_noprof", "kmalloc_trace",
			     "kmem_cache_alloc_trace" },
		.caller = "mmapper",
	},
	[VMALLOC] = {
		.symbols = { "__vmalloc_noprof", "__vmalloc" },
		.caller = "mmapper",
	}, {
		.symbols = { "vmalloc_user_noprof", "vmalloc_user" },
		.caller = "mmapper",
	}, {
		.symbols = { "alloc_anon_inode" },
		.value = -ENOMEM,
	},
	[PAGES] = {
		/* Where the first is inlined, it calls one of the others. */
		.symbols = { "alloc_pages_node_noprof", "__alloc_pages_noprof",
			     "__alloc_pages", "__alloc_pages_nodemask" },
		.caller = "mmapper",
	}, {
		.symbols = { "__kvmalloc_node_noprof", "kvmalloc_node" },
		.caller = "mmapper",
	}, {
		.symbols = { "dma_alloc_attrs" },
		.caller = "mmapper",
	}, {
		.symbols = { "shmem_file_setup" },
		.value = -ENOMEM, .caller = "mmapper",
	}, {
		.symbols = { "shmem_read_mapping_page_gfp" },
		.value = -ENOMEM, .caller = "mmapper",
	},
};

static const struct target ladder[] = {
	{ .symbols = { "class_register", "__class_register" },
	  .value = -ENOMEM },
	{ .symbols = { "alloc_chrdev_region" }, .value = -ENOMEM },
	{ .symbols = { "device_create_with_groups" }, .value = -ENOMEM },
	{ .symbols = { "cdev_add" }, .value = -ENOMEM },
	{ .symbols = { "kern_mount" }, .value = -ENOMEM },
	{ .symbols = { "__pci_register_driver" }, .value = -ENOMEM,
	  .caller = "mmapper" },
	{ .symbols = { "platform_device_register_full" }, .value = -ENOMEM },
	{ .symbols = { "dma_set_mask" }, .value = -ENOMEM,
	  .caller = "mmapper" },
	{ .symbols = { "kobject_create_and_add" }, .caller = "mmapper" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define PARAMETERS	"/sys/module/mmapper_fail/parameters/"

bool fail_begin(const struct target *target)
{
	int fd = open(fail_path, O_RDONLY | O_CLOEXEC), r = -1, error;
	char params[128];
	size_t i;

	REQUIRE(fd >= 0);
	for (i = 0; r < 0 && i < COUNT(target->symbols); i++) {
		if (!target->symbols[i])
			break;
		snprintf(params, sizeof(params),
			 "symbol=%s value=%ld lasting=%d anyone=%d %s%s",
			 target->symbols[i], target->value, target->lasting,
			 target->anyone, target->caller ? "caller=" : "",
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

void fail_call(unsigned int nth)
{
	int fd = open(PARAMETERS "nth", O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(dprintf(fd, "%u", nth) > 0);
	close(fd);
}

bool fail_came(void)
{
	char text[16];

	REQUIRE(file_read(PARAMETERS "failed", text, sizeof(text)));
	fail_call(0);
	return text[0] != '0';
}

void fail_end(void)
{
	REQUIRE(syscall(SYS_delete_module, "mmapper_fail", O_NONBLOCK) == 0);
}

void fail_needed(void)
{
	if (!fail_path)
		ktap_skip("needs --fail FILE");
	syscall(SYS_delete_module, "mmapper_fail", O_NONBLOCK);
}

static void begin(void)
{
	fail_needed();
	module_begin();
}

/* What an mmap() returned that may have had a failure in it; false: none came. */
static bool mmap_refused(const void *map)
{
	int error = errno;

	if (!fail_came()) {
		REQUIRE(map != MAP_FAILED);
		return false;
	}
	EXPECT_EQ((intptr_t)map, -1);
	EXPECT_EQ(error, ENOMEM);
	return true;
}

/* One mmap() with a failure in it; false: none came. */
static bool mmap_once(const struct dev *dev, unsigned int nth)
{
	size_t len = dev->pages * dev->page;
	struct mmapper_stats before = dev_stats(dev->fd), after;
	bool failed;
	void *map;

	fail_call(nth);
	map = mmap(NULL, len, PROT_READ, MAP_SHARED, dev->fd, 0);
	failed = mmap_refused(map);
	if (map != MAP_FAILED)
		EXPECT_EQ(munmap(map, len), 0);
	EXPECT_EQ(maps_count(row_maps(dev->row)), 0);
	after = dev_stats(dev->fd);
	EXPECT_EQ(after.mmaps - before.mmaps, failed ? 0 : 1);
	EXPECT_EQ(after.mappings, 0);
	return failed;
}

/* Every call of it in mmap() of a row; how many there are. */
static unsigned int mmap_row(const struct row *row)
{
	struct dev dev = dev_open(row);
	unsigned int nth = 1;
	char *map;

	while (mmap_once(&dev, nth))
		nth++;
	map = dev_map(&dev, PROT_READ, 0, dev.pages);
	dev_check(&dev, map, 0, dev.pages * dev.page);
	munmap(map, dev.pages * dev.page);
	close(dev.fd);
	return nth - 1;
}

/* Every call that maps something, for every row; the next mmap() succeeds. */
static void of_mmap(const void *arg)
{
	unsigned int seen[COUNT(remaps)] = { 0 };
	size_t r, t;

	(void)arg;
	begin();
	REQUIRE(module_load_size(4, 0) == 0);
	for (t = 0; t < COUNT(remaps); t++) {
		if (!fail_begin(&remaps[t]))
			continue;
		for (r = 0; r < row_count; r++)
			seen[t] += mmap_row(&rows[r]);
		fail_end();
		ktap_say("%s was made to fail %u times", remaps[t].symbols[0],
			 seen[t]);
	}
	/* One call for kmalloc and for coherent, one a page for vmalloc-pfn. */
	EXPECT_EQ(seen[0], row_flags(&rows[0]) & MMAPPER_BACKEND_F_MMAP_PREPARE ?
		  1 + 4 : 1 + 1 + 4);
	EXPECT_EQ(seen[0] + seen[1], 1 + 1 + 4);
	EXPECT_EQ(seen[2], 1);
	EXPECT(seen[3] >= 4 || seen[3] == 0);
	EXPECT_EQ(module_unload(), 0);
}

/* One mmap() in which the @nth page table cannot be made; false: it was not needed. */
static bool map_without_table(const struct dev *dev, size_t pages,
			      unsigned int nth)
{
	size_t block = dev->page * (dev->page / 8);
	char *area = mmap(NULL, 4 * block, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at, *map;
	bool failed;

	REQUIRE(area != MAP_FAILED);
	/* Half of it in front of a table's end; nobody has touched the area. */
	at = area + 2 * block - (uintptr_t)area % block -
		(pages + 1) / 2 * dev->page;
	fail_call(nth);
	map = mmap(at, pages * dev->page, PROT_READ, MAP_SHARED | MAP_FIXED,
		   dev->fd, 0);
	failed = mmap_refused(map);
	REQUIRE(failed || map == at);
	EXPECT_EQ(dev_stats(dev->fd).mappings, failed ? 0 : 1);
	EXPECT_EQ(munmap(area, 4 * block), 0);
	return failed;
}

/*
 * Every page table of an mmap() that maps at once.  On x86 before 6.15
 * remap_pfn_range() warns if it is the first one of a VMA that it maps as a whole.
 */
static void of_tables(const void *arg)
{
	static const struct target table = {
		.symbols = { "__pte_alloc" }, .value = -ENOMEM,
	};
	unsigned int nth, seen;
	size_t r, pages;

	(void)arg;
	begin();
	REQUIRE(module_load_size(4, 0) == 0);
	fail_begin(&table);
	for (r = 0; r < row_count; r++) {
		struct dev dev = dev_open(&rows[r]);

		for (pages = 1; pages <= dev.pages && row_eager(&rows[r]);
		     pages += 3) {
			for (nth = 1, seen = 0;
			     map_without_table(&dev, pages, nth); nth++)
				seen++;
			EXPECT_EQ(seen, pages == 1 ? 1 : 2);
		}
		close(dev.fd);
	}
	fail_end();
	EXPECT_EQ(module_unload(), 0);
}

/* Opens that fail, until the memory is made; how many did. */
static unsigned int open_row(const struct row *row)
{
	unsigned int nth = 0;
	struct dev dev;
	bool failed;
	int fd, error;

	do {
		fail_call(++nth);
		fd = open(row->path, O_RDWR | O_CLOEXEC);
		error = errno;
		failed = fail_came();
		if (fd < 0) {
			EXPECT(failed);
			EXPECT_EQ(error, ENOMEM);
		}
	} while (fd < 0);
	close(fd);
	dev = dev_open(row);
	EXPECT_EQ(dev_stats(dev.fd).files, 1);
	EXPECT_EQ(dev_stats(dev.fd).opens, 2);
	close(dev.fd);
	return failed ? nth : nth - 1;
}

/* The first open, which makes the memory. */
static void of_open(const void *arg)
{
	unsigned int seen[ROWS_MAX] = { 0 };
	size_t r, t;

	(void)arg;
	begin();
	for (t = 0; t < COUNT(allocations); t++) {
		REQUIRE(module_load("") == 0);
		fail_begin(&allocations[t]);
		for (r = 0; r < row_count; r++)
			seen[r] += open_row(&rows[r]);
		fail_end();
		EXPECT_EQ(module_unload(), 0);
	}
	for (r = 0; r < row_count; r++) {
		ktap_say("%s: %u allocations were made to fail", rows[r].name,
			 seen[r]);
		/* The buffer, its inode and its memory. */
		EXPECT(seen[r] >= 3);
	}
}

/*
 * A page that is made when it is first touched, and cannot be made (C15): one
 * call fails, and whoever made it is told; a second try would succeed.
 */
static void touch_without_memory(const struct row *row)
{
	struct dev dev = dev_open(row);
	char *map = dev_map(&dev, PROT_READ | PROT_WRITE, 0, dev.pages);
	struct iovec v = { map + dev.page, 1 };
	struct mmapper_phys at = { .where = 3 * dev.page };
	int fds[2];

	REQUIRE(dev.pages >= 4 && pipe(fds) == 0);
	fail_call(1);
	EXPECT_EQ(touch(map, true), SIGBUS);
	EXPECT_EQ(touch_code, BUS_ADRERR);
	EXPECT(fail_came());
	EXPECT_EQ(touch(map, true), 0);

	/* What copies tries again by itself; what pins does not. */
	fail_call(1);
	EXPECT_ERRNO(vmsplice(fds[1], &v, 1, 0), ENOMEM);
	EXPECT(fail_came());
	EXPECT_EQ(vmsplice(fds[1], &v, 1, 0), 1);

	fail_call(1);
	EXPECT_ERRNO(pwrite(dev.fd, "x", 1, (off_t)(2 * dev.page)), ENOMEM);
	EXPECT(fail_came());
	EXPECT_EQ(pwrite(dev.fd, "x", 1, (off_t)(2 * dev.page)), 1);

	fail_call(1);
	EXPECT_ERRNO(ioctl(dev.fd, MMAPPER_IOC_LOOKUP, &at), ENOMEM);
	EXPECT(fail_came());
	EXPECT_EQ(ioctl(dev.fd, MMAPPER_IOC_LOOKUP, &at), 0);
	munmap(map, dev.pages * dev.page);
	close(dev.fd);
}

static void of_touch(const void *arg)
{
	size_t r;

	(void)arg;
	begin();
	REQUIRE(module_load_size(4, 0) == 0);
	fail_begin(&allocations[PAGES]);
	for (r = 0; r < row_count; r++)
		if (rows[r].flags & MMAPPER_BACKEND_F_LAZY &&
		    !row_swaps(&rows[r]))
			touch_without_memory(&rows[r]);
	fail_end();
	EXPECT_EQ(module_unload(), 0);
}

/* Creating it fails, whatever it has got by then, and does not the next time. */
static void create_without(const struct target *target, unsigned int nth,
			   struct mmapper_create params)
{
	int fd;

	if (!fail_begin(target))
		return;
	fail_call(nth);
	EXPECT_ERRNO(rt_create(params), ENOMEM);
	EXPECT(fail_came());
	EXPECT_EQ(rt_number("count"), 0);
	fd = rt_create(params);
	EXPECT(fd >= 0);
	close(fd);
	EXPECT_EQ(rt_delete(params.name), 0);
	fail_end();
}

/*
 * Six pages are a block of four and one of two, for which smaller ones would do;
 * and pages that are to be cached in another way are there already.
 */
static void of_create(const void *arg)
{
	static const struct target caching = {
		.symbols = { "set_pages_array_wc" }, .value = -ENOMEM,
		.caller = "mmapper", .optional = true,
	};
	struct target blocks = allocations[PAGES];
	struct mmapper_create params;

	(void)arg;
	fail_needed();
	runtime_begin();
	blocks.lasting = true;
	params = rt_params_of("blocks-insert", "blocks",
			      6 * (uint64_t)sysconf(_SC_PAGESIZE));
	create_without(&blocks, 2, params);
	params = rt_params_of("pages-fault", "caching", 1);
	params.cache = MMAPPER_CACHE_WC;
	create_without(&caching, 1, params);
	runtime_end();
}

/* vmalloc-pfn: there was memory for the buffer, none for its pages. */
static void open_without_memory(void)
{
	fail_call(1);
	EXPECT_ERRNO(open(rows[1].path, O_RDWR | O_CLOEXEC), ENOMEM);
	EXPECT(fail_came());
}

static void memory(const void *arg)
{
	(void)arg;
	if (kmemleak_kernel())
		ktap_skip("kmemleak knows each object, and says at the end which is lost");
	begin();
	need_root();
	REQUIRE(module_load("") == 0);
	fail_begin(&allocations[VMALLOC]);
	EXPECT(memory_kept(open_without_memory));
	fail_end();
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

	fail_call(nth);
	r = module_load("");
	failed = fail_came();
	if (r != (failed ? -ENOMEM : 0))
		ktap_say("%s, call %u: %d", target->symbols[0], nth, r);
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
	for (t = 0; t < COUNT(ladder); t++) {
		fail_begin(&ladder[t]);
		for (nth = 1; load_once(&ladder[t], nth); nth++)
			seen++;
		fail_end();
	}
	ktap_say("%u steps were made to fail", seen);
	/* The nine of the ladder, with a device for each name and for control. */
	EXPECT_EQ(seen, 8 + row_count + 2 + 1);
}

static const struct ktap_case cases[] = {
	{ "of_mmap", of_mmap, 60 },
	{ "of_tables", of_tables, 0 },
	{ "of_touch", of_touch, 0 },
	{ "of_open", of_open, 60 },
	{ "of_create", of_create, 60 },
	{ "of_load", of_load, 60 },
	{ "memory", memory, 120 },
};

SUITE(failure, cases, false);
