/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of offsets and lengths that come from user space.  Pure, so that
 * the unit tests compile it too.
 */
#ifndef MM_RANGE_H
#define MM_RANGE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdint.h>
typedef uint64_t u64;
#endif

/**
 * mm_range_check() - do pages @pgoff to @pgoff + @count - 1 exist?
 * @npages: pages that exist
 * @pgoff: first page wanted
 * @count: pages wanted
 *
 * Return: 0, or -EINVAL, also for no page at all and for a sum that wraps.
 */
static inline int mm_range_check(u64 npages, u64 pgoff, u64 count)
{
	if (!count || pgoff >= npages || count > npages - pgoff)
		return -EINVAL;
	return 0;
}

/**
 * mm_range_clip() - how many of @len bytes at @pos lie below @size?
 * @size: bytes that exist
 * @pos: first byte wanted
 * @len: bytes wanted
 *
 * Return: the count, 0 to @len.
 */
static inline u64 mm_range_clip(u64 size, u64 pos, u64 len)
{
	if (pos >= size)
		return 0;
	return len < size - pos ? len : size - pos;
}

#endif /* MM_RANGE_H */
