/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private contract of mmapper.ko.
 *
 * A backend is a row of one table, picked by the minor number; it pairs a
 * store (what memory it is) with a mapper (how its pages reach a process).
 * The core has checked minor, range, flags and permission before it calls
 * either; stores and mappers never see a user pointer, an ioctl number or an
 * unchecked offset.
 *
 * Life of a buffer: made by the first open of its node, kept by the node
 * until the module goes; each open file and each VMA holds a reference of its
 * own, so that nothing depends on the order in which they end.
 *
 * Locks: mm_node.lock is the only one.  No copy to or from user space happens
 * under it, and no memory-management callback takes it: mmap_lock is always
 * the outer lock (see mm_node_buffer_get()).
 */
#ifndef MM_CORE_H
#define MM_CORE_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include <mmapper/uapi.h>

#include "../compat.h"
#include "range.h"

struct mm_buffer;

/* What a store can do, and what a mapper needs. */
#define MM_CAN_CONTIGUOUS	BIT(0)	/* one run of physical memory */
#define MM_CAN_PAGES		BIT(1)	/* page() may be mapped and counted */
#define MM_CAN_USERMAP		BIT(2)	/* remap_vmalloc_range() takes it */

/**
 * struct mm_store - what memory it is
 * @name: as told to users
 * @can: MM_CAN_*
 * @max_size: bytes that alloc() could ever give, a multiple of PAGE_SIZE
 * @alloc: make zeroed memory for mm_buffer.npages pages and set
 *	mm_buffer.kaddr, page-aligned; -errno
 * @free: give it back
 * @pfn: page frame number of a page of it; the index is below npages
 */
struct mm_store {
	const char	*name;
	unsigned int	can;
	size_t		(*max_size)(void);
	int		(*alloc)(struct mm_buffer *buf);
	void		(*free)(struct mm_buffer *buf);
	unsigned long	(*pfn)(const struct mm_buffer *buf, pgoff_t index);
};

/**
 * struct mm_mapper - how the pages of a store reach a process
 * @name: as told to users
 * @needs: MM_CAN_* that it cannot do without
 * @flags: MMAPPER_BACKEND_F_* that follow from it
 * @prepare: tell the kernel in @desc.action what to map of a range that lies
 *	within the buffer; it keeps no state.  NULL: nothing is mapped until it
 *	is touched.  Rows with such a mapper go through
 *	file_operations.mmap_prepare where the kernel has it.
 * @map: for what no action can say: fill the page tables of a whole VMA whose
 *	range lies within the buffer; -errno, and the kernel undoes what was
 *	mapped so far.  Excludes @prepare, and takes the row through
 *	file_operations.mmap everywhere.
 * @fault: answer a fault at a page that lies within the buffer.  NULL: none
 *	is expected, SIGBUS.
 * @vm_flags: set in the VMA before @map.
 *
 * Every VMA must end up with one of VM_SPECIAL's flags (VM_IO, VM_PFNMAP,
 * VM_MIXEDMAP, VM_DONTEXPAND), by @vm_flags, by its action or by what @map
 * calls.  Without one, a kernel that merges it with its neighbour never calls
 * vm_ops->mapped, and Linux 6.12 merges a new VMA into its neighbour after mmap() has
 * counted it and frees it without vm_ops->close.
 */
struct mm_mapper {
	const char	*name;
	unsigned int	needs;
	u32		flags;
	unsigned long	vm_flags;
	void		(*prepare)(struct mm_buffer *buf,
				   struct vm_area_desc *desc);
	int		(*map)(struct mm_buffer *buf,
			       struct vm_area_struct *vma);
	vm_fault_t	(*fault)(struct mm_buffer *buf, struct vm_fault *vmf);
};

/**
 * struct mm_backend - a row of the table
 * @name: of the row, its node and its sysfs directory
 * @classic: second name, or NULL
 * @description: one line of words
 * @store: what memory it is
 * @mapper: how its pages reach a process
 * @pattern: what a fresh buffer holds
 */
struct mm_backend {
	const char		*name;
	const char		*classic;
	const char		*description;
	const struct mm_store	*store;
	const struct mm_mapper	*mapper;
	enum mmapper_pattern	pattern;
};

