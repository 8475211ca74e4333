// SPDX-License-Identifier: GPL-2.0-only
/* Store: an array of pages, each allocated by itself. */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#ifdef CONFIG_X86
#include <asm/set_memory.h>
#endif

#include "core.h"

/**
 * mm_pages_max_size() - what a store of single pages could ever give
 *
 * Return: half of the machine's memory, so that no buffer can use it all up; up
 * to all of it, where the limit of all buffers was set to more than half.
 */
size_t mm_pages_max_size(void)
{
	unsigned long pages = totalram_pages();

	return clamp(READ_ONCE(mm_quota_limit) >> PAGE_SHIFT, pages / 2,
		     pages) << PAGE_SHIFT;
}

static void pages_give_back(struct page **pages, pgoff_t from, pgoff_t to)
{
	for (; from < to; from++) {
		put_page(pages[from]);
		cond_resched();
	}
}

/* Pages @from to @to - 1 of an array. */
static int pages_take(struct mm_buffer *buf, struct page **pages, pgoff_t from,
		      pgoff_t to)
{
	pgoff_t i;

	for (i = from; i < to; i++) {
		pages[i] = alloc_pages_node(buf->numa_node, MM_PAGES_GFP, 0);
		if (!pages[i] || fatal_signal_pending(current)) {
			pages_give_back(pages, from, pages[i] ? i + 1 : i);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

/*
 * How the kernel's own mapping of a page is cached must be how every other is.
 * Elsewhere than on x86 a module cannot change that.
 */
#ifdef CONFIG_X86
#define PAGES_CACHE	MM_CAN_CACHE

static int pages_set_cache(struct page **pages, pgoff_t count,
			   enum mmapper_cache cache)
{
	if (count > INT_MAX)
		return -ENOMEM;
	switch (cache) {
	case MMAPPER_CACHE_WC:
		return set_pages_array_wc(pages, count);
	case MMAPPER_CACHE_UC:
		return set_pages_array_uc(pages, count);
	default:
		return 0;
	}
}

static void pages_reset_cache(struct mm_buffer *buf)
{
	if (buf->cache != MMAPPER_CACHE_CACHED)
		set_pages_array_wb(buf->pages, atomic64_read(&buf->blocks));
}
#else
#define PAGES_CACHE	0

static int pages_set_cache(struct page **pages, pgoff_t count,
			   enum mmapper_cache cache)
{
	return 0;
}

static void pages_reset_cache(struct mm_buffer *buf)
{
}
#endif

/**
 * mm_pages_array() - room for pages
 * @npages: how many
 *
 * Return: an array of NULL, for kvfree(); NULL: there is no memory.
 */
struct page **mm_pages_array(pgoff_t npages)
{
	return kvcalloc(npages, sizeof(struct page *), MM_PAGES_GFP);
}

static int pages_alloc(struct mm_buffer *buf)
{
	int err;

	buf->pages = mm_pages_array(buf->npages);
	if (!buf->pages)
		return -ENOMEM;
	err = pages_take(buf, buf->pages, 0, buf->npages);
	if (err)
		goto free_array;
	atomic64_set(&buf->blocks, buf->npages);
	err = pages_set_cache(buf->pages, buf->npages, buf->cache);
	if (err)
		goto free_pages;
	return 0;

free_pages:
	pages_give_back(buf->pages, 0, buf->npages);
free_array:
	kvfree(buf->pages);
	return err;
}

static void pages_free(struct mm_buffer *buf)
{
	pages_reset_cache(buf);
	pages_give_back(buf->pages, 0, atomic64_read(&buf->blocks));
	kvfree(buf->pages);
}

static unsigned long pages_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return page_to_pfn(buf->pages[index]);
}

static struct page *pages_page(struct mm_buffer *buf, pgoff_t index, bool make)
{
	get_page(buf->pages[index]);
	return buf->pages[index];
}

/* Who has one of these pages mapped, pinned or in a copy keeps it. */
static int pages_resize(struct mm_buffer *buf, pgoff_t npages)
{
	struct page **pages;
	pgoff_t old = atomic64_read(&buf->blocks);
	int err;

	if (npages <= old) {
		pages_give_back(buf->pages, npages, old);
		atomic64_set(&buf->blocks, npages);
		return 0;
	}
	pages = mm_pages_array(npages);
	if (!pages)
		return -ENOMEM;
	memcpy(pages, buf->pages, old * sizeof(*pages));
	err = pages_take(buf, pages, old, npages);
	if (err) {
		kvfree(pages);
		return err;
	}
	kvfree(buf->pages);
	buf->pages = pages;
	atomic64_set(&buf->blocks, npages);
	return 0;
}

const struct mm_store mm_store_pages = {
	.name		= "pages",
	.can		= MM_CAN_PAGES | MM_CAN_ARRAY | MM_CAN_RESIZE |
			  MM_CAN_NUMA | PAGES_CACHE,
	.max_size	= mm_pages_max_size,
	.alloc		= pages_alloc,
	.free		= pages_free,
	.pfn		= pages_pfn,
	.page		= pages_page,
	.resize		= pages_resize,
};
