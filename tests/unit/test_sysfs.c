// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: malloc calloc reallocarray */
/* What the library makes of /sys, on a directory tree like it. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mock.h"

#define KMALLOC	"class/mmapper/kmalloc"

static char root[256];

static void put(const char *path, const void *data, size_t len)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static void make_directory(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(nftw(full, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static const struct {
	const char	*name;
	const char	*text;
} numbers[] = {
	{ "flags", "0x5\n" },
	{ "size", "16384\n" },
	{ "max_size", "4194304\n" },
	{ "files", "1\n" },
	{ "opens", "2\n" },
	{ "mappings", "3\n" },
	{ "mappings_total", "4\n" },
	{ "faults", "18446744073709551615\n" },
}, words[] = {
	{ "backend", "kmalloc\n" },
	{ "store", "slab\n" },
	{ "mapper", "remap\n" },
	{ "description", "a backend, \"in words\"\n" },
};

static void make_node(const char *name, const char *devname, int minor)
{
	char path[256], text[256];
	size_t i;

	snprintf(path, sizeof(path), "class/mmapper/%s", name);
	make_directory(path);
	for (i = 0; i < MM_ARRAY_SIZE(words); i++) {
		snprintf(path, sizeof(path), "class/mmapper/%s/%s", name,
			 words[i].name);
		put_text(path, words[i].text);
	}
	for (i = 0; i < MM_ARRAY_SIZE(numbers); i++) {
		snprintf(path, sizeof(path), "class/mmapper/%s/%s", name,
			 numbers[i].name);
		put_text(path, numbers[i].text);
	}
	snprintf(path, sizeof(path), "class/mmapper/%s/uevent", name);
	snprintf(text, sizeof(text),
		 "MAJOR=240\nMINOR=%d\nDEVNAME=%s\nDEVMODE=0660\n", minor,
		 devname);
	put_text(path, text);
	snprintf(path, sizeof(path), "class/mmapper/%s/dev", name);
	put_text(path, "240:1\n");
}

static int setup(void **state)
{
	mock_setup(state);
	snprintf(root, sizeof(root), "%s/mmapper-test-%d",
		 getenv("TMPDIR") ?: "/tmp", getpid());
	make_directory("");
	make_directory("class");
	make_directory("class/mmapper");
	put_text("class/mmapper/abi", "1\n");
	make_directory("module");
	make_directory("module/mmapper");
	put_text("module/mmapper/version", "0.1.0\n");
	make_node("kmalloc", "mmapper/kmalloc", 1);
	return 0;
}

static int teardown(void **state)
{
	remove_tree("");
	return mock_teardown(state);
}

static int list(void)
{
	struct mmapper_nodes *nodes = NULL;
	int ret;

	ret = mm_nodes_read(root, &nodes);
	if (ret)
		assert_null(nodes);
	else
		assert_non_null(nodes);
	mmapper_nodes_free(nodes);
	return ret;
}

static void test_list(void **state)
{
	static const char *const names[] = {
		"mmapper/kmalloc", "mmapper/vmalloc-pfn", "mmapper_k",
		"mmapper/pages",
	};
	const struct mmapper_node *node;
	struct mmapper_nodes *nodes;
	size_t i;

	(void)state;
	make_node("pages", "mmapper/pages", 1048575);
	make_node("vmalloc-pfn", "mmapper/vmalloc-pfn", 2);
	make_node("mmapper_k", "mmapper_k", 17);
	make_directory("class/mmapper/.hidden");

	assert_int_equal(mm_nodes_read(root, &nodes), 0);
	assert_int_equal(mmapper_nodes_count(nodes), 4);
	for (i = 0; i < 4; i++) {
		node = mmapper_nodes_get(nodes, i);
		assert_string_equal(node->name, names[i]);
		assert_string_equal(node->path + strlen("/dev/"), names[i]);
		assert_string_equal(node->backend, "kmalloc");
		assert_string_equal(node->description,
				    "a backend, \"in words\"");
		assert_int_equal(node->flags, 5);
		assert_int_equal(node->max_size, 4194304);
		assert_int_equal(node->faults, UINT64_MAX);
	}
	assert_null(mmapper_nodes_get(nodes, 4));
	assert_null(mmapper_nodes_get(nodes, SIZE_MAX));
	KEEPS_ERRNO((mmapper_nodes_free(nodes), 0));
}

static void test_list_empty(void **state)
{
	struct mmapper_nodes *nodes;

	(void)state;
	remove_tree(KMALLOC);
	assert_int_equal(mm_nodes_read(root, &nodes), 0);
	assert_int_equal(mmapper_nodes_count(nodes), 0);
	assert_null(mmapper_nodes_get(nodes, 0));
	mmapper_nodes_free(nodes);

	remove_tree("class/mmapper");
	assert_int_equal(list(), -ENODEV);
}

static void test_list_null(void **state)
{
	(void)state;
	assert_int_equal(mmapper_nodes_count(NULL), 0);
	assert_null(mmapper_nodes_get(NULL, 0));
	KEEPS_ERRNO((mmapper_nodes_free(NULL), 0));
}

static void test_list_no_memory(void **state)
{
	int after;

	(void)state;
	make_node("pages", "mmapper/pages", 2);
	for (after = 0; after < 100; after++) {
		mock_fail_alloc(after);
		if (list() != -ENOMEM)
			break;
	}
	mock_fail_alloc(-1);
	assert_int_equal(list(), 0);
	/* One for the list and two for each of its entries. */
	assert_in_range(after, 5, 99);
}

