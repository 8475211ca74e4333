// SPDX-License-Identifier: GPL-2.0-only
/* Stores: virtually contiguous memory, made of single pages. */
#include <linux/vmalloc.h>

#include "core.h"

/* A quarter of the machine's memory, so that no setting can use it all up. */
static size_t vmalloc_max_size(void)
{
	return (totalram_pages() / 4) << PAGE_SHIFT;
}

static int vmalloc_alloc(struct mm_buffer *buf)
{
	buf->kaddr = __vmalloc(buf->npages * PAGE_SIZE,
			       GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	return buf->kaddr ? 0 : -ENOMEM;
}

/* Not charged to the caller's memory cgroup: vmalloc_user() offers no way. */
static int vmalloc_user_alloc(struct mm_buffer *buf)
{
	buf->kaddr = vmalloc_user(buf->npages * PAGE_SIZE);
	return buf->kaddr ? 0 : -ENOMEM;
}

static void vmalloc_free(struct mm_buffer *buf)
{
	vfree(buf->kaddr);
}

static unsigned long vmalloc_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return vmalloc_to_pfn(buf->kaddr + (index << PAGE_SHIFT));
}

const struct mm_store mm_store_vmalloc = {
	.name		= "vmalloc",
	.can		= MM_CAN_PAGES,
	.max_size	= vmalloc_max_size,
	.alloc		= vmalloc_alloc,
	.free		= vmalloc_free,
	.pfn		= vmalloc_pfn,
};

const struct mm_store mm_store_vmalloc_user = {
	.name		= "vmalloc_user",
	.can		= MM_CAN_PAGES | MM_CAN_USERMAP,
	.max_size	= vmalloc_max_size,
	.alloc		= vmalloc_user_alloc,
	.free		= vmalloc_free,
	.pfn		= vmalloc_pfn,
};
