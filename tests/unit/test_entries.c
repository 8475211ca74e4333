// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: malloc calloc reallocarray */
/* Likewise: the buffers made at run time, and the memory that there is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

static void check_entry(const struct mmapper_buffer_entry *entry,
			const char *name)
{
	assert_string_equal(entry->name, name);
	assert_string_equal(entry->backend, "pages");
	assert_string_equal(entry->mapper, "insert");
	assert_string_equal(entry->description, "pages, in words");
	assert_string_equal(entry->cache, "cached");
	assert_string_equal(entry->state, "persistent");
	assert_int_equal(entry->flags, 0x45);
	assert_int_equal(entry->seals, 10);
	assert_int_equal(entry->mode, 0640);
	assert_int_equal(entry->owner, 4294967294);
	assert_int_equal(entry->group, 7);
	assert_int_equal(entry->size, 123);
	assert_int_equal(entry->max_size, 456);
	assert_int_equal(entry->files, 1);
	assert_int_equal(entry->opens, 2);
	assert_int_equal(entry->mappings, 3);
	assert_int_equal(entry->mappings_total, 4);
	assert_int_equal(entry->faults, 5);
}

static size_t count_buffers(void)
{
	struct mmapper_buffers *buffers;
	size_t count;

	assert_int_equal(mm_buffers_read(tree_root, &buffers), 0);
	count = mmapper_buffers_count(buffers);
	mmapper_buffers_free(buffers);
	return count;
}

static void test_buffers(void **state)
{
	struct mmapper_buffers *buffers;
	char name[64];
	int i;

	(void)state;
	/* A driver that makes none. */
	assert_int_equal(count_buffers(), 0);
	tree_control();
	assert_int_equal(count_buffers(), 0);

	for (i = 99; i >= 0; i--) {
		snprintf(name, sizeof(name), "it's %02d", i);
		tree_entry(name);
	}
	assert_int_equal(mm_buffers_read(tree_root, &buffers), 0);
	assert_int_equal(mmapper_buffers_count(buffers), 100);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "it's %02d", i);
		check_entry(mmapper_buffers_get(buffers, (size_t)i), name);
	}
	assert_null(mmapper_buffers_get(buffers, 100));
	KEEPS_ERRNO((mmapper_buffers_free(buffers), 0));
	assert_int_equal(mmapper_buffers_count(NULL), 0);
	assert_null(mmapper_buffers_get(NULL, 0));
	KEEPS_ERRNO((mmapper_buffers_free(NULL), 0));
	assert_returns(-EINVAL, mmapper_buffers_list(NULL));
}

/* Its files go one by one: it is left out, whichever is gone. */
static void test_buffers_going(void **state)
{
	struct mmapper_buffers *buffers = NULL;
	char path[256];
	size_t i;

	(void)state;
	tree_control();
	tree_entry("stays");
	for (i = 0; i < TREE_ENTRIES; i++) {
		tree_entry("goes");
		assert_int_equal(count_buffers(), 2);
		snprintf(path, sizeof(path),
			 "class/mmapper/control/buffers/goes/%s",
			 tree_entries[i].name);
		tree_remove(path);
		assert_int_equal(count_buffers(), 1);
		tree_remove("class/mmapper/control/buffers/goes");
	}
	tree_text("class/mmapper/control/buffers/file", "");
	assert_int_equal(count_buffers(), 1);
	/* What is there has to make sense. */
	tree_text("class/mmapper/control/buffers/stays/mode", "0888\n");
	assert_int_equal(mm_buffers_read(tree_root, &buffers), -EPROTO);
	tree_remove("class/mmapper/control/buffers/stays");
	memset(path, 'n', sizeof(path));
	path[MMAPPER_BUFFER_NAME_MAX] = '\0';
	tree_entry(path);
	assert_int_equal(mm_buffers_read(tree_root, &buffers), -EPROTO);
	tree_remove("class/mmapper");
	assert_int_equal(mm_buffers_read(tree_root, &buffers), -ENODEV);
	assert_null(buffers);
}

static void test_buffers_no_memory(void **state)
{
	struct mmapper_buffers *buffers = NULL;
	int after, ret;

	(void)state;
	tree_control();
	tree_entry("one");
	tree_entry("two");
	for (after = 0; after < 100; after++) {
		mock_fail_alloc(after);
		ret = mm_buffers_read(tree_root, &buffers);
		mock_fail_alloc(-1);
		if (!ret)
			break;
		assert_true(ret == -ENOMEM && !buffers);
	}
	assert_in_range(after, 4, 99);
	mmapper_buffers_free(buffers);
}

static const char meminfo[] =
	"MemTotal:        8000 kB\nMemFree:         3000 kB\nMemAvailable:    5000 kB\n"
	"Buffers:            1 kB\n";

/* Blocks of 2^0, 2^1 and 2^10 pages, those of 2^9 pages in another zone. */
static const char buddyinfo[] =
	"Node 0, zone      DMA      1      0      0      0      0      0      0      0      0      3\n"
	"Node 0, zone   Normal      9      8      0      0      0      0      0      0      0      0      2\n"
	"what is this\nNode 1, zone Normal 1 x 9\n";

static void test_memory(void **state)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct mmapper_memory memory;

	(void)state;
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), -EPROTONOSUPPORT);
	tree_control();
	tree_text("meminfo", meminfo);
	/* Not everybody may read the other one. */
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), 0);
	assert_int_equal(memory.largest, 0);
	assert_int_equal(memory.free_blocks, 0);
	tree_text("buddyinfo", buddyinfo);
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), 0);
	assert_int_equal(memory.used, 4096);
	assert_int_equal(memory.count, 2);
	assert_int_equal(memory.total, 8000 * 1024);
	assert_int_equal(memory.free, 3000 * 1024);
	assert_int_equal(memory.available, 5000 * 1024);
	assert_int_equal(memory.limit, 4000 * 1024);
	assert_int_equal(memory.user_limit, 2000 * 1024);
	assert_int_equal(memory.user_buffers, 16384);
	assert_int_equal(memory.largest, page << 10);
	if (page == 4096)
		assert_int_equal(memory.free_blocks,
				 3 * (page << 9) + 2 * (page << 10));
	tree_text("module/mmapper/parameters/limit", "77\n");
	tree_text("module/mmapper/parameters/user_limit", "33\n");
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), 0);
	assert_int_equal(memory.limit, 77);
	assert_int_equal(memory.user_limit, 33);
}

static void test_memory_bad(void **state)
{
	struct mmapper_memory memory;
	int after;

	(void)state;
	tree_control();
	tree_text("meminfo", meminfo);
	tree_text("buddyinfo", "");
	for (after = 0; after < 2; after++) {
		mock_fail_alloc(after);
		assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), -ENOMEM);
		mock_fail_alloc(-1);
	}
	tree_text("class/mmapper/control/used", "x\n");
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), -EPROTO);
	tree_remove("class/mmapper");
	assert_int_equal(mm_memory_read(tree_root, tree_root, &memory), -ENODEV);
	assert_returns(-EINVAL, mmapper_memory_get(NULL, sizeof(memory)));
	assert_returns(-EINVAL, mmapper_memory_get(&memory,
						   MM_MEMORY_SIZE_VER0 - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(test_buffers),
		tree_test(test_buffers_going),
		tree_test(test_buffers_no_memory),
		tree_test(test_memory),
		tree_test(test_memory_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
