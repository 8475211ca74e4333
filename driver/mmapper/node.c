// SPDX-License-Identifier: GPL-2.0-only
/* Minors and what they lead to; nodes in /dev; attributes in sysfs. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "core.h"

static struct mm_node nodes[MM_BACKENDS];
static dev_t base;
static struct cdev cdev;

/**
 * mm_node_find() - the node that a minor number leads to
 * @minor: the minor number
 *
 * Return: the node; NULL: no backend has this minor number.
 */
struct mm_node *mm_node_find(unsigned int minor)
{
	unsigned int row = (minor & ~MM_MINOR_CLASSIC) - 1;

	if (minor >= MM_MINORS || row >= MM_BACKENDS ||
	    mm_backends[row].no_node)
		return NULL;
	if (minor & MM_MINOR_CLASSIC && !mm_backends[row].classic)
		return NULL;
	return &nodes[row];
}

static struct mm_buffer *mm_node_buffer_create(struct mm_node *node)
{
	const struct mm_params params = {
		.backend	= node->backend,
		.size		= node->size,
		.numa_node	= NUMA_NO_NODE,
		.pattern	= node->backend->pattern,
		.stats		= &node->stats,
		.flags		= MMAPPER_BUFFER_F_NODE,
		.name		= "",
	};
	const struct mm_store *store = node->backend->store;

	if (params.size > store->max_size())
		pr_warn_ratelimited("%s: size=%zu is more than the %zu bytes that %s can give\n",
				    node->backend->name, params.size,
				    store->max_size(), store->name);
	return mm_buffer_create(&params);
}

/**
 * mm_node_buffer_get() - the buffer of a node, made if need be
 * @node: the node
 *
 * Called by open() alone: allocating takes mmap_lock in reclaim's eyes, so
 * nothing that runs under mmap_lock may come here.
 *
 * Return: the buffer with a reference for the caller; -EFBIG, -ENOMEM,
 * -ERESTARTSYS: a signal came first.
 */
struct mm_buffer *mm_node_buffer_get(struct mm_node *node)
{
	struct mm_buffer *buf;

	if (node->backend->per_open)
		return mm_node_buffer_create(node);
	if (mutex_lock_interruptible(&node->lock))
		return ERR_PTR(-ERESTARTSYS);
	buf = node->buffer;
	if (!buf) {
		buf = mm_node_buffer_create(node);
		if (!IS_ERR(buf))
			node->buffer = buf;
	}
	if (!IS_ERR(buf))
		mm_buffer_get(buf);
	mutex_unlock(&node->lock);
	return buf;
}

/**
 * mm_stats_read() - what has happened so far
 * @s: the counters
 *
 * Return: the counters, its inputs zero.
 */
struct mmapper_stats mm_stats_read(const struct mm_stats *s)
{
	struct mmapper_stats stats = { };
	u64 releases;

	stats.vma_closes = atomic64_read(&s->vma_closes);
	releases = atomic64_read(&s->releases);
	/*
	 * What ends is read before what begins, so that no difference can fall
	 * below zero: pairs with the full barriers that lie between the two in
	 * the life of each file and VMA, in the counting of references to it.
	 */
	smp_rmb();
	stats.opens = atomic64_read(&s->opens);
	stats.mmaps = atomic64_read(&s->mmaps);
	stats.vma_opens = atomic64_read(&s->vma_opens);
	stats.faults = atomic64_read(&s->faults);
	stats.files = stats.opens - releases;
	stats.mappings_total = stats.mmaps + stats.vma_opens;
	stats.mappings = stats.mappings_total - stats.vma_closes;
	return stats;
}

#define MM_NODE_ATTR(_name, _format, _value)				\
static ssize_t _name##_show(struct device *dev,			\
			    struct device_attribute *attr, char *out)	\
{									\
	const struct mm_node *node = dev_get_drvdata(dev);		\
									\
	return sysfs_emit(out, _format "\n", _value);			\
}									\
static DEVICE_ATTR_RO(_name)

MM_NODE_ATTR(backend, "%s", node->backend->name);
MM_NODE_ATTR(store, "%s", node->backend->store->name);
MM_NODE_ATTR(mapper, "%s", node->backend->mapper->name);
MM_NODE_ATTR(description, "%s", node->backend->description);
MM_NODE_ATTR(flags, "0x%x", mm_backends_flags(node->backend));
MM_NODE_ATTR(size, "%zu", node->size);
MM_NODE_ATTR(max_size, "%zu", node->backend->store->max_size());
MM_NODE_ATTR(opens, "%llu", mm_stats_read(&node->stats).opens);
MM_NODE_ATTR(files, "%llu", mm_stats_read(&node->stats).files);
MM_NODE_ATTR(mappings, "%llu", mm_stats_read(&node->stats).mappings);
MM_NODE_ATTR(mappings_total, "%llu", mm_stats_read(&node->stats).mappings_total);
MM_NODE_ATTR(faults, "%llu", mm_stats_read(&node->stats).faults);

