// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapper: the VMA becomes one of the store's file, so that the kernel finds it
 * when it wants to swap a page out; faults stay with the driver.
 */
#include <linux/pagemap.h>

#include "core.h"

/* Last, for a kernel may give back the wrong file when mmap() fails later. */
static int file_map(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	vma_set_file(vma, buf->store_data);
	return 0;
}

/*
 * The kernel inserts the entry, and holds the page's lock for that: to take a
 * page away from the file, the store has to lock it first, and unmaps it then.
 */
static vm_fault_t file_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	struct file *file = buf->store_data;
	struct page *page = buf->store->page(buf, vmf->pgoff, false);

	if (IS_ERR(page))
		return mm_fault_error(vmf, PTR_ERR(page));
	lock_page(page);
	if (page->mapping != file->f_mapping) {
		/* It was swapped out just now; the access is repeated. */
		unlock_page(page);
		put_page(page);
		return VM_FAULT_NOPAGE;
	}
	vmf->page = page;
	return VM_FAULT_LOCKED;
}

/* VM_MIXEDMAP: see fault.c. */
const struct mm_mapper mm_mapper_file = {
	.name		= "vma_set_file",
	.needs		= MM_CAN_FILE,
	.flags		= MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE |
			  MMAPPER_BACKEND_F_SWAP,
	.vm_flags	= VM_MIXEDMAP,
	.map		= file_map,
	.fault		= file_fault,
};
