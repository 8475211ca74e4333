/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private contract of mmapper.ko.
 *
 * A backend is a row of one table, picked by the minor number or by name; it
 * pairs a store (what memory it is) with a mapper (how its pages reach a
 * process).  The core has checked minor, range, flags and permission before it
 * calls either; stores and mappers never see a user pointer, an ioctl number or
 * an unchecked offset.
 *
 * Life of a buffer: a node's is made by the first open and kept until the
 * module goes; one made at run time is kept by its name.  Each open file holds
 * a reference of its own, each VMA one more, so that nothing depends on the
 * order in which they end.  The memory goes with the last reference, or, when
 * the buffer is revoked, as soon as no read() or write() uses it.
 *
 * Revoking is safe because page tables are filled by three kinds of callers
 * only: faults, which hold mm_buffer.sem until the entry is there, or give the
 * kernel a locked page, and revoking takes that lock; copies on write, which the
 * core of the kernel makes into pages of its own; and mmap(), whose VMA the
 * kernel links where unmap_mapping_range() sees it only after the last callback:
 * each process that is at it is noted in mm_buffer.births, and revoking waits
 * for its mmap_lock.
 *
 * Locks, outer ones first: mm_node.lock or the lock of the names; mmap_lock;
 * mm_buffer.sem; a page's lock; mm_buffer.births_lock.  With interrupts off:
 * mm_buffer.watch_lock; mm_counters.lock.  No copy to or from user space happens
 * under any of them.
 */
#ifndef MM_CORE_H
#define MM_CORE_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <mmapper/publish.h>
#include <mmapper/uapi.h>

#include "../compat.h"
#include "backend.h"
#include "range.h"

struct mm_template;
struct mm_user;

/**
 * struct mm_charge - what a buffer counts against the limits
 * @user: whose it is; NULL: nobody's
 * @bytes: how much
 */
struct mm_charge {
	struct mm_user	*user;
	u64		bytes;
};

/*
 * Minor numbers: 0 is the control node; row i of the table has minor
 * i + 1 and, for its second name, MM_MINOR_CLASSIC more.
 */
#define MM_MINOR_CONTROL	0
#define MM_MINOR_CLASSIC	32
#define MM_MINORS		64

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
 * struct mm_params - how a buffer is to be
 * @backend: the row
 * @size: bytes, 1 or more
 * @cache: cached where the store cannot but
 * @numa_node: NUMA_NO_NODE where the store cannot choose
 * @pattern: what it holds
 * @stats: where it is counted; NULL: on its own
 * @flags: MMAPPER_BUFFER_F_*
 * @name: what it is called in /proc/PID/maps and in mmapper_info
 * @device: whose memory it is, for MM_CAN_IO
 * @source: what the store takes it from: for MM_CAN_USER a u64, the address; for
 *	MM_CAN_DRIVER what the driver said
 */
struct mm_params {
	const struct mm_backend	*backend;
	size_t			size;
	enum mmapper_cache	cache;
	int			numa_node;
	enum mmapper_pattern	pattern;
	struct mm_stats		*stats;
	u32			flags;
	const char		*name;
	const char		*device;
	const void		*source;
};

