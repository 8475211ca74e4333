// SPDX-License-Identifier: GPL-2.0-only
/* mmapper_lab.ko: its node, and the table of its commands. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "lab.h"

static const struct {
	unsigned int	cmd;
	long		(*run)(struct lab *lab, void __user *arg);
} lab_ioctls[] = {
	{ MMAPPER_LAB_IOC_RAM, lab_ram_make },
	{ MMAPPER_LAB_IOC_FRAME, lab_ram_frame },
	{ MMAPPER_LAB_IOC_PIN, lab_pin },
	{ MMAPPER_LAB_IOC_PUBLISH, lab_publish },
	{ MMAPPER_LAB_IOC_UNPUBLISH, lab_unpublish },
	{ MMAPPER_LAB_IOC_COUNTERS, lab_counters },
	{ MMAPPER_LAB_IOC_COUNT, lab_count },
	{ MMAPPER_LAB_IOC_TIMER, lab_timer },
	{ MMAPPER_LAB_IOC_COPY, lab_copy },
	{ MMAPPER_LAB_IOC_KMAP, lab_kmap },
	{ MMAPPER_LAB_IOC_HOLD, lab_hold },
	{ MMAPPER_LAB_IOC_HELD, lab_held },
	{ MMAPPER_LAB_IOC_EDU, lab_edu },
	{ MMAPPER_LAB_IOC_CONSENT, lab_consent },
	{ MMAPPER_LAB_IOC_REMOTE, lab_remote },
};

static long lab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lab_ioctls); i++)
		if (lab_ioctls[i].cmd == cmd)
			return lab_ioctls[i].run(file->private_data,
						 (void __user *)arg);
	return -ENOTTY;
}

static int lab_mmap(struct file *file, struct vm_area_struct *vma)
{
	return lab_ram_map(file->private_data, vma);
}

static int lab_open(struct inode *inode, struct file *file)
{
	struct lab *lab;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	lab = kzalloc(sizeof(*lab), GFP_KERNEL_ACCOUNT);
	if (!lab)
		return -ENOMEM;
	mutex_init(&lab->lock);
	mutex_init(&lab->ram.lock);
	file->private_data = lab;
	return 0;
}

static int lab_release(struct inode *inode, struct file *file)
{
	struct lab *lab = file->private_data;

	lab_counters_end(lab);
	lab_publish_end(lab);
	lab_hold_end(lab);
	lab_remote_end(lab);
	lab_ram_end(lab);
	kfree(lab);
	return 0;
}

static const struct file_operations lab_fops = {
	.owner		= THIS_MODULE,
	.open		= lab_open,
	.release	= lab_release,
	.unlocked_ioctl	= lab_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.mmap		= lab_mmap,
};

static struct miscdevice lab_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "mmapper_lab",
	.fops	= &lab_fops,
	.mode	= 0600,
};

static int __init lab_init(void)
{
	int err = lab_edu_init();

	if (err)
		return err;
	err = misc_register(&lab_device);
	if (err)
		lab_edu_exit();
	return err;
}

static void __exit lab_exit(void)
{
	misc_deregister(&lab_device);
	lab_edu_exit();
}

module_init(lab_init);
module_exit(lab_exit);

MODULE_DESCRIPTION("mmapper: experiments, for learning and tests alone");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMAPPER_VERSION);
