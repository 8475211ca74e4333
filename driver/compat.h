/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place where kernel versions differ: upstream's newest names are
 * used in the code, and made here for the kernels that lack them.
 */
#ifndef MM_COMPAT_H
#define MM_COMPAT_H

#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "mmapper supports Linux 5.10 and later"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0) && \
	!defined(MMAPPER_UNTESTED_KERNEL)
#error "mmapper is tested up to Linux 7.3: update it or define MMAPPER_UNTESTED_KERNEL"
#endif

/* struct class: devnode takes a const device. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define MM_DEVNODE_CONST
#else
#define MM_DEVNODE_CONST const
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
static inline struct vm_area_struct *vma_lookup(struct mm_struct *mm,
						unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && addr >= vma->vm_start ? vma : NULL;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma,
				unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma,
				  unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * get_user_pages(FOLL_NOFAULT) looks at what is mapped.  Its lockless sibling
 * does so on old kernels only: newer ones have it give up on pages without a
 * mapping of their own, which are all of ours.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0) && !defined(FOLL_NOFAULT)
#define FOLL_NOFAULT 0
#define get_user_pages(start, nr, flags, pages) \
	get_user_pages_fast_only(start, nr, flags, pages)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define get_user_pages(start, nr, flags, pages) \
	get_user_pages(start, nr, flags, pages, NULL)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
struct follow_pfnmap_args {
	struct vm_area_struct *vma;
	unsigned long address;
	unsigned long pfn;
};

static inline int follow_pfnmap_start(struct follow_pfnmap_args *args)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return follow_pfn(args->vma, args->address, &args->pfn);
#else
	spinlock_t *ptl;
	pte_t *ptep;
	int err;

	if (!(args->vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;
	err = follow_pte(args->vma, args->address, &ptep, &ptl);
	if (err)
		return err;
	args->pfn = pte_pfn(ptep_get(ptep));
	pte_unmap_unlock(ptep, ptl);
	return 0;
#endif
}

static inline void follow_pfnmap_end(struct follow_pfnmap_args *args)
{
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline int copy_struct_to_user(void __user *dst, size_t usize,
				      const void *src, size_t ksize,
				      bool *ignored_trailing)
{
	size_t size = min(ksize, usize);

	if (usize > ksize && clear_user(dst + size, usize - size))
		return -EFAULT;
	if (ignored_trailing)
		*ignored_trailing = usize < ksize &&
			memchr_inv(src + size, 0, ksize - size);
	return copy_to_user(dst, src, size) ? -EFAULT : 0;
}
#endif

#endif /* MM_COMPAT_H */
