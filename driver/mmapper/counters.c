// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters that a driver keeps, from any context but NMI, in a page that
 * processes read without a system call: struct mmapper_counters_page in uapi.h.
 *
 * That page is ours, and a mapping keeps it: when the driver takes its counters
 * back, readers find them as they were, and marked, instead of being killed.
 *
 * Who waits for a threshold is told by way of irq_work: the driver may count
 * with interrupts off and raw spinlocks held, where nothing can be woken.
 */
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "core.h"

/**
 * struct mm_counters - counters
 * @buf: the buffer of one page
 * @page: that page
 * @pages: likewise
 * @count: how many counters
 * @lock: covers @page and @due
 * @due: the least threshold that somebody waits for; U64_MAX: nobody does
 * @work: tells who waits
 * @unused: nobody reads the page by a call any more
 */
struct mm_counters {
	struct mm_buffer		*buf;
	struct mmapper_counters_page	*page;
	struct page			*pages[1];
	u32				count;
	raw_spinlock_t			lock;	/* page, due */
	u64				due[MMAPPER_COUNTERS_MAX];
	struct irq_work			work;
	struct completion		unused;
};

static bool counters_reached(struct mm_counters *c, u32 index)
{
	return READ_ONCE(c->page->values[index]) >= c->due[index];
}

/* Between the two the page says that it is being written; with the lock held. */
static void counters_begin(struct mm_counters *c)
{
	WRITE_ONCE(c->page->sequence, c->page->sequence + 1);
	smp_wmb();	/* pairs with mmapper_counters_read()'s fences */
}

static void counters_end(struct mm_counters *c)
{
	WRITE_ONCE(c->page->time, ktime_get_ns());
	WRITE_ONCE(c->page->updates, c->page->updates + 1);
	smp_wmb();	/* likewise */
	WRITE_ONCE(c->page->sequence, c->page->sequence + 1);
}

/**
 * mmapper_counters_add() - add to one counter
 * @counters: the counters
 * @index: which, from 0
 * @delta: how much; it wraps
 *
 * Context: any but NMI.
 */
void mmapper_counters_add(struct mm_counters *counters, unsigned int index,
			  u64 delta)
{
	unsigned long flags;
	bool reached;

	if (WARN_ON_ONCE(index >= counters->count))
		return;
	raw_spin_lock_irqsave(&counters->lock, flags);
	counters_begin(counters);
	WRITE_ONCE(counters->page->values[index],
		   counters->page->values[index] + delta);
	counters_end(counters);
	reached = counters_reached(counters, index);
	raw_spin_unlock_irqrestore(&counters->lock, flags);
	if (reached)
		irq_work_queue(&counters->work);
}
EXPORT_SYMBOL_GPL(mmapper_counters_add);

/**
 * mmapper_counters_set() - set all counters at once
 * @counters: the counters
 * @values: as many values; no reader sees some without the others
 *
 * Context: any but NMI.
 */
void mmapper_counters_set(struct mm_counters *counters, const u64 *values)
{
	unsigned long flags;
	bool reached = false;
	u32 i;

	raw_spin_lock_irqsave(&counters->lock, flags);
	counters_begin(counters);
	for (i = 0; i < counters->count; i++)
		WRITE_ONCE(counters->page->values[i], values[i]);
	counters_end(counters);
	for (i = 0; i < counters->count; i++)
		reached |= counters_reached(counters, i);
	raw_spin_unlock_irqrestore(&counters->lock, flags);
	if (reached)
		irq_work_queue(&counters->work);
}
EXPORT_SYMBOL_GPL(mmapper_counters_set);

/**
 * mm_counters_of() - the counters of a buffer
 * @buf: a buffer in use
 *
 * Return: its counters; NULL: it has none.
 */
struct mm_counters *mm_counters_of(struct mm_buffer *buf)
{
	return buf->store == &mm_store_counters ? buf->store_data : NULL;
}

/**
 * mm_counters_read() - the values of one moment
 * @counters: the counters
 * @out: where to put them
 */
void mm_counters_read(struct mm_counters *counters,
		      struct mmapper_counters *out)
{
	const struct mmapper_counters_page *page = counters->page;
	unsigned long flags;

	raw_spin_lock_irqsave(&counters->lock, flags);
	out->count = counters->count;
	out->time = page->time;
	out->updates = page->updates;
	memcpy(out->values, page->values,
	       counters->count * sizeof(page->values[0]));
	raw_spin_unlock_irqrestore(&counters->lock, flags);
}

