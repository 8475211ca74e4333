// SPDX-License-Identifier: GPL-2.0-only
/* Store: physically contiguous memory of the slab allocator. */
#include <linux/slab.h>

#include "core.h"

/*
 * kmalloc() aligns to pages only what has a power of two as its size
 * (Documentation/core-api/memory-allocation.rst), so one page more is taken
 * and the start is aligned by hand.  What lies outside the aligned part is
 * never mapped.
 */
static size_t slab_max_size(void)
{
	return KMALLOC_MAX_SIZE - PAGE_SIZE;
}

static int slab_alloc(struct mm_buffer *buf)
{
	buf->store_data = kzalloc((buf->npages + 1) * PAGE_SIZE,
				  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buf->store_data)
		return -ENOMEM;
	buf->kaddr = PTR_ALIGN(buf->store_data, PAGE_SIZE);
	return 0;
}

static void slab_free(struct mm_buffer *buf)
{
	kfree(buf->store_data);
}

static unsigned long slab_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return page_to_pfn(virt_to_page(buf->kaddr)) + index;
}

/* No MM_CAN_PAGES: slab pages have no reference count of their own. */
const struct mm_store mm_store_slab = {
	.name		= "kmalloc",
	.can		= MM_CAN_CONTIGUOUS,
	.max_size	= slab_max_size,
	.alloc		= slab_alloc,
	.free		= slab_free,
	.pfn		= slab_pfn,
};
