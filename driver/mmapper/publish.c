// SPDX-License-Identifier: GPL-2.0-only
/* What other drivers publish: see include/mmapper/publish.h. */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "core.h"

/* The row that maps it. */
static const char *mm_publish_row(const struct mmapper_publication *what)
{
	if (what->flags & MMAPPER_PUBLISH_PAGES)
		return "driver-pages";
	return what->dev ? "driver-dma" : "driver-pfn";
}

static int mm_publish_check(const struct mmapper_publication *what)
{
	const unsigned int all = MMAPPER_PUBLISH_READONLY |
				 MMAPPER_PUBLISH_PAGES;

	if (what->mode & ~0777 || what->flags & ~all || !what->memory ||
	    !what->size || !PAGE_ALIGNED(what->size) ||
	    !PAGE_ALIGNED(what->memory))
		return -EINVAL;
	if (what->flags & MMAPPER_PUBLISH_PAGES &&
	    (what->dev || !is_vmalloc_addr(what->memory)))
		return -EINVAL;
	if (!what->dev && !is_vmalloc_addr(what->memory) &&
	    !virt_addr_valid(what->memory))
		return -EINVAL;
	return 0;
}

/**
 * mm_publish_name() - let processes find a buffer of a driver
 * @buf: the buffer, whose name nobody knows yet
 * @mode: who may open it
 * @readonly: no process may write
 *
 * Only the driver can take it back.
 *
 * Return: 0; -EEXIST: the name is taken; -ENOMEM.
 */
int mm_publish_name(struct mm_buffer *buf, umode_t mode, bool readonly)
{
	u32 seals = MMAPPER_SEAL_SEAL | MMAPPER_SEAL_RESIZE |
		    MMAPPER_SEAL_DELETE;
	int err;

	if (readonly)
		seals |= MMAPPER_SEAL_WRITE;
	buf->inode->i_mode = S_IFREG | mode;
	err = mm_buffer_seal(buf, seals);
	return err ? err : mm_names_add(buf);
}

/**
 * mm_publish_create() - make a buffer of a driver
 * @row: its row
 * @name: its name
 * @size: its bytes, whole pages
 * @source: what its store takes
 *
 * Return: the buffer with one reference; -EINVAL, -ENAMETOOLONG: no such name
 * can be; -ENOMEM.
 */
struct mm_buffer *mm_publish_create(const char *row, const char *name,
				    size_t size, const void *source)
{
	char full[MMAPPER_BUFFER_NAME_MAX] = "";
	const struct mm_params params = {
		.backend	= mm_backends_find(row),
		.size		= size,
		.numa_node	= NUMA_NO_NODE,
		.pattern	= MMAPPER_PATTERN_ZERO,
		.flags		= MMAPPER_BUFFER_F_DRIVER,
		.name		= full,
		.source		= source,
	};
	int err;

	if (strscpy(full, name, sizeof(full)) < 0)
		return ERR_PTR(-ENAMETOOLONG);
	err = mm_names_check(full);
	return err ? ERR_PTR(err) : mm_buffer_create(&params);
}

/**
 * mm_publish_end() - take a buffer back from everybody
 * @buf: the buffer; its name may never have been known
 * @unused: what its store's free() completes
 *
 * Once it has returned nobody reads, writes or maps the memory.
 */
void mm_publish_end(struct mm_buffer *buf, struct completion *unused)
{
	mm_buffer_revoke(buf);
	mm_names_forget(buf);
	wait_for_completion(unused);
	mm_buffer_put(buf);
}

/**
 * mmapper_publish() - let processes map a driver's memory
 * @what: the memory, and who may open it
 *
 * The memory must stay until mmapper_unpublish() has returned.
 *
 * Return: what mmapper_unpublish() takes; ERR_PTR(): -EINVAL: a field of @what;
 * -ENAMETOOLONG; -EEXIST: the name is taken; -ENOMEM.
 */
struct mm_buffer *mmapper_publish(const struct mmapper_publication *what)
{
	struct mm_buffer *buf;
	int err;

	err = mm_publish_check(what);
	if (err)
		return ERR_PTR(err);
	buf = mm_publish_create(mm_publish_row(what), what->name, what->size,
				what);
	if (IS_ERR(buf))
		return buf;
	buf->inode->i_uid = what->uid;
	buf->inode->i_gid = what->gid;
	err = mm_publish_name(buf, what->mode,
			      what->flags & MMAPPER_PUBLISH_READONLY);
	if (err) {
		mmapper_unpublish(buf);
		return ERR_PTR(err);
	}
	return buf;
}
EXPORT_SYMBOL_GPL(mmapper_publish);

/**
 * mmapper_unpublish() - take a driver's memory back
 * @buf: what mmapper_publish() gave
 *
 * Its pages vanish from every process; read() and write() that are under way
 * are waited for.  Then the memory is the driver's alone.
 */
void mmapper_unpublish(struct mm_buffer *buf)
{
	struct mm_published *pub = buf->store_data;

	mm_publish_end(buf, &pub->unused);
	kfree(pub);
}
EXPORT_SYMBOL_GPL(mmapper_unpublish);
