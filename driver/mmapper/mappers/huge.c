// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappers: 2 MiB at a time, by one entry where a block, the address and the
 * offset agree, else by filling the page table.
 *
 * Special: vmf_insert_pfn_pmd() sets the entries, one for each fault or all at
 * once.
 *
 * Page-backed: the kernel sets the entry, when a fault gives it a page of a
 * compound page of that size.  It counts such an entry, and uncounts it when it
 * goes, but not in a VMA with VM_MIXEDMAP, where one that goes is taken for
 * special and its reference is lost; and vm_insert_pages() takes no other VMA.
 * So each VMA is of one kind for good, whichever suits it when it is made.
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

/* One entry can show all of this: it begins with a page table, and with a block. */
static bool pfn_is_huge(const struct mm_buffer *buf, pgoff_t index,
			unsigned long count)
{
	return MM_CAN_INSERT_PFN_PMD && count == HUGE_PAGES &&
	       IS_ALIGNED(index, HUGE_PAGES) && huge_block(buf, index);
}

/*
 * The entry of the block at @addr, if there is a table for it, which stays:
 * mmap_lock is held for writing.  @last: that of the block before.
 */
static pmd_t *pfn_next_pmd(struct mm_struct *mm, pmd_t *last,
			   unsigned long addr)
{
	if (last && addr & ~PUD_MASK)
		return last + 1;
	return mm_pmd_of(mm, addr);
}

/**
 * mm_huge_map() - map a whole VMA by special entries, of 2 MiB where they can be
 * @buf: the buffer, with MM_CAN_ARRAY, its sem held
 * @vma: the VMA, with VM_PFNMAP, which nobody else sees yet
 *
 * The first block of a GiB may lack the table that the entries of the others
 * stand in: it is mapped by pages, which makes that table.  What is there stays.
 *
 * Return: 0; -ENOMEM: for a page table.
 */
int mm_huge_map(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start, next, count;
	pgoff_t index = vma->vm_pgoff;
	pmd_t *pmd = NULL;
	int err = 0;

	for (; addr < vma->vm_end && !err; addr = next, index += count) {
		next = min(vma->vm_end, (addr & PMD_MASK) + PMD_SIZE);
		count = (next - addr) >> PAGE_SHIFT;
		pmd = pfn_next_pmd(vma->vm_mm, pmd, addr);
		if (pmd && pmd_none(*pmd) && pfn_is_huge(buf, index, count)) {
			struct vm_fault vmf = {
				.vma = vma, .address = addr, .pmd = pmd,
			};
			unsigned long pfn = page_to_pfn(buf->pages[index]);

			if (vmf_insert_pfn_pmd(&vmf, pfn, vma->vm_flags &
					       VM_WRITE) != VM_FAULT_NOPAGE)
				err = -ENOMEM;
		} else {
			err = mm_table_fill(vma, addr, buf->pages + index,
					    count);
		}
		if (!(index & (PTRS_PER_PMD * HUGE_PAGES - 1)))
			cond_resched();
	}
	return err;
}

/**
 * mm_huge_fault() - map what lies around a page by special entries
 * @buf: the buffer, with MM_CAN_ARRAY, its sem held
 * @vmf: the fault
 *
 * Where a table is there already, for a part was mapped by itself before,
 * nothing else will do; where the entry is there, another thread was faster.
 *
 * Return: as vm_ops->fault does.
 */
vm_fault_t mm_huge_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	pmd_t pmd = READ_ONCE(*vmf->pmd);
	unsigned long start, count;
	pgoff_t index = mm_fault_table(buf, vmf, &start, &count);

	if (pfn_is_huge(buf, index, count) && (pmd_none(pmd) || pmd_leaf(pmd)))
		return vmf_insert_pfn_pmd(vmf, page_to_pfn(buf->pages[index]),
					  vmf->flags & FAULT_FLAG_WRITE);
	if (mm_table_fill(vmf->vma, start, buf->pages + index, count))
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
	pgoff_t index = mm_fault_table(buf, vmf, &start, &count);

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

#define MM_HUGE_PFN(_name, _flags, _map)				\
{									\
	.name		= _name,					\
	.needs		= MM_CAN_ARRAY | MM_CAN_BLOCKS,			\
	.flags		= (_flags) | (MM_CAN_INSERT_PFN_PMD ?		\
				      MMAPPER_BACKEND_F_HUGE : 0),	\
	.vm_flags	= MM_VM_SPECIAL,				\
	.map		= _map,						\
	.fault		= mm_huge_fault,					\
}

const struct mm_mapper mm_mapper_huge_pfn =
	MM_HUGE_PFN("vmf_insert_pfn_pmd", MMAPPER_BACKEND_F_AROUND, NULL);
const struct mm_mapper mm_mapper_huge_eager =
	MM_HUGE_PFN("vmf_insert_pfn_pmd-all", MMAPPER_BACKEND_F_EAGER, mm_huge_map);

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
