// SPDX-License-Identifier: GPL-2.0-only
/* Mapper: page-backed, each page mapped when it is first touched. */
#include "core.h"

/* The page of a fault, with a reference. */
static struct page *fault_get_page(struct mm_buffer *buf, pgoff_t index)
{
	struct page *page;

	if (buf->store->page)
		return buf->store->page(buf, index, true);
	page = pfn_to_page(buf->store->pfn(buf, index));
	get_page(page);
	return page;
}

/**
 * mm_fault_error() - answer a fault for which there is no page
 * @vmf: the fault
 * @err: -ENOMEM, or why it cannot be swapped in
 *
 * Without memory, a system call can say so.  A program that touches the mapping
 * cannot be told, and would be made to try again without end: it gets SIGBUS,
 * as on hugetlbfs.
 *
 * Return: VM_FAULT_OOM or VM_FAULT_SIGBUS.
 */
vm_fault_t mm_fault_error(const struct vm_fault *vmf, int err)
{
	return vmf->flags & FAULT_FLAG_USER ? VM_FAULT_SIGBUS : vmf_error(err);
}

/**
 * mm_fault_table() - what a fault's page table can show of the buffer
 * @buf: the buffer
 * @vmf: a fault within it
 * @start: where to put the first address of that
 * @count: where to put how many pages it is
 *
 * Return: the page of the buffer that belongs at @start.
 */
pgoff_t mm_fault_table(const struct mm_buffer *buf, const struct vm_fault *vmf,
		       unsigned long *start, unsigned long *count)
{
	unsigned long table = vmf->address & PMD_MASK;
	unsigned long end = min(vmf->vma->vm_end - 1, table + PMD_SIZE - 1);
	pgoff_t index;

	*start = max(vmf->vma->vm_start, table);
	index = vmf->pgoff - ((vmf->address - *start) >> PAGE_SHIFT);
	*count = min(((end - *start) >> PAGE_SHIFT) + 1, buf->npages - index);
	return index;
}

/**
 * mm_fault_page() - answer a fault with the buffer's page
 * @buf: a buffer whose store can MM_CAN_PAGES
 * @vmf: a fault within it
 *
 * Return: VM_FAULT_NOPAGE: the entry is there, with a reference of its own; 0:
 * the kernel copies the page for a private mapping; VM_FAULT_OOM,
 * VM_FAULT_SIGBUS: there is no memory.
 */
vm_fault_t mm_fault_page(struct mm_buffer *buf, struct vm_fault *vmf)
{
	struct page *page = fault_get_page(buf, vmf->pgoff);
	int err;

	if (IS_ERR(page))
		return mm_fault_error(vmf, PTR_ERR(page));
	if (vmf->cow_page) {
		vmf->page = page;
		return 0;
	}
	err = vm_insert_page(vmf->vma, vmf->address, page);
	put_page(page);
	/* Another thread of the process was here first. */
	if (err == -EBUSY)
		return VM_FAULT_NOPAGE;
	return err ? vmf_error(err) : VM_FAULT_NOPAGE;
}

/*
 * VM_MIXEDMAP is the mildest flag that keeps such a VMA from being merged (see
 * struct mm_mapper): unlike VM_DONTEXPAND it lets mremap() grow a mapping of a
 * part of the buffer.  vm_insert_page() needs it too.
 */
const struct mm_mapper mm_mapper_fault = {
	.name		= "fault",
	.needs		= MM_CAN_PAGES,
	.flags		= MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE,
	.vm_flags	= VM_MIXEDMAP,
	.fault		= mm_fault_page,
};