/**
 * mm_counters_count() - how many counters there are
 * @counters: the counters
 *
 * Return: how many.
 */
u32 mm_counters_count(const struct mm_counters *counters)
{
	return counters->count;
}

/**
 * mm_counters_watch() - what to tell of next
 * @counters: the counters
 * @index: which of them
 * @due: the least threshold that is waited for; U64_MAX: none is
 *
 * Return: the counter's value, which may be there already.
 */
u64 mm_counters_watch(struct mm_counters *counters, u32 index, u64 due)
{
	unsigned long flags;
	u64 value;

	raw_spin_lock_irqsave(&counters->lock, flags);
	counters->due[index] = due;
	value = counters->page->values[index];
	raw_spin_unlock_irqrestore(&counters->lock, flags);
	return value;
}

static void counters_tell(struct irq_work *work)
{
	struct mm_counters *c = container_of(work, struct mm_counters, work);

	mm_watches_tell(c->buf, c);
}

static int counters_alloc(struct mm_buffer *buf)
{
	struct mm_counters *c = buf->store_data;

	c->page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!c->page)
		return -ENOMEM;
	c->pages[0] = virt_to_page(c->page);
	buf->pages = c->pages;
	buf->kaddr = c->page;
	return 0;
}

static void counters_free(struct mm_buffer *buf)
{
	struct mm_counters *c = buf->store_data;

	complete(&c->unused);
}

static unsigned long counters_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return page_to_pfn(virt_to_page(buf->kaddr)) + index;
}

static size_t counters_max_size(void)
{
	return PAGE_SIZE;
}

const struct mm_store mm_store_counters = {
	.name		= "counters",
	.can		= MM_CAN_DRIVER | MM_CAN_PAGES | MM_CAN_ARRAY |
			  MM_CAN_CONTIGUOUS | MM_CAN_KEEP,
	.max_size	= counters_max_size,
	.alloc		= counters_alloc,
	.free		= counters_free,
	.pfn		= counters_pfn,
};

/**
 * mmapper_counters_publish() - make counters that processes can read
 * @name: the name of their buffer, as in struct mmapper_publication
 * @mode: who may open it, permission bits as of chmod(2); nobody can write
 * @count: how many, 1 to MMAPPER_COUNTERS_MAX; they begin with 0
 *
 * Return: the counters; ERR_PTR(): -EINVAL, -ENAMETOOLONG, -EEXIST, -ENOMEM.
 */
struct mm_counters *mmapper_counters_publish(const char *name, umode_t mode,
					     unsigned int count)
{
	struct mm_counters *c;
	int err;

	BUILD_BUG_ON(sizeof(*c->page) > PAGE_SIZE);
	if (!count || count > MMAPPER_COUNTERS_MAX || mode & ~0777)
		return ERR_PTR(-EINVAL);
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	raw_spin_lock_init(&c->lock);
	init_irq_work(&c->work, counters_tell);
	init_completion(&c->unused);
	memset(c->due, 0xff, sizeof(c->due));
	c->count = count;
	c->buf = mm_publish_create("counters", name, PAGE_SIZE, c);
	if (IS_ERR(c->buf)) {
		err = PTR_ERR(c->buf);
		kfree(c);
		return ERR_PTR(err);
	}
	c->page->magic = MMAPPER_COUNTERS_MAGIC;
	c->page->count = count;
	err = mm_publish_name(c->buf, mode, true);
	if (err) {
		mmapper_counters_unpublish(c);
		return ERR_PTR(err);
	}
	return c;
}
EXPORT_SYMBOL_GPL(mmapper_counters_publish);

/**
 * mmapper_counters_unpublish() - take counters back
 * @counters: the counters; nobody counts any more
 *
 * Who waits for a threshold is woken, with an error.  Who has the counters mapped
 * sees that they have ended.
 */
void mmapper_counters_unpublish(struct mm_counters *counters)
{
	struct page *page = virt_to_page(counters->page);

	irq_work_sync(&counters->work);
	WRITE_ONCE(counters->page->state, MMAPPER_COUNTERS_ENDED);
	mm_publish_end(counters->buf, &counters->unused);
	put_page(page);
	kfree(counters);
}
EXPORT_SYMBOL_GPL(mmapper_counters_unpublish);
