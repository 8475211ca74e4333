// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: malloc calloc reallocarray */
/* What the library makes of /sys, on a directory tree like it: nodes, the driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

#define KMALLOC	"class/mmapper/kmalloc"

static int list(void)
{
	struct mmapper_nodes *nodes = NULL;
	int ret;

	ret = mm_nodes_read(tree_root, &nodes);
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
	tree_node("pages", "mmapper/pages", 1048575);
	tree_node("vmalloc-pfn", "mmapper/vmalloc-pfn", 2);
	tree_node("mmapper_k", "mmapper_k", 17);
	tree_directory("class/mmapper/.hidden");

	assert_int_equal(mm_nodes_read(tree_root, &nodes), 0);
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
	tree_remove(KMALLOC);
	assert_int_equal(mm_nodes_read(tree_root, &nodes), 0);
	assert_int_equal(mmapper_nodes_count(nodes), 0);
	assert_null(mmapper_nodes_get(nodes, 0));
	mmapper_nodes_free(nodes);

	tree_remove("class/mmapper");
	assert_int_equal(list(), -ENODEV);
}

/* It serves no backend, and has none of a node's attributes. */
static void test_list_control(void **state)
{
	struct mmapper_nodes *nodes;

	(void)state;
	tree_control();
	assert_int_equal(mm_nodes_read(tree_root, &nodes), 0);
	assert_int_equal(mmapper_nodes_count(nodes), 1);
	mmapper_nodes_free(nodes);
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
	tree_node("pages", "mmapper/pages", 2);
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
	tree_put(path, data, len);
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
	for (i = 0; i < TREE_NUMBERS; i++) {
		for (j = 0; j < MM_ARRAY_SIZE(texts); j++)
			if (!strcmp(tree_numbers[i].name, "flags") &&
			    !strcmp(texts[j], "1e3"))
				bad_text("flags", "1g3");
			else
				bad_text(tree_numbers[i].name, texts[j]);
		bad_file(tree_numbers[i].name, "1\0", 2);
		bad_file(tree_numbers[i].name, "\0", 1);
		snprintf(path, sizeof(path), KMALLOC "/%s", tree_numbers[i].name);
		tree_text(path, tree_numbers[i].text);
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
	for (i = 0; i < TREE_WORDS; i++) {
		bad_file(tree_words[i].name, longest, sizeof(longest));
		bad_file(tree_words[i].name, "a\0b", 3);
		snprintf(path, sizeof(path), KMALLOC "/%s", tree_words[i].name);
		tree_put(path, longest, sizeof(longest) - 1);
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
	tree_put(KMALLOC "/uevent", text, i +
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
	tree_text(KMALLOC "/uevent", "MINOR=1\n");
	snprintf(full, sizeof(full), "%s/" KMALLOC, tree_root);
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
		which = (size_t)random() % (TREE_WORDS +
					    TREE_NUMBERS + 1);
		name = "uevent";
		if (which < TREE_WORDS)
			name = tree_words[which].name;
		else if (which - TREE_WORDS < TREE_NUMBERS)
			name = tree_numbers[which - TREE_WORDS].name;
		len = (size_t)random() % (random() % 2 ? 4 : sizeof(data));
		for (i = 0; i < len; i++)
			data[i] = alphabet[(size_t)random() % sizeof(alphabet)];
		snprintf(path, sizeof(path), KMALLOC "/%s", name);
		tree_put(path, data, len);
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
	assert_int_equal(mm_driver_read_version(tree_root, buf, 6), 0);
	assert_memory_equal(buf, "0.1.0\0x", 7);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(mm_driver_read_version(tree_root, buf, 5), -ENOSPC);
	assert_int_equal(mm_driver_read_version(tree_root, buf, 0), -ENOSPC);
	assert_int_equal(buf[0], 'x');

	tree_text("module/mmapper/version", "\n");
	assert_int_equal(mm_driver_read_version(tree_root, buf, 6), -EPROTO);
	memset(text, 'v', sizeof(text));
	tree_put("module/mmapper/version", text, sizeof(text));
	assert_int_equal(mm_driver_read_version(tree_root, buf, sizeof(buf)),
			 -EPROTO);
	tree_put("module/mmapper/version", text, sizeof(text) - 1);
	assert_int_equal(mm_driver_read_version(tree_root, buf, sizeof(text)), 0);
	tree_remove("module/mmapper");
	assert_int_equal(mm_driver_read_version(tree_root, buf, 6), -ENODEV);
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
	assert_int_equal(mm_driver_read_abi(tree_root), 1);
	tree_text("class/mmapper/abi", "2147483647\n");
	assert_int_equal(mm_driver_read_abi(tree_root), 2147483647);
	for (i = 0; i < MM_ARRAY_SIZE(bad); i++) {
		tree_text("class/mmapper/abi", bad[i]);
		assert_int_equal(mm_driver_read_abi(tree_root), -EPROTO);
	}
	tree_remove("class/mmapper/abi");
	assert_int_equal(mm_driver_read_abi(tree_root), -EPROTO);
	tree_remove("class/mmapper");
	assert_int_equal(mm_driver_read_abi(tree_root), -ENODEV);
}

static void test_diagnose(void **state)
{
	(void)state;
	tree_node("mmapper_k", "mmapper_k", 17);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/kmalloc"),
			 -ENXIO);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper_k"), -ENXIO);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/mmapper_k"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/nosuch"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/abi"),
			 -ENOENT);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/"), -ENOENT);
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/.."), -ENOENT);
	assert_int_equal(mm_driver_diagnose(tree_root, "kmalloc"), -ENOENT);
	tree_text(KMALLOC "/uevent", "MAJOR=x\n");
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/kmalloc"),
			 -ENOENT);
	tree_remove("class/mmapper");
	assert_int_equal(mm_driver_diagnose(tree_root, "/dev/mmapper/kmalloc"),
			 -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(test_list),
		tree_test(test_list_empty),
		tree_test(test_list_control),
		tree_test(test_list_null),
		tree_test(test_list_no_memory),
		tree_test(test_bad_numbers),
		tree_test(test_bad_words),
		tree_test(test_bad_uevent),
		tree_test(test_partial_uevent),
		tree_test(test_random_files),
		tree_test(test_version),
		tree_test(test_abi),
		tree_test(test_diagnose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
