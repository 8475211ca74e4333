// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: copy in, check, run, copy out. */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "ioctl.h"

/* What a command asks for before it runs. */
enum mm_ioctl_use {
	MM_USE_NOTHING,		/* works on what was revoked, too */
	MM_USE_MEMORY,
	MM_USE_WRITE,
	MM_USE_RUNTIME,		/* of a buffer made at run time */
	MM_USE_OWNER,		/* likewise, and by who owns it */
};

/**
 * struct mm_ioctl - a command
 * @cmd: its number, with the size that the driver knows
 * @size_min: the size that its structure had in its first version
 * @flags: that it knows
 * @mode: what the file must be open for, or 0
 * @cap: the capability that it takes, or -1
 * @use: what it does to the buffer
 * @run: does it; the argument is copied in and checked, and copied out after
 */
struct mm_ioctl {
	unsigned int		cmd;
	unsigned int		size_min;
	u32			flags;
	fmode_t			mode;
	int			cap;
	enum mm_ioctl_use	use;
	int			(*run)(struct mm_ioctl_call *call);
};

static int mm_ioctl_info(struct mm_ioctl_call *call)
{
	struct mm_buffer *buf = call->buf;
	struct mmapper_info *info = &call->arg.info;

	memset(info, 0, sizeof(*info));
	info->features = MMAPPER_FEATURE_RESET | MMAPPER_FEATURE_PHYS |
			 MMAPPER_FEATURE_CONTROL | MMAPPER_FEATURE_USER |
			 MMAPPER_FEATURE_COUNTERS;
	info->abi_version = MMAPPER_ABI_VERSION;
	info->page_size = PAGE_SIZE;
	info->backend_flags = mm_backends_flags(buf->backend);
	info->pattern = buf->pattern;
	info->max_size = buf->store->max_size();
	strscpy(info->backend, buf->backend->name, sizeof(info->backend));
	strscpy(info->store, buf->store->name, sizeof(info->store));
	strscpy(info->mapper, buf->mapper->name, sizeof(info->mapper));
	strscpy(info->driver_version, MMAPPER_VERSION,
		sizeof(info->driver_version));
	strscpy(info->name, buf->name, sizeof(info->name));
	down_read(&buf->sem);
	info->size = buf->size;
	info->map_size = (u64)buf->npages << PAGE_SHIFT;
	info->buffer_flags = buf->flags;
	info->seals = buf->seals;
	info->cache = buf->cache;
	info->block_order = buf->block_order;
	info->blocks = atomic64_read(&buf->blocks);
	up_read(&buf->sem);
	return 0;
}

static int mm_ioctl_stats(struct mm_ioctl_call *call)
{
	call->arg.stats = mm_stats_read(call->buf->stats);
	return 0;
}

static int mm_ioctl_reset(struct mm_ioctl_call *call)
{
	return mm_buffer_reset(call->buf);
}

/* A store that makes pages later is asked for the page, and makes it. */
static int mm_ioctl_lookup(struct mm_ioctl_call *call)
{
	struct mm_buffer *buf = call->buf;
	u64 where = call->arg.phys.where;
	pgoff_t index = where >> PAGE_SHIFT;
	struct page *page = NULL;
	unsigned long pfn = 0;
	int err;

	down_read(&buf->sem);
	err = mm_range_check(buf->npages, where >> PAGE_SHIFT, 1);
	if (!err && buf->store->pfn)
		pfn = buf->store->pfn(buf, index);
	else if (!err)
		page = buf->store->page(buf, index, true);
	up_read(&buf->sem);
	if (err)
		return err;
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (page) {
		pfn = page_to_pfn(page);
		put_page(page);
	}
	call->arg.phys.phys = PFN_PHYS(pfn) + offset_in_page(where);
	return 0;
}

static int mm_ioctl_translate(struct mm_ioctl_call *call)
{
	struct mmapper_phys *phys = &call->arg.phys;

	if (phys->where >= TASK_SIZE)
		return -EINVAL;
	return mm_vma_translate(call->buf, phys->where, &phys->phys);
}

