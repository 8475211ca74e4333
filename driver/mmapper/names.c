// SPDX-License-Identifier: GPL-2.0-only
/* The names of buffers made at run time, and their folders in sysfs. */
#include <linux/hashtable.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <linux/sysfs.h>

#include "core.h"

/**
 * struct mm_name - a name
 * @kobj: its folder
 * @list: in mm_names
 * @buf: the buffer that it leads to, with a reference
 */
struct mm_name {
	struct kobject		kobj;
	struct hlist_node	list;
	struct mm_buffer	*buf;
};

static DEFINE_MUTEX(mm_names_lock);	/* mm_names */
static DEFINE_HASHTABLE(mm_names, 10);
static struct kobject *mm_names_folder;

struct mm_name_attr {
	struct attribute	attr;
	ssize_t			(*show)(struct mm_buffer *buf, char *out);
};

#define MM_NAME_ATTR(_name, _format, _value)				\
static ssize_t mm_name_show_##_name(struct mm_buffer *buf, char *out)	\
{									\
	return sysfs_emit(out, _format "\n", _value);			\
}									\
static const struct mm_name_attr mm_name_attr_##_name = {		\
	.attr = { .name = #_name, .mode = 0444 },			\
	.show = mm_name_show_##_name,					\
}

static const char * const mm_caches[] = {
	[MMAPPER_CACHE_CACHED]	= "cached",
	[MMAPPER_CACHE_WC]	= "write-combined",
	[MMAPPER_CACHE_UC]	= "uncached",
};

MM_NAME_ATTR(backend, "%s", buf->backend->name);
MM_NAME_ATTR(store, "%s", buf->store->name);
MM_NAME_ATTR(mapper, "%s", buf->mapper->name);
MM_NAME_ATTR(description, "%s", buf->backend->description);
MM_NAME_ATTR(flags, "0x%x", mm_backends_flags(buf->backend));
MM_NAME_ATTR(size, "%zu", READ_ONCE(buf->size));
MM_NAME_ATTR(max_size, "%zu", buf->store->max_size());
MM_NAME_ATTR(opens, "%llu", mm_stats_read(buf->stats).opens);
MM_NAME_ATTR(files, "%llu", mm_stats_read(buf->stats).files);
MM_NAME_ATTR(mappings, "%llu", mm_stats_read(buf->stats).mappings);
MM_NAME_ATTR(mappings_total, "%llu",
	     mm_stats_read(buf->stats).mappings_total);
MM_NAME_ATTR(faults, "%llu", mm_stats_read(buf->stats).faults);
MM_NAME_ATTR(owner, "%u", from_kuid(&init_user_ns, buf->inode->i_uid));
MM_NAME_ATTR(group, "%u", from_kgid(&init_user_ns, buf->inode->i_gid));
MM_NAME_ATTR(mode, "%04o", READ_ONCE(buf->inode->i_mode) & 0777);
MM_NAME_ATTR(seals, "0x%x", READ_ONCE(buf->seals));
MM_NAME_ATTR(cache, "%s", mm_caches[buf->cache]);
MM_NAME_ATTR(state, "%s", buf->creator ? "ephemeral" : "persistent");

#define MM_NAME_ATTRS(_name)	((struct attribute *)&mm_name_attr_##_name.attr)

static struct attribute *mm_name_attrs[] = {
	MM_NAME_ATTRS(backend),
	MM_NAME_ATTRS(store),
	MM_NAME_ATTRS(mapper),
	MM_NAME_ATTRS(description),
	MM_NAME_ATTRS(flags),
	MM_NAME_ATTRS(size),
	MM_NAME_ATTRS(max_size),
	MM_NAME_ATTRS(opens),
	MM_NAME_ATTRS(files),
	MM_NAME_ATTRS(mappings),
	MM_NAME_ATTRS(mappings_total),
	MM_NAME_ATTRS(faults),
	MM_NAME_ATTRS(owner),
	MM_NAME_ATTRS(group),
	MM_NAME_ATTRS(mode),
	MM_NAME_ATTRS(seals),
	MM_NAME_ATTRS(cache),
	MM_NAME_ATTRS(state),
	NULL
};
ATTRIBUTE_GROUPS(mm_name);

static ssize_t mm_name_show(struct kobject *kobj, struct attribute *attr,
			    char *out)
{
	const struct mm_name_attr *a =
		container_of(attr, struct mm_name_attr, attr);

	return a->show(container_of(kobj, struct mm_name, kobj)->buf, out);
}

static void mm_name_release(struct kobject *kobj)
{
	struct mm_name *name = container_of(kobj, struct mm_name, kobj);

	mm_buffer_put(name->buf);
	kfree(name);
}

static const struct sysfs_ops mm_name_sysfs_ops = {
	.show = mm_name_show,
};

static struct kobj_type mm_name_type = {
	.release	= mm_name_release,
	.sysfs_ops	= &mm_name_sysfs_ops,
	.default_groups	= mm_name_groups,
};

