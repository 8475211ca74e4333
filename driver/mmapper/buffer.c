// SPDX-License-Identifier: GPL-2.0-only
/* Life and contents of a buffer. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched.h>
#include <linux/slab.h>

#include "core.h"

static const struct {
	u8 first;
	u8 count;
} patterns[] = {
	[MMAPPER_PATTERN_DIGITS]	= { '0', 10 },
	[MMAPPER_PATTERN_LETTERS]	= { 'a', 26 },
};

/**
 * mm_buffer_reset() - make a buffer hold what a fresh one holds
 * @buf: the buffer
 *
 * May run beside readers and writers, which may be processes that have it mapped:
 * what they see meanwhile is theirs, and no data race of the kernel's.
 */
__no_kcsan void mm_buffer_reset(struct mm_buffer *buf)
{
	u8 first = patterns[buf->node->backend->pattern].first;
	u8 count = patterns[buf->node->backend->pattern].count;
	u8 *p = buf->kaddr;
	size_t i;
	u8 n = 0;

	for (i = 0; i < buf->size; i++) {
		p[i] = first + n;
		if (++n == count)
			n = 0;
		if (i % PAGE_SIZE == 0)
			cond_resched();
	}
	memset(p + buf->size, 0, buf->npages * PAGE_SIZE - buf->size);
}

/**
 * mm_buffer_create() - make a buffer, filled with its node's pattern
 * @node: where it will belong
 *
 * Return: the buffer with one reference, the caller's; -EFBIG: the store can
 * never give as much; -ENOMEM.
 */
struct mm_buffer *mm_buffer_create(struct mm_node *node)
{
	const struct mm_store *store = node->backend->store;
	size_t size = node->size;
	struct mm_buffer *buf;
	int err;

	if (size > store->max_size()) {
		pr_warn_ratelimited("%s: size=%zu is more than the %zu bytes that %s can give\n",
				    node->backend->name, size,
				    store->max_size(), store->name);
		return ERR_PTR(-EFBIG);
	}
	buf = kzalloc(sizeof(*buf), GFP_KERNEL_ACCOUNT);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	kref_init(&buf->ref);
	buf->node = node;
	buf->store = store;
	buf->mapper = node->backend->mapper;
	buf->size = size;
	buf->npages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	err = store->alloc(buf);
	if (err) {
		kfree(buf);
		return ERR_PTR(err);
	}
	mm_buffer_reset(buf);
	return buf;
}

static void mm_buffer_free(struct kref *ref)
{
	struct mm_buffer *buf = container_of(ref, struct mm_buffer, ref);

	buf->store->free(buf);
	kfree(buf);
}

/**
 * mm_buffer_get() - take a reference
 * @buf: a buffer on which somebody holds one
 */
void mm_buffer_get(struct mm_buffer *buf)
{
	kref_get(&buf->ref);
}

/**
 * mm_buffer_put() - give a reference back
 * @buf: the buffer, gone with its last reference
 */
void mm_buffer_put(struct mm_buffer *buf)
{
	kref_put(&buf->ref, mm_buffer_free);
}
