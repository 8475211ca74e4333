// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: memory that a device and the processor see alike, for a device of the
 * module's own, which is behind no IOMMU: the memory is one physical run.
 */
#include <linux/dma-mapping.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core.h"

static struct platform_device *coherent_device;

/* Such memory is one block of the page allocator, of which this is the largest. */
static size_t coherent_max_size(void)
{
	return KMALLOC_MAX_SIZE;
}

/*
 * A processor that needs another view of the memory to see what a device does
 * has it in vmalloc space.
 */
static unsigned long coherent_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	if (is_vmalloc_addr(buf->kaddr))
		return vmalloc_to_pfn(buf->kaddr + (index << PAGE_SHIFT));
	return page_to_pfn(virt_to_page(buf->kaddr)) + index;
}

/* Its pages, for those who map by 2 MiB: if it is one run, and begins well. */
static void coherent_pages(struct mm_buffer *buf)
{
	unsigned int order = PMD_SHIFT - PAGE_SHIFT;
	unsigned long first = coherent_pfn(buf, 0), pfn;
	bool run = IS_ALIGNED(first, 1UL << order);
	pgoff_t i;

	for (i = 0; i < buf->npages; i++) {
		pfn = coherent_pfn(buf, i);
		buf->pages[i] = pfn_to_page(pfn);
		run = run && pfn == first + i;
	}
	if (run && buf->npages >> order) {
		buf->block_order = order;
		atomic64_set(&buf->blocks, buf->npages >> order);
	}
}

/* dma_alloc_coherent() clears it. */
static int coherent_alloc(struct mm_buffer *buf)
{
	struct mm_dma *dma = kzalloc(sizeof(*dma), GFP_KERNEL_ACCOUNT);

	if (!dma)
		return -ENOMEM;
	buf->pages = mm_pages_array(buf->npages);
	if (!buf->pages)
		goto free_dma;
	spin_lock_init(&dma->lock);
	dma->dev = &coherent_device->dev;
	buf->kaddr = dma_alloc_coherent(dma->dev, buf->npages << PAGE_SHIFT,
					&dma->handle,
					MM_PAGES_GFP & ~__GFP_ZERO);
	if (!buf->kaddr)
		goto free_array;
	coherent_pages(buf);
	buf->store_data = dma;
	return 0;

free_array:
	kvfree(buf->pages);
free_dma:
	kfree(dma);
	return -ENOMEM;
}

static void coherent_free(struct mm_buffer *buf)
{
	struct mm_dma *dma = buf->store_data;

	dma_free_coherent(dma->dev, buf->npages << PAGE_SHIFT, buf->kaddr,
			  dma->handle);
	kvfree(buf->pages);
	kfree(dma);
}

/**
 * mm_coherent_init() - make the device
 *
 * Return: 0; -errno.
 */
int mm_coherent_init(void)
{
	struct platform_device *pdev;
	int err;

	pdev = platform_device_register_simple("mmapper", PLATFORM_DEVID_NONE,
					       NULL, 0);
	/* The name is right: what is called wrong is that there was no memory for it. */
	if (pdev == ERR_PTR(-EINVAL))
		return -ENOMEM;
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	err = dma_coerce_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err) {
		platform_device_unregister(pdev);
		return err;
	}
	coherent_device = pdev;
	return 0;
}

/**
 * mm_coherent_exit() - take the device away; no memory of it is left
 */
void mm_coherent_exit(void)
{
	platform_device_unregister(coherent_device);
}

/* No MM_CAN_PAGES: the pages may have no reference count of their own. */
const struct mm_store mm_store_coherent = {
	.name		= "coherent",
	.can		= MM_CAN_CONTIGUOUS | MM_CAN_DMA | MM_CAN_ARRAY,
	.max_size	= coherent_max_size,
	.alloc		= coherent_alloc,
	.free		= coherent_free,
	.pfn		= coherent_pfn,
};