static void bad_file(const char *name, const void *data, size_t len)
{
	char path[256];

	snprintf(path, sizeof(path), KMALLOC "/%s", name);
	put(path, data, len);
	if (list() != -EPROTO)
		fail_msg("%s: \"%.40s\" passed", name, (const char *)data);
}

static void bad_text(const char *name, const char *text)
{
	bad_file(name, text, strlen(text));
}

static void test_bad_numbers(void **state)
{
	static const char *const texts[] = {
		"", "\n", " 1\n", "1 ", "+1\n", "-1\n", "0x\n", "1x\n", "x\n",
		"1\n\n", "1\n2\n", "18446744073709551616\n", "\t1", "1.0", "1e3",
		"0xfffffffffffffffff\n", "0000000000000000000000000000000001\n",
	};
	size_t i, j;
	char path[256];

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(numbers); i++) {
		for (j = 0; j < MM_ARRAY_SIZE(texts); j++)
			if (!strcmp(numbers[i].name, "flags") &&
			    !strcmp(texts[j], "1e3"))
				bad_text("flags", "1g3");
			else
				bad_text(numbers[i].name, texts[j]);
		bad_file(numbers[i].name, "1\0", 2);
		bad_file(numbers[i].name, "\0", 1);
		snprintf(path, sizeof(path), KMALLOC "/%s", numbers[i].name);
		put_text(path, numbers[i].text);
		assert_int_equal(list(), 0);
	}
	bad_text("flags", "0x100000000\n");
	bad_text("size", "0x10\n");
}

static void test_bad_words(void **state)
{
	char longest[MM_WORD_MAX];
	char path[256];
	size_t i;

	(void)state;
	memset(longest, 'w', sizeof(longest));
	for (i = 0; i < MM_ARRAY_SIZE(words); i++) {
		bad_file(words[i].name, longest, sizeof(longest));
		bad_file(words[i].name, "a\0b", 3);
		snprintf(path, sizeof(path), KMALLOC "/%s", words[i].name);
		put(path, longest, sizeof(longest) - 1);
		assert_int_equal(list(), 0);
	}
}

static void test_bad_uevent(void **state)
{
	static const char *const texts[] = {
		"", "\n", "MAJOR=240\nMINOR=1\n", "DEVNAME=mmapper/kmalloc\n",
		"MAJOR=240\nMINOR=1\nDEVNAME=\n",
		"MAJOR=240\nMINOR=1\nDEVNAME=/dev/mmapper/kmalloc\n",
		"MAJOR=\nMINOR=1\nDEVNAME=x\n",
		"MAJOR=240\nMINOR=\nDEVNAME=x\n",
		"MAJOR=240\nMINOR=-1\nDEVNAME=x\n",
		"MAJOR=4294967296\nMINOR=1\nDEVNAME=x\n",
		"MAJOR=240\nMINOR=4294967296\nDEVNAME=x\n",
		" MAJOR=240\nMINOR=1\nDEVNAME=x\n",
		"MAJOR=240\nMINOR=1\nDEVNAME=x\nMINOR=y\n",
	};
	char text[5000];
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(texts); i++)
		bad_text("uevent", texts[i]);

	memset(text, 'n', sizeof(text));
	bad_file("uevent", text, sizeof(text));
	i = (size_t)sprintf(text, "MAJOR=240\nMINOR=1\nDEVNAME=");
	text[i] = 'n';
	bad_file("uevent", text, i + sizeof(((struct mm_uevent *)0)->path) -
		 strlen("/dev/"));
	put(KMALLOC "/uevent", text, i +
	    sizeof(((struct mm_uevent *)0)->path) - strlen("/dev/") - 1);
	assert_int_equal(list(), 0);
}

