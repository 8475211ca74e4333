// SPDX-License-Identifier: GPL-2.0-only
/* Mapper: page-backed, each page mapped when it is first touched. */
#include "core.h"

/**
 * mm_fault_page() - answer a fault with the buffer's page
 * @buf: a buffer whose store can MM_CAN_PAGES
 * @vmf: a fault within it
 *
 * Return: 0; the reference on the page is the mapping's.
 */
vm_fault_t mm_fault_page(struct mm_buffer *buf, struct vm_fault *vmf)
{
	struct page *page = pfn_to_page(buf->store->pfn(buf, vmf->pgoff));

	get_page(page);
	vmf->page = page;
	return 0;
}

/*
 * VM_MIXEDMAP is the mildest flag that keeps such a VMA from being merged (see
 * struct mm_mapper): unlike VM_DONTEXPAND it lets mremap() grow a mapping of a
 * part of the buffer.
 */
const struct mm_mapper mm_mapper_fault = {
	.name		= "fault",
	.needs		= MM_CAN_PAGES,
	.flags		= MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE,
	.vm_flags	= VM_MIXEDMAP,
	.fault		= mm_fault_page,
};
