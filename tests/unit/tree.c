// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

char tree_root[256];

void tree_put(const char *path, const void *data, size_t len)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", tree_root, path);
	file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void tree_text(const char *path, const char *text)
{
	tree_put(path, text, strlen(text));
}

void tree_directory(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", tree_root, path);
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

void tree_remove(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", tree_root, path);
	assert_int_equal(nftw(full, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const struct tree_file tree_numbers[TREE_NUMBERS] = {
	{ "flags", "0x5\n" },
	{ "size", "16384\n" },
	{ "max_size", "4194304\n" },
	{ "files", "1\n" },
	{ "opens", "2\n" },
	{ "mappings", "3\n" },
	{ "mappings_total", "4\n" },
	{ "faults", "18446744073709551615\n" },
};

const struct tree_file tree_words[TREE_WORDS] = {
	{ "backend", "kmalloc\n" },
	{ "store", "slab\n" },
	{ "mapper", "remap\n" },
	{ "description", "a backend, \"in words\"\n" },
};

void tree_node(const char *name, const char *devname, int minor)
{
	char path[256], text[256];
	size_t i;

	snprintf(path, sizeof(path), "class/mmapper/%s", name);
	tree_directory(path);
	for (i = 0; i < TREE_WORDS; i++) {
		snprintf(path, sizeof(path), "class/mmapper/%s/%s", name,
			 tree_words[i].name);
		tree_text(path, tree_words[i].text);
	}
	for (i = 0; i < TREE_NUMBERS; i++) {
		snprintf(path, sizeof(path), "class/mmapper/%s/%s", name,
			 tree_numbers[i].name);
		tree_text(path, tree_numbers[i].text);
	}
	snprintf(path, sizeof(path), "class/mmapper/%s/uevent", name);
	snprintf(text, sizeof(text),
		 "MAJOR=240\nMINOR=%d\nDEVNAME=%s\nDEVMODE=0660\n", minor,
		 devname);
	tree_text(path, text);
	snprintf(path, sizeof(path), "class/mmapper/%s/dev", name);
	tree_text(path, "240:1\n");
}

const struct tree_file tree_entries[TREE_ENTRIES] = {
	{ "backend", "pages\n" },
	{ "store", "pages\n" },
	{ "mapper", "insert\n" },
	{ "description", "pages, in words\n" },
	{ "cache", "cached\n" },
	{ "state", "persistent\n" },
	{ "flags", "0x45\n" },
	{ "seals", "0xa\n" },
	{ "mode", "0640\n" },
	{ "owner", "4294967294\n" },
	{ "group", "7\n" },
	{ "size", "123\n" },
	{ "max_size", "456\n" },
	{ "files", "1\n" },
	{ "opens", "2\n" },
	{ "mappings", "3\n" },
	{ "mappings_total", "4\n" },
	{ "faults", "5\n" },
};

void tree_control(void)
{
	tree_directory("class/mmapper/control");
	tree_text("class/mmapper/control/dev", "240:0\n");
	tree_text("class/mmapper/control/uevent",
		  "MAJOR=240\nMINOR=0\nDEVNAME=mmapper/control\n");
	tree_text("class/mmapper/control/used", "4096\n");
	tree_text("class/mmapper/control/count", "2\n");
	tree_directory("class/mmapper/control/buffers");
	tree_directory("module/mmapper/parameters");
	tree_text("module/mmapper/parameters/limit", "0\n");
	tree_text("module/mmapper/parameters/user_limit", "0\n");
	tree_text("module/mmapper/parameters/user_buffers", "16384\n");
}

void tree_entry(const char *name)
{
	char path[256];
	size_t i;

	snprintf(path, sizeof(path), "class/mmapper/control/buffers/%s", name);
	tree_directory(path);
	for (i = 0; i < TREE_ENTRIES; i++) {
		snprintf(path, sizeof(path),
			 "class/mmapper/control/buffers/%s/%s", name,
			 tree_entries[i].name);
		tree_text(path, tree_entries[i].text);
	}
}

int tree_setup(void **state)
{
	mock_setup(state);
	snprintf(tree_root, sizeof(tree_root), "%s/mmapper-test-%d",
		 getenv("TMPDIR") ?: "/tmp", getpid());
	tree_directory("");
	tree_directory("class");
	tree_directory("class/mmapper");
	tree_text("class/mmapper/abi", "1\n");
	tree_directory("module");
	tree_directory("module/mmapper");
	tree_text("module/mmapper/version", "0.1.0\n");
	tree_node("kmalloc", "mmapper/kmalloc", 1);
	return 0;
}

int tree_teardown(void **state)
{
	tree_remove("");
	return mock_teardown(state);
}
