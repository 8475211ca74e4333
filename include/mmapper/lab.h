/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/**
 * DOC: The ABI of mmapper_lab.ko
 *
 * Experiments with what a production driver must not do, or need not do: for
 * learning and for tests.  A module of its own, which mmapper.ko does not know;
 * nothing loads it by itself, and no package holds it.
 *
 * /dev/mmapper_lab
 *   One node, mode 0600; open(2) asks for CAP_SYS_ADMIN besides (EPERM), for
 *   the answers hold physical addresses.  Each open is one experiment and has
 *   pages of its own, zeroed, until its last descriptor and mapping are gone.
 *
 * MMAPPER_LAB_IOC_RAM
 *   Makes the pages: ordinary RAM, each on its own.
 *   EINVAL  count 0 or above MMAPPER_LAB_PAGES_MAX, unknown flag
 *   EBUSY   this open has pages already        ENOMEM  no memory
 *
 * MMAPPER_LAB_IOC_FRAME
 *   Tells about one of them.
 *   EINVAL  index beyond the pages, non-zero reserved field
 *
 * MMAPPER_LAB_IOC_PIN
 *   Pins pages of the caller's own memory for writing, as a driver does that
 *   lends them to a device (Documentation/core-api/pin_user_pages.rst), counts
 *   what that takes, and gives them back; at most MMAPPER_LAB_PIN_BATCH are
 *   pinned at a time.
 *   EINVAL  address or length that is not whole pages, length 0, no such range
 *   EFAULT  a page that is not there, is read-only, or cannot be pinned
 *   EINTR   killed meanwhile                   ENOMEM  no memory
 *
 * mmap(2)
 *   The pages in order, all at once; MAP_SHARED only.
 *   EINVAL  MAP_PRIVATE, or a range beyond the pages
 *
 * EFAULT for a pointer that does not lead to the caller's memory, ENOTTY for
 * another command.
 */
#ifndef _UAPI_MMAPPER_LAB_H
#define _UAPI_MMAPPER_LAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MMAPPER_LAB_PATH	"/dev/mmapper_lab"

/* 16 MiB with pages of 4 KiB. */
#define MMAPPER_LAB_PAGES_MAX	4096

/* Pages that are pinned at a time. */
#define MMAPPER_LAB_PIN_BATCH	4096

/**
 * enum mmapper_lab_ram_flags - how the pages are made and mapped
 * @MMAPPER_LAB_RAM_RESERVED: SetPageReserved() on each, as drivers before
 *	Linux 2.6.15 had to, and books still say
 * @MMAPPER_LAB_RAM_INSERT: mapped by vm_insert_page(), not remap_pfn_range()
 * @MMAPPER_LAB_RAM_ACCESS: the mapping's access() is generic_access_phys(),
 *	through which ptrace(2) and /proc/PID/mem reach what has no pages.
 *	Kernels before 7.3 warn when that meets RAM that is not reserved.
 * @MMAPPER_LAB_RAM_FORGET: freed without ClearPageReserved(), a defect: what
 *	then becomes of the pages depends on the kernel
 */
enum mmapper_lab_ram_flags {
	MMAPPER_LAB_RAM_RESERVED	= 1 << 0,
	MMAPPER_LAB_RAM_INSERT		= 1 << 1,
	MMAPPER_LAB_RAM_ACCESS		= 1 << 2,
	MMAPPER_LAB_RAM_FORGET		= 1 << 3,
};

#define MMAPPER_LAB_RAM_ALL	0xf

/**
 * struct mmapper_lab_ram - MMAPPER_LAB_IOC_RAM
 * @flags: enum mmapper_lab_ram_flags
 * @count: pages, 1 to MMAPPER_LAB_PAGES_MAX
 */
struct mmapper_lab_ram {
	__u32	flags;
	__u32	count;
};

/**
 * struct mmapper_lab_frame - MMAPPER_LAB_IOC_FRAME
 * @index: in: which page, from 0
 * @reserved: must be 0
 * @pfn: out: its frame number; physical address / page size
 * @refs: out: its reference count
 */
struct mmapper_lab_frame {
	__u32	index;
	__u32	reserved;
	__u64	pfn;
	__u64	refs;
};

/**
 * struct mmapper_lab_cost - what something has taken
 * @cycles: of get_cycles(): on x86 the time stamp counter
 * @ns: nanoseconds of CLOCK_MONOTONIC_RAW
 */
struct mmapper_lab_cost {
	__u64	cycles;
	__u64	ns;
};

/**
 * struct mmapper_lab_pin - MMAPPER_LAB_IOC_PIN
 * @address: in: of the first page
 * @length: in: bytes
 * @pin: out: pin_user_pages_fast(), all of them
 * @unpin: out: unpin_user_pages(), likewise
 */
struct mmapper_lab_pin {
	__u64			address;
	__u64			length;
	struct mmapper_lab_cost	pin;
	struct mmapper_lab_cost	unpin;
};

#define MMAPPER_LAB_IOC_RAM	_IOW('M', 0xe0, struct mmapper_lab_ram)
#define MMAPPER_LAB_IOC_FRAME	_IOWR('M', 0xe1, struct mmapper_lab_frame)
#define MMAPPER_LAB_IOC_PIN	_IOWR('M', 0xe2, struct mmapper_lab_pin)

#endif /* _UAPI_MMAPPER_LAB_H */
