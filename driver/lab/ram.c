// SPDX-License-Identifier: GPL-2.0-only
/*
 * What SetPageReserved() changes for ordinary RAM that a driver maps: see
 * include/mmapper/lab.h for what can be asked, docs/lab/reserved.md for what
 * came of it.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/page-flags.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lab.h"

static void ram_free(struct page **pages, u32 count, u32 flags)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (flags & MMAPPER_LAB_RAM_RESERVED &&
		    !(flags & MMAPPER_LAB_RAM_FORGET))
			ClearPageReserved(pages[i]);
		__free_page(pages[i]);
	}
	kvfree(pages);
}

static struct page **ram_alloc(u32 count, u32 flags)
{
	struct page **pages;
	u32 i;

	pages = kvcalloc(count, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return NULL;
	for (i = 0; i < count; i++) {
		pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!pages[i]) {
			ram_free(pages, i, flags & ~MMAPPER_LAB_RAM_FORGET);
			return NULL;
		}
		if (flags & MMAPPER_LAB_RAM_RESERVED)
			SetPageReserved(pages[i]);
	}
	return pages;
}

/**
 * lab_ram_make() - MMAPPER_LAB_IOC_RAM
 * @lab: the experiment
 * @arg: a struct mmapper_lab_ram
 *
 * Return: 0; -errno.
 */
long lab_ram_make(struct lab *lab, void __user *arg)
{
	struct lab_ram *ram = &lab->ram;
	struct mmapper_lab_ram wanted;
	long err = 0;

	if (copy_from_user(&wanted, arg, sizeof(wanted)))
		return -EFAULT;
	if (wanted.flags & ~MMAPPER_LAB_RAM_ALL || !wanted.count ||
	    wanted.count > MMAPPER_LAB_PAGES_MAX)
		return -EINVAL;
	mutex_lock(&ram->lock);
	if (ram->count) {
		err = -EBUSY;
		goto unlock;
	}
	ram->pages = ram_alloc(wanted.count, wanted.flags);
	if (!ram->pages) {
		err = -ENOMEM;
		goto unlock;
	}
	ram->flags = wanted.flags;
	ram->count = wanted.count;
unlock:
	mutex_unlock(&ram->lock);
	return err;
}

/**
 * lab_ram_frame() - MMAPPER_LAB_IOC_FRAME
 * @lab: the experiment
 * @arg: a struct mmapper_lab_frame
 *
 * Return: 0; -errno.
 */
long lab_ram_frame(struct lab *lab, void __user *arg)
{
	struct lab_ram *ram = &lab->ram;
	struct mmapper_lab_frame frame;
	long err = -EINVAL;

	if (copy_from_user(&frame, arg, sizeof(frame)))
		return -EFAULT;
	mutex_lock(&ram->lock);
	if (frame.index < ram->count && !frame.reserved) {
		frame.pfn = page_to_pfn(ram->pages[frame.index]);
		frame.refs = page_count(ram->pages[frame.index]);
		err = 0;
	}
	mutex_unlock(&ram->lock);
	if (!err && copy_to_user(arg, &frame, sizeof(frame)))
		err = -EFAULT;
	return err;
}

static const struct vm_operations_struct lab_access_ops = {
#ifdef CONFIG_HAVE_IOREMAP_PROT
	.access = generic_access_phys,
#endif
};

static int ram_map_page(struct vm_area_struct *vma, unsigned long addr,
			struct page *page, u32 flags)
{
	if (flags & MMAPPER_LAB_RAM_INSERT)
		return vm_insert_page(vma, addr, page);
	return remap_pfn_range(vma, addr, page_to_pfn(page), PAGE_SIZE,
			       vma->vm_page_prot);
}

/**
 * lab_ram_map() - map pages
 * @lab: the experiment
 * @vma: where to
 *
 * Return: 0; -EINVAL: see mmapper/lab.h; -errno.
 */
int lab_ram_map(struct lab *lab, struct vm_area_struct *vma)
{
	struct lab_ram *ram = &lab->ram;
	unsigned long end, i;
	int err = 0;

	/* A private mapping would keep the frame number in its offset. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	/* Never held over what may fault. */
	mutex_lock(&ram->lock);
	if (check_add_overflow(vma->vm_pgoff, vma_pages(vma), &end) ||
	    end > ram->count)
		err = -EINVAL;
	mutex_unlock(&ram->lock);
	if (err)
		return err;
	/* The pages were made, and stay: the mapping holds the file. */
	for (i = 0; i < vma_pages(vma) && !err; i++)
		err = ram_map_page(vma, vma->vm_start + i * PAGE_SIZE,
				   ram->pages[vma->vm_pgoff + i], ram->flags);
	if (!err && ram->flags & MMAPPER_LAB_RAM_ACCESS)
		vma->vm_ops = &lab_access_ops;
	return err;
}

/**
 * lab_ram_end() - free the pages
 * @lab: the experiment
 */
void lab_ram_end(struct lab *lab)
{
	struct lab_ram *ram = &lab->ram;

	if (ram->count)
		ram_free(ram->pages, ram->count, ram->flags);
}