/**
 * struct mm_buffer - memory to be mapped
 * @ref: one for the node or the name, one for each open file and each VMA
 * @backend: its row
 * @store: who made the memory
 * @mapper: who maps it
 * @stats: where it is counted
 * @own_stats: of a buffer that is no node's
 * @inode: its address space, which all its mappings are found through, and who
 *	may open it
 * @sem: covers the fields down to @cache, and what page tables get of them
 * @size: bytes that read() can give
 * @npages: pages that mmap() can map
 * @kaddr: the memory in the kernel, page-aligned; NULL: see @pages, or ask the
 *	store
 * @iomem: likewise, of a store that says MM_CAN_IO; NULL: the kernel keeps its
 *	hands off, see mm_buffer_copies()
 * @pages: its pages, where the store says MM_CAN_ARRAY
 * @template: what page tables hold of them, for mappers/table.c; it may come
 *	while others hold @sem for reading
 * @flags: MMAPPER_BUFFER_F_*
 * @seals: MMAPPER_SEAL_*
 * @cache: how it is cached
 * @numa_node: where its memory is wanted
 * @pattern: what it holds when it is fresh
 * @memory: one until it is revoked or gone, one for each call that copies
 * @writers: those of them that write
 * @births_lock: covers @births
 * @births: processes that may be in mmap() of it
 * @wait: who polls it
 * @watch_lock: covers @watches and @watching
 * @watches: what open files wait for
 * @watching: how many
 * @store_data: the store's own
 * @block_order: the largest blocks that the store got, for mmapper_info
 * @blocks: how many of these
 * @charge: what it counts against the limits
 * @creator: the file that an ephemeral buffer goes with, compared and never
 *	followed; NULL for others
 * @name: as in struct mm_params
 * @device: likewise
 */
struct mm_buffer {
	struct kref		ref;
	const struct mm_backend	*backend;
	const struct mm_store	*store;
	const struct mm_mapper	*mapper;
	struct mm_stats		*stats;
	struct mm_stats		own_stats;
	struct inode		*inode;
	struct rw_semaphore	sem;	/* what follows, down to cache */
	size_t			size;
	pgoff_t			npages;
	void			*kaddr;
	void __iomem		*iomem;
	struct page		**pages;
	struct mm_template	*template;
	u32			flags;
	u32			seals;
	enum mmapper_cache	cache;
	int			numa_node;
	enum mmapper_pattern	pattern;
	refcount_t		memory;
	atomic_t		writers;
	spinlock_t		births_lock;	/* births */
	struct list_head	births;
	wait_queue_head_t	wait;
	spinlock_t		watch_lock;	/* watches, watching */
	struct list_head	watches;
	unsigned int		watching;
	void			*store_data;
	unsigned int		block_order;
	atomic64_t		blocks;
	struct mm_charge	charge;
	const struct file	*creator;
	char			name[MMAPPER_BUFFER_NAME_MAX];
	char			device[MMAPPER_DEVICE_MAX];
};

/* main.c */
extern unsigned long mm_size;

/* backends.c */
int mm_backends_check(void);
u32 mm_backends_flags(const struct mm_backend *backend);

const struct mm_backend *mm_backends_find(const char *name);

/* buffer.c */
struct mm_buffer *mm_buffer_create(const struct mm_params *params);
void mm_buffer_get(struct mm_buffer *buf);
void mm_buffer_put(struct mm_buffer *buf);
int mm_buffer_use(struct mm_buffer *buf, bool write);
void mm_buffer_unuse(struct mm_buffer *buf, bool write);
int mm_buffer_reset(struct mm_buffer *buf);
int mm_buffer_seal(struct mm_buffer *buf, u32 seals);
void mm_buffer_revoke(struct mm_buffer *buf);
bool mm_buffer_owned(const struct mm_buffer *buf);
struct page *mm_buffer_page(struct mm_buffer *buf, pgoff_t index, bool make);

/* May the kernel itself read and write it?  Not a device's registers. */
static inline bool mm_buffer_copies(const struct mm_buffer *buf)
{
	return buf->kaddr || buf->iomem || buf->store->page;
}

static inline bool mm_buffer_revoked(const struct mm_buffer *buf)
{
	return READ_ONCE(buf->flags) & MMAPPER_BUFFER_F_REVOKED;
}

/* births.c */
int mm_births_note(struct mm_buffer *buf);
void mm_births_wait(struct mm_buffer *buf);
void mm_births_forget(struct mm_buffer *buf);

/* publish.c */
struct mm_buffer *mm_publish_create(const char *row, const char *name,
				    size_t size, const void *source);
int mm_publish_name(struct mm_buffer *buf, umode_t mode, bool readonly);
void mm_publish_end(struct mm_buffer *buf, struct completion *unused);

