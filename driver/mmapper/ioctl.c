// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: copy in, check, run, copy out. */
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "core.h"

/* What every argument begins with. */
struct mm_ioctl_head {
	u32	flags;
	u32	reserved;
};

union mm_ioctl_arg {
	struct mm_ioctl_head	head;
	struct mmapper_info	info;
	struct mmapper_stats	stats;
	struct mmapper_reset	reset;
	struct mmapper_phys	phys;
};

/**
 * struct mm_ioctl - a command
 * @cmd: its number, with the size that the driver knows
 * @size_min: the size that its structure had in its first version
 * @mode: what the file must be open for, or 0
 * @cap: the capability that it takes, or -1
 * @run: does it; the argument is copied in and checked, and copied out after
 */
struct mm_ioctl {
	unsigned int	cmd;
	unsigned int	size_min;
	fmode_t		mode;
	int		cap;
	int		(*run)(struct mm_buffer *buf, union mm_ioctl_arg *arg);
};

static int mm_ioctl_info(struct mm_buffer *buf, union mm_ioctl_arg *arg)
{
	const struct mm_backend *backend = buf->node->backend;
	struct mmapper_info *info = &arg->info;

	memset(info, 0, sizeof(*info));
	info->features = MMAPPER_FEATURE_RESET | MMAPPER_FEATURE_PHYS;
	info->abi_version = MMAPPER_ABI_VERSION;
	info->page_size = PAGE_SIZE;
	info->backend_flags = mm_backends_flags(backend);
	info->pattern = backend->pattern;
	info->size = buf->size;
	info->map_size = (u64)buf->npages << PAGE_SHIFT;
	info->max_size = buf->store->max_size();
	strscpy(info->backend, backend->name, sizeof(info->backend));
	strscpy(info->store, buf->store->name, sizeof(info->store));
	strscpy(info->mapper, buf->mapper->name, sizeof(info->mapper));
	strscpy(info->driver_version, MMAPPER_VERSION,
		sizeof(info->driver_version));
	return 0;
}

static int mm_ioctl_stats(struct mm_buffer *buf, union mm_ioctl_arg *arg)
{
	arg->stats = mm_node_stats(buf->node);
	return 0;
}

static int mm_ioctl_reset(struct mm_buffer *buf, union mm_ioctl_arg *arg)
{
	mm_buffer_reset(buf);
	return 0;
}

static int mm_ioctl_lookup(struct mm_buffer *buf, union mm_ioctl_arg *arg)
{
	u64 where = arg->phys.where;

	if (mm_range_check(buf->npages, where >> PAGE_SHIFT, 1))
		return -EINVAL;
	arg->phys.phys = PFN_PHYS(buf->store->pfn(buf, where >> PAGE_SHIFT)) +
			 offset_in_page(where);
	return 0;
}

static int mm_ioctl_translate(struct mm_buffer *buf, union mm_ioctl_arg *arg)
{
	if (arg->phys.where >= TASK_SIZE)
		return -EINVAL;
	return mm_vma_translate(buf, arg->phys.where, &arg->phys.phys);
}

static const struct mm_ioctl mm_ioctls[] = {
	{ MMAPPER_IOC_INFO, 184, 0, -1, mm_ioctl_info },
	{ MMAPPER_IOC_STATS, 72, 0, -1, mm_ioctl_stats },
	{ MMAPPER_IOC_RESET, 8, FMODE_WRITE, -1, mm_ioctl_reset },
	{ MMAPPER_IOC_LOOKUP, 24, 0, CAP_SYS_ADMIN, mm_ioctl_lookup },
	{ MMAPPER_IOC_TRANSLATE, 24, 0, CAP_SYS_ADMIN, mm_ioctl_translate },
};

static const struct mm_ioctl *mm_ioctl_find(unsigned int cmd)
{
	const unsigned int size_bits = _IOC_SIZEMASK << _IOC_SIZESHIFT;
	const struct mm_ioctl *io;

	for (io = mm_ioctls; io < mm_ioctls + ARRAY_SIZE(mm_ioctls); io++)
		if (!((io->cmd ^ cmd) & ~size_bits))
			return io;
	return NULL;
}

/**
 * mm_ioctl_run() - the unlocked_ioctl of a buffer node
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
	const struct mm_ioctl *io = mm_ioctl_find(cmd);
	void __user *user = (void __user *)arg;
	unsigned int size = _IOC_SIZE(cmd);
	union mm_ioctl_arg karg;
	int err;

	if (!io)
		return -ENOTTY;
	if (size < io->size_min)
		return -EINVAL;
	if (io->mode & ~file->f_mode)
		return -EBADF;
	if (io->cap >= 0 && !capable(io->cap))
		return -EPERM;
	memset(&karg, 0, sizeof(karg));
	err = copy_struct_from_user(&karg, _IOC_SIZE(io->cmd), user, size);
	if (err)
		return err;
	if (karg.head.flags || karg.head.reserved)
		return -EINVAL;
	err = io->run(file->private_data, &karg);
	if (err || !(_IOC_DIR(cmd) & _IOC_READ))
		return err;
	return copy_struct_to_user(user, size, &karg, _IOC_SIZE(io->cmd),
				   NULL);
}
