// SPDX-License-Identifier: GPL-2.0-only
/* Life and contents of a buffer. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/slab.h>

#include "core.h"

static const struct {
	u8 first;
	u8 count;
} patterns[] = {
	[MMAPPER_PATTERN_DIGITS]	= { '0', 10 },
	[MMAPPER_PATTERN_LETTERS]	= { 'a', 26 },
	[MMAPPER_PATTERN_ZERO]		= { 0, 1 },
};

/**
 * mm_buffer_page() - a page of a buffer that has no kaddr
 * @buf: the buffer, in use (see mm_buffer_use())
 * @index: the page
 * @make: also where there is none yet
 *
 * Return: the page with a reference for the caller; NULL: there is none yet;
 * -ERANGE: beyond the end; -ESTALE: revoked; -ENOMEM.
 */
struct page *mm_buffer_page(struct mm_buffer *buf, pgoff_t index, bool make)
{
	struct page *page;

	down_read(&buf->sem);
	if (mm_buffer_revoked(buf))
		page = ERR_PTR(-ESTALE);
	else if (index >= buf->npages)
		page = ERR_PTR(-ERANGE);
	else
		page = buf->store->page(buf, index, make);
	up_read(&buf->sem);
	return page;
}

/*
 * What a fresh buffer holds in the page at @pos, up to @size.  Others may read and
 * write it meanwhile, as processes do that have it mapped: no race of the kernel's.
 */
static __no_kcsan void mm_buffer_fill(const struct mm_buffer *buf, u8 *p,
				      size_t pos, size_t size)
{
	u8 first = patterns[buf->pattern].first;
	u8 count = patterns[buf->pattern].count;
	size_t len = mm_range_clip(size, pos, PAGE_SIZE), i;
	u8 n = pos % count;

	for (i = 0; i < len; i++) {
		p[i] = first + n;
		if (++n == count)
			n = 0;
	}
	memset(p + len, 0, PAGE_SIZE - len);
}

/**
 * mm_buffer_reset() - make a buffer hold what a fresh one holds
 * @buf: the buffer, in use
 *
 * May run beside readers and writers: what they see meanwhile is theirs.
 *
 * Return: 0; -EOPNOTSUPP: see mm_buffer_copies(), or the memory is lent, and held
 * what it held; -ENOMEM, and a part was done.
 */
int mm_buffer_reset(struct mm_buffer *buf)
{
	bool make = buf->pattern != MMAPPER_PATTERN_ZERO;
	size_t size = READ_ONCE(buf->size), pos;

	if (!mm_buffer_copies(buf) ||
	    buf->store->can & (MM_CAN_USER | MM_CAN_DRIVER))
		return -EOPNOTSUPP;
	for (pos = 0; pos < size; pos += PAGE_SIZE) {
		struct page *page = NULL;

		if (buf->iomem) {
			memset_io(buf->iomem + pos, 0, PAGE_SIZE);
		} else if (buf->kaddr) {
			mm_buffer_fill(buf, buf->kaddr + pos, pos, size);
		} else {
			page = mm_buffer_page(buf, pos >> PAGE_SHIFT, make);
			if (page == ERR_PTR(-ERANGE))
				break;
			if (IS_ERR(page))
				return PTR_ERR(page);
		}
		if (page) {
			mm_buffer_fill(buf, page_address(page), pos, size);
			put_page(page);
		}
		cond_resched();
	}
	return 0;
}

static struct mm_buffer *mm_buffer_make(const struct mm_params *params)
{
	struct mm_buffer *buf = kzalloc(sizeof(*buf), GFP_KERNEL_ACCOUNT);

	if (!buf)
		return NULL;
	kref_init(&buf->ref);
	buf->backend = params->backend;
	buf->store = params->backend->store;
	buf->mapper = params->backend->mapper;
	buf->stats = params->stats ? params->stats : &buf->own_stats;
	init_rwsem(&buf->sem);
	buf->size = params->size;
	buf->npages = PAGE_ALIGN(params->size) >> PAGE_SHIFT;
	buf->flags = params->flags;
	buf->cache = params->cache;
	buf->numa_node = params->numa_node;
	buf->pattern = params->pattern;
	refcount_set(&buf->memory, 1);
	spin_lock_init(&buf->births_lock);
	INIT_LIST_HEAD(&buf->births);
	init_waitqueue_head(&buf->wait);
	spin_lock_init(&buf->watch_lock);
	INIT_LIST_HEAD(&buf->watches);
	buf->store_data = (void *)params->source;
	strscpy(buf->name, params->name, sizeof(buf->name));
	if (params->device)
		strscpy(buf->device, params->device, sizeof(buf->device));
	return buf;
}

/**
 * mm_buffer_create() - make a buffer, filled with its pattern
 * @params: how it is to be; its store can do as much
 *
 * Return: the buffer with one reference, the caller's; -EFBIG: the store can
 * never give as much; -EDQUOT, -ENOMEM.
 */
struct mm_buffer *mm_buffer_create(const struct mm_params *params)
{
	const struct mm_store *store = params->backend->store;
	struct mm_buffer *buf;
	int err = -ENOMEM;

