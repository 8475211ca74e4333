// SPDX-License-Identifier: GPL-2.0-only
/* File operations of a buffer node. */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "core.h"

static const struct file_operations mm_file_mmap_fops;
static const struct file_operations mm_file_huge_fops;
static const struct file_operations mm_file_huge_mmap_fops;

/**
 * mm_file_attach() - make an open file one of a buffer
 * @file: the file; it takes over a reference on @buf
 * @buf: the buffer
 */
void mm_file_attach(struct file *file, struct mm_buffer *buf)
{
	bool huge = buf->mapper->flags & MMAPPER_BACKEND_F_HUGE;

	file->private_data = buf;
	/* All mappings of a buffer, whichever node they came by, in one place. */
	file->f_mapping = buf->inode->i_mapping;
	if (buf->mapper->map)
		file->f_op = huge ? &mm_file_huge_mmap_fops :
			&mm_file_mmap_fops;
	else if (huge)
		file->f_op = &mm_file_huge_fops;
	atomic64_inc(&buf->stats->opens);
}

static int mm_file_open(struct inode *inode, struct file *file)
{
	struct mm_node *node = mm_node_find(iminor(inode));
	struct mm_buffer *buf;

	if (iminor(inode) == MM_MINOR_CONTROL) {
		file->f_op = &mm_control_fops;
		return mm_control_fops.open(inode, file);
	}
	if (!node)
		return -ENXIO;
	buf = mm_node_buffer_get(node);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mm_file_attach(file, buf);
	return 0;
}

static int mm_file_release(struct inode *inode, struct file *file)
{
	struct mm_buffer *buf = file->private_data;

	atomic64_inc(&buf->stats->releases);
	mm_watches_forget(buf, file);
	if (file == buf->creator) {
		mm_buffer_revoke(buf);
		mm_names_forget(buf);
	}
	mm_buffer_put(buf);
	return 0;
}

static loff_t mm_file_llseek(struct file *file, loff_t offset, int whence)
{
	const struct mm_buffer *buf = file->private_data;

	return fixed_size_llseek(file, offset, whence, READ_ONCE(buf->size));
}

/*
 * What @iter asks for, or a part.  Copying from the user leaves alone what could
 * not be copied; copy_from_user() would clear it, and a write that fails would
 * have changed the buffer.
 */
static size_t mm_file_copy_kaddr(struct mm_buffer *buf, loff_t pos, size_t len,
				 struct iov_iter *iter, bool write)
{
	return write ? copy_from_iter(buf->kaddr + pos, len, iter) :
		       copy_to_iter(buf->kaddr + pos, len, iter);
}

/* A device's memory, by way of a page of our own. */
static ssize_t mm_file_copy_io(struct mm_buffer *buf, loff_t pos, size_t len,
			       struct iov_iter *iter, bool write)
{
	size_t sum = 0, part, done;
	void *page;

	page = (void *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	while (sum < len && !fatal_signal_pending(current)) {
		part = min_t(size_t, len - sum, PAGE_SIZE);
		if (write) {
			done = copy_from_iter(page, part, iter);
			memcpy_toio(buf->iomem + pos + sum, page, done);
		} else {
			memcpy_fromio(page, buf->iomem + pos + sum, part);
			done = copy_to_iter(page, part, iter);
		}
		sum += done;
		if (done < part)
			break;
		cond_resched();
	}
	free_page((unsigned long)page);
	return sum;
}

/* One page; *@done: how much of it.  0; -errno: there is no such page. */
static int mm_file_copy_page(struct mm_buffer *buf, loff_t pos, size_t len,
			     struct iov_iter *iter, bool write, size_t *done)
{
	struct page *page = mm_buffer_page(buf, pos >> PAGE_SHIFT, write);
	size_t offset = offset_in_page(pos);

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!page)
		*done = iov_iter_zero(len, iter);
	else if (write)
		*done = copy_page_from_iter(page, offset, len, iter);
	else
		*done = copy_page_to_iter(page, offset, len, iter);
	if (page)
		put_page(page);
	return 0;
}

