// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores: pages that are allocated when they are first touched, and charged to
 * who touches them.
 */
#include <linux/slab.h>

#include "core.h"

/**
 * struct lazy - the pages of a buffer
 * @npages: how many there can be
 * @pages: those that are; NULL for the others.  Only a change of size takes one
 *	away, so that whoever holds mm_buffer.sem for reading may add one.
 */
struct lazy {
	pgoff_t		npages;
	struct page	*pages[];
};

static struct lazy *lazy_make(pgoff_t npages)
{
	struct lazy *lazy = kvzalloc(struct_size(lazy, pages, npages),
				     MM_PAGES_GFP);

	if (lazy)
		lazy->npages = npages;
	return lazy;
}

static int lazy_alloc(struct mm_buffer *buf)
{
	buf->store_data = lazy_make(buf->npages);
	return buf->store_data ? 0 : -ENOMEM;
}

static void lazy_give_back(struct mm_buffer *buf, pgoff_t from)
{
	struct lazy *lazy = buf->store_data;

	for (; from < lazy->npages; from++) {
		if (!lazy->pages[from])
			continue;
		put_page(lazy->pages[from]);
		lazy->pages[from] = NULL;
		atomic64_dec(&buf->blocks);
		cond_resched();
	}
}

static void lazy_free(struct mm_buffer *buf)
{
	lazy_give_back(buf, 0);
	kvfree(buf->store_data);
}

/* Where the kernel has no zone for the pages below 4 GiB, any will do. */
static gfp_t lazy_gfp(const struct mm_buffer *buf)
{
	return buf->store == &mm_store_lazy_dma32 ? MM_PAGES_GFP | GFP_DMA32 :
						    MM_PAGES_GFP;
}

/* Several may come for the same page at once: the first has it. */
static struct page *lazy_add(struct mm_buffer *buf, struct page **slot)
{
	struct page *page, *other;

	page = alloc_pages_node(buf->numa_node, lazy_gfp(buf), 0);
	if (!page)
		return ERR_PTR(-ENOMEM);
	other = cmpxchg(slot, NULL, page);
	if (other) {
		put_page(page);
		return other;
	}
	atomic64_inc(&buf->blocks);
	return page;
}

static struct page *lazy_page(struct mm_buffer *buf, pgoff_t index, bool make)
{
	struct lazy *lazy = buf->store_data;
	struct page **slot = &lazy->pages[index];
	struct page *page = READ_ONCE(*slot);

	if (!page && make)
		page = lazy_add(buf, slot);
	if (!IS_ERR_OR_NULL(page))
		get_page(page);
	return page;
}

static int lazy_resize(struct mm_buffer *buf, pgoff_t npages)
{
	struct lazy *old = buf->store_data, *lazy;

	if (npages <= old->npages) {
		lazy_give_back(buf, npages);
		old->npages = npages;
		return 0;
	}
	lazy = lazy_make(npages);
	if (!lazy)
		return -ENOMEM;
	memcpy(lazy->pages, old->pages, old->npages * sizeof(*old->pages));
	kvfree(old);
	buf->store_data = lazy;
	return 0;
}

#define LAZY_STORE(_name)						\
{									\
	.name		= _name,					\
	.can		= MM_CAN_PAGES | MM_CAN_LAZY | MM_CAN_RESIZE |	\
			  MM_CAN_NUMA,					\
	.max_size	= mm_pages_max_size,				\
	.alloc		= lazy_alloc,					\
	.free		= lazy_free,					\
	.page		= lazy_page,					\
	.resize		= lazy_resize,					\
}

const struct mm_store mm_store_lazy = LAZY_STORE("lazy");
const struct mm_store mm_store_lazy_dma32 = LAZY_STORE("lazy-dma32");
