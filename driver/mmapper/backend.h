/* SPDX-License-Identifier: GPL-2.0-only */
/* What a backend is made of: the contract of stores, mappers and rows. */
#ifndef MM_BACKEND_H
#define MM_BACKEND_H

#include <linux/completion.h>
#include <linux/mm.h>

#include <mmapper/uapi.h>

#include "../compat.h"

struct mm_buffer;

/* What a store can do, and what a mapper needs. */
#define MM_CAN_CONTIGUOUS	BIT(0)	/* one run of physical memory */
#define MM_CAN_PAGES		BIT(1)	/* page() may be mapped and counted */
#define MM_CAN_USERMAP		BIT(2)	/* remap_vmalloc_range() takes it */
#define MM_CAN_ARRAY		BIT(3)	/* mm_buffer.pages has all pages */
#define MM_CAN_RESIZE		BIT(4)	/* resize() */
#define MM_CAN_CACHE		BIT(5)	/* write-combined, uncached */
#define MM_CAN_NUMA		BIT(6)	/* mm_buffer.numa_node */
#define MM_CAN_LAZY		BIT(7)	/* pages may be absent; see @page */
#define MM_CAN_DMA		BIT(8)	/* mm_buffer.store_data is a mm_dma */
#define MM_CAN_FILE		BIT(9)	/* mm_buffer.store_data is a file */
#define MM_CAN_IO		BIT(10)	/* a device's: mm_buffer.iomem, never cached */
#define MM_CAN_BLOCKS		BIT(11)	/* compound pages, the largest first */
#define MM_CAN_USER		BIT(12)	/* a process's, pinned: not cleared */
#define MM_CAN_DRIVER		BIT(13)	/* another driver's, which makes it: likewise */
#define MM_CAN_KEEP		BIT(14)	/* what is mapped stays when it is revoked */

/**
 * struct mm_dma_prot - what dma_mmap_coherent() makes of a protection
 * @known: it has been asked
 * @asked: the VMA's, before
 * @given: the VMA's, after
 */
struct mm_dma_prot {
	bool		known;
	pgprot_t	asked;
	pgprot_t	given;
};

/**
 * struct mm_dma - memory of the DMA API, what dma_mmap_coherent() wants of it
 * @dev: the device that it was made for
 * @handle: its address as that device sees it
 * @lock: covers @prots
 * @prots: for VMAs that may not, and that may be written to
 */
struct mm_dma {
	struct device		*dev;
	dma_addr_t		handle;
	spinlock_t		lock;	/* prots */
	struct mm_dma_prot	prots[2];
};

/**
 * struct mm_published - what mmapper_publish() has made
 * @dma: of memory of the DMA API; first, for it is mm_buffer.store_data
 * @unused: no call uses the memory any more
 */
struct mm_published {
	struct mm_dma		dma;
	struct completion	unused;
};

/**
 * struct mm_store - what memory it is
 * @name: as told to users
 * @can: MM_CAN_*
 * @max_size: bytes that alloc() could ever give, a multiple of PAGE_SIZE
 * @alloc: make zeroed memory for mm_buffer.npages pages and set mm_buffer.kaddr
 *	or mm_buffer.pages; -errno.  mm_buffer.store_data is mm_params.source
 *	until then.  What it takes is charged to the caller's
 *	memory cgroup, and no lack of memory may wake the OOM killer.
 * @free: give it back; pages that are pinned or mapped keep themselves
 * @pfn: page frame number of a page of it; the index is below npages.  Not of
 *	stores with MM_CAN_LAZY.
 * @page: the page of an index below npages, with a reference for the caller;
 *	@make: also where there is none yet.  NULL: there is none yet;
 *	ERR_PTR(-ENOMEM), or why it cannot be swapped in.  Called with
 *	mm_buffer.sem held.  No such call: mm_buffer.kaddr shows all.
 * @resize: for MM_CAN_RESIZE: make room for @npages pages, the new ones zeroed,
 *	those beyond @npages given back; called with mm_buffer.sem held for
 *	writing and with nothing mapped beyond @npages, of cached memory alone;
 *	-errno, and all is as before.  Fewer pages cannot fail.
 * @revoke: of stores with MM_CAN_FILE: take the pages out of all mappings, for
 *	good; called once nothing new can be mapped, and with nothing locked.
 */
