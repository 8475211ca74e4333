/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory tree like what the driver shows in /sys, below a folder of ours. */
#ifndef TREE_H
#define TREE_H

#include "mock.h"

extern char tree_root[256];

/** struct tree_file - a file of a node's or a buffer's, as the driver writes it */
struct tree_file {
	const char	*name;
	const char	*text;
};

#define TREE_NUMBERS	8
#define TREE_WORDS	4
#define TREE_ENTRIES	18
extern const struct tree_file tree_numbers[TREE_NUMBERS];
extern const struct tree_file tree_words[TREE_WORDS];
extern const struct tree_file tree_entries[TREE_ENTRIES];

/* Each test begins with one node, "kmalloc". */
int tree_setup(void **state);
int tree_teardown(void **state);

/* Paths are below the root. */
void tree_put(const char *path, const void *data, size_t len);
void tree_text(const char *path, const char *text);
void tree_directory(const char *path);
void tree_remove(const char *path);

void tree_node(const char *name, const char *devname, int minor);
void tree_control(void);
void tree_entry(const char *name);

#define tree_test(test) \
	cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

#endif /* TREE_H */
