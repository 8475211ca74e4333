// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: a file in shared memory, as memfd_create() makes them.  Its pages are
 * allocated when they are first touched, and can be swapped out while nobody
 * holds them.
 */
#include <linux/file.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>

#include "core.h"

/* remap_file_pages() would map the file by itself, past the checks. */
static int shmem_no_mmap(struct file *file, struct vm_area_struct *vma)
{
	return -EINVAL;
}

static const struct file_operations shmem_fops = {
	.mmap = shmem_no_mmap,
};

static int shmem_alloc(struct mm_buffer *buf)
{
	char name[MMAPPER_BUFFER_NAME_MAX + 8];
	struct file *file;

	snprintf(name, sizeof(name), "mmapper%s%s", *buf->name ? ":" : "",
		 buf->name);
	file = shmem_file_setup(name, (loff_t)buf->npages << PAGE_SHIFT,
				MM_NO_VMA_FLAGS);
	/* Nothing bounds its space: this is an inode that found no memory. */
	if (file == ERR_PTR(-ENOSPC))
		return -ENOMEM;
	if (IS_ERR(file))
		return PTR_ERR(file);
	file->f_op = &shmem_fops;
	buf->store_data = file;
	return 0;
}

/* Under the lock of each page: what a fault is about to map is unmapped, too. */
static void shmem_revoke(struct mm_buffer *buf)
{
	struct file *file = buf->store_data;
	struct inode *inode = file_inode(file);

	inode_lock(inode);
	i_size_write(inode, 0);
	inode_unlock(inode);
	shmem_truncate_range(inode, 0, (loff_t)-1);
}

static void shmem_free(struct mm_buffer *buf)
{
	struct file *file = buf->store_data;

	shmem_revoke(buf);
	/* It may outlive the module. */
	file->f_op = file_inode(file)->i_fop;
	fput(file);
}

/* A page that is not there, or not in memory, is made whatever @make says. */
static struct page *shmem_page(struct mm_buffer *buf, pgoff_t index, bool make)
{
	struct file *file = buf->store_data;
	struct address_space *mapping = file->f_mapping;
	gfp_t gfp = mapping_gfp_constraint(mapping, ~__GFP_HIGHMEM);
	struct page *page;

	page = shmem_read_mapping_page_gfp(mapping, index,
					   gfp | __GFP_RETRY_MAYFAIL |
					   __GFP_NOWARN);
	/*
	 * It cannot be written out while the caller holds it: it is dirty by the
	 * time that the caller has changed it.
	 */
	if (!IS_ERR(page) && make)
		set_page_dirty(page);
	return page;
}

const struct mm_store mm_store_shmem = {
	.name		= "shmem",
	.can		= MM_CAN_PAGES | MM_CAN_LAZY | MM_CAN_FILE,
	.max_size	= mm_pages_max_size,
	.alloc		= shmem_alloc,
	.free		= shmem_free,
	.page		= shmem_page,
	.revoke		= shmem_revoke,
};
