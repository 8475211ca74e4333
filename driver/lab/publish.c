// SPDX-License-Identifier: GPL-2.0-only
/* A driver's memory of each kind, published through mmapper/publish.h. */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "lab.h"

/* What kmalloc() gives may begin anywhere but for powers of two. */
static void *publish_alloc(u32 kind, size_t size)
{
	switch (kind) {
	case MMAPPER_LAB_KMALLOC:
		return kzalloc(roundup_pow_of_two(size),
			       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	case MMAPPER_LAB_PAGES:
		return alloc_pages_exact(size, GFP_KERNEL_ACCOUNT |
					 __GFP_ZERO | __GFP_NOWARN);
	default:
		return vmalloc_user(size);
	}
}

static void publish_free(u32 kind, void *memory, size_t size)
{
	switch (kind) {
	case MMAPPER_LAB_KMALLOC:
		kfree(memory);
		break;
	case MMAPPER_LAB_PAGES:
		free_pages_exact(memory, size);
		break;
	default:
		vfree(memory);
	}
}

static long publish_do(struct lab_published *p,
		       const struct mmapper_lab_publish *wanted)
{
	struct mmapper_publication what = {
		.name	= wanted->name,
		.mode	= wanted->mode,
		.uid	= KUIDT_INIT(wanted->uid),
		.gid	= KGIDT_INIT(wanted->gid),
		.flags	= wanted->flags,
		.size	= wanted->part ? wanted->part : wanted->size,
	};
	void *memory = publish_alloc(wanted->kind, wanted->size);
	size_t i;

	BUILD_BUG_ON((int)MMAPPER_LAB_PUBLISH_READONLY !=
		     (int)MMAPPER_PUBLISH_READONLY);
	BUILD_BUG_ON((int)MMAPPER_LAB_PUBLISH_PAGES !=
		     (int)MMAPPER_PUBLISH_PAGES);
	if (!memory)
		return -ENOMEM;
	for (i = 0; i < wanted->size; i++)
		((u8 *)memory)[i] = 'a' + i % 26;
	what.memory = memory + wanted->offset;
	p->buf = mmapper_publish(&what);
	if (IS_ERR(p->buf)) {
		long err = PTR_ERR(p->buf);

		p->buf = NULL;
		publish_free(wanted->kind, memory, wanted->size);
		return err;
	}
	p->kind = wanted->kind;
	p->memory = memory;
	p->size = wanted->size;
	return 0;
}

/**
 * lab_publish() - MMAPPER_LAB_IOC_PUBLISH
 * @lab: the experiment
 * @arg: a struct mmapper_lab_publish
 *
 * Return: 0; -errno.
 */
long lab_publish(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_publish wanted;
	long err;

	if (copy_from_user(&wanted, arg, sizeof(wanted)))
		return -EFAULT;
	if (wanted.kind > MMAPPER_LAB_VMALLOC || !wanted.size ||
	    !PAGE_ALIGNED(wanted.size) || wanted.size > MMAPPER_LAB_SIZE_MAX ||
	    wanted.offset >= wanted.size ||
	    wanted.part > wanted.size - wanted.offset)
		return -EINVAL;
	/* The terminating zero: what is too long is one byte longer than may be. */
	wanted.name[sizeof(wanted.name) - 1] = '\0';
	mutex_lock(&lab->lock);
	err = lab->published.buf ? -EBUSY : publish_do(&lab->published, &wanted);
	mutex_unlock(&lab->lock);
	return err;
}

/**
 * lab_publish_end() - take the memory back, and free it
 * @lab: the experiment
 */
void lab_publish_end(struct lab *lab)
{
	struct lab_published *p = &lab->published;

	if (!p->buf)
		return;
	mmapper_unpublish(p->buf);
	/* Ours alone again: who could still write would be caught by KASAN. */
	memset(p->memory, 0, p->size);
	publish_free(p->kind, p->memory, p->size);
	p->buf = NULL;
}

/**
 * lab_unpublish() - MMAPPER_LAB_IOC_UNPUBLISH
 * @lab: the experiment
 * @arg: not used
 *
 * Return: 0; -ENODATA: nothing is published.
 */
long lab_unpublish(struct lab *lab, void __user *arg)
{
	long err = -ENODATA;

	mutex_lock(&lab->lock);
	if (lab->published.buf) {
		lab_publish_end(lab);
		err = 0;
	}
	mutex_unlock(&lab->lock);
	return err;
}
