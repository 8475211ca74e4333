// SPDX-License-Identifier: GPL-2.0-only
/* Buffers that become larger or smaller, while others have them open or mapped. */
#include "core.h"

/* May the size change? */
static int mm_resize_check(const struct mm_buffer *buf)
{
	if (mm_buffer_revoked(buf))
		return -ESTALE;
	return buf->seals & MMAPPER_SEAL_RESIZE ? -EPERM : 0;
}

/* Mappings can have written what lies between the old end and the page's. */
static void mm_resize_clear_slack(struct mm_buffer *buf, size_t size)
{
	pgoff_t index = size >> PAGE_SHIFT;
	struct page *page;

	if (!offset_in_page(size) || index >= buf->npages)
		return;
	page = buf->store->page(buf, index, false);
	if (IS_ERR_OR_NULL(page))
		return;
	memset(page_address(page) + offset_in_page(size), 0,
	       PAGE_SIZE - offset_in_page(size));
	put_page(page);
}

static int mm_resize_grow(struct mm_buffer *buf, size_t size, pgoff_t npages)
{
	u64 more = (u64)(npages - buf->npages) << PAGE_SHIFT;
	int err;

	err = mm_quota_grow(&buf->charge, more);
	if (err)
		return err;
	err = buf->store->resize(buf, npages);
	if (err) {
		mm_quota_shrink(&buf->charge, more);
		return err;
	}
	mm_resize_clear_slack(buf, min(buf->size, size));
	buf->npages = npages;
	WRITE_ONCE(buf->size, size);
	return 0;
}

/* The new end is there before anything is unmapped, so that nothing comes back. */
static int mm_resize_shrink(struct mm_buffer *buf, size_t size, pgoff_t npages)
{
	pgoff_t old = buf->npages;

	WRITE_ONCE(buf->size, size);
	buf->npages = npages;
	up_write(&buf->sem);
	mm_births_wait(buf);
	unmap_mapping_range(buf->inode->i_mapping,
			    (loff_t)npages << PAGE_SHIFT, 0, 1);
	down_write(&buf->sem);
	if (mm_buffer_revoked(buf))
		return -ESTALE;
	buf->store->resize(buf, npages);
	mm_quota_shrink(&buf->charge, (u64)(old - npages) << PAGE_SHIFT);
	mm_resize_clear_slack(buf, size);
	return 0;
}

/**
 * mm_resize() - change the size of a buffer
 * @buf: the buffer; its inode is locked
 * @size: bytes
 *
 * Return: 0; -errno as uapi.h says of ftruncate().
 */
int mm_resize(struct mm_buffer *buf, loff_t size)
{
	pgoff_t npages;
	int err;

	if (!(buf->store->can & MM_CAN_RESIZE) ||
	    buf->cache != MMAPPER_CACHE_CACHED)
		return -EOPNOTSUPP;
	if (size < 1)
		return -EINVAL;
	if (size > buf->store->max_size())
		return -EFBIG;
	npages = PAGE_ALIGN((u64)size) >> PAGE_SHIFT;
	down_write(&buf->sem);
	err = mm_resize_check(buf);
	if (!err) {
		mm_template_drop(buf);
		err = npages >= buf->npages ?
			mm_resize_grow(buf, size, npages) :
			mm_resize_shrink(buf, size, npages);
	}
	up_write(&buf->sem);
	if (!err)
		i_size_write(buf->inode, size);
	return err;
}
