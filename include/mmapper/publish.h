/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * DOC: Publish a driver's memory and counters
 *
 * For other drivers, which thereby need no character device, no mmap(), no
 * permission checks and no teardown of their own: what a driver publishes is a
 * buffer with a name, as those that processes make through
 * /dev/mmapper/control, and takes every call of mmapper/uapi.h.  Processes open
 * it by its name (mmapper_open() of libmmapper, "mmapper-cli buffers"), as
 * owner, group and mode allow; root may change these.
 *
 * The memory stays the driver's.  It is not cleared and counts against no
 * limit; nobody can resize, seal, reset, revoke or delete the buffer but the
 * driver, by taking it back, at any time: then its pages are gone from every
 * process, where the next access raises SIGBUS, and the memory can be freed.
 *
 * All functions may sleep, but for mmapper_counters_add() and
 * mmapper_counters_set().  docs/examples/ has a whole driver.
 */
#ifndef MMAPPER_PUBLISH_H
#define MMAPPER_PUBLISH_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include <mmapper/uapi.h>

struct device;
struct mm_buffer;
struct mm_counters;

/**
 * enum mmapper_publish_flags - in mmapper_publication.flags
 * @MMAPPER_PUBLISH_READONLY: no process can write, not even root
 * @MMAPPER_PUBLISH_PAGES: processes get the pages, counted: O_DIRECT, pinning,
 *	core dumps and MAP_PRIVATE work.  Of memory of vmalloc() alone; who pins
 *	a page keeps it from being used for anything else until it is unpinned,
 *	after vfree() too.  Without it the mapping is special (VM_PFNMAP), and
 *	nothing outlives mmapper_unpublish().
 */
enum mmapper_publish_flags {
	MMAPPER_PUBLISH_READONLY	= 1 << 0,
	MMAPPER_PUBLISH_PAGES		= 1 << 1,
};

/**
 * struct mmapper_publication - what a driver publishes
 * @name: the buffer's name: up to 63 printable characters, no slash, no dot
 *	first
 * @mode: who may open it, permission bits as of chmod(2)
 * @uid: its owner; 0, which is not set, is root
 * @gid: its group, likewise
 * @flags: enum mmapper_publish_flags
 * @memory: whole pages that the kernel has mapped: of kmalloc(), of
 *	alloc_pages(), of vmalloc(), of dma_alloc_coherent() with @dev.  All
 *	bytes of them are seen: what they held before is the driver's to clear.
 * @size: bytes, a multiple of PAGE_SIZE
 * @dev: of memory of dma_alloc_coherent(), the device that it was made for
 * @handle: and its address as that device sees it
 */
struct mmapper_publication {
	const char	*name;
	umode_t		mode;
	kuid_t		uid;
	kgid_t		gid;
	unsigned int	flags;
	void		*memory;
	size_t		size;
	struct device	*dev;
	dma_addr_t	handle;
};

struct mm_buffer *mmapper_publish(const struct mmapper_publication *what);
void mmapper_unpublish(struct mm_buffer *buf);

struct mm_counters *mmapper_counters_publish(const char *name, umode_t mode,
					     unsigned int count);
void mmapper_counters_unpublish(struct mm_counters *counters);
void mmapper_counters_add(struct mm_counters *counters, unsigned int index,
			  u64 delta);
void mmapper_counters_set(struct mm_counters *counters, const u64 *values);

#endif /* MMAPPER_PUBLISH_H */