/*
 * Minor numbers: 0 is kept for a control node; row i of the table has minor
 * i + 1 and, for its second name, MM_MINOR_CLASSIC more.
 */
#define MM_BACKENDS		4
#define MM_MINOR_CLASSIC	32
#define MM_MINORS		64

extern const struct mm_backend mm_backends[MM_BACKENDS];

/**
 * struct mm_stats - counters of a node, all since the module was loaded
 * @opens: successful open()
 * @releases: release(): the last reference to an open file went
 * @mmaps: successful mmap()
 * @vma_opens: vm_ops->open
 * @vma_closes: vm_ops->close
 * @faults: vm_ops->fault
 */
struct mm_stats {
	atomic64_t	opens;
	atomic64_t	releases;
	atomic64_t	mmaps;
	atomic64_t	vma_opens;
	atomic64_t	vma_closes;
	atomic64_t	faults;
};

/**
 * struct mm_node - state of a backend, shared by all its minors
 * @backend: its row
 * @size: bytes of the buffer that it gets
 * @lock: covers the making of @buffer
 * @buffer: NULL until the first open, then the same until the module goes
 * @stats: counters
 */
struct mm_node {
	const struct mm_backend	*backend;
	size_t			size;
	struct mutex		lock;	/* the making of buffer */
	struct mm_buffer	*buffer;
	struct mm_stats		stats;
};

/**
 * struct mm_buffer - memory to be mapped; nothing but its bytes changes
 *	between alloc() and free()
 * @ref: one for the node, one for each open file and each VMA
 * @node: where it belongs; outlives it
 * @store: who made the memory
 * @mapper: who maps it
 * @size: bytes that read() can give
 * @npages: pages that mmap() can map
 * @kaddr: the memory in the kernel, page-aligned
 * @store_data: the store's own
 */
struct mm_buffer {
	struct kref		ref;
	struct mm_node		*node;
	const struct mm_store	*store;
	const struct mm_mapper	*mapper;
	size_t			size;
	pgoff_t			npages;
	void			*kaddr;
	void			*store_data;
};

/* main.c */
extern unsigned long mm_size;

/* backends.c */
int mm_backends_check(void);
u32 mm_backends_flags(const struct mm_backend *backend);

/* buffer.c */
struct mm_buffer *mm_buffer_create(struct mm_node *node);
void mm_buffer_get(struct mm_buffer *buf);
void mm_buffer_put(struct mm_buffer *buf);
void mm_buffer_reset(struct mm_buffer *buf);

/* node.c */
int mm_node_init(void);
void mm_node_exit(void);
struct mm_node *mm_node_find(unsigned int minor);
struct mm_buffer *mm_node_buffer_get(struct mm_node *node);
struct mmapper_stats mm_node_stats(const struct mm_node *node);

/* file.c */
extern const struct file_operations mm_file_fops;
bool mm_file_prepares(const struct mm_mapper *mapper);

/* ioctl.c */
long mm_ioctl_run(struct file *file, unsigned int cmd, unsigned long arg);

/* vma.c */
int mm_vma_mmap_prepare(struct vm_area_desc *desc);
int mm_vma_mapped(unsigned long start, unsigned long end, pgoff_t pgoff,
		  const struct file *file, void **private_data);
int mm_vma_mmap(struct file *file, struct vm_area_struct *vma);
int mm_vma_translate(struct mm_buffer *buf, unsigned long addr, u64 *phys);

/* stores/, mappers/ */
extern const struct mm_store mm_store_slab;
extern const struct mm_store mm_store_vmalloc;
extern const struct mm_store mm_store_vmalloc_user;
extern const struct mm_mapper mm_mapper_remap_range;
extern const struct mm_mapper mm_mapper_remap_pages;
extern const struct mm_mapper mm_mapper_remap_vmalloc;
extern const struct mm_mapper mm_mapper_fault;
vm_fault_t mm_fault_page(struct mm_buffer *buf, struct vm_fault *vmf);

#endif /* MM_CORE_H */
