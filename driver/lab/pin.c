// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs a driver to pin what a process has mapped: page by page, or a
 * block at once.  See include/mmapper/lab.h.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/uaccess.h>

#include "lab.h"

static void cost_begin(struct mmapper_lab_cost *cost)
{
	cost->ns -= ktime_get_raw_ns();
	cost->cycles -= get_cycles();
}

static void cost_end(struct mmapper_lab_cost *cost)
{
	cost->cycles += get_cycles();
	cost->ns += ktime_get_raw_ns();
}

static long pin_all(struct mmapper_lab_pin *arg, struct page **pages)
{
	unsigned long addr = arg->address, end = addr + arg->length;
	int batch;

	while (addr < end) {
		batch = min_t(unsigned long, MMAPPER_LAB_PIN_BATCH,
			      (end - addr) >> PAGE_SHIFT);
		cost_begin(&arg->pin);
		batch = pin_user_pages_fast(addr, batch, FOLL_WRITE, pages);
		cost_end(&arg->pin);
		if (batch <= 0)
			return batch ? batch : -EFAULT;
		cost_begin(&arg->unpin);
		unpin_user_pages(pages, batch);
		cost_end(&arg->unpin);
		addr += (unsigned long)batch << PAGE_SHIFT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * lab_pin() - pin pages of the caller's, count what it takes, give them back
 * @lab: the experiment
 * @user: a struct mmapper_lab_pin
 *
 * Return: see MMAPPER_LAB_IOC_PIN.
 */
long lab_pin(struct lab *lab, void __user *user)
{
	struct mmapper_lab_pin arg;
	struct page **pages;
	unsigned long end;
	long err;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (!arg.length || !PAGE_ALIGNED(arg.address | arg.length) ||
	    check_add_overflow(arg.address, arg.length, &end))
		return -EINVAL;
	memset(&arg.pin, 0, sizeof(arg.pin));
	memset(&arg.unpin, 0, sizeof(arg.unpin));
	pages = kvmalloc_array(MMAPPER_LAB_PIN_BATCH, sizeof(*pages),
			       GFP_KERNEL_ACCOUNT);
	if (!pages)
		return -ENOMEM;
	err = pin_all(&arg, pages);
	kvfree(pages);
	if (!err && copy_to_user(user, &arg, sizeof(arg)))
		err = -EFAULT;
	return err;
}