/* counters.c */
struct mm_counters *mm_counters_of(struct mm_buffer *buf);
u32 mm_counters_count(const struct mm_counters *counters);
void mm_counters_read(struct mm_counters *counters,
		      struct mmapper_counters *out);
u64 mm_counters_watch(struct mm_counters *counters, u32 index, u64 due);

/* watches.c */
int mm_watches_set(struct mm_buffer *buf, struct mm_counters *counters,
		   const struct file *file, const struct mmapper_watch *watch);
void mm_watches_forget(struct mm_buffer *buf, const struct file *file);
bool mm_watches_ready(struct mm_buffer *buf, const struct file *file);
void mm_watches_tell(struct mm_buffer *buf, struct mm_counters *counters);
void mm_watches_end(struct mm_buffer *buf);

/* resize.c */
int mm_resize(struct mm_buffer *buf, loff_t size);

/* quota.c */
extern unsigned long mm_quota_limit, mm_quota_user_limit;
int mm_quota_charge(struct mm_charge *charge, u64 bytes);
int mm_quota_grow(struct mm_charge *charge, u64 bytes);
void mm_quota_shrink(struct mm_charge *charge, u64 bytes);
void mm_quota_uncharge(struct mm_charge *charge);
u64 mm_quota_used(void);
u64 mm_quota_count(void);

/* fs.c */
int mm_fs_init(void);
void mm_fs_exit(void);
struct inode *mm_fs_inode(struct mm_buffer *buf);
struct file *mm_fs_open(struct mm_buffer *buf, unsigned int flags);

/* names.c */
int mm_names_init(struct kobject *parent);
void mm_names_exit(void);
int mm_names_add(struct mm_buffer *buf);
int mm_names_check(const char *name);
struct mm_buffer *mm_names_find(const char *name);
int mm_names_delete(const char *name);
void mm_names_forget(struct mm_buffer *buf);

/* control.c */
extern const struct file_operations mm_control_fops;

/* node.c */
int mm_node_init(void);
void mm_node_exit(void);
struct mm_node *mm_node_find(unsigned int minor);
struct mm_buffer *mm_node_buffer_get(struct mm_node *node);
struct mmapper_stats mm_stats_read(const struct mm_stats *stats);

/* file.c */
extern const struct file_operations mm_file_fops;
bool mm_file_prepares(const struct mm_mapper *mapper);
void mm_file_attach(struct file *file, struct mm_buffer *buf);

/* ioctl.c */
long mm_ioctl_run(struct file *file, unsigned int cmd, unsigned long arg);
long mm_ioctl_control(struct file *file, unsigned int cmd, unsigned long arg);

/* vma.c */
int mm_vma_mmap_prepare(struct vm_area_desc *desc);
int mm_vma_mapped(unsigned long start, unsigned long end, pgoff_t pgoff,
		  const struct file *file, void **private_data);
int mm_vma_mmap(struct file *file, struct vm_area_struct *vma);
int mm_vma_translate(struct mm_buffer *buf, unsigned long addr, u64 *phys);

/* stores/ */
size_t mm_pages_max_size(void);
struct page **mm_pages_array(pgoff_t npages);
int mm_coherent_init(void);
void mm_coherent_exit(void);
int mm_device_init(void);
void mm_device_exit(void);

/* mappers/ */
vm_fault_t mm_fault_error(const struct vm_fault *vmf, int err);
vm_fault_t mm_fault_page(struct mm_buffer *buf, struct vm_fault *vmf);
pgoff_t mm_fault_table(const struct mm_buffer *buf, const struct vm_fault *vmf,
		       unsigned long *start, unsigned long *count);
int mm_huge_map(struct mm_buffer *buf, struct vm_area_struct *vma);
vm_fault_t mm_huge_fault(struct mm_buffer *buf, struct vm_fault *vmf);
int mm_table_fill(struct vm_area_struct *vma, unsigned long addr,
		  struct page **pages, unsigned long count);
void mm_template_drop(struct mm_buffer *buf);

#endif /* MM_CORE_H */
