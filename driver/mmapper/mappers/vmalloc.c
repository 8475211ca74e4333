// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapper: page-backed, made at once by remap_vmalloc_range(), which sets
 * VM_MIXEDMAP, VM_DONTEXPAND and VM_DONTDUMP itself.
 */
#include <linux/vmalloc.h>

#include "core.h"

static int remap_vmalloc(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	return remap_vmalloc_range(vma, buf->kaddr, vma->vm_pgoff);
}

/* The fault serves what madvise(MADV_DONTNEED) has taken away. */
const struct mm_mapper mm_mapper_remap_vmalloc = {
	.name		= "remap_vmalloc_range",
	.needs		= MM_CAN_USERMAP | MM_CAN_PAGES,
	.flags		= MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_EAGER |
			  MMAPPER_BACKEND_F_PRIVATE,
	.map		= remap_vmalloc,
	.fault		= mm_fault_page,
};
