// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: blocks of pages, the largest that can be had.  The pages of a block
 * share one reference count, that of its first page: get_page() and put_page()
 * of any of them find it, and who still holds one keeps the whole block.
 */
#include <linux/log2.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "core.h"

/* What one entry can map: 2 MiB where pages have 4 KiB. */
#define BLOCKS_ORDER	(PMD_SHIFT - PAGE_SHIFT)

/* A large block is a wish, for which there is one try; a page is needed. */
static struct page *blocks_take(int node, unsigned int order)
{
	gfp_t gfp = MM_PAGES_GFP | __GFP_COMP;

	if (order)
		gfp = (gfp & ~__GFP_RETRY_MAYFAIL) | __GFP_NORETRY;
	return alloc_pages_node(node, gfp, order);
}

static void blocks_give_back(struct page **pages, pgoff_t npages)
{
	pgoff_t i, next;

	for (i = 0; i < npages; i = next) {
		next = i + (1UL << compound_order(pages[i]));
		put_page(pages[i]);
		cond_resched();
	}
}

/* The block that begins at page @i; *@order is what it may be, and what it is. */
static int blocks_add(struct mm_buffer *buf, pgoff_t i, unsigned int *order)
{
	struct page **page = buf->pages + i, **end;
	struct page *block = NULL;

	*order = min_t(unsigned int, *order, ilog2(buf->npages - i));
	while (!fatal_signal_pending(current)) {
		block = blocks_take(buf->numa_node, *order);
		if (block || !*order)
			break;
		--*order;
	}
	if (!block)
		return -ENOMEM;
	/* New kernels look whether a block that they map lies within the file. */
	mm_page_set_index(block, i);
	for (end = page + (1UL << *order); page < end; page++)
		*page = block++;
	return 0;
}

/* What could not be had at one place is not asked for again at the next. */
static int blocks_alloc(struct mm_buffer *buf)
{
	unsigned int order = BLOCKS_ORDER;
	pgoff_t i;
	int err;

	buf->pages = mm_pages_array(buf->npages);
	if (!buf->pages)
		return -ENOMEM;
	for (i = 0; i < buf->npages; i += 1UL << order) {
		err = blocks_add(buf, i, &order);
		if (err) {
			blocks_give_back(buf->pages, i);
			kvfree(buf->pages);
			return err;
		}
		if (!i)
			buf->block_order = order;
		if (order == buf->block_order)
			atomic64_inc(&buf->blocks);
		cond_resched();
	}
	return 0;
}

static void blocks_free(struct mm_buffer *buf)
{
	blocks_give_back(buf->pages, buf->npages);
	kvfree(buf->pages);
}

static unsigned long blocks_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return page_to_pfn(buf->pages[index]);
}

static struct page *blocks_page(struct mm_buffer *buf, pgoff_t index,
				bool make)
{
	get_page(buf->pages[index]);
	return buf->pages[index];
}

const struct mm_store mm_store_blocks = {
	.name		= "blocks",
	.can		= MM_CAN_PAGES | MM_CAN_ARRAY | MM_CAN_NUMA |
			  MM_CAN_BLOCKS,
	.max_size	= mm_pages_max_size,
	.alloc		= blocks_alloc,
	.free		= blocks_free,
	.pfn		= blocks_pfn,
	.page		= blocks_page,
};
