// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions to the kernel's headers, one from each #define to the next: it
 * compiles, or it does not.  All of them are compiled at once, so none may use
 * a name of another, nor leave a brace open.  Never linked; see probe.sh and
 * compat.h.
 */
#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

/* About probing itself: this must not compile; the last one, after it, must. */
#define PROBE_NEVER
size_t probe_never(struct vm_area_struct *vma);
size_t probe_never(struct vm_area_struct *vma)
{
	return mm_no_kernel_has_this(vma);
}

#define PROBE_DEVNODE_CONST
static char *devnode(const struct device *dev, umode_t *mode)
{
	return NULL;
}

const struct class probe_devnode_const = { .devnode = devnode };

#define PROBE_IDMAP
int probe_idmap(struct inode *inode);
int probe_idmap(struct inode *inode)
{
	return inode_permission(&nop_mnt_idmap, inode, 0);
}

#define PROBE_MNT_USERNS
int probe_mnt_userns(struct inode *inode);
int probe_mnt_userns(struct inode *inode)
{
	return inode_permission(&init_user_ns, inode, 0);
}

#define PROBE_EVENTFD_SIGNAL_ONE
void probe_eventfd_signal_one(struct eventfd_ctx *ctx);
void probe_eventfd_signal_one(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx);
}

#define PROBE_HRTIMER_SETUP
void *probe_hrtimer_setup = hrtimer_setup;

#define PROBE_FOLIO_PINNED
void *probe_folio_pinned = folio_maybe_dma_pinned;

#define PROBE_KMAP_LOCAL
void *probe_kmap_local = kmap_local_page;

#define PROBE_VMA_LOOKUP
void *probe_vma_lookup = vma_lookup;

#define PROBE_VM_FLAGS_SET
void *probe_vm_flags_set[] = { vm_flags_set, vm_flags_clear };

#define PROBE_VMA_SET_FILE
void *probe_vma_set_file = vma_set_file;

#define PROBE_VMA_FLAGS_T
void *probe_vma_flags_t(void);
void *probe_vma_flags_t(void)
{
	return shmem_file_setup("", 0, EMPTY_VMA_FLAGS);
}

#define PROBE_PAGE_INDEX
pgoff_t probe_page_index(struct page *page);
pgoff_t probe_page_index(struct page *page)
{
	return page->index;
}

#define PROBE_PFN_T
unsigned long probe_pfn_t(pfn_t pfn);
unsigned long probe_pfn_t(pfn_t pfn)
{
	return pfn.val;
}

#define PROBE_FOLL_NOFAULT
unsigned int probe_foll_nofault = FOLL_NOFAULT;

#define PROBE_GUP_WITHOUT_VMAS
long probe_gup_without_vmas(struct page **pages);
long probe_gup_without_vmas(struct page **pages)
{
	return get_user_pages(0, 1, 0, pages);
}

#define PROBE_FOLLOW_PFNMAP
unsigned long probe_follow_pfnmap(struct follow_pfnmap_args *args);
unsigned long probe_follow_pfnmap(struct follow_pfnmap_args *args)
{
	if (follow_pfnmap_start(args))
		return 0;
	follow_pfnmap_end(args);
	return args->pfn;
}

#define PROBE_FOLLOW_PFN
int probe_follow_pfn(struct vm_area_struct *vma, unsigned long *pfn);
int probe_follow_pfn(struct vm_area_struct *vma, unsigned long *pfn)
{
	return follow_pfn(vma, 0, pfn);
}

#define PROBE_COPY_STRUCT_TO_USER
int probe_copy_struct_to_user(void __user *dst, const void *src);
int probe_copy_struct_to_user(void __user *dst, const void *src)
{
	return copy_struct_to_user(dst, 1, src, 1, NULL);
}

#define PROBE_MMAP_PREPARE
static int mapped(unsigned long start, unsigned long end, pgoff_t pgoff,
		  const struct file *file, void **private_data)
{
	return 0;
}

static const struct vm_operations_struct ops = { .mapped = mapped };

static int prepare(struct vm_area_desc *desc)
{
	if (vma_flags_to_legacy(desc->vma_flags) & VM_EXEC)
		return -EPERM;
	vma_desc_set_flags_mask(desc, legacy_to_vma_flags(VM_MIXEDMAP));
	vma_desc_clear_flags_mask(desc, legacy_to_vma_flags(VM_MAYEXEC));
	desc->vm_ops = &ops;
	mmap_action_remap_full(desc, vma_desc_pages(desc));
	return 0;
}

const struct file_operations probe_mmap_prepare = { .mmap_prepare = prepare };

#define PROBE_ALWAYS
size_t probe_always(struct vm_area_struct *vma);
size_t probe_always(struct vm_area_struct *vma)
{
	return vma->vm_end - vma->vm_start;
}
