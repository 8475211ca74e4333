// SPDX-License-Identifier: GPL-2.0-only
/* Stores: memory that another driver has published, and stays that driver's. */
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core.h"

/* What a driver has is known when it publishes it. */
static size_t driver_max_size(void)
{
	return SSIZE_MAX & PAGE_MASK;
}

static int driver_alloc(struct mm_buffer *buf)
{
	const struct mmapper_publication *what = buf->store_data;
	struct mm_published *pub = kzalloc(sizeof(*pub), GFP_KERNEL);

	if (!pub)
		return -ENOMEM;
	init_completion(&pub->unused);
	spin_lock_init(&pub->dma.lock);
	pub->dma.dev = what->dev;
	pub->dma.handle = what->handle;
	buf->kaddr = what->memory;
	buf->store_data = pub;
	return 0;
}

/* mmapper_unpublish() waits for this, and frees what it waits with. */
static void driver_free(struct mm_buffer *buf)
{
	struct mm_published *pub = buf->store_data;

	complete(&pub->unused);
}

static unsigned long driver_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	void *addr = buf->kaddr + (index << PAGE_SHIFT);

	return is_vmalloc_addr(addr) ? vmalloc_to_pfn(addr) :
				       page_to_pfn(virt_to_page(addr));
}

#define DRIVER_STORE(_name, _can)			\
{							\
	.name		= _name,			\
	.can		= MM_CAN_DRIVER | (_can),	\
	.max_size	= driver_max_size,		\
	.alloc		= driver_alloc,			\
	.free		= driver_free,			\
	.pfn		= driver_pfn,			\
}

const struct mm_store mm_store_driver =
	DRIVER_STORE("driver", 0);
const struct mm_store mm_store_driver_dma =
	DRIVER_STORE("driver-dma", MM_CAN_DMA);
const struct mm_store mm_store_driver_vmalloc =
	DRIVER_STORE("driver-vmalloc", MM_CAN_PAGES);
