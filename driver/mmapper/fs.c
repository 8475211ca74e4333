// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inodes and files of buffers, in a file system that is mounted nowhere: an
 * inode is a buffer's address space, its size, and who may open it.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>

#include "core.h"

#define MM_FS_MAGIC	0x6d6d6170

static struct vfsmount *mm_fs_mount;

/*
 * chmod() can come by way of /proc/PID/fd when nobody has the file open any
 * more, and the buffer may be gone: only what has a file looks at it.
 */
static int mm_fs_setattr(MM_IDMAP_PARAM struct dentry *dentry,
			 struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	err = mm_setattr_prepare(dentry, attr);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		if (!(attr->ia_valid & ATTR_FILE))
			return -EINVAL;
		err = mm_resize(attr->ia_file->private_data, attr->ia_size);
		if (err)
			return err;
	}
	mm_setattr_copy(inode, attr);
	return 0;
}

static const struct inode_operations mm_fs_iops = {
	.setattr = mm_fs_setattr,
};

/**
 * mm_fs_inode() - make a buffer's inode
 * @buf: the buffer; its size is known
 *
 * The caller owns it: mode 0600.
 *
 * Return: the inode, for iput(); -ENOMEM.
 */
struct inode *mm_fs_inode(struct mm_buffer *buf)
{
	struct inode *inode = alloc_anon_inode(mm_fs_mount->mnt_sb);

	if (IS_ERR(inode))
		return inode;
	inode->i_mode = S_IFREG | 0600;
	inode->i_op = &mm_fs_iops;
	inode->i_size = buf->size;
	return inode;
}

/**
 * mm_fs_open() - open a buffer
 * @buf: the buffer
 * @flags: as of open(2), checked
 *
 * Permission is the caller's to check.
 *
 * Return: a file that has a reference on @buf; -ENFILE, -ENOMEM.
 */
struct file *mm_fs_open(struct mm_buffer *buf, unsigned int flags)
{
	char name[MMAPPER_BUFFER_NAME_MAX + 8];
	struct file *file;

	snprintf(name, sizeof(name), "mmapper%s%s", *buf->name ? ":" : "",
		 buf->name);
	/* The last fput() gives both back. */
	__module_get(mm_file_fops.owner);
	ihold(buf->inode);
	file = alloc_file_pseudo(buf->inode, mm_fs_mount, name,
				 flags | O_LARGEFILE, &mm_file_fops);
	if (IS_ERR(file)) {
		iput(buf->inode);
		module_put(mm_file_fops.owner);
		return file;
	}
	file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	mm_buffer_get(buf);
	mm_file_attach(file, buf);
	return file;
}

static int mm_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, MM_FS_MAGIC) ? 0 : -ENOMEM;
}

/*
 * No owner: the mount would hold the module for good.  mm_fs_exit() sees to it
 * that the module stays as long as the file system is needed.
 */
static struct file_system_type mm_fs_type = {
	.name			= "mmapper",
	.init_fs_context	= mm_fs_context,
	.kill_sb		= kill_anon_super,
};

/**
 * mm_fs_init() - make room for inodes
 *
 * Return: 0; -errno.
 */
int mm_fs_init(void)
{
	mm_fs_mount = kern_mount(&mm_fs_type);
	return PTR_ERR_OR_ZERO(mm_fs_mount);
}

/**
 * mm_fs_exit() - take the file system away
 *
 * A file gives up the module before it gives up its mount: the last one may
 * still be at that.
 */
void mm_fs_exit(void)
{
	/* may_umount() takes a second reference for granted. */
	mntget(mm_fs_mount);
	while (!may_umount(mm_fs_mount))
		msleep(20);
	mntput(mm_fs_mount);
	kern_unmount(mm_fs_mount);
}
