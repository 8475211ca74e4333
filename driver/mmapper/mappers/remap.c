// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappers: special mappings, made at once by remap_pfn_range().
 *
 * The kernel sees no pages in them (VM_PFNMAP): nothing can pin them, and it
 * sets VM_IO, VM_DONTEXPAND and VM_DONTDUMP itself.  MAP_PRIVATE is refused:
 * where remap_pfn_range() can serve it at all, for a whole VMA of contiguous
 * memory, it stores the page frame number in vm_pgoff, where every user of
 * the process reads it in /proc/PID/maps.
 */
#include "core.h"

static void remap_range(struct mm_buffer *buf, struct vm_area_desc *desc)
{
	mmap_action_remap_full(desc, buf->store->pfn(buf, desc->pgoff));
}

/* An action says one range; here each page lies elsewhere. */
static int remap_pages(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start;
	pgoff_t index = vma->vm_pgoff;
	int err = mm_vma_first_table(vma);

	if (err)
		return err;
	for (; addr < vma->vm_end; addr += PAGE_SIZE, index++) {
		err = remap_pfn_range(vma, addr, buf->store->pfn(buf, index),
				      PAGE_SIZE, vma->vm_page_prot);
		if (err)
			return err;
	}
	return 0;
}

const struct mm_mapper mm_mapper_remap_range = {
	.name		= "remap_pfn_range",
	.needs		= MM_CAN_CONTIGUOUS,
	.flags		= MMAPPER_BACKEND_F_EAGER,
	.prepare	= remap_range,
};

const struct mm_mapper mm_mapper_remap_pages = {
	.name		= "remap_pfn_range-pages",
	.flags		= MMAPPER_BACKEND_F_EAGER,
	.map		= remap_pages,
};
