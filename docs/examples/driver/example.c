// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole driver that shows processes a buffer and counters: it has no character
 * device, no mmap() and no ioctl().  Processes find both by their names:
 *
 *	mmapper-cli dump example
 *	mmapper-cli watch-counters example-ticks
 *
 * and programs by mmapper_buffer_open_name() and mmapper_counters_open().
 */
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include <mmapper/publish.h>

#define SIZE	(4 * PAGE_SIZE)

enum { TICKS, BYTES, COUNTERS };

static void *memory;
static struct mm_buffer *buffer;
static struct mm_counters *counters;

static void tick(struct work_struct *unused);
static DECLARE_DELAYED_WORK(work, tick);

/* What an interrupt handler would do; counting is for any context but NMI. */
static void tick(struct work_struct *unused)
{
	static const char text[] = "Hello from the kernel. ";
	static unsigned int at;

	((char *)memory)[at % SIZE] = text[at % (sizeof(text) - 1)];
	at++;
	mmapper_counters_add(counters, TICKS, 1);
	mmapper_counters_add(counters, BYTES, 1);
	schedule_delayed_work(&work, 1);
}

static int __init example_init(void)
{
	struct mmapper_publication what = {
		.name	= "example",
		.mode	= 0644,
		.flags	= MMAPPER_PUBLISH_PAGES | MMAPPER_PUBLISH_READONLY,
		.size	= SIZE,
	};
	int err;

	memory = vmalloc_user(SIZE);	/* zeroed */
	if (!memory)
		return -ENOMEM;
	what.memory = memory;
	buffer = mmapper_publish(&what);
	if (IS_ERR(buffer)) {
		err = PTR_ERR(buffer);
		goto free_memory;
	}
	counters = mmapper_counters_publish("example-ticks", 0444, COUNTERS);
	if (IS_ERR(counters)) {
		err = PTR_ERR(counters);
		goto unpublish;
	}
	schedule_delayed_work(&work, 1);
	return 0;

unpublish:
	mmapper_unpublish(buffer);
free_memory:
	vfree(memory);
	return err;
}

/* First nobody counts any more; then nobody sees; then the memory can go. */
static void __exit example_exit(void)
{
	cancel_delayed_work_sync(&work);
	mmapper_counters_unpublish(counters);
	mmapper_unpublish(buffer);
	vfree(memory);
}

module_init(example_init);
module_exit(example_exit);

MODULE_DESCRIPTION("An example of mmapper/publish.h");
MODULE_LICENSE("GPL");
