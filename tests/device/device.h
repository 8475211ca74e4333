/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device tests share.  They talk to the driver by its ABI alone;
 * what each row must do is written down here once more, by hand, so that a
 * driver that describes itself wrongly is found out.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <mmapper/uapi.h>

#include "ktap.h"

/**
 * struct row - what a backend must do
 * @name: of the backend
 * @path: of its node
 * @classic: its second node, or NULL
 * @maps: what /proc/PID/maps calls a mapping, where that is not @path
 * @first: first byte of its pattern
 * @period: after how many bytes the pattern begins again
 * @flags: MMAPPER_BACKEND_F_* that must be set on the newest kernel, all
 *	others clear; see row_flags()
 * @vmflags: two-letter flags of smaps that must be there
 * @vmflags_not: two-letter flags that must not
 */
struct row {
	const char	*name;
	const char	*path;
	const char	*classic;
	const char	*maps;
	char		first;
	unsigned int	period;
	uint32_t	flags;
	const char	*vmflags;
	const char	*vmflags_not;
};

#define ROWS_MAX	32
extern const struct row rows[];
extern const size_t row_count;

/** struct suite - cases that run once for every row, or once for all */
struct suite {
	const char		*name;
	const struct ktap_case	*cases;
	size_t			count;
	bool			per_row;
};

extern const struct suite suite_data, suite_mmap, suite_vma, suite_life,
	suite_fault, suite_reach, suite_phys, suite_ioctl, suite_security,
	suite_library, suite_module, suite_together, suite_rounds,
	suite_failure, suite_control, suite_rights, suite_revoke,
	suite_limits, suite_pci, suite_lazy, suite_huge,
	suite_huge_life, suite_large, suite_ways, suite_user, suite_publish, suite_counters,
	suite_lab;

/* The mmap() gives MAP_FAILED and this errno. */
#define EXPECT_REFUSED(call, error)					\
	EXPECT_ERRNO((intptr_t)(call), error)

#define SUITE(_name, _cases, _per_row)					\
	const struct suite suite_##_name = {				\
		.name = #_name,						\
		.cases = (_cases),					\
		.count = sizeof(_cases) / sizeof((_cases)[0]),		\
		.per_row = (_per_row),					\
	}

/* The module's file, for tests that load it; NULL if not given. */
extern const char *module_path;

/* Which of two machines with one card this is, 0 or 1; -1: there is one only. */
extern int pci_peer;

/* The file of mmapper_fail.ko, for tests of failures; NULL if not given. */
extern const char *fail_path;

/* The file of mmapper_lab.ko; NULL if not given. */
extern const char *lab_path;

/* Does the row's mapping consist of pages that the kernel can see? */
static inline bool row_pages(const struct row *row)
{
	return row->flags & MMAPPER_BACKEND_F_PAGES;
}

static inline bool row_eager(const struct row *row)
{
	return row->flags & MMAPPER_BACKEND_F_EAGER;
}

/* What /proc/PID/maps calls a mapping of it. */
static inline const char *row_maps(const struct row *row)
{
	return row->maps ? row->maps : row->path;
}

/* Is it a mapping of a file in shared memory? */
static inline bool row_swaps(const struct row *row)
{
	return row->flags & MMAPPER_BACKEND_F_SWAP;
}

/* Does a fault map what lies around it, up to 2 MiB? */
static inline bool row_around(const struct row *row)
{
	return row->flags & MMAPPER_BACKEND_F_AROUND;
}

/* Has each open file a buffer of its own? */
static inline bool row_per_open(const struct row *row)
{
	return row->flags & MMAPPER_BACKEND_F_PER_OPEN;
}

/** row_flags() - MMAPPER_BACKEND_F_* that must be set on this kernel */
uint32_t row_flags(const struct row *row);

/* Byte @i of a fresh buffer of this row. */
static inline char row_byte(const struct row *row, size_t i)
{
	return (char)(row->first + i % row->period);
}

/**
 * struct dev - an open node, as most cases want it
 * @row: the row
 * @fd: open for reading and writing
 * @info: what the driver says of it
 * @page: bytes of a page
 * @pages: pages of the buffer
 */
struct dev {
	const struct row	*row;
	int			fd;
	struct mmapper_info	info;
	size_t			page;
	size_t			pages;
};

/** dev_open() - open a row's node and reset its buffer; the case ends if not */
struct dev dev_open(const struct row *row);

/** dev_map() - map pages of a node, shared; the case ends if not */
char *dev_map(const struct dev *dev, int prot, size_t first, size_t count);

/** dev_stats() - its statistics, through a descriptor that stays open */
struct mmapper_stats dev_stats(int fd);

/** dev_check() - do these bytes hold the pattern from @offset on? */
bool dev_check(const struct dev *dev, const char *bytes, size_t offset,
	       size_t len);

/** touch() - access a byte; returns 0, or the signal that it raised */
int touch(volatile char *byte, bool write);
extern int touch_code;	/* si_code of that signal */

/** child_ok() - run a function in a child; did it end, and hold what it expected? */
bool child_ok(void (*run)(void *arg), void *arg);

/** maps_count() - mappings of a path in /proc/self/maps */
size_t maps_count(const char *path);

/** smaps_field() - a field of the smaps entry that begins at an address */
bool smaps_field(const void *address, const char *field, char *value,
		 size_t len);

/**
 * sysfs_agrees() - what sysfs says of a node or a buffer is what the ioctls say
 * @folder: its folder
 * @fd: an open file of it
 */
void sysfs_agrees(const char *folder, int fd);

/** file_read() - a whole small file as a string; false if it cannot be read */
bool file_read(const char *path, char *text, size_t len);

/**
 * pin_in_pipe() - have the kernel pin bytes of a mapping, as vmsplice(2) does
 * @at: the first
 * @len: how many, within a page
 *
 * Return: the pipe's end to read, from which they come until it is closed; -1
 * and errno.
 */
int pin_in_pipe(const void *at, size_t len);

/* Kernels that look for defects, which takes its time. */
bool kmemleak_kernel(void);
/** debug_kernel() - is it one of these? */
bool debug_kernel(void);

/** need_root() - skip the case without CAP_SYS_ADMIN */
void need_root(void);

/** drop_rights() - become nobody, for good */
void drop_rights(void);

/* module.c; module_begin() begins a case with the module unloaded */
void module_begin(void);
int module_load(const char *params);
int module_load_size(size_t pages, size_t bytes);	/* of each buffer */
int module_unload(void);
bool module_loaded(void);

/** memory_kept() - does the kernel hold no more memory after many calls? (rounds.c) */
bool memory_kept(void (*one)(void));

#endif /* DEVICE_H */
