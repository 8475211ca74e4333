// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's ways to copy to and from a process: what each says of an address
 * that it cannot use, and how many bytes it says are NOT copied.  What would be
 * unsafe is told about and not done: the unchecked variants are called only for
 * what access_ok() has allowed, for they would write to the kernel's memory.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lab.h"

#define COPY_PATTERN	0x4847464544434241ull	/* "ABCDEFGH" */

static int copy_put(const struct mmapper_lab_copy *c, bool checked)
{
	void __user *to = u64_to_user_ptr(c->address);

	switch (c->length) {
	case 1:
		return checked ? put_user((u8)c->value, (u8 __user *)to) :
				 __put_user((u8)c->value, (u8 __user *)to);
	case 2:
		return checked ? put_user((u16)c->value, (u16 __user *)to) :
				 __put_user((u16)c->value, (u16 __user *)to);
	case 4:
		return checked ? put_user((u32)c->value, (u32 __user *)to) :
				 __put_user((u32)c->value, (u32 __user *)to);
	case 8:
		return checked ? put_user(c->value, (u64 __user *)to) :
				 __put_user(c->value, (u64 __user *)to);
	default:
		return -EINVAL;
	}
}

static int copy_get(struct mmapper_lab_copy *c, bool checked)
{
	void __user *from = u64_to_user_ptr(c->address);
	int err = -EINVAL;
	u16 word = 0;
	u32 half = 0;
	u64 full = 0;
	u8 byte = 0;

	switch (c->length) {
	case 1:
		err = checked ? get_user(byte, (u8 __user *)from) :
				__get_user(byte, (u8 __user *)from);
		break;
	case 2:
		err = checked ? get_user(word, (u16 __user *)from) :
				__get_user(word, (u16 __user *)from);
		break;
	case 4:
		err = checked ? get_user(half, (u32 __user *)from) :
				__get_user(half, (u32 __user *)from);
		break;
	case 8:
		err = checked ? get_user(full, (u64 __user *)from) :
				__get_user(full, (u64 __user *)from);
		break;
	}
	c->value = byte | word | half | full;
	return err;
}

/* Bytes that are not copied; what came is told by its sum. */
static u64 copy_bytes(struct mmapper_lab_copy *c, u8 *scratch, bool checked)
{
	void __user *user = u64_to_user_ptr(c->address);
	size_t len = c->length, i;
	u64 left;

	if (c->op == MMAPPER_LAB_COPY_TO)
		return checked ? copy_to_user(user, scratch, len) :
				 __copy_to_user(user, scratch, len);
	if (c->op == MMAPPER_LAB_COPY_CLEAR)
		return checked ? clear_user(user, len) :
				 __clear_user(user, len);
	memset(scratch, 0xee, len);
	left = checked ? copy_from_user(scratch, user, len) :
			 __copy_from_user(scratch, user, len);
	c->value = 0;
	for (i = 0; i < len; i++)
		c->value += scratch[i];
	return left;
}

static long copy_do(struct mmapper_lab_copy *c)
{
	bool checked = !(c->flags & MMAPPER_LAB_COPY_UNCHECKED);
	u8 *scratch;
	size_t i;

	c->left = 0;
	c->error = 0;
	c->ok = access_ok(u64_to_user_ptr(c->address), c->length);
	if (c->op == MMAPPER_LAB_COPY_CHECK || (!checked && !c->ok))
		return 0;
	switch (c->op) {
	case MMAPPER_LAB_COPY_PUT:
		c->error = -copy_put(c, checked);
		return c->error == EINVAL ? -EINVAL : 0;
	case MMAPPER_LAB_COPY_GET:
		c->error = -copy_get(c, checked);
		return c->error == EINVAL ? -EINVAL : 0;
	}
	scratch = kmalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	if (!scratch)
		return -ENOMEM;
	for (i = 0; i < PAGE_SIZE; i++)
		scratch[i] = COPY_PATTERN >> i % 8 * 8;
	c->left = copy_bytes(c, scratch, checked);
	kfree(scratch);
	return 0;
}

/**
 * lab_copy() - MMAPPER_LAB_IOC_COPY
 * @lab: not used: the address is the caller's, of now
 * @arg: a struct mmapper_lab_copy
 *
 * Return: 0; -errno.
 */
long lab_copy(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_copy c;
	long err;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.op > MMAPPER_LAB_COPY_CHECK ||
	    c.flags & ~MMAPPER_LAB_COPY_UNCHECKED || c.address > ULONG_MAX ||
	    (c.length > PAGE_SIZE && c.op != MMAPPER_LAB_COPY_CHECK) ||
	    c.length > ULONG_MAX || c.ok || c.reserved)
		return -EINVAL;
	err = copy_do(&c);
	if (!err && copy_to_user(arg, &c, sizeof(c)))
		err = -EFAULT;
	return err;
}
