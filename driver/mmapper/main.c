// SPDX-License-Identifier: GPL-2.0-only
/* mmapper.ko: init ladder and its reverse; module parameters. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "core.h"

unsigned long mm_size = 16384;
module_param_named(size, mm_size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes of each backend's buffer (default 16384)");

/* A size that no store could ever give is a mistake; others fail at open. */
static int __init mm_check_size(void)
{
	size_t max = 0;
	unsigned int i;

	for (i = 0; i < MM_BACKENDS; i++)
		max = max(max, mm_backends[i].store->max_size());
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
	return mm_node_init();
}

static void __exit mm_exit(void)
{
	mm_node_exit();
}

module_init(mm_init);
module_exit(mm_exit);

MODULE_DESCRIPTION("Kernel memory for user space, in every way that Linux maps it");
MODULE_AUTHOR("The mmapper developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMAPPER_VERSION);
