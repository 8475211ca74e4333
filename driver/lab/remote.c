// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another process's memory: by a handle that it has given away, an open file of
 * this module in which it has said so; or by its number, which is for those who
 * may trace anything, as no check of ptrace's is there for modules to call.
 *
 * The handle holds the process's mm_struct, not its memory: once it has died or
 * executed another program, there is nothing there any more (ESRCH).
 */
#include <linux/capability.h>
#include <linux/highmem.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lab.h"

/* An mm of which memory is left; to be given back by mmput(). */
static struct mm_struct *remote_by_handle(struct lab *lab)
{
	struct mm_struct *mm;

	mutex_lock(&lab->lock);
	mm = lab->consent;
	if (!mm)
		mm = ERR_PTR(-ENODATA);
	else if (!mmget_not_zero(mm))
		mm = ERR_PTR(-ESRCH);
	mutex_unlock(&lab->lock);
	return mm;
}

static struct mm_struct *remote_by_pid(s32 nr)
{
	struct task_struct *task;
	struct mm_struct *mm;
	struct pid *pid;

	if (!capable(CAP_SYS_PTRACE))
		return ERR_PTR(-EPERM);
	pid = find_get_pid(nr);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	put_task_struct(task);
	return mm ? mm : ERR_PTR(-ESRCH);
}

/* Where there are no pages, as in a special mapping, its driver is asked. */
static int remote_access(struct mm_struct *mm, unsigned long addr, void *data,
			 int len, bool write)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	if (!vma || !vma->vm_ops || !vma->vm_ops->access)
		return -EFAULT;
	len = min_t(unsigned long, len, vma->vm_end - addr);
	len = vma->vm_ops->access(vma, addr, data, len, write);
	return len < 0 ? -EFAULT : len;
}

static void remote_copy(struct page *page, unsigned long addr, void *data,
			int len, bool write)
{
	char *kaddr = kmap_local_page(page);

	if (write)
		memcpy(kaddr + offset_in_page(addr), data, len);
	else
		memcpy(data, kaddr + offset_in_page(addr), len);
	kunmap_local(kaddr);
	unpin_user_pages_dirty_lock(&page, 1, write);
}

/* Within one page; the bytes that were copied, or -errno. */
static int remote_part(struct mm_struct *mm, unsigned long addr, void *data,
		       int len, bool write, bool *driver)
{
	struct page *page;
	int locked = 1, got;

	*driver = false;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	got = mm_pin_remote(mm, addr, write ? FOLL_WRITE : 0, &page, &locked);
	if (got != 1 && locked) {
		got = remote_access(mm, addr, data, len, write);
		*driver = got > 0;
		len = got;
	} else if (got != 1) {
		len = -EFAULT;
	}
	if (locked)
		mmap_read_unlock(mm);
	if (got == 1 && !*driver)
		remote_copy(page, addr, data, len, write);
	return len;
}

/* As /proc/PID/cmdline finds it. */
static void remote_cmdline(struct mm_struct *mm, struct mmapper_lab_remote *r)
{
	unsigned long start, end;

	spin_lock(&mm->arg_lock);
	start = mm->arg_start;
	end = mm->arg_end;
	spin_unlock(&mm->arg_lock);
	r->address = start;
	r->length = min_t(u64, r->length, end > start ? end - start : 0);
}

static long remote_do(struct mm_struct *mm, struct mmapper_lab_remote *r,
		      void *data)
{
	bool write = r->flags & MMAPPER_LAB_REMOTE_WRITE;
	size_t part;
	bool driver;
	int got = 0;

	if (r->flags & MMAPPER_LAB_REMOTE_CMDLINE)
		remote_cmdline(mm, r);
	for (r->done = 0; r->done < r->length; r->done += got) {
		part = min_t(size_t, r->length - r->done,
			     PAGE_SIZE - offset_in_page(r->address + r->done));
		got = remote_part(mm, r->address + r->done, data + r->done,
				  part, write, &driver);
		if (got <= 0)
			break;
		r->by_driver |= driver;
	}
	return r->done || got >= 0 ? 0 : got;
}

static bool remote_wrong(const struct mmapper_lab_remote *r)
{
	const u32 all = MMAPPER_LAB_REMOTE_WRITE | MMAPPER_LAB_REMOTE_CMDLINE;

	return r->flags & ~all || r->flags == all || r->pid < 0 || !r->length ||
	       r->length > PAGE_SIZE || r->address > ULONG_MAX - r->length ||
	       r->done || r->by_driver || r->reserved;
}

/**
 * lab_remote() - MMAPPER_LAB_IOC_REMOTE
 * @lab: the experiment, by which a process has given its consent
 * @arg: a struct mmapper_lab_remote
 *
 * Return: 0; -errno.
 */
long lab_remote(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_remote r;
	struct mm_struct *mm;
	void *data;
	long err;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (remote_wrong(&r))
		return -EINVAL;
	data = kzalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	err = -EFAULT;
	if (r.flags & MMAPPER_LAB_REMOTE_WRITE &&
	    copy_from_user(data, u64_to_user_ptr(r.buffer), r.length))
		goto free_data;
	mm = r.pid ? remote_by_pid(r.pid) : remote_by_handle(lab);
	err = PTR_ERR_OR_ZERO(mm);
	if (err)
		goto free_data;
	err = remote_do(mm, &r, data);
	mmput(mm);
	if (!err && ((!(r.flags & MMAPPER_LAB_REMOTE_WRITE) &&
		      copy_to_user(u64_to_user_ptr(r.buffer), data, r.done)) ||
		     copy_to_user(arg, &r, sizeof(r))))
		err = -EFAULT;
free_data:
	kfree(data);
	return err;
}

/**
 * lab_consent() - MMAPPER_LAB_IOC_CONSENT
 * @lab: the experiment
 * @arg: not used
 *
 * Return: 0; -EBUSY: somebody has consented already.
 */
long lab_consent(struct lab *lab, void __user *arg)
{
	long err = 0;

	mutex_lock(&lab->lock);
	if (lab->consent) {
		err = -EBUSY;
	} else {
		lab->consent = current->mm;
		mmgrab(lab->consent);
	}
	mutex_unlock(&lab->lock);
	return err;
}

/**
 * lab_remote_end() - forget who has consented
 * @lab: the experiment
 */
void lab_remote_end(struct lab *lab)
{
	if (lab->consent)
		mmdrop(lab->consent);
}
