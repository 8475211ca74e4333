// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappers: page-backed, made at once from an array of pages.  The kernel sets
 * VM_MIXEDMAP itself.
 */
#include "core.h"

/*
 * As many at a time as the kernel can; it goes on with what is left.  The range
 * is right: what it calls -EFAULT is that there is no memory for a page table.
 */
static int insert_pages(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	unsigned long left = vma_pages(vma);
	int err;

	err = vm_insert_pages(vma, vma->vm_start, buf->pages + vma->vm_pgoff,
			      &left);
	return err == -EFAULT ? -ENOMEM : err;
}

/* Checks the range once more, and takes vm_pgoff from the VMA. */
static int map_pages(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	return vm_map_pages(vma, buf->pages, buf->npages);
}

/* Ignores vm_pgoff: it is given the part that is meant. */
static int map_pages_zero(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	return vm_map_pages_zero(vma, buf->pages + vma->vm_pgoff,
				 buf->npages - vma->vm_pgoff);
}

/* The page itself counts references, whatever block it is part of. */
static int insert_each(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start;
	pgoff_t index = vma->vm_pgoff;
	int err;

	for (; addr < vma->vm_end; addr += PAGE_SIZE, index++) {
		err = vm_insert_page(vma, addr, buf->pages[index]);
		if (err)
			return err;
	}
	return 0;
}

/* The fault serves what madvise(MADV_DONTNEED) has taken away. */
#define MM_INSERT(_name, _map)						\
{									\
	.name		= _name,					\
	.needs		= MM_CAN_PAGES | MM_CAN_ARRAY,			\
	.flags		= MMAPPER_BACKEND_F_PAGES |			\
			  MMAPPER_BACKEND_F_EAGER |			\
			  MMAPPER_BACKEND_F_PRIVATE,			\
	.map		= _map,						\
	.fault		= mm_fault_page,				\
}

const struct mm_mapper mm_mapper_insert_pages =
	MM_INSERT("vm_insert_pages", insert_pages);
const struct mm_mapper mm_mapper_insert_page =
	MM_INSERT("vm_insert_page", insert_each);
const struct mm_mapper mm_mapper_map_pages =
	MM_INSERT("vm_map_pages", map_pages);
const struct mm_mapper mm_mapper_map_pages_zero =
	MM_INSERT("vm_map_pages_zero", map_pages_zero);
