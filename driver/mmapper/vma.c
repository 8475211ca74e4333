// SPDX-License-Identifier: GPL-2.0-only
/* The checks that every mmap passes, and the life of a VMA. */
#include "core.h"

static void mm_vma_open(struct vm_area_struct *vma)
{
	struct mm_buffer *buf = vma->vm_private_data;

	mm_buffer_get(buf);
	atomic64_inc(&buf->node->stats.vma_opens);
}

static void mm_vma_close(struct vm_area_struct *vma)
{
	struct mm_buffer *buf = vma->vm_private_data;

	/* The kernel closes what it could not map, though it was never mapped(). */
	if (!buf)
		return;
	atomic64_inc(&buf->node->stats.vma_closes);
	mm_buffer_put(buf);
}

static vm_fault_t mm_vma_fault(struct vm_fault *vmf)
{
	struct mm_buffer *buf = vmf->vma->vm_private_data;

	atomic64_inc(&buf->node->stats.faults);
	/* mremap() can have grown the VMA beyond what mmap() checked. */
	if (!buf->mapper->fault || mm_range_check(buf->npages, vmf->pgoff, 1))
		return VM_FAULT_SIGBUS;
	return buf->mapper->fault(buf, vmf);
}

#define MM_VMA_OPS		\
	.open	= mm_vma_open,	\
	.close	= mm_vma_close,	\
	.fault	= mm_vma_fault

static const struct vm_operations_struct mm_vma_ops = {
	MM_VMA_OPS,
};

/* vm_ops->mapped is for file_operations.mmap_prepare alone. */
static const struct vm_operations_struct mm_vma_prepared_ops = {
	MM_VMA_OPS,
	MM_VM_OPS_MAPPED(mm_vma_mapped)
};

/**
 * mm_vma_check() - may this range be mapped like this?
 * @buf: the buffer
 * @pgoff: first page of the range
 * @count: pages of the range
 * @vm_flags: as the kernel has made them of mmap()'s arguments
 *
 * Access mode against PROT_READ and PROT_WRITE is the VFS's to check, and is.
 *
 * Return: 0; -EINVAL, -EPERM as uapi.h says.
 */
static int mm_vma_check(const struct mm_buffer *buf, pgoff_t pgoff,
			unsigned long count, unsigned long vm_flags)
{
	/* VM_SHARED is no guide: the VFS clears it for read-only files. */
	if (!(vm_flags & VM_MAYSHARE) &&
	    !(buf->mapper->flags & MMAPPER_BACKEND_F_PRIVATE))
		return -EINVAL;
	if (vm_flags & VM_EXEC)
		return -EPERM;
	return mm_range_check(buf->npages, pgoff, count);
}

/**
 * mm_vma_mmap_prepare() - say how a buffer is to be mapped
 * @desc: the mapping that may come to be; its file is an open file of a node
 *	whose mapper has no map()
 *
 * Nothing is counted or held yet: see mm_vma_mapped().
 *
 * Return: 0; -errno as uapi.h says.
 */
int mm_vma_mmap_prepare(struct vm_area_desc *desc)
{
	struct mm_buffer *buf = desc->file->private_data;
	int err;

	err = mm_vma_check(buf, desc->pgoff, vma_desc_pages(desc),
			   mm_desc_flags(desc));
	if (err)
		return err;
	mm_desc_flags_mod(desc, buf->mapper->vm_flags, VM_MAYEXEC);
	desc->vm_ops = &mm_vma_prepared_ops;
	if (buf->mapper->prepare)
		buf->mapper->prepare(buf, desc);
	return 0;
}

/**
 * mm_vma_mapped() - a buffer was mapped: hold it, count it
 * @start: first address
 * @end: address after the last
 * @pgoff: first page
 * @file: an open file of a node
 * @private_data: of the VMA; NULL until now
 *
 * Unlike mm_vma_open(): what came by mmap() is counted apart.
 *
 * Return: 0.
 */
int mm_vma_mapped(unsigned long start, unsigned long end, pgoff_t pgoff,
		  const struct file *file, void **private_data)
{
	struct mm_buffer *buf = file->private_data;

	mm_buffer_get(buf);
	atomic64_inc(&buf->node->stats.mmaps);
	*private_data = buf;
	return 0;
}

/**
 * mm_vma_mmap() - map a buffer
 * @file: an open file of a node whose mapper has a map()
 * @vma: where to
 *
 * Return: 0; -errno as uapi.h says.
 */
int mm_vma_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mm_buffer *buf = file->private_data;
	int err;

	err = mm_vma_check(buf, vma->vm_pgoff, vma_pages(vma), vma->vm_flags);
	if (err)
		return err;
	vm_flags_clear(vma, VM_MAYEXEC);
	vm_flags_set(vma, buf->mapper->vm_flags);
	err = buf->mapper->map(buf, vma);
	if (err)
		return err;
	vma->vm_ops = &mm_vma_ops;
	return mm_vma_mapped(vma->vm_start, vma->vm_end, vma->vm_pgoff, file,
			     &vma->vm_private_data);
}

static bool mm_vma_is_ours(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &mm_vma_ops ||
	       vma->vm_ops == &mm_vma_prepared_ops;
}

static int mm_vma_translate_special(struct vm_area_struct *vma,
				    unsigned long addr, u64 *phys)
{
	struct follow_pfnmap_args args = { .vma = vma, .address = addr };

	if (follow_pfnmap_start(&args))
		return -ENODATA;
	*phys = PFN_PHYS(args.pfn) + offset_in_page(addr);
	follow_pfnmap_end(&args);
	return 0;
}

static int mm_vma_translate_page(struct vm_area_struct *vma,
				 unsigned long addr, u64 *phys)
{
	/* Asks for an access that the mapping allows. */
	unsigned int write = vma->vm_flags & VM_READ ? 0 : FOLL_WRITE;
	struct page *page;

	if (get_user_pages(addr, 1, FOLL_NOFAULT | write, &page) != 1)
		return -ENODATA;
	*phys = PFN_PHYS(page_to_pfn(page)) + offset_in_page(addr);
	put_page(page);
	return 0;
}

/**
 * mm_vma_translate() - what the caller's page tables say of an address
 * @buf: the buffer that must be mapped there
 * @addr: an address of the calling process
 * @phys: where to put the physical address
 *
 * Return: 0; -EINVAL: @buf is not mapped there; -ENODATA: no page is, or not
 * for any access; -EINTR.
 */
int mm_vma_translate(struct mm_buffer *buf, unsigned long addr, u64 *phys)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = -EINVAL;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vma = vma_lookup(mm, addr);
	if (vma && mm_vma_is_ours(vma) && vma->vm_private_data == buf) {
		if (!(vma->vm_flags & (VM_READ | VM_WRITE)))
			err = -ENODATA;
		else if (vma->vm_flags & VM_PFNMAP)
			err = mm_vma_translate_special(vma, addr, phys);
		else
			err = mm_vma_translate_page(vma, addr, phys);
	}
	mmap_read_unlock(mm);
	return err;
}
