// SPDX-License-Identifier: GPL-2.0-only
/* The control node: buffers are made, opened by name and deleted. */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/module.h>

#include "core.h"
#include "ioctl.h"

/* What "auto" stands for: the first that can, and has memory, wins. */
static const char * const mm_control_auto[] = { "huge-pages", "pages-insert" };

/* What follows the zero would be nothing to one and something to another. */
static bool mm_control_text(const char *text, size_t len)
{
	size_t used = strnlen(text, len);

	return used < len && !memchr_inv(text + used, 0, len - used);
}

static int mm_control_check(const struct mmapper_create *c)
{
	if (c->mode & ~0777 || c->cache > MMAPPER_CACHE_UC || c->fd)
		return -EINVAL;
	if (c->numa_node != NUMA_NO_NODE &&
	    (c->numa_node < 0 || c->numa_node >= MAX_NUMNODES ||
	     !node_online(c->numa_node)))
		return -EINVAL;
	if (!c->size)
		return -EINVAL;
	/* Beyond this, rounding up to pages would wrap. */
	if (c->size > (u64)SSIZE_MAX - PAGE_SIZE)
		return -EFBIG;
	if (!mm_control_text(c->backend, sizeof(c->backend)))
		return -ENOENT;
	if (!mm_control_text(c->device, sizeof(c->device)))
		return -ENODEV;
	if (!memchr_inv(c->name, 0, sizeof(c->name)))
		return 0;
	return mm_names_check(c->name);
}

/* Part of a page would show what lies beside it. */
static int mm_control_can_user(const struct mmapper_create *c)
{
	if (!c->address || !PAGE_ALIGNED(c->address | c->size) || *c->device)
		return -EINVAL;
	return c->size > ULONG_MAX - c->address ? -EFAULT : 0;
}

static int mm_control_can(const struct mm_backend *backend,
			  const struct mmapper_create *c)
{
	unsigned int can = backend->store->can;

	if (backend->per_open || can & MM_CAN_DRIVER)
		return -EOPNOTSUPP;
	if (c->numa_node != NUMA_NO_NODE && !(can & MM_CAN_NUMA))
		return -EOPNOTSUPP;
	if (c->cache != MMAPPER_CACHE_CACHED && !(can & MM_CAN_CACHE))
		return -EOPNOTSUPP;
	if (can & MM_CAN_USER)
		return mm_control_can_user(c);
	if (c->address)
		return -EINVAL;
	if (!(can & MM_CAN_IO))
		return *c->device ? -EINVAL : 0;
	if (c->cache == MMAPPER_CACHE_CACHED)
		return -EOPNOTSUPP;
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	return 0;
}

static struct mm_buffer *mm_control_make(const struct mmapper_create *c,
					 const char *row)
{
	struct mm_params params = {
		.backend	= mm_backends_find(row),
		.size		= c->size,
		.cache		= c->cache,
		.numa_node	= c->numa_node,
		.pattern	= MMAPPER_PATTERN_ZERO,
		.name		= c->name,
		.device		= c->device,
	};
	int err;

	if (!params.backend)
		return ERR_PTR(-ENOENT);
	err = mm_control_can(params.backend, c);
	if (err)
		return ERR_PTR(err);
	if (params.backend->store->can & MM_CAN_USER)
		params.source = &c->address;
	if (c->flags & MMAPPER_CREATE_F_EPHEMERAL)
		params.flags |= MMAPPER_BUFFER_F_EPHEMERAL;
	return mm_buffer_create(&params);
}

static struct mm_buffer *mm_control_make_auto(const struct mmapper_create *c)
{
	struct mm_buffer *buf = ERR_PTR(-ENOENT);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mm_control_auto); i++) {
		buf = mm_control_make(c, mm_control_auto[i]);
		if (buf != ERR_PTR(-ENOMEM) && buf != ERR_PTR(-EOPNOTSUPP))
			break;
	}
	return buf;
}

/**
 * mm_control_create() - MMAPPER_IOC_CREATE
 * @call: the call
 *
 * What it makes is published once the caller has been told.
 *
 * Return: 0; -errno.
 */
int mm_control_create(struct mm_ioctl_call *call)
{
	struct mmapper_create *c = &call->arg.create;
	struct mm_buffer *buf;
	int err;

	err = mm_control_check(c);
	if (err)
		return err;
	/* Memory is not taken for a name that cannot be had. */
	if (c->name[0]) {
		buf = mm_names_find(c->name);
		if (buf) {
			mm_buffer_put(buf);
			return -EEXIST;
		}
	}
	buf = strcmp(c->backend, "auto") ? mm_control_make(c, c->backend) :
					   mm_control_make_auto(c);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	buf->inode->i_mode = S_IFREG | c->mode;
	strscpy_pad(c->backend, buf->backend->name, sizeof(c->backend));
	err = mm_ioctl_give(call, buf, O_RDWR);
	if (!err) {
		c->fd = call->fd;
		call->name = c->name[0];
		if (c->flags & MMAPPER_CREATE_F_EPHEMERAL)
			buf->creator = call->made;
	}
	/* The file has a reference of its own. */
	mm_buffer_put(buf);
	return err;
}

/**
 * mm_control_open() - MMAPPER_IOC_OPEN
 * @call: the call
 *
 * Return: 0; -errno.
 */
int mm_control_open(struct mm_ioctl_call *call)
{
	static const int masks[] = {
		[O_RDONLY]	= MAY_READ,
		[O_WRONLY]	= MAY_WRITE,
		[O_RDWR]	= MAY_READ | MAY_WRITE,
	};
	struct mmapper_open *o = &call->arg.open;
	unsigned int mode = o->access & O_ACCMODE;
	struct mm_buffer *buf;
	int err;

	if (o->access & ~(O_ACCMODE | O_NONBLOCK) ||
	    mode >= ARRAY_SIZE(masks) || o->fd)
		return -EINVAL;
	err = mm_names_check(o->name);
	if (err)
		return err;
	buf = mm_names_find(o->name);
	if (!buf)
		return -ENOENT;
	err = mm_inode_permission(buf->inode, masks[mode]);
	if (!err)
		err = mm_ioctl_give(call, buf, o->access);
	if (!err)
		o->fd = call->fd;
	mm_buffer_put(buf);
	return err;
}

/**
 * mm_control_delete() - MMAPPER_IOC_DELETE
 * @call: the call
 *
 * Return: 0; -errno.
 */
int mm_control_delete(struct mm_ioctl_call *call)
{
	int err = mm_names_check(call->arg.delete.name);

	return err ? err : mm_names_delete(call->arg.delete.name);
}

const struct file_operations mm_control_fops = {
	.owner		= THIS_MODULE,
	.open		= nonseekable_open,
	.unlocked_ioctl	= mm_ioctl_control,
	.compat_ioctl	= compat_ptr_ioctl,
};
