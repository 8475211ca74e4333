/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects of libmmapper share; libmmapper.map hides all of it. */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include <mmapper.h>

#define MM_ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define MM_SYSFS		"/sys"
#define MM_PROC			"/proc"
#define MM_DEV			"/dev/"
#define MM_CONTROL		"control"
#define MM_MODULES		"/lib/modules"

/*
 * Sizes of the first version of each structure that callers hand in.  These
 * stay when the structures grow.
 */
#define MM_INFO_SIZE_VER0	184
#define MM_STATS_SIZE_VER0	72
#define MM_PARAMS_SIZE_VER0 \
	(offsetof(struct mmapper_buffer_params, device) + sizeof(char *))
#define MM_MEMORY_SIZE_VER0	80

_Static_assert(sizeof(struct mmapper_info) >= MM_INFO_SIZE_VER0,
	       "struct mmapper_info can only grow");
_Static_assert(sizeof(struct mmapper_stats) >= MM_STATS_SIZE_VER0,
	       "struct mmapper_stats can only grow");
_Static_assert(sizeof(struct mmapper_memory) >= MM_MEMORY_SIZE_VER0,
	       "struct mmapper_memory can only grow");

/*
 * Page size and length of a node cannot change while it is open.  Those of a
 * buffer made at run time are asked for each time: anybody may resize it.
 */
struct mmapper_buffer {
	int		fd;
	bool		is_node;
	uint32_t	page_size;
	uint64_t	map_size;
};

/* Knows nothing of its buffer, so that either may go first. */
struct mmapper_mapping {
	void	*address;
	size_t	length;
};

/*
 * What identifies a device of the driver: its numbers, and its node's path
 * from /dev on.
 */
struct mm_uevent {
	uint32_t	major;
	uint32_t	minor;
	char		path[128];
};

/* An attribute file, and the field of a structure that it fills. */
struct mm_attribute {
	const char	*file;
	size_t		offset;
};

#define MM_WORD_MAX		256

#define MM_WORDS		4

/* The strings that the public structure points to lie beside it. */
struct mm_node {
	struct mmapper_node	node;
	struct mm_uevent	uevent;
	char			words[MM_WORDS][MM_WORD_MAX];
};

#define MM_ENTRY_WORDS		6

/* Likewise. */
struct mm_entry {
	struct mmapper_buffer_entry	entry;
	char				name[MMAPPER_BUFFER_NAME_MAX];
	char				words[MM_ENTRY_WORDS][MM_WORD_MAX];
};

/* Pointers to what each entry of a folder was read into. */
struct mm_list {
	size_t	count;
	size_t	room;
	void	**items;
};

/*
 * What such a list is of.  read() returns 1 for an entry that is such a thing, 0
 * for another, or -errno; compare() is qsort()'s, and gets pointers to pointers.
 */
struct mm_kind {
	size_t	size;
	int	(*read)(int folder, const char *name, void *item);
	int	(*compare)(const void *left, const void *right);
};

int mm_list_read(struct mm_list *list, const struct mm_kind *kind, int folder);
void mm_list_clear(struct mm_list *list);

int mm_sysfs_open_class(const char *sysfs);
int mm_sysfs_read(int dir, const char *path, char *text, size_t size);
int mm_sysfs_parse(const char *text, int base, uint64_t max, uint64_t *value);
int mm_sysfs_read_number(int dir, const char *file, int base, uint64_t max,
			 uint64_t *value);
int mm_sysfs_read_u32(int dir, const char *file, int base, uint32_t *value);
int mm_sysfs_read_words(int dir, const struct mm_attribute *attributes,
			size_t count, void *object, char words[][MM_WORD_MAX]);
int mm_sysfs_read_numbers(int dir, const struct mm_attribute *attributes,
			  size_t count, void *object);
int mm_sysfs_read_uevent(int dir, struct mm_uevent *uevent);

int mm_driver_diagnose(const char *sysfs, const char *path);
int mm_driver_missing(int error, const char *modules);
int mm_driver_read_version(const char *sysfs, char *buf, size_t len);
int mm_driver_read_abi(const char *sysfs);
int mm_node_read(int class, const char *name, struct mm_node *entry);
int mm_nodes_read(const char *sysfs, struct mmapper_nodes **nodes);
int mm_entry_read(int folder, const char *name, struct mm_entry *entry);
int mm_buffers_read(const char *sysfs, struct mmapper_buffers **buffers);
int mm_memory_read(const char *sysfs, const char *proc,
		   struct mmapper_memory *memory);

int mm_abi_check(uint32_t version);
int mm_buffer_open_path(const char *path, int flags);
int mm_buffer_measure(const struct mmapper_buffer *buffer, uint32_t *page_size,
		      uint64_t *map_size);

static inline void mm_errno_restore(const int *saved)
{
	errno = *saved;
}

/* A declaration: the caller's errno comes back however the function ends. */
#define MM_KEEP_ERRNO \
	__attribute__((cleanup(mm_errno_restore), unused)) \
	const int mm_errno = errno

static inline int mm_open(int dir, const char *path, int flags)
{
	int fd;

	do {
		fd = openat(dir, path, flags | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static inline int mm_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

#endif /* MM_INTERNAL_H */
