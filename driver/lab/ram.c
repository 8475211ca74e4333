// SPDX-License-Identifier: GPL-2.0-only
/*
 * What SetPageReserved() changes for ordinary RAM that a driver maps: see
 * include/mmapper/lab.h for what can be asked, docs/lab/reserved.md for what
 * came of it.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/page-flags.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <mmapper/lab.h>

#include "lab.h"

/**
 * struct lab_ram - what one open has
 * @lock: for the other fields, which are set once
 * @flags: enum mmapper_lab_ram_flags
 * @count: of @pages; 0: not made yet
 * @pages: the pages, each with a reference
 */
struct lab_ram {
	struct mutex	lock;	/* for the rest */
	u32		flags;
	u32		count;
	struct page	**pages;
};

static void lab_ram_free(struct page **pages, u32 count, u32 flags)
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

static struct page **lab_ram_alloc(u32 count, u32 flags)
{
	struct page **pages;
	u32 i;

	pages = kvcalloc(count, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return NULL;
	for (i = 0; i < count; i++) {
		pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!pages[i]) {
			lab_ram_free(pages, i, flags & ~MMAPPER_LAB_RAM_FORGET);
			return NULL;
		}
		if (flags & MMAPPER_LAB_RAM_RESERVED)
			SetPageReserved(pages[i]);
	}
	return pages;
}

static long lab_ram_make(struct lab_ram *ram, const void __user *arg)
{
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
	ram->pages = lab_ram_alloc(wanted.count, wanted.flags);
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

static long lab_ram_frame(struct lab_ram *ram, void __user *arg)
{
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

static long lab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case MMAPPER_LAB_IOC_RAM:
		return lab_ram_make(file->private_data, (void __user *)arg);
	case MMAPPER_LAB_IOC_FRAME:
		return lab_ram_frame(file->private_data, (void __user *)arg);
	case MMAPPER_LAB_IOC_PIN:
		return lab_pin((void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct vm_operations_struct lab_access_ops = {
#ifdef CONFIG_HAVE_IOREMAP_PROT
	.access = generic_access_phys,
#endif
};

static int lab_map_page(struct vm_area_struct *vma, unsigned long addr,
			struct page *page, u32 flags)
{
	if (flags & MMAPPER_LAB_RAM_INSERT)
		return vm_insert_page(vma, addr, page);
	return remap_pfn_range(vma, addr, page_to_pfn(page), PAGE_SIZE,
			       vma->vm_page_prot);
}

static int lab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct lab_ram *ram = file->private_data;
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
		err = lab_map_page(vma, vma->vm_start + i * PAGE_SIZE,
				   ram->pages[vma->vm_pgoff + i], ram->flags);
	if (!err && ram->flags & MMAPPER_LAB_RAM_ACCESS)
		vma->vm_ops = &lab_access_ops;
	return err;
}

static int lab_open(struct inode *inode, struct file *file)
{
	struct lab_ram *ram;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ram = kzalloc(sizeof(*ram), GFP_KERNEL_ACCOUNT);
	if (!ram)
		return -ENOMEM;
	mutex_init(&ram->lock);
	file->private_data = ram;
	return 0;
}

static int lab_release(struct inode *inode, struct file *file)
{
	struct lab_ram *ram = file->private_data;

	if (ram->count)
		lab_ram_free(ram->pages, ram->count, ram->flags);
	kfree(ram);
	return 0;
}

static const struct file_operations lab_fops = {
	.owner		= THIS_MODULE,
	.open		= lab_open,
	.release	= lab_release,
	.unlocked_ioctl	= lab_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.mmap		= lab_mmap,
};

static struct miscdevice lab_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "mmapper_lab",
	.fops	= &lab_fops,
	.mode	= 0600,
};
module_misc_device(lab_device);

MODULE_DESCRIPTION("mmapper: experiments, for learning and tests alone");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMAPPER_VERSION);