static ssize_t mm_file_copy_pages(struct mm_buffer *buf, loff_t pos, size_t len,
				  struct iov_iter *iter, bool write)
{
	size_t sum = 0, part, done;
	int err;

	while (sum < len) {
		part = min(len - sum, PAGE_SIZE - offset_in_page(pos + sum));
		err = mm_file_copy_page(buf, pos + sum, part, iter, write,
					&done);
		if (err)
			return sum ? sum : err;
		sum += done;
		if (done < part)
			break;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return sum;
}

static ssize_t mm_file_copy(struct kiocb *iocb, struct iov_iter *iter,
			    bool write)
{
	struct mm_buffer *buf = iocb->ki_filp->private_data;
	size_t want = iov_iter_count(iter);
	size_t len;
	ssize_t done;
	int err;

	err = mm_buffer_use(buf, write);
	if (err)
		return err;
	len = mm_range_clip(READ_ONCE(buf->size), iocb->ki_pos, want);
	if (!mm_buffer_copies(buf))
		done = -EOPNOTSUPP;
	else if (buf->iomem)
		done = mm_file_copy_io(buf, iocb->ki_pos, len, iter, write);
	else if (buf->kaddr)
		done = mm_file_copy_kaddr(buf, iocb->ki_pos, len, iter, write);
	else
		done = mm_file_copy_pages(buf, iocb->ki_pos, len, iter, write);
	mm_buffer_unuse(buf, write);
	if (done == -ERANGE) {	/* cut off meanwhile */
		len = 0;
		done = 0;
	}
	if (write && want && !len)
		return -ENOSPC;
	if (len && !done)
		return -EFAULT;
	if (done > 0)
		iocb->ki_pos += done;
	return done;
}

static ssize_t mm_file_read(struct kiocb *iocb, struct iov_iter *to)
{
	return mm_file_copy(iocb, to, false);
}

static ssize_t mm_file_write(struct kiocb *iocb, struct iov_iter *from)
{
	return mm_file_copy(iocb, from, true);
}

static __poll_t mm_file_poll(struct file *file, poll_table *wait)
{
	struct mm_buffer *buf = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &buf->wait, wait);
	if (mm_buffer_revoked(buf))
		return EPOLLHUP | EPOLLERR;
	if (file->f_mode & FMODE_READ && mm_watches_ready(buf, file))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (file->f_mode & FMODE_WRITE)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

#define MM_FILE_OPS				\
	.owner		= THIS_MODULE,		\
	.release	= mm_file_release,	\
	.llseek		= mm_file_llseek,	\
	.read_iter	= mm_file_read,		\
	.write_iter	= mm_file_write,	\
	.poll		= mm_file_poll,		\
	.unlocked_ioctl	= mm_ioctl_run,		\
	.compat_ioctl	= compat_ptr_ioctl

MM_DEFINE_MMAP_PREPARE(mm_vma_mmap_prepare, mm_vma_mapped)

/* Every file is made with these, and keeps them unless its mapper maps. */
const struct file_operations mm_file_fops = {
	MM_FILE_OPS,
	.open		= mm_file_open,
	MM_FILE_OPS_MMAP_PREPARE(mm_vma_mmap_prepare),
};

/* Mapped where address and offset are alike within 2 MiB, if there is room. */
static const struct file_operations mm_file_huge_fops = {
	MM_FILE_OPS,
	MM_FILE_OPS_MMAP_PREPARE(mm_vma_mmap_prepare),
	.get_unmapped_area = thp_get_unmapped_area,
};

/* Both hooks in one set are an error. */
static const struct file_operations mm_file_mmap_fops = {
	MM_FILE_OPS,
	.mmap		= mm_vma_mmap,
};

static const struct file_operations mm_file_huge_mmap_fops = {
	MM_FILE_OPS,
	.mmap			= mm_vma_mmap,
	.get_unmapped_area	= thp_get_unmapped_area,
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