	buf = mm_buffer_make(params);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	if (!(params->flags & (MMAPPER_BUFFER_F_NODE | MMAPPER_BUFFER_F_DRIVER))) {
		/* A device's memory is not the machine's. */
		err = mm_quota_charge(&buf->charge, store->can & MM_CAN_IO ? 0 :
				      (u64)buf->npages << PAGE_SHIFT);
		if (err)
			goto free_buffer;
	}
	err = -EFBIG;
	if (params->size > store->max_size())
		goto uncharge;
	buf->inode = mm_fs_inode(buf);
	if (IS_ERR(buf->inode)) {
		err = PTR_ERR(buf->inode);
		goto uncharge;
	}
	err = store->alloc(buf);
	if (err)
		goto put_inode;
	if (params->pattern != MMAPPER_PATTERN_ZERO) {
		err = mm_buffer_reset(buf);
		if (err)
			goto free_memory;
	}
	return buf;

free_memory:
	store->free(buf);
put_inode:
	iput(buf->inode);
uncharge:
	mm_quota_uncharge(&buf->charge);
free_buffer:
	kfree(buf);
	return ERR_PTR(err);
}

static void mm_buffer_memory_put(struct mm_buffer *buf)
{
	if (!refcount_dec_and_test(&buf->memory))
		return;
	mm_template_drop(buf);
	buf->store->free(buf);
	mm_quota_uncharge(&buf->charge);
}

static void mm_buffer_free(struct kref *ref)
{
	struct mm_buffer *buf = container_of(ref, struct mm_buffer, ref);

	if (!mm_buffer_revoked(buf))
		mm_buffer_memory_put(buf);
	mm_births_forget(buf);
	iput(buf->inode);
	kfree(buf);
}

/**
 * mm_buffer_get() - take a reference
 * @buf: a buffer on which somebody holds one
 */
void mm_buffer_get(struct mm_buffer *buf)
{
	kref_get(&buf->ref);
}

/**
 * mm_buffer_put() - give a reference back
 * @buf: the buffer, gone with its last reference
 */
void mm_buffer_put(struct mm_buffer *buf)
{
	kref_put(&buf->ref, mm_buffer_free);
}

/**
 * mm_buffer_use() - keep a buffer's memory for a while
 * @buf: the buffer
 * @write: its bytes are to be changed
 *
 * Return: 0, and mm_buffer_unuse() is due; -ESTALE: it was revoked; -EPERM: its
 * bytes are sealed.
 */
int mm_buffer_use(struct mm_buffer *buf, bool write)
{
	int err = 0;

	down_read(&buf->sem);
	if (mm_buffer_revoked(buf))
		err = -ESTALE;
	else if (write && buf->seals & MMAPPER_SEAL_WRITE)
		err = -EPERM;
	if (!err) {
		refcount_inc(&buf->memory);
		if (write)
			atomic_inc(&buf->writers);
	}
	up_read(&buf->sem);
	return err;
}

/**
 * mm_buffer_unuse() - let it go
 * @buf: the buffer
 * @write: as in mm_buffer_use()
 */
void mm_buffer_unuse(struct mm_buffer *buf, bool write)
{
	if (write)
		atomic_dec(&buf->writers);
	mm_buffer_memory_put(buf);
}

/**
 * mm_buffer_owned() - may the caller do what only an owner may?
 * @buf: the buffer
 *
 * Return: it owns the buffer, or has CAP_FOWNER.
 */
bool mm_buffer_owned(const struct mm_buffer *buf)
{
	return mm_inode_owner_or_capable(buf->inode);
}

/**
 * mm_buffer_revoke() - take the memory back from all who have it
 * @buf: a buffer made at run time; nothing is locked
 */
void mm_buffer_revoke(struct mm_buffer *buf)
{
	bool was;

	down_write(&buf->sem);
	was = mm_buffer_revoked(buf);
	WRITE_ONCE(buf->flags, buf->flags | MMAPPER_BUFFER_F_REVOKED);
	up_write(&buf->sem);
	if (was)
		return;
	mm_watches_end(buf);
	mm_births_wait(buf);
	if (buf->mapper->settle)
		buf->mapper->settle(buf);
	if (!(buf->store->can & MM_CAN_KEEP))
		unmap_mapping_range(buf->inode->i_mapping, 0, 0, 1);
	if (buf->store->revoke)
		buf->store->revoke(buf);
	mm_buffer_memory_put(buf);
}

/*
 * The kernel counts shared mappings of files open for writing: an mmap() that is
 * under way with the file that it was called for, a VMA with its vm_file, which
 * is another one where the store has a file.
 */
static int mm_buffer_deny_write(struct mm_buffer *buf)
{
	struct address_space *mapping = buf->inode->i_mapping;
	const struct file *file = buf->store_data;
	int err;

	if (atomic_read(&buf->writers))
		return -EBUSY;
	err = mapping_deny_writable(mapping);
	if (err || !(buf->store->can & MM_CAN_FILE))
		return err;
	err = mapping_deny_writable(file->f_mapping);
	if (err)
		mapping_allow_writable(mapping);
	return err;
}

/**
 * mm_buffer_seal() - set seals
 * @buf: a buffer made at run time, which the caller owns
 * @seals: MMAPPER_SEAL_*
 *
 * Return: 0; -ESTALE; -EPERM: no more seals may be set; -EBUSY: its bytes can
 * be changed by somebody now.
 */
int mm_buffer_seal(struct mm_buffer *buf, u32 seals)
{
	int err = 0;

	down_write(&buf->sem);
	if (mm_buffer_revoked(buf))
		err = -ESTALE;
	else if (buf->seals & MMAPPER_SEAL_SEAL)
		err = -EPERM;
	else if (seals & ~buf->seals & MMAPPER_SEAL_WRITE)
		err = mm_buffer_deny_write(buf);
	if (!err)
		WRITE_ONCE(buf->seals, buf->seals | seals);
	up_write(&buf->sem);
	return err;
}
