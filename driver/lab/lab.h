/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the experiments share: each open file of /dev/mmapper_lab is one, with
 * what its commands have made.
 *
 * Locks, outer ones first: lab.lock, for commands; mmap_lock; lab_ram.lock, for
 * mmap().  No copy to or from user space happens under any of them.
 */
#ifndef MM_LAB_H
#define MM_LAB_H

#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include <mmapper/lab.h>
#include <mmapper/publish.h>

#include "../compat.h"

/**
 * struct lab_ram - pages of MMAPPER_LAB_IOC_RAM
 * @lock: for the other fields, which are set once
 * @flags: enum mmapper_lab_ram_flags
 * @count: of @pages; 0: not made yet
 * @pages: the pages, each with a reference
 */
struct lab_ram {
	struct mutex	lock;	/* for the rest */
	u32		flags;
	u32		count;
	struct page	**pages;
};

/**
 * struct lab_published - memory of MMAPPER_LAB_IOC_PUBLISH
 * @buf: as what it is published; NULL: it is not
 * @kind: enum mmapper_lab_memory
 * @memory: the memory
 * @size: bytes of it
 */
struct lab_published {
	struct mm_buffer	*buf;
	u32			kind;
	void			*memory;
	size_t			size;
};

/**
 * struct lab_counters - counters of MMAPPER_LAB_IOC_COUNTERS
 * @counters: as what they are published; NULL: they are not
 * @count: how many
 * @timer: what counts
 * @running: it does
 * @period: how often, in ns
 * @lock: covers @ticks and @variable, which the timer changes
 * @ticks: how often it has counted
 * @variable: the process's own, in the kernel, or NULL
 * @page: where that lies, pinned
 * @address: of the page, vmapped
 */
struct lab_counters {
	struct mm_counters		*counters;
	u32				count;
	struct hrtimer			timer;
	bool				running;
	u64				period;
	raw_spinlock_t			lock;	/* ticks, variable */
	u64				ticks;
	struct mmapper_lab_variable	*variable;
	struct page			*page;
	void				*address;
};

/**
 * struct lab_hold - pages of MMAPPER_LAB_IOC_HOLD
 * @mm: whose they are, held by mmgrab()
 * @pages: the pages, pinned
 * @count: how many; 0: none
 */
struct lab_hold {
	struct mm_struct	*mm;
	struct page		**pages;
	u32			count;
};

/**
 * struct lab - an experiment
 * @lock: for all that follows but @ram
 * @ram: has a lock of its own
 * @published: memory
 * @counters: counters
 * @hold: pinned pages
 * @consent: a process that lets others at its memory, held by mmgrab(); or NULL
 */
struct lab {
	struct mutex		lock;	/* commands */
	struct lab_ram		ram;
	struct lab_published	published;
	struct lab_counters	counters;
	struct lab_hold		hold;
	struct mm_struct	*consent;
};

/* ram.c */
long lab_ram_make(struct lab *lab, void __user *arg);
long lab_ram_frame(struct lab *lab, void __user *arg);
int lab_ram_map(struct lab *lab, struct vm_area_struct *vma);
void lab_ram_end(struct lab *lab);

/* pin.c */
long lab_pin(struct lab *lab, void __user *arg);

/* hold.c */
long lab_hold(struct lab *lab, void __user *arg);
long lab_held(struct lab *lab, void __user *arg);
void lab_hold_end(struct lab *lab);

/* publish.c */
long lab_publish(struct lab *lab, void __user *arg);
long lab_unpublish(struct lab *lab, void __user *arg);
void lab_publish_end(struct lab *lab);

/* counters.c */
long lab_counters(struct lab *lab, void __user *arg);
long lab_count(struct lab *lab, void __user *arg);
long lab_timer(struct lab *lab, void __user *arg);
void lab_counters_end(struct lab *lab);

/* copy.c */
long lab_copy(struct lab *lab, void __user *arg);

/* kmap.c */
long lab_kmap(struct lab *lab, void __user *arg);

/* edu.c */
long lab_edu(struct lab *lab, void __user *arg);
int lab_edu_init(void);
void lab_edu_exit(void);

/* remote.c */
long lab_consent(struct lab *lab, void __user *arg);
long lab_remote(struct lab *lab, void __user *arg);
void lab_remote_end(struct lab *lab);

#endif /* MM_LAB_H */
