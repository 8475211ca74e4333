/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place where kernel versions differ: upstream's newest names are
 * used in the code, and made here for the kernels that lack them.
 *
 * Distributions backport interfaces, so a version number does not tell what a
 * kernel has.  MM_HAVE_* does: probe.sh asks the kernel's headers, by way of
 * the compiler and the flags that build the driver.  The version where mainline
 * got an interface serves as the check: a probe that does not find it there is
 * wrong, and the build stops instead of guessing.
 */
#ifndef MM_COMPAT_H
#define MM_COMPAT_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "have.h"

#if MM_HAVE_PFN_T
#include <linux/pfn_t.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "mmapper supports Linux 5.10 and later"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0) && \
	!defined(MMAPPER_UNTESTED_KERNEL)
#error "mmapper is tested up to Linux 7.3: update it or define MMAPPER_UNTESTED_KERNEL"
#endif

/* struct class: devnode takes a const device. */
#if MM_HAVE_DEVNODE_CONST
#define MM_DEVNODE_CONST const
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#error "probe DEVNODE_CONST is wrong: mainline has had it since 6.2"
#endif
#define MM_DEVNODE_CONST
#endif

/* Who may do what with an inode: of a file system that is mounted nowhere. */
#if MM_HAVE_IDMAP
#define MM_IDMAP_PARAM	struct mnt_idmap *idmap,
#define MM_IDMAP	&nop_mnt_idmap,
#elif MM_HAVE_MNT_USERNS
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#error "probe IDMAP is wrong: mainline has had it since 6.3"
#endif
#define MM_IDMAP_PARAM	struct user_namespace *mnt_userns,
#define MM_IDMAP	&init_user_ns,
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
#error "probe MNT_USERNS is wrong: mainline has had it since 5.12"
#endif
#define MM_IDMAP_PARAM
#define MM_IDMAP
#endif
#define mm_inode_permission(inode, mask) \
	inode_permission(MM_IDMAP inode, mask)
#define mm_inode_owner_or_capable(inode) \
	inode_owner_or_capable(MM_IDMAP inode)
#define mm_setattr_prepare(dentry, attr) \
	setattr_prepare(MM_IDMAP dentry, attr)
#define mm_setattr_copy(inode, attr) \
	setattr_copy(MM_IDMAP inode, attr)

#if MM_HAVE_HRTIMER_SETUP
#define mm_hrtimer_setup(timer, fn, clock, mode) \
	hrtimer_setup(timer, fn, clock, mode)
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "probe HRTIMER_SETUP is wrong: mainline has had it since 6.13"
#endif
static inline void mm_hrtimer_setup(struct hrtimer *timer,
				    enum hrtimer_restart (*fn)(struct hrtimer *),
				    clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/* What is told is that there is something: always 1. */
#if MM_HAVE_EVENTFD_SIGNAL_ONE
#define mm_eventfd_signal(ctx)	eventfd_signal(ctx)
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#error "probe EVENTFD_SIGNAL_ONE is wrong: mainline has had it since 6.8"
#endif
#define mm_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

/* Old kernels have no name for it. */
#ifndef SSIZE_MAX
#define SSIZE_MAX ((ssize_t)(SIZE_MAX >> 1))
#endif

#if !MM_HAVE_VMA_LOOKUP
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
#error "probe VMA_LOOKUP is wrong: mainline has had it since 5.14"
#endif
static inline struct vm_area_struct *vma_lookup(struct mm_struct *mm,
						unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && addr >= vma->vm_start ? vma : NULL;
}
#endif

#if !MM_HAVE_VM_FLAGS_SET
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#error "probe VM_FLAGS_SET is wrong: mainline has had it since 6.3"
#endif
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
 * Where there is VM_PAT, x86 marks with it a VMA that one call has mapped as a
 * whole: when the VMA ends, or is copied by fork(), the caching of what it maps
 * is looked up in the page tables, with a warning if they are empty.  Beside a
 * revoke a fork() may find them so.
 */
#ifdef VM_PAT
static inline void mm_vma_clear_pat(struct vm_area_struct *vma)
{
	vm_flags_clear(vma, VM_PAT);
}

static inline int mm_pte_alone(pte_t *pte, unsigned long addr, void *data)
{
	return 0;
}

/*
 * For remap_pfn_range(), before it is called.  Where it lacks memory for a page
 * table it takes back what it has mapped, for which x86 looks up, by the mark,
 * what the VMA begins with, with a warning if there is nothing: so the table for
 * that comes first.
 */
static inline int mm_vma_first_table(struct vm_area_struct *vma)
{
	return apply_to_page_range(vma->vm_mm, vma->vm_start, PAGE_SIZE,
				   mm_pte_alone, NULL);
}

/*
 * Of RAM nothing is written down, and the mark can go.  Of a device's memory
 * something would stay behind: what is part of a VMA, as it seems to be here, is
 * not marked, but cached as ioremap() has it.  Nobody else sees the VMA yet.
 */
static inline int mm_vma_remap(struct vm_area_struct *vma, unsigned long pfn)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long more = page_is_ram(pfn) ? 0 : PAGE_SIZE;
	int err = mm_vma_first_table(vma);

	if (err)
		return err;
	vma->vm_end += more;
	err = remap_pfn_range(vma, vma->vm_start, pfn, size, vma->vm_page_prot);
	vma->vm_end -= more;
	mm_vma_clear_pat(vma);
	return err;
}
#else
static inline void mm_vma_clear_pat(struct vm_area_struct *vma)
{
}

