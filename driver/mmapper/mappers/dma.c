// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapper: special mappings of a device's memory, made at once by
 * dma_mmap_coherent(), which takes the part that is meant from the VMA and sets
 * the caching that the device needs.
 */
#include <linux/dma-mapping.h>

#include "core.h"

static int mmap_coherent(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	const struct mm_dma *dma = buf->store_data;
	int err = mm_vma_first_table(vma);

	if (err)
		return err;
	return dma_mmap_coherent(dma->dev, vma, buf->kaddr, dma->handle,
				 buf->npages << PAGE_SHIFT);
}

/* It ends in remap_pfn_range(): see remap.c for the flags and MAP_PRIVATE. */
const struct mm_mapper mm_mapper_dma = {
	.name		= "dma_mmap_coherent",
	.needs		= MM_CAN_DMA,
	.flags		= MMAPPER_BACKEND_F_EAGER,
	.map		= mmap_coherent,
};
