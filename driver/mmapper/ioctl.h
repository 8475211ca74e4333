/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of both kinds of nodes share. */
#ifndef MM_IOCTL_H
#define MM_IOCTL_H

#include "core.h"

/* What every argument begins with. */
struct mm_ioctl_head {
	u32	flags;
	u32	reserved;
};

union mm_ioctl_arg {
	struct mm_ioctl_head	head;
	struct mmapper_info	info;
	struct mmapper_stats	stats;
	struct mmapper_reset	reset;
	struct mmapper_phys	phys;
	struct mmapper_create	create;
	struct mmapper_open	open;
	struct mmapper_delete	delete;
	struct mmapper_seal	seal;
	struct mmapper_revoke	revoke;
	struct mmapper_counters	counters;
	struct mmapper_watch	watch;
};

/**
 * struct mm_ioctl_call - a call of a command
 * @buf: whose file it is; NULL: the control node's
 * @file: the file it came by
 * @arg: its argument, copied in and checked
 * @made: a file that it has made, or NULL; see mm_ioctl_give()
 * @fd: the descriptor that is to be it
 * @name: the buffer of @made is to be known by its name
 * @seals: to be set on @buf
 */
struct mm_ioctl_call {
	struct mm_buffer	*buf;
	const struct file	*file;
	union mm_ioctl_arg	arg;
	struct file		*made;
	int			fd;
	bool			name;
	u32			seals;
};

int mm_ioctl_give(struct mm_ioctl_call *call, struct mm_buffer *buf,
		  unsigned int flags);

/* control.c */
int mm_control_create(struct mm_ioctl_call *call);
int mm_control_open(struct mm_ioctl_call *call);
int mm_control_delete(struct mm_ioctl_call *call);

#endif /* MM_IOCTL_H */
