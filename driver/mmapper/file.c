// SPDX-License-Identifier: GPL-2.0-only
/* File operations of a buffer node. */
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uio.h>

#include "core.h"

static const struct file_operations mm_file_mmap_fops;

static int mm_file_open(struct inode *inode, struct file *file)
{
	struct mm_node *node = mm_node_find(iminor(inode));
	struct mm_buffer *buf;

	if (!node)
		return -ENXIO;
	buf = mm_node_buffer_get(node);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	file->private_data = buf;
	if (buf->mapper->map)
		file->f_op = &mm_file_mmap_fops;
	atomic64_inc(&node->stats.opens);
	return 0;
}

static int mm_file_release(struct inode *inode, struct file *file)
{
	struct mm_buffer *buf = file->private_data;

	atomic64_inc(&buf->node->stats.releases);
	mm_buffer_put(buf);
	return 0;
}

static loff_t mm_file_llseek(struct file *file, loff_t offset, int whence)
{
	const struct mm_buffer *buf = file->private_data;

	return fixed_size_llseek(file, offset, whence, buf->size);
}

static ssize_t mm_file_read(struct kiocb *iocb, struct iov_iter *to)
{
	const struct mm_buffer *buf = iocb->ki_filp->private_data;
	size_t len = mm_range_clip(buf->size, iocb->ki_pos, iov_iter_count(to));
	size_t done = copy_to_iter(buf->kaddr + iocb->ki_pos, len, to);

	if (len && !done)
		return -EFAULT;
	iocb->ki_pos += done;
	return done;
}

/*
 * copy_from_iter() leaves alone what it could not copy; copy_from_user() would
 * clear it, and a write that fails would have changed the buffer.
 */
static ssize_t mm_file_write(struct kiocb *iocb, struct iov_iter *from)
{
	const struct mm_buffer *buf = iocb->ki_filp->private_data;
	size_t want = iov_iter_count(from);
	size_t len = mm_range_clip(buf->size, iocb->ki_pos, want);
	size_t done;

	if (want && !len)
		return -ENOSPC;
	done = copy_from_iter(buf->kaddr + iocb->ki_pos, len, from);
	if (len && !done)
		return -EFAULT;
	iocb->ki_pos += done;
	return done;
}

static __poll_t mm_file_poll(struct file *file, poll_table *wait)
{
	__poll_t mask = 0;

	if (file->f_mode & FMODE_READ)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (file->f_mode & FMODE_WRITE)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

#define MM_FILE_OPS				\
	.owner		= THIS_MODULE,		\
	.open		= mm_file_open,		\
	.release	= mm_file_release,	\
	.llseek		= mm_file_llseek,	\
	.read_iter	= mm_file_read,		\
	.write_iter	= mm_file_write,	\
	.poll		= mm_file_poll,		\
	.unlocked_ioctl	= mm_ioctl_run,		\
	.compat_ioctl	= compat_ptr_ioctl

MM_DEFINE_MMAP_PREPARE(mm_vma_mmap_prepare, mm_vma_mapped)

/* Every file is opened through these, and keeps them unless its mapper maps. */
const struct file_operations mm_file_fops = {
	MM_FILE_OPS,
	MM_FILE_OPS_MMAP_PREPARE(mm_vma_mmap_prepare),
};

/* Both hooks in one set are an error. */
static const struct file_operations mm_file_mmap_fops = {
	MM_FILE_OPS,
	.mmap		= mm_vma_mmap,
};

/**
 * mm_file_prepares() - which hook maps
 * @mapper: a mapper
 *
 * Return: true: file_operations.mmap_prepare; false: file_operations.mmap.
 */
bool mm_file_prepares(const struct mm_mapper *mapper)
{
	return !mapper->map && !mm_file_fops.mmap;
}
