/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of blocks of 2 MiB share. */
#ifndef HUGE_H
#define HUGE_H

#include "runtime.h"

/* A buffer of whole blocks, and a mapping of all of it. */
struct huge {
	const char		*name;
	bool			pages;
	bool			eager;
	int			fd;
	struct mmapper_info	info;
	size_t			page;
	size_t			block;
	size_t			len;
	char			*map;
};

/** huge_page() - bytes of a page */
size_t huge_page(void);

/** huge_block() - what one entry maps: a page of entries of 8 bytes, of a page each */
size_t huge_block(void);

/** huge_can() - does this kernel map so much by one entry? */
bool huge_can(void);

/** huge_rows() - a case for each of the rows, with the module just loaded */
void huge_rows(void (*run)(const char *row));

struct mmapper_create huge_params(const char *row, const char *name,
				  uint64_t size);

/** huge_make() - touches nothing; page i of the buffer begins with the number i + 1 */
struct huge huge_make(const char *row, const char *name, size_t blocks);
void huge_drop(const struct huge *h);

/** huge_number() - what a page begins with */
uint64_t huge_number(const char *at);

/** huge_shows() - does a mapping show pages @first to @first + @count - 1, each its own? */
bool huge_shows(const char *map, size_t first, size_t count);

/** kib_in() - what a file of /proc says behind a key; read without memory of its own */
long long kib_in(const char *path, const char *key);
long long meminfo_kib(const char *key);

/** put() - write a small file, which must go well */
void put(const char *path, const char *text);

#endif /* HUGE_H */
