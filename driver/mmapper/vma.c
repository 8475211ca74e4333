// SPDX-License-Identifier: GPL-2.0-only
/* The checks that every mmap passes, and the life of a VMA. */
#include <linux/file.h>
#include <linux/io.h>

#include "core.h"

/*
 * What a VMA holds is the open file that it was mapped by, which holds the
 * buffer and the module; vm_file can be another file.
 */
static struct mm_buffer *mm_vma_buffer(const struct vm_area_struct *vma)
{
	const struct file *file = vma->vm_private_data;

	return file->private_data;
}

static void mm_vma_open(struct vm_area_struct *vma)
{
	get_file(vma->vm_private_data);
	atomic64_inc(&mm_vma_buffer(vma)->stats->vma_opens);
}

static void mm_vma_close(struct vm_area_struct *vma)
{
	/* The kernel closes what it could not map, though it was never mapped(). */
	if (!vma->vm_private_data)
		return;
	atomic64_inc(&mm_vma_buffer(vma)->stats->vma_closes);
	fput(vma->vm_private_data);
}

/* May a fault be answered?  With mm_buffer.sem held. */
static bool mm_vma_has(const struct mm_buffer *buf, pgoff_t pgoff)
{
	/* mremap() can have grown the VMA beyond what mmap() checked. */
	return !mm_buffer_revoked(buf) && !mm_range_check(buf->npages, pgoff, 1);
}

static vm_fault_t mm_vma_fault(struct vm_fault *vmf)
{
	struct mm_buffer *buf = mm_vma_buffer(vmf->vma);
	vm_fault_t ret = VM_FAULT_SIGBUS;

	atomic64_inc(&buf->stats->faults);
	down_read(&buf->sem);
	if (buf->mapper->fault && mm_vma_has(buf, vmf->pgoff))
		ret = buf->mapper->fault(buf, vmf);
	up_read(&buf->sem);
	return ret;
}

/* Bytes within a page of the buffer, for mm_vma_access(). */
static int mm_vma_copy(struct mm_buffer *buf, pgoff_t index, size_t offset,
		       void *data, int len, int write)
{
	size_t pos = (index << PAGE_SHIFT) + offset;
	struct page *page = NULL;
	void *bytes;

	if (!mm_buffer_copies(buf))
		return -EIO;
	if (buf->iomem) {
		if (write)
			memcpy_toio(buf->iomem + pos, data, len);
		else
			memcpy_fromio(data, buf->iomem + pos, len);
		return len;
	}
	if (buf->kaddr) {
		bytes = buf->kaddr + pos;
	} else {
		page = buf->store->page(buf, index, true);
		if (IS_ERR_OR_NULL(page))
			return -EIO;
		bytes = page_address(page) + offset;
	}
	memcpy(write ? bytes : data, write ? data : bytes, len);
	if (page)
		put_page(page);
	return len;
}

/*
 * For ptrace() and /proc/PID/mem, which find no pages in a special mapping.
 * Called with mmap_lock held; @len may go beyond the VMA.
 */
static int mm_vma_access(struct vm_area_struct *vma, unsigned long addr,
			 void *data, int len, int write)
{
	struct mm_buffer *buf = mm_vma_buffer(vma);
	pgoff_t index = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	size_t offset = offset_in_page(addr);

	if (!(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
		return -EACCES;
	len = min_t(size_t, len, PAGE_SIZE - offset);
	down_read(&buf->sem);
	len = mm_vma_has(buf, index) ?
		mm_vma_copy(buf, index, offset, data, len, write) : -EIO;
	up_read(&buf->sem);
	return len;
}

#define MM_VMA_OPS		\
	.open	= mm_vma_open,	\
	.close	= mm_vma_close,	\
	.fault	= mm_vma_fault,	\
	.access	= mm_vma_access

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
 * @buf: the buffer; its sem is held
 * @pgoff: first page of the range
 * @count: pages of the range
 * @vm_flags: as the kernel has made them of mmap()'s arguments
 *
 * Access mode against PROT_READ and PROT_WRITE is the VFS's to check, and is.
 *
 * Return: 0, and mmap() is noted; -EINVAL, -EPERM, -ESTALE, -ENOMEM as uapi.h
 * says.
 */
static int mm_vma_check(struct mm_buffer *buf, pgoff_t pgoff,
			unsigned long count, unsigned long vm_flags)
{
	int err;

	if (mm_buffer_revoked(buf))
		return -ESTALE;
	/* VM_SHARED is no guide: the VFS clears it for read-only files. */
	if (!(vm_flags & VM_MAYSHARE) &&
	    (!(buf->mapper->flags & MMAPPER_BACKEND_F_PRIVATE) ||
	     buf->cache != MMAPPER_CACHE_CACHED))
		return -EINVAL;
	if (vm_flags & VM_EXEC)
		return -EPERM;
	if (buf->seals & MMAPPER_SEAL_WRITE && vm_flags & VM_SHARED)
		return -EPERM;
	err = mm_range_check(buf->npages, pgoff, count);
	return err ? err : mm_births_note(buf);
}

static pgprot_t mm_vma_prot(const struct mm_buffer *buf, pgprot_t prot)
{
	if (buf->iomem)
		prot = pgprot_decrypted(prot);
	switch (buf->cache) {
	case MMAPPER_CACHE_WC:
		return pgprot_writecombine(prot);
	case MMAPPER_CACHE_UC:
		return pgprot_noncached(prot);
	default:
		return prot;
	}
}

/**
 * mm_vma_mmap_prepare() - say how a buffer is to be mapped
 * @desc: the mapping that may come to be; its file is an open file of a buffer
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

	down_read(&buf->sem);
	err = mm_vma_check(buf, desc->pgoff, vma_desc_pages(desc),
			   mm_desc_flags(desc));
	if (!err) {
		mm_desc_flags_mod(desc, buf->mapper->vm_flags, VM_MAYEXEC);
		desc->page_prot = mm_vma_prot(buf, desc->page_prot);
		desc->vm_ops = &mm_vma_prepared_ops;
		if (buf->mapper->prepare)
			buf->mapper->prepare(buf, desc);
	}
	up_read(&buf->sem);
	return err;
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

	*private_data = get_file((struct file *)file);
	atomic64_inc(&buf->stats->mmaps);
	return 0;
}

static int mm_vma_map(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	int err;

	err = mm_vma_check(buf, vma->vm_pgoff, vma_pages(vma), vma->vm_flags);
	if (err)
		return err;
	vm_flags_clear(vma, VM_MAYEXEC);
	vm_flags_set(vma, buf->mapper->vm_flags);
	vma->vm_page_prot = mm_vma_prot(buf, vma->vm_page_prot);
	err = buf->mapper->map(buf, vma);
	mm_vma_clear_pat(vma);
	return err;
}

/**
 * mm_vma_mmap() - map a buffer
 * @file: an open file of a buffer whose mapper has a map()
 * @vma: where to
 *
 * Return: 0; -errno as uapi.h says.
 */
int mm_vma_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mm_buffer *buf = file->private_data;
	int err;

	down_read(&buf->sem);
	err = mm_vma_map(buf, vma);
	up_read(&buf->sem);
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
	if (vma && mm_vma_is_ours(vma) && mm_vma_buffer(vma) == buf) {
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
