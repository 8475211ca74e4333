// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that counts: by calls, and in the interrupt of a high-resolution
 * timer, which writes to a page that it has published and to a variable of the
 * process that has asked for it.
 *
 * That variable is reached by a mapping of the kernel's own of its pinned page.
 * An interrupt has no process: whose memory is mapped at user addresses is a
 * matter of chance, and to switch to another address space there is to take
 * mmap_lock or its like from a context that may have interrupted its owner.
 */
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "lab.h"

/* With the lock held, and interrupts off. */
static void variable_set(struct lab_counters *c)
{
	struct mmapper_lab_variable *v = c->variable;

	WRITE_ONCE(v->sequence, v->sequence + 1);
	smp_wmb();	/* pairs with the reader's, in a process */
	WRITE_ONCE(v->values[0], c->ticks);
	WRITE_ONCE(v->values[1], c->ticks);
	smp_wmb();	/* likewise */
	WRITE_ONCE(v->sequence, v->sequence + 1);
}

static enum hrtimer_restart timer_tick(struct hrtimer *timer)
{
	struct lab_counters *c = container_of(timer, struct lab_counters, timer);
	u64 values[MMAPPER_COUNTERS_MAX];
	unsigned long flags;
	u32 i;

	raw_spin_lock_irqsave(&c->lock, flags);
	c->ticks++;
	for (i = 0; i < c->count; i++)
		values[i] = c->ticks;
	mmapper_counters_set(c->counters, values);
	if (c->variable)
		variable_set(c);
	raw_spin_unlock_irqrestore(&c->lock, flags);
	hrtimer_forward_now(timer, ns_to_ktime(c->period));
	return HRTIMER_RESTART;
}

static void variable_release(struct lab_counters *c)
{
	if (!c->variable)
		return;
	c->variable = NULL;
	vunmap(c->address);
	unpin_user_pages_dirty_lock(&c->page, 1, true);
}

static long variable_take(struct lab_counters *c, u64 addr)
{
	size_t offset = offset_in_page(addr);
	long got;

	if (addr % sizeof(u64) || addr > ULONG_MAX ||
	    offset > PAGE_SIZE - sizeof(*c->variable))
		return -EINVAL;
	got = pin_user_pages_fast(addr & PAGE_MASK, 1,
				  FOLL_WRITE | FOLL_LONGTERM, &c->page);
	if (got != 1)
		return got < 0 ? got : -EFAULT;
	c->address = vmap(&c->page, 1, VM_MAP, PAGE_KERNEL);
	if (!c->address) {
		unpin_user_page(c->page);
		return -ENOMEM;
	}
	c->variable = c->address + offset;
	return 0;
}

static void timer_stop(struct lab_counters *c)
{
	if (!c->running)
		return;
	hrtimer_cancel(&c->timer);
	c->running = false;
	variable_release(c);
}

static long timer_start(struct lab_counters *c,
			const struct mmapper_lab_timer *wanted)
{
	long err;

	if (wanted->period < MMAPPER_LAB_PERIOD_MIN ||
	    wanted->period > MMAPPER_LAB_PERIOD_MAX)
		return -EINVAL;
	if (c->running)
		return -EBUSY;
	if (wanted->variable) {
		err = variable_take(c, wanted->variable);
		if (err)
			return err;
	}
	c->period = wanted->period;
	c->running = true;
	hrtimer_start(&c->timer, ns_to_ktime(c->period), HRTIMER_MODE_REL_HARD);
	return 0;
}

/**
 * lab_counters() - MMAPPER_LAB_IOC_COUNTERS
 * @lab: the experiment
 * @arg: a struct mmapper_lab_counters
 *
 * Return: 0; -errno.
 */
long lab_counters(struct lab *lab, void __user *arg)
{
	struct lab_counters *c = &lab->counters;
	struct mmapper_lab_counters wanted;
	struct mm_counters *made;
	long err = 0;

	if (copy_from_user(&wanted, arg, sizeof(wanted)))
		return -EFAULT;
	wanted.name[sizeof(wanted.name) - 1] = '\0';
	mutex_lock(&lab->lock);
	if (c->counters) {
		err = -EBUSY;
		goto unlock;
	}
	made = mmapper_counters_publish(wanted.name, wanted.mode, wanted.count);
	if (IS_ERR(made)) {
		err = PTR_ERR(made);
		goto unlock;
	}
	raw_spin_lock_init(&c->lock);
	mm_hrtimer_setup(&c->timer, timer_tick, CLOCK_MONOTONIC,
			 HRTIMER_MODE_REL_HARD);
	c->counters = made;
	c->count = wanted.count;
	c->ticks = 0;
unlock:
	mutex_unlock(&lab->lock);
	return err;
}

/**
 * lab_count() - MMAPPER_LAB_IOC_COUNT
 * @lab: the experiment
 * @arg: a struct mmapper_lab_count
 *
 * Return: 0; -errno.
 */
long lab_count(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_count wanted;
	long err = -EINVAL;

	if (copy_from_user(&wanted, arg, sizeof(wanted)))
		return -EFAULT;
	mutex_lock(&lab->lock);
	if (lab->counters.counters && wanted.index < lab->counters.count &&
	    !wanted.reserved) {
		mmapper_counters_add(lab->counters.counters, wanted.index,
				     wanted.delta);
		err = 0;
	}
	mutex_unlock(&lab->lock);
	return err;
}

/**
 * lab_timer() - MMAPPER_LAB_IOC_TIMER
 * @lab: the experiment
 * @arg: a struct mmapper_lab_timer
 *
 * Return: 0; -errno.
 */
long lab_timer(struct lab *lab, void __user *arg)
{
	struct lab_counters *c = &lab->counters;
	struct mmapper_lab_timer timer;
	long err = 0;

	if (copy_from_user(&timer, arg, sizeof(timer)))
		return -EFAULT;
	mutex_lock(&lab->lock);
	if (!c->counters)
		err = -ENODATA;
	else if (timer.period)
		err = timer_start(c, &timer);
	else
		timer_stop(c);
	if (c->counters) {
		raw_spin_lock_irq(&c->lock);
		timer.ticks = c->ticks;
		raw_spin_unlock_irq(&c->lock);
	}
	mutex_unlock(&lab->lock);
	if (!err && copy_to_user(arg, &timer, sizeof(timer)))
		err = -EFAULT;
	return err;
}

/**
 * lab_counters_end() - stop counting
 * @lab: the experiment
 *
 * In this order: nothing writes any more; then the page and the variable go.
 */
void lab_counters_end(struct lab *lab)
{
	struct lab_counters *c = &lab->counters;

	if (!c->counters)
		return;
	timer_stop(c);
	mmapper_counters_unpublish(c->counters);
	c->counters = NULL;
}