/* What the file does not say may not be left to what was there before. */
static void test_partial_uevent(void **state)
{
	struct mm_uevent uevent;
	char full[512];
	int dir;

	(void)state;
	put_text(KMALLOC "/uevent", "MINOR=1\n");
	snprintf(full, sizeof(full), "%s/" KMALLOC, root);
	dir = open(full, O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(dir, -1);
	memset(&uevent, 'u', sizeof(uevent));
	assert_int_equal(mm_sysfs_read_uevent(dir, &uevent), -EPROTO);
	close(dir);
}

/* Whatever the files hold, the library survives and says so. */
static void test_random_files(void **state)
{
	static const char alphabet[] = "0123456789xX-+ \t\n=/DEVNAMEJORIabcf\1\377";
	char path[256], data[320];
	const char *name;
	size_t i, len, which;
	int round, ret, bad = 0;

	(void)state;
	srandom(1);
	for (round = 0; round < 5000; round++) {
		which = (size_t)random() % (MM_ARRAY_SIZE(words) +
					    MM_ARRAY_SIZE(numbers) + 1);
		name = "uevent";
		if (which < MM_ARRAY_SIZE(words))
			name = words[which].name;
		else if (which - MM_ARRAY_SIZE(words) < MM_ARRAY_SIZE(numbers))
			name = numbers[which - MM_ARRAY_SIZE(words)].name;
		len = (size_t)random() % (random() % 2 ? 4 : sizeof(data));
		for (i = 0; i < len; i++)
			data[i] = alphabet[(size_t)random() % sizeof(alphabet)];
		snprintf(path, sizeof(path), KMALLOC "/%s", name);
		put(path, data, len);
		ret = list();
		if (ret)
			assert_int_equal(ret, -EPROTO);
		bad += !!ret;
	}
	assert_in_range(bad, 1000, 5000);
}

static void test_version(void **state)
{
	char buf[300];
	char text[256];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(mm_driver_read_version(root, buf, 6), 0);
	assert_memory_equal(buf, "0.1.0\0x", 7);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(mm_driver_read_version(root, buf, 5), -ENOSPC);
	assert_int_equal(mm_driver_read_version(root, buf, 0), -ENOSPC);
	assert_int_equal(buf[0], 'x');

	put_text("module/mmapper/version", "\n");
	assert_int_equal(mm_driver_read_version(root, buf, 6), -EPROTO);
	memset(text, 'v', sizeof(text));
	put("module/mmapper/version", text, sizeof(text));
	assert_int_equal(mm_driver_read_version(root, buf, sizeof(buf)),
			 -EPROTO);
	put("module/mmapper/version", text, sizeof(text) - 1);
	assert_int_equal(mm_driver_read_version(root, buf, sizeof(text)), 0);
	remove_tree("module/mmapper");
	assert_int_equal(mm_driver_read_version(root, buf, 6), -ENODEV);
	assert_returns(-EINVAL, mmapper_driver_get_version(NULL, 6));
}

static void test_abi(void **state)
{
	static const char *const bad[] = {
		"", "0\n", "-1\n", "x\n", "1x\n", "2147483648\n", "1 1\n",
		"11111111111111111111111111111111111111111111111\n",
	};
	size_t i;

	(void)state;
	assert_int_equal(mm_driver_read_abi(root), 1);
	put_text("class/mmapper/abi", "2147483647\n");
	assert_int_equal(mm_driver_read_abi(root), 2147483647);
	for (i = 0; i < MM_ARRAY_SIZE(bad); i++) {
		put_text("class/mmapper/abi", bad[i]);
		assert_int_equal(mm_driver_read_abi(root), -EPROTO);
	}
	remove_tree("class/mmapper/abi");
	assert_int_equal(mm_driver_read_abi(root), -EPROTO);
	remove_tree("class/mmapper");
	assert_int_equal(mm_driver_read_abi(root), -ENODEV);
}

static void test_diagnose(void **state)
{
	(void)state;
	make_node("mmapper_k", "mmapper_k", 17);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/kmalloc"),
			 -ENXIO);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper_k"), -ENXIO);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/mmapper_k"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/nosuch"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/abi"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/"), -ENOENT);
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/.."), -ENOENT);
	assert_int_equal(mm_driver_diagnose(root, "kmalloc"), -ENOENT);
	put_text(KMALLOC "/uevent", "MAJOR=x\n");
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/kmalloc"),
			 -ENOENT);
	remove_tree("class/mmapper");
	assert_int_equal(mm_driver_diagnose(root, "/dev/mmapper/kmalloc"),
			 -ENODEV);
}

#define sysfs_test(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sysfs_test(test_list),
		sysfs_test(test_list_empty),
		sysfs_test(test_list_null),
		sysfs_test(test_list_no_memory),
		sysfs_test(test_bad_numbers),
		sysfs_test(test_bad_words),
		sysfs_test(test_bad_uevent),
		sysfs_test(test_partial_uevent),
		sysfs_test(test_random_files),
		sysfs_test(test_version),
		sysfs_test(test_abi),
		sysfs_test(test_diagnose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