static inline int mm_vma_first_table(struct vm_area_struct *vma)
{
	return 0;
}

static inline int mm_vma_remap(struct vm_area_struct *vma, unsigned long pfn)
{
	return remap_pfn_range(vma, vma->vm_start, pfn,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}
#endif

#if !MM_HAVE_VMA_SET_FILE
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#error "probe VMA_SET_FILE is wrong: mainline has had it since 5.11"
#endif
static inline void vma_set_file(struct vm_area_struct *vma, struct file *file)
{
	get_file(file);
	swap(vma->vm_file, file);
	fput(file);
}
#endif

/* shmem_file_setup() takes flags of a VMA: none. */
#if MM_HAVE_VMA_FLAGS_T
#define MM_NO_VMA_FLAGS	EMPTY_VMA_FLAGS
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#error "probe VMA_FLAGS_T is wrong: mainline has had it since 7.2"
#endif
#define MM_NO_VMA_FLAGS	0
#endif

/*
 * get_user_pages(FOLL_NOFAULT) looks at what is mapped.  Its lockless sibling
 * does so on old kernels only: newer ones have it give up on pages without a
 * mapping of their own, which are all of ours.
 */
#if !MM_HAVE_FOLL_NOFAULT
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
#error "probe FOLL_NOFAULT is wrong: mainline has had it since 5.16"
#endif
#define FOLL_NOFAULT 0
#define get_user_pages(start, nr, flags, pages) \
	get_user_pages_fast_only(start, nr, flags, pages)
#elif !MM_HAVE_GUP_WITHOUT_VMAS
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#error "probe GUP_WITHOUT_VMAS is wrong: mainline has had it since 6.5"
#endif
#define get_user_pages(start, nr, flags, pages) \
	get_user_pages(start, nr, flags, pages, NULL)
#endif

/* Of another process; mmap_lock is held, and may be given up: *locked. */
#if MM_HAVE_GUP_WITHOUT_VMAS
#define mm_pin_remote(mm, start, flags, page, locked) \
	pin_user_pages_remote(mm, start, 1, flags, page, locked)
#else
#define mm_pin_remote(mm, start, flags, page, locked) \
	pin_user_pages_remote(mm, start, 1, flags, page, NULL, locked)
#endif

/* May it be pinned, rather than referred to very often? */
#if MM_HAVE_FOLIO_PINNED
#define mm_page_maybe_pinned(page) folio_maybe_dma_pinned(page_folio(page))
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
#error "probe FOLIO_PINNED is wrong: mainline has had it since 5.18"
#endif
#define mm_page_maybe_pinned(page) page_maybe_dma_pinned(page)
#endif

/* Its predecessor for all but the shortest mappings. */
#if !MM_HAVE_KMAP_LOCAL
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#error "probe KMAP_LOCAL is wrong: mainline has had it since 5.11"
#endif
#define kmap_local_page(page)	kmap(page)
#define kunmap_local(addr)	kunmap(kmap_to_page(addr))
#endif

/* Where in a file a page lies. */
static inline void mm_page_set_index(struct page *page, pgoff_t index)
{
#if MM_HAVE_PAGE_INDEX
	page->index = index;
#else
	page_folio(page)->index = index;
#endif
}

/*
 * vmf_insert_pfn_pmd() makes a special entry, which nothing can pin.  Kernels
 * before 6.12 have no mark for that, and get_user_pages_fast() would take the
 * pages; but it leaves an entry alone that is marked as a device's when no
 * driver has declared such a device.
 */
#define MM_CAN_INSERT_PFN_PMD						\
	(IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&			\
	 (IS_ENABLED(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP) ||		\
	  IS_ENABLED(CONFIG_ARCH_HAS_PTE_DEVMAP)))
#if MM_HAVE_PFN_T
#define MM_PFN_SPECIAL							\
	(IS_ENABLED(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP) ? 0 : PFN_DEV | PFN_MAP)
#define vmf_insert_pfn_pmd(vmf, pfn, write) \
	vmf_insert_pfn_pmd(vmf, __pfn_to_pfn_t(pfn, MM_PFN_SPECIAL), write)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#error "probe PFN_T is wrong: mainline has had it until 6.16"
#endif

/*
 * Before 5.18 it chose addresses for files on persistent memory only.  Where a
 * kernel was given the newer one, this does the same.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0) && \
	defined(CONFIG_TRANSPARENT_HUGEPAGE)
static inline unsigned long mm_thp_get_unmapped_area(struct file *file,
						     unsigned long addr,
						     unsigned long len,
						     unsigned long pgoff,
						     unsigned long flags)
{
	unsigned long more = len + PMD_SIZE, at = -ENOMEM;

	if (len >= PMD_SIZE && more > len)
		at = current->mm->get_unmapped_area(file, addr, more, pgoff,
						    flags);
	if (IS_ERR_VALUE(at))
		return current->mm->get_unmapped_area(file, addr, len, pgoff,
						      flags);
	if (at == addr)
		return at;
	return at + (((pgoff << PAGE_SHIFT) - at) & (PMD_SIZE - 1));
}

#define thp_get_unmapped_area mm_thp_get_unmapped_area
#endif

/* The entry for 2 MiB at an address, if there is a table for it: mm_find_pmd(). */
static inline pmd_t *mm_pmd_of(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_bad(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

#if !MM_HAVE_FOLLOW_PFNMAP
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#error "probe FOLLOW_PFNMAP is wrong: mainline has had it since 6.12"
#endif
struct follow_pfnmap_args {
	struct vm_area_struct *vma;
	unsigned long address;
	unsigned long pfn;
};

/* The entry of 2 MiB at an address, which the functions below pass over. */
static inline int mm_follow_pmd(struct follow_pfnmap_args *args)
{
	struct mm_struct *mm = args->vma->vm_mm;
	unsigned long addr = args->address;
	pmd_t *pmd = mm_pmd_of(mm, addr);
	int err = -EINVAL;
	spinlock_t *ptl;

	if (!pmd)
		return err;
	ptl = pmd_lock(mm, pmd);
	if (pmd_present(*pmd) && pmd_leaf(*pmd)) {
		args->pfn = pmd_pfn(*pmd) + ((addr & ~PMD_MASK) >> PAGE_SHIFT);
		err = 0;
	}
	spin_unlock(ptl);
	return err;
}

static inline int follow_pfnmap_start(struct follow_pfnmap_args *args)
{
	if (!mm_follow_pmd(args))
		return 0;
#if MM_HAVE_FOLLOW_PFN
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

#if !MM_HAVE_COPY_STRUCT_TO_USER
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "probe COPY_STRUCT_TO_USER is wrong: mainline has had it since 6.13"
#endif
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

/*
 * file_operations.mmap_prepare, together with what this driver needs of it:
 * actions, and vm_ops->mapped.  The hook itself is as old as 6.17; a kernel
 * that has it without these is served as the ones before it.
 */
#if MM_HAVE_MMAP_PREPARE
#define MM_VM_OPS_MAPPED(_mapped)		.mapped = _mapped,
#define MM_FILE_OPS_MMAP_PREPARE(_prepare)	.mmap_prepare = _prepare
#define MM_DEFINE_MMAP_PREPARE(_prepare, _mapped)

static inline unsigned long mm_desc_flags(const struct vm_area_desc *desc)
{
	return vma_flags_to_legacy(desc->vma_flags);
}

static inline void mm_desc_flags_mod(struct vm_area_desc *desc,
				     unsigned long set, unsigned long clear)
{
	vma_desc_set_flags_mask(desc, legacy_to_vma_flags(set));
	vma_desc_clear_flags_mask(desc, legacy_to_vma_flags(clear));
}
#else
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#error "probe MMAP_PREPARE is wrong: mainline has had it since 7.2"
#endif
/* A kernel may have structures of these names that say less. */
#define mmap_action mm_mmap_action
#define vm_area_desc mm_vm_area_desc
#define vma_desc_pages mm_vma_desc_pages
#define mmap_action_remap_full mm_mmap_action_remap_full

struct mmap_action {
	bool remap;
	unsigned long start_pfn;
};

struct vm_area_desc {
	struct file *file;
	unsigned long start;
	unsigned long end;
	pgoff_t pgoff;
	unsigned long vm_flags;
	pgprot_t page_prot;
	const struct vm_operations_struct *vm_ops;
	struct mmap_action action;
};

static inline unsigned long vma_desc_pages(const struct vm_area_desc *desc)
{
	return (desc->end - desc->start) >> PAGE_SHIFT;
}

static inline void mmap_action_remap_full(struct vm_area_desc *desc,
					  unsigned long start_pfn)
{
	desc->action.remap = true;
	desc->action.start_pfn = start_pfn;
}

static inline unsigned long mm_desc_flags(const struct vm_area_desc *desc)
{
	return desc->vm_flags;
}

static inline void mm_desc_flags_mod(struct vm_area_desc *desc,
				     unsigned long set, unsigned long clear)
{
	desc->vm_flags |= set;
	desc->vm_flags &= ~clear;
}

typedef int (*mm_vma_prepare_t)(struct vm_area_desc *desc);
typedef int (*mm_vma_mapped_t)(unsigned long start, unsigned long end,
			       pgoff_t pgoff, const struct file *file,
			       void **private_data);

/* What the kernel does with both hooks, done from file_operations.mmap. */
static inline int mm_compat_mmap(struct file *file, struct vm_area_struct *vma,
				 mm_vma_prepare_t prepare,
				 mm_vma_mapped_t mapped)
{
	struct vm_area_desc desc = {
		.file		= file,
		.start		= vma->vm_start,
		.end		= vma->vm_end,
		.pgoff		= vma->vm_pgoff,
		.vm_flags	= vma->vm_flags,
		.page_prot	= vma->vm_page_prot,
	};
	int err;

	err = prepare(&desc);
	if (err)
		return err;
	vm_flags_clear(vma, vma->vm_flags & ~desc.vm_flags);
	vm_flags_set(vma, desc.vm_flags & ~vma->vm_flags);
	vma->vm_page_prot = desc.page_prot;
	if (desc.action.remap) {
		err = mm_vma_remap(vma, desc.action.start_pfn);
		if (err)
			return err;
	}
	vma->vm_ops = desc.vm_ops;
	return mapped(vma->vm_start, vma->vm_end, vma->vm_pgoff, file,
		      &vma->vm_private_data);
}

#define MM_VM_OPS_MAPPED(_mapped)
#define MM_FILE_OPS_MMAP_PREPARE(_prepare)	.mmap = _prepare##_compat
#define MM_DEFINE_MMAP_PREPARE(_prepare, _mapped)			\
static int _prepare##_compat(struct file *file,				\
			     struct vm_area_struct *vma)		\
{									\
	return mm_compat_mmap(file, vma, _prepare, _mapped);		\
}
#endif

#endif /* MM_COMPAT_H */