static struct attribute *mm_node_attrs[] = {
	&dev_attr_backend.attr,
	&dev_attr_store.attr,
	&dev_attr_mapper.attr,
	&dev_attr_description.attr,
	&dev_attr_flags.attr,
	&dev_attr_size.attr,
	&dev_attr_max_size.attr,
	&dev_attr_opens.attr,
	&dev_attr_files.attr,
	&dev_attr_mappings.attr,
	&dev_attr_mappings_total.attr,
	&dev_attr_faults.attr,
	NULL
};
ATTRIBUTE_GROUPS(mm_node);

static ssize_t used_show(struct device *dev, struct device_attribute *attr,
			 char *out)
{
	return sysfs_emit(out, "%llu\n", mm_quota_used());
}
static DEVICE_ATTR_RO(used);

static ssize_t count_show(struct device *dev, struct device_attribute *attr,
			  char *out)
{
	return sysfs_emit(out, "%llu\n", mm_quota_count());
}
static DEVICE_ATTR_RO(count);

static struct attribute *mm_control_attrs[] = {
	&dev_attr_used.attr,
	&dev_attr_count.attr,
	NULL
};
ATTRIBUTE_GROUPS(mm_control);

static CLASS_ATTR_STRING(abi, 0444, __stringify(MMAPPER_ABI_VERSION));

static struct attribute *mm_class_attrs[] = {
	&class_attr_abi.attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(mm_class);

/* Rows lie in a directory of their own, second names beside it. */
static char *mm_node_devnode(MM_DEVNODE_CONST struct device *dev,
			     umode_t *mode)
{
	if (mode)
		*mode = 0660;
	if (MINOR(dev->devt) & MM_MINOR_CLASSIC)
		return NULL;
	/* Without this name the kernel would make a node of another, for good. */
	return kasprintf(GFP_KERNEL | __GFP_NOFAIL, "mmapper/%s", dev_name(dev));
}

static struct class mm_class = {
	.name		= "mmapper",
	.class_groups	= mm_class_groups,
	.devnode	= mm_node_devnode,
};

static int mm_node_add(struct mm_node *node, unsigned int minor,
		       const char *name)
{
	struct device *dev;

	dev = device_create_with_groups(&mm_class, NULL, base + minor, node,
					mm_node_groups, "%s", name);
	return PTR_ERR_OR_ZERO(dev);
}

static void mm_node_remove_all(void)
{
	unsigned int minor;

	for (minor = 0; minor < MM_MINORS; minor++)
		/* One that was not made yet is no error. */
		if (mm_node_find(minor))
			device_destroy(&mm_class, base + minor);
}

static int mm_node_add_all(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < MM_BACKENDS && !err; i++) {
		const struct mm_backend *backend = &mm_backends[i];

		if (backend->no_node)
			continue;
		err = mm_node_add(&nodes[i], i + 1, backend->name);
		if (!err && backend->classic)
			err = mm_node_add(&nodes[i], i + 1 + MM_MINOR_CLASSIC,
					  backend->classic);
	}
	if (err)
		mm_node_remove_all();
	return err;
}

/* The control node, with a folder for the names of buffers. */
static int mm_node_add_control(void)
{
	struct device *dev;
	int err;

	dev = device_create_with_groups(&mm_class, NULL,
					base + MM_MINOR_CONTROL, NULL,
					mm_control_groups, "control");
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = mm_names_init(&dev->kobj);
	if (err)
		device_destroy(&mm_class, base + MM_MINOR_CONTROL);
	return err;
}

static void mm_node_remove_control(void)
{
	mm_names_exit();
	device_destroy(&mm_class, base + MM_MINOR_CONTROL);
}

/**
 * mm_node_init() - make the nodes of all backends
 *
 * Return: 0; -errno, and nothing is left behind.
 */
int mm_node_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < MM_BACKENDS; i++) {
		nodes[i].backend = &mm_backends[i];
		nodes[i].size = mm_size;
		mutex_init(&nodes[i].lock);
	}
	err = class_register(&mm_class);
	if (err)
		return err;
	err = alloc_chrdev_region(&base, 0, MM_MINORS, "mmapper");
	if (err)
		goto unregister_class;
	err = mm_node_add_control();
	if (err)
		goto unregister_region;
	err = mm_node_add_all();
	if (err)
		goto remove_control;
	/* Last, for it lets files be opened, and then nothing may fail. */
	cdev_init(&cdev, &mm_file_fops);
	cdev.owner = THIS_MODULE;
	err = cdev_add(&cdev, base, MM_MINORS);
	if (err)
		goto remove_all;
	return 0;

remove_all:
	mm_node_remove_all();
remove_control:
	mm_node_remove_control();
unregister_region:
	unregister_chrdev_region(base, MM_MINORS);
unregister_class:
	class_unregister(&mm_class);
	return err;
}

/**
 * mm_node_exit() - take the nodes away
 *
 * No file is open and nothing is mapped any more: both hold the module.
 */
void mm_node_exit(void)
{
	unsigned int i;

	cdev_del(&cdev);
	mm_node_remove_all();
	mm_node_remove_control();
	for (i = 0; i < MM_BACKENDS; i++)
		if (nodes[i].buffer)
			mm_buffer_put(nodes[i].buffer);
	unregister_chrdev_region(base, MM_MINORS);
	class_unregister(&mm_class);
}
