// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of a process that stay pinned, so that what pinning does can be seen:
 * Documentation/core-api/pin_user_pages.rst.  As InfiniBand does it, they are
 * counted in the process (VmPin), against its RLIMIT_MEMLOCK.
 */
#include <linux/capability.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lab.h"

static long hold_charge(struct mm_struct *mm, u32 count)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (atomic64_add_return(count, &mm->pinned_vm) <= limit ||
	    capable(CAP_IPC_LOCK))
		return 0;
	atomic64_sub(count, &mm->pinned_vm);
	return -ENOMEM;
}

static long hold_pin(struct page **pages, u64 addr, u32 count)
{
	u32 done = 0;
	int got;

	while (done < count) {
		got = pin_user_pages_fast(addr + (u64)done * PAGE_SIZE,
					  count - done,
					  FOLL_WRITE | FOLL_LONGTERM,
					  pages + done);
		if (got <= 0) {
			unpin_user_pages(pages, done);
			return got ? got : -EFAULT;
		}
		done += got;
	}
	return 0;
}

static void hold_release(struct lab_hold *h)
{
	if (!h->count)
		return;
	unpin_user_pages_dirty_lock(h->pages, h->count, true);
	atomic64_sub(h->count, &h->mm->pinned_vm);
	mmdrop(h->mm);
	kfree(h->pages);
	h->count = 0;
}

static long hold_take(struct lab_hold *h, u64 addr, u32 count)
{
	long err;

	if (h->count)
		return -EBUSY;
	h->pages = kcalloc(count, sizeof(*h->pages), GFP_KERNEL_ACCOUNT);
	if (!h->pages)
		return -ENOMEM;
	err = hold_charge(current->mm, count);
	if (err)
		goto free_pages;
	err = hold_pin(h->pages, addr, count);
	if (err)
		goto uncharge;
	h->mm = current->mm;
	mmgrab(h->mm);
	h->count = count;
	return 0;

uncharge:
	atomic64_sub(count, &current->mm->pinned_vm);
free_pages:
	kfree(h->pages);
	return err;
}

/**
 * lab_hold() - MMAPPER_LAB_IOC_HOLD
 * @lab: the experiment
 * @arg: a struct mmapper_lab_hold
 *
 * Return: 0; -errno.
 */
long lab_hold(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_hold wanted;
	long err = 0;

	if (copy_from_user(&wanted, arg, sizeof(wanted)))
		return -EFAULT;
	if (!PAGE_ALIGNED(wanted.address) || wanted.address > ULONG_MAX ||
	    wanted.count > MMAPPER_LAB_HOLD_MAX || wanted.reserved)
		return -EINVAL;
	mutex_lock(&lab->lock);
	if (wanted.count)
		err = hold_take(&lab->hold, wanted.address, wanted.count);
	else
		hold_release(&lab->hold);
	mutex_unlock(&lab->lock);
	return err;
}

/**
 * lab_held() - MMAPPER_LAB_IOC_HELD
 * @lab: the experiment
 * @arg: a struct mmapper_lab_held
 *
 * Return: 0; -errno.
 */
long lab_held(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_held held;
	long err = -EINVAL;

	if (copy_from_user(&held, arg, sizeof(held)))
		return -EFAULT;
	mutex_lock(&lab->lock);
	if (held.index < lab->hold.count && !held.pinned && !held.reserved) {
		struct page *page = lab->hold.pages[held.index];

		held.pfn = page_to_pfn(page);
		held.refs = page_count(page);
		held.pinned = mm_page_maybe_pinned(page);
		err = 0;
	}
	mutex_unlock(&lab->lock);
	if (!err && copy_to_user(arg, &held, sizeof(held)))
		err = -EFAULT;
	return err;
}

/**
 * lab_hold_end() - give the pages back
 * @lab: the experiment
 */
void lab_hold_end(struct lab *lab)
{
	hold_release(&lab->hold);
}
