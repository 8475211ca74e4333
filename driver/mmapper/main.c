// SPDX-License-Identifier: GPL-2.0-only
/* mmapper.ko: init ladder and its reverse; module parameters. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "core.h"

unsigned long mm_size = 16384;
module_param_named(size, mm_size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes of each backend's buffer (default 16384)");

/*
 * A size that no store could ever give is a mistake; others fail at open.  A
 * quarter of the memory for each: no setting may use it all up.
 */
static int __init mm_check_size(void)
{
	size_t max = 0;
	unsigned int i;

	for (i = 0; i < MM_BACKENDS; i++)
		if (!mm_backends[i].no_node)
			max = max(max, mm_backends[i].store->max_size());
	max = min_t(size_t, max, (totalram_pages() / 4) << PAGE_SHIFT);
	if (mm_size && mm_size <= max)
		return 0;
	pr_err("size=%lu is not within 1 to %zu bytes\n", mm_size, max);
	return -EINVAL;
}

static int __init mm_init(void)
{
	int err;

	err = mm_backends_check();
	if (err)
		return err;
	err = mm_check_size();
	if (err)
		return err;
	err = mm_fs_init();
	if (err)
		return err;
	err = mm_device_init();
	if (err)
		goto exit_fs;
	err = mm_coherent_init();
	if (err)
		goto exit_device;
	err = mm_node_init();
	if (err)
		goto exit_coherent;
	return 0;

exit_coherent:
	mm_coherent_exit();
exit_device:
	mm_device_exit();
exit_fs:
	mm_fs_exit();
	return err;
}

static void __exit mm_exit(void)
{
	mm_node_exit();
	mm_coherent_exit();
	mm_device_exit();
	mm_fs_exit();
}

module_init(mm_init);
module_exit(mm_exit);

MODULE_DESCRIPTION("Kernel memory for user space, in every way that Linux maps it");
MODULE_AUTHOR("The mmapper developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMAPPER_VERSION);
