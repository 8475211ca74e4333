// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: memory of a process that offers it, pinned for as long as the buffer
 * has it (Documentation/core-api/pin_user_pages.rst, case 3) and mapped in the
 * kernel, so that both can use it whatever becomes of the process: it may unmap
 * the memory, fork, exec or die.
 *
 * Private anonymous memory alone: of a file's pages the file system must know
 * who writes to them, and shared memory can be sealed behind our back.  A fork
 * gives the child copies of what is pinned, and the parent keeps the pages.
 *
 * What is pinned counts against the user's RLIMIT_MEMLOCK, together with what
 * io_uring and others pin, for the memory may outlive the process; and is shown
 * as VmPin of the process.
 */
#include <linux/cred.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core.h"

/* Pages that are pinned or unpinned at a time. */
#define USER_BATCH	1024

/**
 * struct user_memory - whose the memory is
 * @mm: the process's address space, held by mmgrab()
 * @cred: of the user whose RLIMIT_MEMLOCK it counts against
 */
struct user_memory {
	struct mm_struct	*mm;
	const struct cred	*cred;
};

static int user_charge(struct user_struct *user, unsigned long npages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	long locked = atomic_long_read(&user->locked_vm);

	do {
		if (locked + npages > limit && !capable(CAP_IPC_LOCK))
			return -ENOMEM;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &locked,
					  locked + npages));
	return 0;
}

static struct user_memory *user_memory_get(unsigned long npages)
{
	struct user_memory *memory = kmalloc(sizeof(*memory),
					     GFP_KERNEL_ACCOUNT);

	if (!memory)
		return ERR_PTR(-ENOMEM);
	if (user_charge(current_user(), npages)) {
		kfree(memory);
		return ERR_PTR(-ENOMEM);
	}
	memory->cred = get_current_cred();
	memory->mm = current->mm;
	mmgrab(memory->mm);
	atomic64_add(npages, &memory->mm->pinned_vm);
	return memory;
}

static void user_memory_put(struct user_memory *memory, unsigned long npages)
{
	atomic64_sub(npages, &memory->mm->pinned_vm);
	mmdrop(memory->mm);
	atomic_long_sub(npages, &memory->cred->user->locked_vm);
	put_cred(memory->cred);
	kfree(memory);
}

/* They may have been written to through any mapping. */
static void user_unpin(struct page **pages, pgoff_t count)
{
	pgoff_t i, n;

	for (i = 0; i < count; i += n) {
		n = min_t(pgoff_t, count - i, USER_BATCH);
		unpin_user_pages_dirty_lock(pages + i, n, true);
		cond_resched();
	}
}

static int user_check(struct page **pages, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (!PageAnon(pages[i]))
			return -EOPNOTSUPP;
	return fatal_signal_pending(current) ? -ENOMEM : 0;
}

static int user_pin(unsigned long addr, struct page **pages, pgoff_t count)
{
	pgoff_t done = 0;
	int err = 0, n;

	while (done < count && !err) {
		n = min_t(pgoff_t, count - done, USER_BATCH);
		n = pin_user_pages_fast(addr + (done << PAGE_SHIFT), n,
					FOLL_WRITE | FOLL_LONGTERM,
					pages + done);
		if (n <= 0) {
			err = n ? n : -EFAULT;
		} else {
			err = user_check(pages + done, n);
			done += n;
		}
		cond_resched();
	}
	if (err)
		user_unpin(pages, done);
	return err;
}

static int user_alloc(struct mm_buffer *buf)
{
	unsigned long addr = *(const u64 *)buf->store_data;
	struct user_memory *memory;
	int err = -ENOMEM;

	buf->pages = mm_pages_array(buf->npages);
	if (!buf->pages)
		return -ENOMEM;
	memory = user_memory_get(buf->npages);
	if (IS_ERR(memory)) {
		err = PTR_ERR(memory);
		goto free_array;
	}
	err = user_pin(addr, buf->pages, buf->npages);
	if (err)
		goto put_memory;
	buf->kaddr = vmap(buf->pages, buf->npages, VM_MAP, PAGE_KERNEL);
	if (!buf->kaddr) {
		err = -ENOMEM;
		goto unpin;
	}
	buf->store_data = memory;
	return 0;

unpin:
	user_unpin(buf->pages, buf->npages);
put_memory:
	user_memory_put(memory, buf->npages);
free_array:
	kvfree(buf->pages);
	return err;
}

/* Nobody uses the kernel's mapping any more, nor has another process one. */
static void user_free(struct mm_buffer *buf)
{
	vunmap(buf->kaddr);
	user_unpin(buf->pages, buf->npages);
	user_memory_put(buf->store_data, buf->npages);
	kvfree(buf->pages);
}

static unsigned long user_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	return page_to_pfn(buf->pages[index]);
}

/* No MM_CAN_PAGES: the kernel lets nobody insert anonymous pages. */
const struct mm_store mm_store_user = {
	.name		= "user",
	.can		= MM_CAN_ARRAY | MM_CAN_USER,
	.max_size	= mm_pages_max_size,
	.alloc		= user_alloc,
	.free		= user_free,
	.pfn		= user_pfn,
};