/* They are set once the caller has been told, for they cannot be taken off. */
static int mm_ioctl_seal(struct mm_ioctl_call *call)
{
	const u32 all = MMAPPER_SEAL_SEAL | MMAPPER_SEAL_RESIZE |
			MMAPPER_SEAL_WRITE | MMAPPER_SEAL_DELETE;
	struct mmapper_seal *seal = &call->arg.seal;

	if (seal->seals & ~all || seal->reserved2)
		return -EINVAL;
	if (seal->seals && !mm_buffer_owned(call->buf))
		return -EPERM;
	call->seals = seal->seals;
	seal->seals |= READ_ONCE(call->buf->seals);
	return 0;
}

static int mm_ioctl_revoke(struct mm_ioctl_call *call)
{
	mm_buffer_revoke(call->buf);
	mm_names_forget(call->buf);
	return 0;
}

static int mm_ioctl_counters(struct mm_ioctl_call *call)
{
	struct mm_counters *counters = mm_counters_of(call->buf);
	struct mmapper_counters *out = &call->arg.counters;

	if (!counters)
		return -EOPNOTSUPP;
	memset(out, 0, sizeof(*out));
	mm_counters_read(counters, out);
	return 0;
}

static int mm_ioctl_watch(struct mm_ioctl_call *call)
{
	struct mm_counters *counters = mm_counters_of(call->buf);
	const struct mmapper_watch *watch = &call->arg.watch;

	if (!counters)
		return -EOPNOTSUPP;
	if (watch->index >= mm_counters_count(counters) ||
	    (watch->eventfd && !(watch->flags & MMAPPER_WATCH_F_EVENTFD)))
		return -EINVAL;
	return mm_watches_set(call->buf, counters, call->file, watch);
}

static const struct mm_ioctl mm_ioctls[] = {
	{ MMAPPER_IOC_INFO, 184, 0, 0, -1, MM_USE_NOTHING, mm_ioctl_info },
	{ MMAPPER_IOC_STATS, 72, 0, 0, -1, MM_USE_NOTHING, mm_ioctl_stats },
	{ MMAPPER_IOC_RESET, 8, 0, FMODE_WRITE, -1, MM_USE_WRITE,
	  mm_ioctl_reset },
	{ MMAPPER_IOC_LOOKUP, 24, 0, 0, CAP_SYS_ADMIN, MM_USE_MEMORY,
	  mm_ioctl_lookup },
	{ MMAPPER_IOC_TRANSLATE, 24, 0, 0, CAP_SYS_ADMIN, MM_USE_MEMORY,
	  mm_ioctl_translate },
	{ MMAPPER_IOC_SEAL, 16, 0, 0, -1, MM_USE_RUNTIME, mm_ioctl_seal },
	{ MMAPPER_IOC_REVOKE, 8, 0, 0, -1, MM_USE_OWNER, mm_ioctl_revoke },
	{ MMAPPER_IOC_COUNTERS, 288, 0, FMODE_READ, -1, MM_USE_MEMORY,
	  mm_ioctl_counters },
	{ MMAPPER_IOC_WATCH, 24, MMAPPER_WATCH_F_EVENTFD, FMODE_READ, -1,
	  MM_USE_MEMORY, mm_ioctl_watch },
};

static const struct mm_ioctl mm_control_ioctls[] = {
	{ MMAPPER_IOC_CREATE, 160, MMAPPER_CREATE_F_EPHEMERAL, 0, -1,
	  MM_USE_NOTHING, mm_control_create },
	{ MMAPPER_IOC_OPEN, 80, 0, 0, -1, MM_USE_NOTHING, mm_control_open },
	{ MMAPPER_IOC_DELETE, 72, 0, 0, -1, MM_USE_NOTHING, mm_control_delete },
};

static const struct mm_ioctl *mm_ioctl_find(const struct mm_ioctl *table,
					    size_t count, unsigned int cmd)
{
	const unsigned int size_bits = _IOC_SIZEMASK << _IOC_SIZESHIFT;
	const struct mm_ioctl *io;

	for (io = table; io < table + count; io++)
		if (!((io->cmd ^ cmd) & ~size_bits))
			return io;
	return NULL;
}

