// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close faccessat read */
/* One node of sysfs, which may come or go while it is read. */
#include <limits.h>
#include <string.h>

#include "mock.h"

#define CLASS	5
#define NODE	0
#define FILE_FD	9

/* In the order in which the library reads them. */
static const struct file {
	const char	*name;
	const char	*text;
} files[] = {
	{ "uevent", "MAJOR=240\nMINOR=1\nDEVNAME=mmapper/kmalloc\n" },
	{ "backend", "kmalloc\n" },
	{ "store", "slab\n" },
	{ "mapper", "remap-range\n" },
	{ "description", "contiguous memory, in one piece\n" },
	{ "flags", "0xffffffff\n" },
	{ "size", "16384\n" },
	{ "max_size", "18446744073709551615\n" },
	{ "files", "1\n" },
	{ "opens", "9\n" },
	{ "mappings", "3\n" },
	{ "mappings_total", "4\n" },
	{ "faults", "5\n" },
};

#define FILES	MM_ARRAY_SIZE(files)

static void expect_open_node(int error)
{
	EXPECT(.call = "openat", .fd = CLASS, .path = "kmalloc",
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .ret = NODE,
	       .error = error);
}

static void expect_whole(int error)
{
	EXPECT(.call = "faccessat", .fd = NODE, .path = "dev", .error = error);
}

static void expect_open_file(const struct file *file, int error)
{
	EXPECT(.call = "openat", .fd = NODE, .path = file->name,
	       .flags = O_RDONLY | O_CLOEXEC, .ret = FILE_FD, .error = error);
}

static void expect_file(const struct file *file)
{
	expect_open_file(file, 0);
	EXPECT(.call = "read", .fd = FILE_FD, .out = file->text,
	       .out_len = strlen(file->text));
	EXPECT(.call = "read", .fd = FILE_FD);
	EXPECT(.call = "close", .fd = FILE_FD);
}

static void expect_close_node(void)
{
	EXPECT(.call = "close", .fd = NODE);
}

static void reads(int ret)
{
	struct mm_node node = { 0 };

	assert_int_equal(mm_node_read(CLASS, "kmalloc", &node), ret);
}

static void test_whole(void **state)
{
	struct mm_node entry = { 0 };
	struct mmapper_node *node = &entry.node;
	size_t i;

	(void)state;
	expect_open_node(0);
	expect_whole(0);
	for (i = 0; i < FILES; i++)
		expect_file(&files[i]);
	expect_close_node();

	assert_int_equal(mm_node_read(CLASS, "kmalloc", &entry), 1);
	assert_string_equal(node->name, "mmapper/kmalloc");
	assert_string_equal(node->path, "/dev/mmapper/kmalloc");
	assert_string_equal(node->backend, "kmalloc");
	assert_string_equal(node->store, "slab");
	assert_string_equal(node->mapper, "remap-range");
	assert_string_equal(node->description,
			    "contiguous memory, in one piece");
	assert_int_equal(node->flags, UINT32_MAX);
	assert_int_equal(node->major, 240);
	assert_int_equal(node->minor, 1);
	assert_int_equal(node->reserved, 0);
	assert_int_equal(node->size, 16384);
	assert_int_equal(node->max_size, UINT64_MAX);
	assert_int_equal(node->files, 1);
	assert_int_equal(node->opens, 9);
	assert_int_equal(node->mappings, 3);
	assert_int_equal(node->mappings_total, 4);
	assert_int_equal(node->faults, 5);
}

static void test_no_node(void **state)
{
	(void)state;
	expect_open_node(ENOENT);
	reads(0);
	expect_open_node(ENOTDIR);
	reads(0);
	expect_open_node(EMFILE);
	reads(-EMFILE);
}

static void test_coming(void **state)
{
	(void)state;
	expect_open_node(0);
	expect_whole(ENOENT);
	expect_close_node();
	reads(0);
}

/* The first @good files are there; the next fails, when opened or when read. */
static void stop_after(size_t good, int open_error, int read_error, int whole)
{
	size_t i;

	expect_open_node(0);
	expect_whole(0);
	for (i = 0; i < good; i++)
		expect_file(&files[i]);
	expect_open_file(&files[good], open_error);
	if (!open_error) {
		EXPECT(.call = "read", .fd = FILE_FD, .error = read_error);
		EXPECT(.call = "close", .fd = FILE_FD);
	}
	expect_whole(whole);
	expect_close_node();
}

static void test_going(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++) {
		stop_after(i, ENOENT, 0, ENOENT);
		reads(0);
		stop_after(i, 0, ENODEV, ENOENT);
		reads(0);
	}
}

static void test_broken(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++) {
		stop_after(i, ENOENT, 0, 0);
		reads(-EPROTO);
		stop_after(i, EMFILE, 0, 0);
		reads(-EMFILE);
		stop_after(i, 0, EOVERFLOW, 0);
		reads(-EOVERFLOW);
	}
}

static void test_list(void **state)
{
	struct mmapper_nodes *nodes = NULL;

	(void)state;
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = "/sys/class/mmapper",
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .error = ENOENT);
	mock_expect_index(NULL);
	assert_returns(-ENOPKG, mmapper_nodes_list(&nodes));
	assert_null(nodes);
	/* A descriptor that cannot be read as a directory. */
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = "/sys/class/mmapper",
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .ret = INT_MAX);
	EXPECT(.call = "close", .fd = INT_MAX);
	assert_returns(-EBADF, mmapper_nodes_list(&nodes));
	assert_null(nodes);
	assert_returns(-EINVAL, mmapper_nodes_list(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_whole),
		mock_test(test_no_node),
		mock_test(test_coming),
		mock_test(test_going),
		mock_test(test_broken),
		mock_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