static u32 mm_names_hash(const char *name)
{
	return hashlen_hash(hashlen_string(NULL, name));
}

/* With the lock held. */
static struct mm_name *mm_names_get(const char *name)
{
	struct mm_name *n;

	lockdep_assert_held(&mm_names_lock);
	hash_for_each_possible(mm_names, n, list, mm_names_hash(name))
		if (!strcmp(n->buf->name, name))
			return n;
	return NULL;
}

/**
 * mm_names_check() - may this be a name?
 * @name: from user space, MMAPPER_BUFFER_NAME_MAX bytes
 *
 * Return: 0; -ENAMETOOLONG: no zero in it; -EINVAL: empty, a byte of it may not
 * be there, or one after its zero is not zero.
 */
int mm_names_check(const char *name)
{
	size_t len = strnlen(name, MMAPPER_BUFFER_NAME_MAX), i;

	if (len == MMAPPER_BUFFER_NAME_MAX)
		return -ENAMETOOLONG;
	if (!len || name[0] == '.' ||
	    memchr_inv(name + len, 0, MMAPPER_BUFFER_NAME_MAX - len))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (name[i] < ' ' || name[i] > '~' || name[i] == '/')
			return -EINVAL;
	return 0;
}

/**
 * mm_names_add() - make a buffer known by its name
 * @buf: the buffer
 *
 * A name holds the module: unloading loses no buffer that somebody has named.
 *
 * Return: 0; -EEXIST: the name is taken; -ESTALE: it was revoked; -ENOMEM.
 */
int mm_names_add(struct mm_buffer *buf)
{
	struct mm_name *name = kzalloc(sizeof(*name), GFP_KERNEL_ACCOUNT);
	int err = -EEXIST;

	if (!name)
		return -ENOMEM;
	mm_buffer_get(buf);
	name->buf = buf;
	kobject_init(&name->kobj, &mm_name_type);
	mutex_lock(&mm_names_lock);
	if (mm_buffer_revoked(buf))
		err = -ESTALE;
	else if (!mm_names_get(buf->name))
		err = kobject_add(&name->kobj, mm_names_folder, "%s",
				  buf->name);
	if (!err) {
		__module_get(THIS_MODULE);
		hash_add(mm_names, &name->list, mm_names_hash(buf->name));
	}
	mutex_unlock(&mm_names_lock);
	if (err)
		kobject_put(&name->kobj);
	return err;
}

/**
 * mm_names_find() - the buffer that a name leads to
 * @name: the name
 *
 * Return: the buffer, with a reference for the caller; NULL: none has it.
 */
struct mm_buffer *mm_names_find(const char *name)
{
	struct mm_buffer *buf = NULL;
	struct mm_name *n;

	mutex_lock(&mm_names_lock);
	n = mm_names_get(name);
	if (n) {
		buf = n->buf;
		mm_buffer_get(buf);
	}
	mutex_unlock(&mm_names_lock);
	return buf;
}

/* With the lock held; the reference is given back after it. */
static void mm_names_unhash(struct mm_name *name)
{
	hash_del(&name->list);
	kobject_del(&name->kobj);
	module_put(THIS_MODULE);
}

/**
 * mm_names_delete() - delete a name
 * @name: the name
 *
 * Return: 0; -ENOENT: none has it; -EPERM: it is sealed, or is not the caller's.
 */
int mm_names_delete(const char *name)
{
	struct mm_name *n;
	int err = 0;

	mutex_lock(&mm_names_lock);
	n = mm_names_get(name);
	if (!n)
		err = -ENOENT;
	else if (!mm_buffer_owned(n->buf) ||
		 READ_ONCE(n->buf->seals) & MMAPPER_SEAL_DELETE)
		err = -EPERM;
	else
		mm_names_unhash(n);
	mutex_unlock(&mm_names_lock);
	if (!err)
		kobject_put(&n->kobj);
	return err;
}

/**
 * mm_names_forget() - delete the name of a buffer, if it has one
 * @buf: the buffer; if it is revoked, no name will be added any more
 */
void mm_names_forget(struct mm_buffer *buf)
{
	struct mm_name *n;

	mutex_lock(&mm_names_lock);
	n = mm_names_get(buf->name);
	if (n && n->buf == buf)
		mm_names_unhash(n);
	else
		n = NULL;
	mutex_unlock(&mm_names_lock);
	if (n)
		kobject_put(&n->kobj);
}

/**
 * mm_names_init() - make the folder of the names
 * @parent: where
 *
 * Return: 0; -ENOMEM.
 */
int mm_names_init(struct kobject *parent)
{
	mm_names_folder = kobject_create_and_add("buffers", parent);
	return mm_names_folder ? 0 : -ENOMEM;
}

/** mm_names_exit() - take it away; there is no name any more */
void mm_names_exit(void)
{
	kobject_put(mm_names_folder);
}