/**
 * mm_ioctl_give() - let a command make a descriptor
 * @call: the call; it has made none yet
 * @buf: the buffer to open
 * @flags: as of open(2), checked
 *
 * Nobody sees it before the answer has been copied out.
 *
 * Return: 0; -EMFILE, -ENFILE, -ENOMEM.
 */
int mm_ioctl_give(struct mm_ioctl_call *call, struct mm_buffer *buf,
		  unsigned int flags)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = mm_fs_open(buf, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	call->fd = fd;
	call->made = file;
	return 0;
}

/* The answer was copied out, or not. */
static int mm_ioctl_publish(struct mm_ioctl_call *call, int err)
{
	if (!err && call->seals)
		err = mm_buffer_seal(call->buf, call->seals);
	if (!call->made)
		return err;
	if (!err && call->name)
		err = mm_names_add(call->made->private_data);
	if (err) {
		put_unused_fd(call->fd);
		fput(call->made);
	} else {
		fd_install(call->fd, call->made);
	}
	return err;
}

static int mm_ioctl_use(const struct mm_ioctl *io, struct mm_ioctl_call *call)
{
	bool write = io->use == MM_USE_WRITE;
	int err;

	if (io->use == MM_USE_NOTHING)
		return io->run(call);
	if (io->use == MM_USE_RUNTIME || io->use == MM_USE_OWNER) {
		if (READ_ONCE(call->buf->flags) &
		    (MMAPPER_BUFFER_F_NODE | MMAPPER_BUFFER_F_DRIVER))
			return -EOPNOTSUPP;
		if (io->use == MM_USE_OWNER && !mm_buffer_owned(call->buf))
			return -EPERM;
	}
	err = mm_buffer_use(call->buf, write);
	if (err)
		return err;
	err = io->run(call);
	mm_buffer_unuse(call->buf, write);
	return err;
}

/* Not inlined: who asks for a command that is not there need not clear all this. */
static noinline long mm_ioctl_do(const struct mm_ioctl *io, struct file *file,
				 unsigned int cmd, unsigned long arg)
{
	struct mm_ioctl_call call = {
		.buf = file->private_data,
		.file = file,
	};
	void __user *user = (void __user *)arg;
	unsigned int size = _IOC_SIZE(cmd);
	int err;

	if (size < io->size_min)
		return -EINVAL;
	if (io->mode & ~file->f_mode)
		return -EBADF;
	if (io->cap >= 0 && !capable(io->cap))
		return -EPERM;
	err = copy_struct_from_user(&call.arg, _IOC_SIZE(io->cmd), user, size);
	if (err)
		return err;
	if (call.arg.head.flags & ~io->flags || call.arg.head.reserved)
		return -EINVAL;
	err = mm_ioctl_use(io, &call);
	if (!err && _IOC_DIR(cmd) & _IOC_READ)
		err = copy_struct_to_user(user, size, &call.arg,
					  _IOC_SIZE(io->cmd), NULL);
	return mm_ioctl_publish(&call, err);
}

static long mm_ioctl_dispatch(const struct mm_ioctl *ios, size_t count,
			      struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	const struct mm_ioctl *io = mm_ioctl_find(ios, count, cmd);

	return io ? mm_ioctl_do(io, file, cmd, arg) : -ENOTTY;
}

/**
 * mm_ioctl_run() - the unlocked_ioctl of a buffer
 * @file: an open file of it
 * @cmd: the command, the size of the caller's structure within
 * @arg: where the caller's structure is
 *
 * The argument is read once and written once.
 *
 * Return: 0; -errno as uapi.h says.
 */
long mm_ioctl_run(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mm_ioctl_dispatch(mm_ioctls, ARRAY_SIZE(mm_ioctls), file, cmd,
				 arg);
}

/**
 * mm_ioctl_control() - the unlocked_ioctl of the control node
 * @file: an open file of it
 * @cmd: as mm_ioctl_run()
 * @arg: likewise
 *
 * Return: 0; -errno as uapi.h says.
 */
long mm_ioctl_control(struct file *file, unsigned int cmd, unsigned long arg)
{
	return mm_ioctl_dispatch(mm_control_ioctls,
				 ARRAY_SIZE(mm_control_ioctls), file, cmd, arg);
}
