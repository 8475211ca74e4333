// SPDX-License-Identifier: GPL-2.0-only
/* How much memory all buffers made at run time may have, and one user's. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "core.h"

unsigned long mm_quota_limit;
module_param_named(limit, mm_quota_limit, ulong, 0644);
MODULE_PARM_DESC(limit, "bytes that all buffers made at run time may have together (0: half of the memory)");

unsigned long mm_quota_user_limit;
module_param_named(user_limit, mm_quota_user_limit, ulong, 0644);
MODULE_PARM_DESC(user_limit, "bytes that the buffers of one user may have (0: a quarter of the memory)");

static unsigned long mm_quota_user_buffers = 16384;
module_param_named(user_buffers, mm_quota_user_buffers, ulong, 0644);
MODULE_PARM_DESC(user_buffers, "how many buffers one user may have (default 16384)");

/**
 * struct mm_user - what one user has
 * @list: in mm_users
 * @uid: the user
 * @bytes: bytes of the buffers
 * @buffers: how many; the user is forgotten with the last
 */
struct mm_user {
	struct hlist_node	list;
	kuid_t			uid;
	u64			bytes;
	u64			buffers;
};

static DEFINE_MUTEX(mm_quota_lock);	/* all below */
static DEFINE_HASHTABLE(mm_users, 6);
static u64 mm_used;
static u64 mm_count;

static u64 mm_quota_share(unsigned long set, unsigned int part)
{
	return set ? set : ((u64)totalram_pages() << PAGE_SHIFT) / part;
}

/* May @user have @bytes and @buffers more? */
static int mm_quota_check(const struct mm_user *user, u64 bytes, u64 buffers)
{
	u64 limit = mm_quota_share(READ_ONCE(mm_quota_limit), 2);
	u64 user_limit = mm_quota_share(READ_ONCE(mm_quota_user_limit), 4);

	if (bytes > limit || mm_used > limit - bytes)
		return -ENOMEM;
	if (bytes <= user_limit && user->bytes <= user_limit - bytes &&
	    user->buffers + buffers <= READ_ONCE(mm_quota_user_buffers))
		return 0;
	return capable(CAP_SYS_RESOURCE) ? 0 : -EDQUOT;
}

static struct mm_user *mm_quota_user(kuid_t uid)
{
	struct mm_user *user;

	hash_for_each_possible(mm_users, user, list, __kuid_val(uid))
		if (uid_eq(user->uid, uid))
			return user;
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return NULL;
	user->uid = uid;
	hash_add(mm_users, &user->list, __kuid_val(uid));
	return user;
}

static void mm_quota_add(struct mm_charge *charge, u64 bytes)
{
	charge->bytes += bytes;
	charge->user->bytes += bytes;
	mm_used += bytes;
}

static void mm_quota_forget(struct mm_user *user)
{
	if (user->buffers)
		return;
	hash_del(&user->list);
	kfree(user);
}

/**
 * mm_quota_charge() - count a buffer of the caller
 * @charge: what was counted, for the other functions
 * @bytes: its memory
 *
 * Return: 0; -EDQUOT: more than a user may have; -ENOMEM: more than all may.
 */
int mm_quota_charge(struct mm_charge *charge, u64 bytes)
{
	struct mm_user *user;
	int err = -ENOMEM;

	mutex_lock(&mm_quota_lock);
	user = mm_quota_user(current_fsuid());
	if (user) {
		err = mm_quota_check(user, bytes, 1);
		if (err) {
			mm_quota_forget(user);
		} else {
			charge->user = user;
			charge->bytes = 0;
			mm_quota_add(charge, bytes);
			user->buffers++;
			mm_count++;
		}
	}
	mutex_unlock(&mm_quota_lock);
	return err;
}

/**
 * mm_quota_grow() - count more of a buffer that is counted
 * @charge: the buffer's
 * @bytes: how much more
 *
 * Return: 0; -EDQUOT, -ENOMEM: as mm_quota_charge().
 */
int mm_quota_grow(struct mm_charge *charge, u64 bytes)
{
	int err;

	mutex_lock(&mm_quota_lock);
	err = mm_quota_check(charge->user, bytes, 0);
	if (!err)
		mm_quota_add(charge, bytes);
	mutex_unlock(&mm_quota_lock);
	return err;
}

/**
 * mm_quota_shrink() - count less of it
 * @charge: the buffer's
 * @bytes: how much less
 */
void mm_quota_shrink(struct mm_charge *charge, u64 bytes)
{
	mutex_lock(&mm_quota_lock);
	mm_quota_add(charge, -bytes);
	mutex_unlock(&mm_quota_lock);
}

/**
 * mm_quota_uncharge() - count a buffer no more
 * @charge: the buffer's; nothing was counted if it has no user
 */
void mm_quota_uncharge(struct mm_charge *charge)
{
	struct mm_user *user = charge->user;

	if (!user)
		return;
	mutex_lock(&mm_quota_lock);
	mm_quota_add(charge, -charge->bytes);
	user->buffers--;
	mm_count--;
	mm_quota_forget(user);
	mutex_unlock(&mm_quota_lock);
	charge->user = NULL;
}

/**
 * mm_quota_used() - bytes that are counted
 *
 * Return: the sum over all buffers.
 */
u64 mm_quota_used(void)
{
	u64 used;

	mutex_lock(&mm_quota_lock);
	used = mm_used;
	mutex_unlock(&mm_quota_lock);
	return used;
}

/**
 * mm_quota_count() - buffers that are counted
 *
 * Return: how many.
 */
u64 mm_quota_count(void)
{
	u64 count;

	mutex_lock(&mm_quota_lock);
	count = mm_count;
	mutex_unlock(&mm_quota_lock);
	return count;
}
