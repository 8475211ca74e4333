// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappers: one fault maps what lies around it, up to 2 MiB: by one entry where
 * a block, the address and the offset agree, else by filling the page table.
 *
 * Special: vmf_insert_pfn_pmd() sets the entry, with mm_buffer.sem held.
 *
 * Page-backed: the kernel sets it, when a fault gives it a page of a compound
 * page of that size.  It counts such an entry, and uncounts it when it goes,
 * but not in a VMA with VM_MIXEDMAP, where one that goes is taken for special
 * and its reference is lost; and vm_insert_pages() takes no other VMA.  So each
 * VMA is of one kind for good, whichever suits it when it is made.
 */
#include <linux/pagemap.h>

#include "core.h"

#define HUGE_PAGES	(PMD_SIZE >> PAGE_SHIFT)

/* Does a block of 2 MiB begin at page @index, a multiple of HUGE_PAGES? */
static bool huge_block(const struct mm_buffer *buf, pgoff_t index)
{
	return buf->block_order == PMD_SHIFT - PAGE_SHIFT &&
	       index >> buf->block_order < atomic64_read(&buf->blocks);
}

/* What a fault's page table can show of the buffer, from @start on. */
static pgoff_t huge_table(const struct mm_buffer *buf,
			  const struct vm_fault *vmf, unsigned long *start,
			  unsigned long *count)
{
	unsigned long table = vmf->address & PMD_MASK;
	unsigned long end = min(vmf->vma->vm_end - 1, table + PMD_SIZE - 1);
	pgoff_t index;

	*start = max(vmf->vma->vm_start, table);
	index = vmf->pgoff - ((vmf->address - *start) >> PAGE_SHIFT);
	*count = min(((end - *start) >> PAGE_SHIFT) + 1, buf->npages - index);
	return index;
}

/*
 * Where a table is there already, for a part was mapped by itself before,
 * nothing else will do; where the entry is there, another thread was faster.
 */
static bool pfn_is_huge(const struct mm_buffer *buf,
			const struct vm_fault *vmf, pgoff_t index,
			unsigned long count)
{
	pmd_t pmd = READ_ONCE(*vmf->pmd);

	return MM_CAN_INSERT_PFN_PMD && count == HUGE_PAGES &&
	       IS_ALIGNED(index, HUGE_PAGES) && huge_block(buf, index) &&
	       (pmd_none(pmd) || pmd_leaf(pmd));
}

/**
 * struct pfn_table - a page table that is being filled
 * @buf: the buffer
 * @vma: where it is mapped
 * @index: the page that comes next
 */
struct pfn_table {
	const struct mm_buffer	*buf;
	struct vm_area_struct	*vma;
	pgoff_t			index;
};

/* With the table's lock held. */
static int pfn_fill(pte_t *pte, unsigned long addr, void *data)
{
	struct pfn_table *table = data;
	const struct mm_buffer *buf = table->buf;
	unsigned long pfn = buf->store->pfn(buf, table->index++);

	if (pte_none(READ_ONCE(*pte)))
		set_pte_at(table->vma->vm_mm, addr, pte,
			   pte_mkspecial(pfn_pte(pfn,
						 table->vma->vm_page_prot)));
	return 0;
}

static vm_fault_t pfn_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	struct pfn_table table = { .buf = buf, .vma = vmf->vma };
	unsigned long start, count;

	table.index = huge_table(buf, vmf, &start, &count);
	if (pfn_is_huge(buf, vmf, table.index, count))
		return vmf_insert_pfn_pmd(vmf, buf->store->pfn(buf, table.index),
					  vmf->flags & FAULT_FLAG_WRITE);
	if (apply_to_page_range(vmf->vma->vm_mm, start, count << PAGE_SHIFT,
				pfn_fill, &table))
		return VM_FAULT_OOM;
	return VM_FAULT_NOPAGE;
}

/* A private mapping has its copies in pages of their own. */
static void pages_prepare(struct mm_buffer *buf, struct vm_area_desc *desc)
{
	pgoff_t first = round_up(desc->pgoff, HUGE_PAGES);
	bool huge = IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
		mm_desc_flags(desc) & VM_MAYSHARE &&
		IS_ALIGNED((desc->start >> PAGE_SHIFT) - desc->pgoff,
			   HUGE_PAGES) &&
		first + HUGE_PAGES <= desc->pgoff + vma_desc_pages(desc) &&
		huge_block(buf, first);

	mm_desc_flags_mod(desc, huge ? VM_DONTEXPAND : VM_MIXEDMAP, 0);
}

static vm_fault_t pages_fill(struct mm_buffer *buf, struct vm_fault *vmf)
{
	unsigned long start, count;
	pgoff_t index = huge_table(buf, vmf, &start, &count);

	/* It stops at what is there already; then this page is what counts. */
	if (!vmf->cow_page &&
	    !vm_insert_pages(vmf->vma, start, buf->pages + index, &count))
		return VM_FAULT_NOPAGE;
	return mm_fault_page(buf, vmf);
}

static vm_fault_t pages_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	struct page *page = buf->pages[vmf->pgoff];

	if (vmf->vma->vm_flags & VM_MIXEDMAP)
		return pages_fill(buf, vmf);
	/* The kernel would look for the other mappings by page->mapping. */
	if (PageHWPoison(page))
		return VM_FAULT_HWPOISON;
	get_page(page);
	lock_page(page);
	vmf->page = page;
	return VM_FAULT_LOCKED;
}

/* The kernel unlocks the block once the entry is there. */
static void pages_settle(struct mm_buffer *buf)
{
	pgoff_t i;

	for (i = 0; i < buf->npages; i += 1UL << compound_order(buf->pages[i])) {
		lock_page(buf->pages[i]);
		unlock_page(buf->pages[i]);
		cond_resched();
	}
}

const struct mm_mapper mm_mapper_huge_pfn = {
	.name		= "vmf_insert_pfn_pmd",
	.needs		= MM_CAN_BLOCKS,
	.flags		= MMAPPER_BACKEND_F_AROUND |
			  (MM_CAN_INSERT_PFN_PMD ? MMAPPER_BACKEND_F_HUGE : 0),
	.vm_flags	= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
	.fault		= pfn_fault,
};

const struct mm_mapper mm_mapper_huge_pages = {
	.name		= "fault-huge",
	.needs		= MM_CAN_PAGES | MM_CAN_ARRAY | MM_CAN_BLOCKS,
	.flags		= MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE |
			  MMAPPER_BACKEND_F_AROUND |
			  (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) ?
			   MMAPPER_BACKEND_F_HUGE : 0),
	.prepare	= pages_prepare,
	.fault		= pages_fault,
	.settle		= pages_settle,
};
