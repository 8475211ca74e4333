// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits for a counter to reach a threshold, by poll() or an eventfd: at most
 * one watch for each open file.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include "core.h"

/* So that a driver's interrupt is not held up for long. */
#define WATCHES_MAX	256

/**
 * struct mm_watch - what an open file waits for
 * @list: in mm_buffer.watches
 * @file: the file, compared and never followed
 * @eventfd: to be signalled, or NULL
 * @index: of the counter
 * @threshold: the value that it is to reach
 * @reached: it has
 */
struct mm_watch {
	struct list_head	list;
	const struct file	*file;
	struct eventfd_ctx	*eventfd;
	u32			index;
	u64			threshold;
	bool			reached;
};

static struct mm_watch *watches_find(struct mm_buffer *buf,
				     const struct file *file)
{
	struct mm_watch *w;

	list_for_each_entry(w, &buf->watches, list)
		if (w->file == file)
			return w;
	return NULL;
}

static void watch_free(struct mm_watch *w)
{
	if (!w)
		return;
	if (w->eventfd)
		eventfd_ctx_put(w->eventfd);
	kfree(w);
}

static void watch_reached(struct mm_watch *w)
{
	w->reached = true;
	if (w->eventfd)
		mm_eventfd_signal(w->eventfd);
}

/* With the lock held.  Tells whom the value has reached; is there anybody? */
static bool watches_reached(struct mm_buffer *buf, u32 index, u64 value)
{
	struct mm_watch *w;
	bool any = false;

	list_for_each_entry(w, &buf->watches, list) {
		if (w->index != index || w->reached || w->threshold > value)
			continue;
		watch_reached(w);
		any = true;
	}
	return any;
}

/* The least threshold that is not reached. */
static u64 watches_due(struct mm_buffer *buf, u32 index)
{
	struct mm_watch *w;
	u64 due = U64_MAX;

	list_for_each_entry(w, &buf->watches, list)
		if (w->index == index && !w->reached)
			due = min(due, w->threshold);
	return due;
}

/* Until nothing is reached that is due: the counter goes on meanwhile. */
static bool watches_update(struct mm_buffer *buf, struct mm_counters *counters,
			   u32 index)
{
	bool any = false;
	u64 value;

	do {
		value = mm_counters_watch(counters, index,
					  watches_due(buf, index));
		if (!watches_reached(buf, index, value))
			return any;
		any = true;
	} while (true);
}

/**
 * mm_watches_set() - what an open file waits for from now on
 * @buf: the buffer of the counters
 * @counters: the counters
 * @file: the file; what it has waited for is forgotten
 * @watch: what for; its index is one of a counter
 *
 * Return: 0; -EBADF, -EINVAL: no eventfd; -ENOSPC: too many wait; -ENOMEM.
 */
int mm_watches_set(struct mm_buffer *buf, struct mm_counters *counters,
		   const struct file *file, const struct mmapper_watch *watch)
{
	struct eventfd_ctx *eventfd = NULL;
	struct mm_watch *w, *old;
	bool full, any = false;

	if (watch->flags & MMAPPER_WATCH_F_EVENTFD) {
		eventfd = eventfd_ctx_fdget(watch->eventfd);
		if (IS_ERR(eventfd))
			return PTR_ERR(eventfd);
	}
	w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w) {
		if (eventfd)
			eventfd_ctx_put(eventfd);
		return -ENOMEM;
	}
	w->file = file;
	w->eventfd = eventfd;
	w->index = watch->index;
	w->threshold = watch->threshold;
	spin_lock_irq(&buf->watch_lock);
	old = watches_find(buf, file);
	full = !old && buf->watching == WATCHES_MAX;
	if (!full) {
		if (old)
			list_del(&old->list);
		else
			buf->watching++;
		list_add(&w->list, &buf->watches);
		any = watches_update(buf, counters, w->index);
		/* Or mm_watches_end() has seen it. */
		if (mm_buffer_revoked(buf))
			watch_reached(w);
	}
	spin_unlock_irq(&buf->watch_lock);
	watch_free(full ? w : old);
	if (any)
		wake_up_all(&buf->wait);
	return full ? -ENOSPC : 0;
}

/**
 * mm_watches_forget() - an open file ends
 * @buf: its buffer
 * @file: the file
 */
void mm_watches_forget(struct mm_buffer *buf, const struct file *file)
{
	struct mm_watch *w;

	if (list_empty(&buf->watches))
		return;
	spin_lock_irq(&buf->watch_lock);
	w = watches_find(buf, file);
	if (w) {
		list_del(&w->list);
		buf->watching--;
	}
	spin_unlock_irq(&buf->watch_lock);
	watch_free(w);
}

/**
 * mm_watches_ready() - is there anything to read?
 * @buf: the buffer
 * @file: an open file of it
 *
 * Return: what it waits for has come, or it waits for nothing.
 */
bool mm_watches_ready(struct mm_buffer *buf, const struct file *file)
{
	struct mm_watch *w;
	bool ready;

	/* Nobody else sets what this file waits for, but by this very file. */
	if (list_empty_careful(&buf->watches))
		return true;
	spin_lock_irq(&buf->watch_lock);
	w = watches_find(buf, file);
	ready = !w || w->reached;
	spin_unlock_irq(&buf->watch_lock);
	return ready;
}

/**
 * mm_watches_tell() - counters have reached what somebody waits for
 * @buf: their buffer
 * @counters: the counters
 *
 * Context: any but NMI, without a raw spinlock.
 */
void mm_watches_tell(struct mm_buffer *buf, struct mm_counters *counters)
{
	unsigned long flags;
	bool any = false;
	u32 i;

	spin_lock_irqsave(&buf->watch_lock, flags);
	for (i = 0; i < mm_counters_count(counters); i++)
		any |= watches_update(buf, counters, i);
	spin_unlock_irqrestore(&buf->watch_lock, flags);
	if (any)
		wake_up_all(&buf->wait);
}

/**
 * mm_watches_end() - nothing will come any more
 * @buf: a buffer that is revoked
 */
void mm_watches_end(struct mm_buffer *buf)
{
	struct mm_watch *w;

	spin_lock_irq(&buf->watch_lock);
	list_for_each_entry(w, &buf->watches, list)
		watch_reached(w);
	spin_unlock_irq(&buf->watch_lock);
	wake_up_all(&buf->wait);
}
