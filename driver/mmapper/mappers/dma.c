// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapper: special mappings of a device's memory.
 *
 * dma_mmap_coherent() takes the part that is meant from the VMA, and sets the
 * flags and the caching that the device needs; then it sets an entry for each
 * page, however large the run.  What it makes of a protection is the same each
 * time, but nothing else tells it: so the first mapping of a buffer is made by
 * it, and those that ask for the same follow by blocks of 2 MiB where they can.
 */
#include <linux/dma-mapping.h>

#include "core.h"

static struct mm_dma_prot *dma_prot(struct mm_dma *dma,
				    const struct vm_area_struct *vma)
{
	return &dma->prots[!!(vma->vm_flags & VM_WRITE)];
}

/* Give a VMA what dma_mmap_coherent() has given another one, if that is known. */
static bool dma_repeat(struct mm_dma *dma, struct vm_area_struct *vma)
{
	const struct mm_dma_prot *p = dma_prot(dma, vma);
	bool same;

	spin_lock(&dma->lock);
	same = p->known &&
	       pgprot_val(p->asked) == pgprot_val(vma->vm_page_prot);
	if (same)
		vma->vm_page_prot = p->given;
	spin_unlock(&dma->lock);
	if (same)
		vm_flags_set(vma, MM_VM_SPECIAL);
	return same;
}

/* It may map by counted pages as well, which no other entry must stand for. */
static void dma_learn(struct mm_dma *dma, const struct vm_area_struct *vma,
		      pgprot_t asked)
{
	struct mm_dma_prot *p = dma_prot(dma, vma);

	if ((vma->vm_flags & MM_VM_SPECIAL) != MM_VM_SPECIAL)
		return;
	spin_lock(&dma->lock);
	p->asked = asked;
	p->given = vma->vm_page_prot;
	p->known = true;
	spin_unlock(&dma->lock);
}

static int mmap_coherent(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	struct mm_dma *dma = buf->store_data;
	pgprot_t asked = vma->vm_page_prot;
	int err;

	if (dma_repeat(dma, vma))
		return mm_huge_map(buf, vma);
	err = mm_vma_first_table(vma);
	if (err)
		return err;
	err = dma_mmap_coherent(dma->dev, vma, buf->kaddr, dma->handle,
				buf->npages << PAGE_SHIFT);
	if (!err)
		dma_learn(dma, vma, asked);
	return err;
}

/* Of a device that is not ours nothing more is known than what the DMA API does. */
static int mmap_coherent_each(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	struct mm_dma *dma = buf->store_data;
	int err = mm_vma_first_table(vma);

	return err ? err : dma_mmap_coherent(dma->dev, vma, buf->kaddr,
					     dma->handle,
					     buf->npages << PAGE_SHIFT);
}

/* It ends in remap_pfn_range(): see remap.c for the flags and MAP_PRIVATE. */
const struct mm_mapper mm_mapper_dma = {
	.name		= "dma_mmap_coherent",
	.needs		= MM_CAN_DMA | MM_CAN_ARRAY,
	.flags		= MMAPPER_BACKEND_F_EAGER |
			  (MM_CAN_INSERT_PFN_PMD ? MMAPPER_BACKEND_F_HUGE : 0),
	.map		= mmap_coherent,
	.fault		= mm_huge_fault,
};

const struct mm_mapper mm_mapper_dma_each = {
	.name		= "dma_mmap_coherent-pages",
	.needs		= MM_CAN_DMA,
	.flags		= MMAPPER_BACKEND_F_EAGER,
	.map		= mmap_coherent_each,
};
