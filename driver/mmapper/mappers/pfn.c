// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapper: special, each page mapped when it is first touched.
 *
 * MAP_PRIVATE is refused: in a private mapping that can be written
 * vmf_insert_pfn() is a BUG.
 */
#include "core.h"

static vm_fault_t pfn_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	return vmf_insert_pfn(vmf->vma, vmf->address,
			      buf->store->pfn(buf, vmf->pgoff));
}

const struct mm_mapper mm_mapper_pfn = {
	.name		= "vmf_insert_pfn",
	.vm_flags	= MM_VM_SPECIAL,
	.fault		= pfn_fault,
};
