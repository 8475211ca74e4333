// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may be in mmap() of a buffer: its VMA is not yet where
 * unmap_mapping_range() finds it, so that whoever takes pages back has to wait.
 */
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core.h"

/**
 * struct mm_birth - a process that may be in mmap() of a buffer
 * @list: in mm_buffer.births
 * @mm: its address space, held by mmgrab()
 */
struct mm_birth {
	struct list_head	list;
	struct mm_struct	*mm;
};

static void mm_birth_free(struct mm_birth *birth)
{
	list_del(&birth->list);
	mmdrop(birth->mm);
	kfree(birth);
}

/**
 * mm_births_note() - note that the caller is in mmap() of a buffer
 * @buf: the buffer; its sem is held
 *
 * mmap_lock is held for writing until the VMA is where unmap_mapping_range()
 * finds it.  Who is noted stays so for a while; those who are not in mmap() any
 * more are forgotten here.
 *
 * Return: 0; -ENOMEM.
 */
int mm_births_note(struct mm_buffer *buf)
{
	struct mm_birth *birth, *next;
	bool found = false;

	spin_lock(&buf->births_lock);
	list_for_each_entry_safe(birth, next, &buf->births, list) {
		if (birth->mm == current->mm) {
			found = true;
		} else if (mmap_read_trylock(birth->mm)) {
			mmap_read_unlock(birth->mm);
			mm_birth_free(birth);
		}
	}
	spin_unlock(&buf->births_lock);
	if (found)
		return 0;
	/* No other thread of this process is in mmap(). */
	birth = kmalloc(sizeof(*birth), GFP_KERNEL_ACCOUNT);
	if (!birth)
		return -ENOMEM;
	birth->mm = current->mm;
	mmgrab(birth->mm);
	spin_lock(&buf->births_lock);
	list_add(&birth->list, &buf->births);
	spin_unlock(&buf->births_lock);
	return 0;
}

/**
 * mm_births_wait() - wait for every mmap() of a buffer that began before
 * @buf: the buffer; nothing is locked
 */
void mm_births_wait(struct mm_buffer *buf)
{
	struct mm_birth *birth, *next;
	LIST_HEAD(births);

	spin_lock(&buf->births_lock);
	list_splice_init(&buf->births, &births);
	spin_unlock(&buf->births_lock);
	list_for_each_entry_safe(birth, next, &births, list) {
		mmap_read_lock(birth->mm);
		mmap_read_unlock(birth->mm);
		mm_birth_free(birth);
	}
}

/**
 * mm_births_forget() - forget them all
 * @buf: a buffer that nobody has any more
 */
void mm_births_forget(struct mm_buffer *buf)
{
	struct mm_birth *birth, *next;

	list_for_each_entry_safe(birth, next, &buf->births, list)
		mm_birth_free(birth);
}