struct mm_store {
	const char	*name;
	unsigned int	can;
	size_t		(*max_size)(void);
	int		(*alloc)(struct mm_buffer *buf);
	void		(*free)(struct mm_buffer *buf);
	unsigned long	(*pfn)(const struct mm_buffer *buf, pgoff_t index);
	struct page	*(*page)(struct mm_buffer *buf, pgoff_t index,
				 bool make);
	int		(*resize)(struct mm_buffer *buf, pgoff_t npages);
	void		(*revoke)(struct mm_buffer *buf);
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
 * @fault: answer a fault at a page that lies within the buffer, and insert the
 *	entry itself: mm_buffer.sem is held, and no entry may come after it is
 *	given up (see core.h), unless the page comes locked.  NULL: none is
 *	expected, SIGBUS.
 * @settle: wait until the kernel has set the entries of all faults that were
 *	answered with a locked page.  NULL: @fault sets them itself, or the store
 *	locks pages to take them back.
 * @vm_flags: set in the VMA before @map.
 *
 * @map and @fault are called with mm_buffer.sem held.
 *
 * Every VMA must end up with one of VM_SPECIAL's flags (VM_IO, VM_PFNMAP,
 * VM_MIXEDMAP, VM_DONTEXPAND), by @vm_flags, by its action or by what @map
 * calls.  Without one, a kernel that merges it with its neighbour never calls
 * vm_ops->mapped, and Linux 6.12 merges a new VMA into its neighbour after
 * mmap() has counted it and frees it without vm_ops->close.
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
	void		(*settle)(struct mm_buffer *buf);
};

/**
 * struct mm_backend - a row of the table
 * @name: of the row, its node and its sysfs directory
 * @classic: second name, or NULL
 * @description: one line of words
 * @store: what memory it is
 * @mapper: how its pages reach a process
 * @pattern: what a fresh buffer of the node holds
 * @per_open: each open of the node makes a buffer of its own
 * @no_node: it has no node: buffers of it are made at run time alone
 */
struct mm_backend {
	const char		*name;
	const char		*classic;
	const char		*description;
	const struct mm_store	*store;
	const struct mm_mapper	*mapper;
	enum mmapper_pattern	pattern;
	bool			per_open;
	bool			no_node;
};

/* What the kernel sees no pages in; as remap_pfn_range() sets it. */
#define MM_VM_SPECIAL	(VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP)

#define MM_BACKENDS		26

extern const struct mm_backend mm_backends[MM_BACKENDS];

/* Where it lacks memory it gives up: nothing is killed for a buffer. */
#define MM_PAGES_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | \
			 __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

extern const struct mm_store mm_store_slab;
extern const struct mm_store mm_store_vmalloc;
extern const struct mm_store mm_store_vmalloc_user;
extern const struct mm_store mm_store_pages;
extern const struct mm_store mm_store_device;
extern const struct mm_store mm_store_blocks;
extern const struct mm_store mm_store_coherent;
extern const struct mm_store mm_store_lazy;
extern const struct mm_store mm_store_lazy_dma32;
extern const struct mm_store mm_store_shmem;
extern const struct mm_store mm_store_user;
extern const struct mm_store mm_store_driver;
extern const struct mm_store mm_store_driver_vmalloc;
extern const struct mm_store mm_store_driver_dma;
extern const struct mm_store mm_store_counters;
extern const struct mm_mapper mm_mapper_pfn;
extern const struct mm_mapper mm_mapper_remap_range;
extern const struct mm_mapper mm_mapper_remap_pages;
extern const struct mm_mapper mm_mapper_remap_vmalloc;
extern const struct mm_mapper mm_mapper_fault;
extern const struct mm_mapper mm_mapper_insert_page;
extern const struct mm_mapper mm_mapper_insert_pages;
extern const struct mm_mapper mm_mapper_map_pages;
extern const struct mm_mapper mm_mapper_map_pages_zero;
extern const struct mm_mapper mm_mapper_table;
extern const struct mm_mapper mm_mapper_around;
extern const struct mm_mapper mm_mapper_dma;
extern const struct mm_mapper mm_mapper_dma_each;
extern const struct mm_mapper mm_mapper_file;
extern const struct mm_mapper mm_mapper_huge_pfn;
extern const struct mm_mapper mm_mapper_huge_eager;
extern const struct mm_mapper mm_mapper_huge_pages;

#endif /* MM_BACKEND_H */
