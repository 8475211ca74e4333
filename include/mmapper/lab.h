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
 * MMAPPER_LAB_IOC_PUBLISH, MMAPPER_LAB_IOC_UNPUBLISH
 *   Makes memory, filled with the alphabet ('a' + i % 26), and publishes it by
 *   mmapper_publish(); takes it back, as the end of the open does.
 *   EINVAL  kind, size, offset, part; what mmapper_publish() refuses
 *   EBUSY   it has published already           ENODATA  it has not
 *   EEXIST, ENAMETOOLONG, ENOMEM  as mmapper_publish()
 *
 * MMAPPER_LAB_IOC_COUNTERS, MMAPPER_LAB_IOC_COUNT
 *   Publishes counters by mmapper_counters_publish(); adds to one of them.
 *   EINVAL  count, mode; there is no such counter, or no counters yet
 *   EBUSY   it has published some already      EEXIST, ENAMETOOLONG, ENOMEM
 *
 * MMAPPER_LAB_IOC_TIMER
 *   Lets a high-resolution timer count, in its interrupt: each time all counters
 *   are set to how often it has counted so far, and so is a variable of the
 *   caller's, which stays pinned.  With period 0: stops it, and lets go of the
 *   variable.  Tells how often it has counted.
 *   EINVAL  period; a variable that is not aligned, or not within a page
 *   EFAULT  the variable cannot be pinned      EBUSY  it counts already
 *   ENODATA  there are no counters             ENOMEM
 *
 * MMAPPER_LAB_IOC_COPY
 *   Copies between a kernel buffer and the caller, by one of the kernel's ways,
 *   and tells what that has answered.  An unchecked way is not called for what
 *   access_ok() refuses: ok in the answer says so.
 *   EINVAL  op, flags; length above a page, or not 1, 2, 4 or 8 for the ops that
 *           take a value; non-zero ok or reserved
 *
 * MMAPPER_LAB_IOC_KMAP
 *   Copies one page of MMAPPER_LAB_IOC_RAM to another through kmap_local_page().
 *   EINVAL  no such page, the same twice, non-zero reserved
 *
 * MMAPPER_LAB_IOC_HOLD, MMAPPER_LAB_IOC_HELD
 *   Pins pages of the caller's for as long as this open is there; tells about
 *   one of them.  With count 0: lets go.
 *   EINVAL  address that is no page's, count above MMAPPER_LAB_HOLD_MAX, no such
 *           page held, non-zero reserved
 *   EBUSY   some are held                      ENOMEM  beyond RLIMIT_MEMLOCK
 *   EFAULT  a page that is not there, is read-only, or cannot be pinned
 *
 * MMAPPER_LAB_IOC_EDU
 *   Lets QEMU's device "edu", once it was given to the driver "mmapper_lab" by
 *   driver_override, raise an interrupt, or copy between the page published as
 *   MMAPPER_LAB_EDU_MEMORY and its own memory, and waits for that.  Each interrupt
 *   counts in the counters published as MMAPPER_LAB_EDU_COUNTERS.
 *   EINVAL  op; value 0 or with bit 8; a length of 0 or above
 *           MMAPPER_LAB_EDU_LENGTH_MAX, a range beyond the page
 *   ENODEV  there is no such device            ETIMEDOUT  it does not answer
 *
 * MMAPPER_LAB_IOC_CONSENT, MMAPPER_LAB_IOC_REMOTE
 *   Lets whoever has this descriptor at the memory of the process that calls; for
 *   as long as it does not exec, or die.  Reads or writes such memory, or that of
 *   a process of a number, as far as its own protection allows.
 *   EBUSY   some process has consented         ENODATA  none has
 *   EPERM   by number, without CAP_SYS_PTRACE  ESRCH  it has died or called exec
 *   EINVAL  flags; length 0 or above a page; a range that wraps; non-zero done,
 *           by_driver or reserved
 *   EFAULT  not one byte of it is there        EINTR  killed meanwhile
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

/* Memory that is published. */
#define MMAPPER_LAB_SIZE_MAX	(4u << 20)

/* Pages that are held. */
#define MMAPPER_LAB_HOLD_MAX	512

/* Nanoseconds. */
#define MMAPPER_LAB_PERIOD_MIN	1000
#define MMAPPER_LAB_PERIOD_MAX	1000000000

/** enum mmapper_lab_memory - whence the memory comes that is published */
enum mmapper_lab_memory {
	MMAPPER_LAB_KMALLOC	= 0,
	MMAPPER_LAB_PAGES	= 1,
	MMAPPER_LAB_VMALLOC	= 2,
};

/**
 * enum mmapper_lab_publish_flags - enum mmapper_publish_flags, for processes
 * @MMAPPER_LAB_PUBLISH_READONLY: MMAPPER_PUBLISH_READONLY
 * @MMAPPER_LAB_PUBLISH_PAGES: MMAPPER_PUBLISH_PAGES
 */
enum mmapper_lab_publish_flags {
	MMAPPER_LAB_PUBLISH_READONLY	= 1 << 0,
	MMAPPER_LAB_PUBLISH_PAGES	= 1 << 1,
};

/**
 * struct mmapper_lab_publish - MMAPPER_LAB_IOC_PUBLISH
 * @kind: enum mmapper_lab_memory
 * @flags: enum mmapper_lab_publish_flags
 * @mode: of struct mmapper_publication
 * @uid: likewise
 * @gid: likewise
 * @reserved: 0
 * @size: bytes that are made, whole pages, up to MMAPPER_LAB_SIZE_MAX
 * @offset: what is published begins so far within, below @size
 * @part: bytes of what is published; 0: @size
 * @name: what it is called; one byte more than a name may have
 */
struct mmapper_lab_publish {
	__u32		kind;
	__u32		flags;
	__u32		mode;
	__u32		uid;
	__u32		gid;
	__u32		reserved;
	__aligned_u64	size;
	__aligned_u64	offset;
	__aligned_u64	part;
	char		name[72];
};

/**
 * struct mmapper_lab_counters - MMAPPER_LAB_IOC_COUNTERS
 * @count: how many
 * @mode: who may open them
 * @name: what they are called
 */
struct mmapper_lab_counters {
	__u32		count;
	__u32		mode;
	char		name[72];
};

/**
 * struct mmapper_lab_count - MMAPPER_LAB_IOC_COUNT
 * @index: which counter
 * @reserved: 0
 * @delta: what is added
 */
struct mmapper_lab_count {
	__u32		index;
	__u32		reserved;
	__aligned_u64	delta;
};

/**
 * struct mmapper_lab_variable - what the timer writes to in a process
 * @sequence: odd while it is written
 * @values: how often the timer has counted, twice
 */
struct mmapper_lab_variable {
	__aligned_u64	sequence;
	__aligned_u64	values[2];
};

/**
 * struct mmapper_lab_timer - MMAPPER_LAB_IOC_TIMER
 * @period: in: ns, MMAPPER_LAB_PERIOD_MIN to MMAPPER_LAB_PERIOD_MAX; 0: stop
 * @variable: in: address of a struct mmapper_lab_variable, or 0
 * @ticks: out: how often it has counted
 */
struct mmapper_lab_timer {
	__aligned_u64	period;
	__aligned_u64	variable;
	__aligned_u64	ticks;
};

/**
 * enum mmapper_lab_copy_op - the kernel's ways to copy
 * @MMAPPER_LAB_COPY_TO: copy_to_user() of "ABCDEFGHABC..."
 * @MMAPPER_LAB_COPY_FROM: copy_from_user() into a buffer of bytes 0xee
 * @MMAPPER_LAB_COPY_CLEAR: clear_user()
 * @MMAPPER_LAB_COPY_PUT: put_user() of @value, in 1, 2, 4 or 8 bytes
 * @MMAPPER_LAB_COPY_GET: get_user()
 * @MMAPPER_LAB_COPY_CHECK: access_ok() alone
 */
enum mmapper_lab_copy_op {
	MMAPPER_LAB_COPY_TO	= 0,
	MMAPPER_LAB_COPY_FROM	= 1,
	MMAPPER_LAB_COPY_CLEAR	= 2,
	MMAPPER_LAB_COPY_PUT	= 3,
	MMAPPER_LAB_COPY_GET	= 4,
	MMAPPER_LAB_COPY_CHECK	= 5,
};

/**
 * enum mmapper_lab_copy_flags - in mmapper_lab_copy.flags
 * @MMAPPER_LAB_COPY_UNCHECKED: __copy_to_user() and the like
 */
enum mmapper_lab_copy_flags {
	MMAPPER_LAB_COPY_UNCHECKED	= 1 << 0,
};

/**
 * struct mmapper_lab_copy - MMAPPER_LAB_IOC_COPY
 * @op: in: enum mmapper_lab_copy_op
 * @flags: in: enum mmapper_lab_copy_flags
 * @address: in: of the caller's
 * @length: in: bytes
 * @value: in: what is put; out: what get_user() has got, or the sum of the bytes
 *	that are in the buffer after copy_from_user()
 * @left: out: bytes that the kernel says are NOT copied or cleared
 * @error: out: errno that put_user() or get_user() has given; 0: none
 * @ok: in: 0; out: what access_ok() says
 * @reserved: 0
 */
struct mmapper_lab_copy {
	__u32		op;
	__u32		flags;
	__aligned_u64	address;
	__aligned_u64	length;
	__aligned_u64	value;
	__aligned_u64	left;
	__u32		error;
	__u32		ok;
	__aligned_u64	reserved;
};

/**
 * struct mmapper_lab_kmap - MMAPPER_LAB_IOC_KMAP
 * @from: in: index of the page that is copied
 * @to: in: of the page that it is copied to
 * @direct: out: both were given by their addresses in the direct map
 * @apart: out: at different addresses
 * @highmem: out: one of them is high memory, which has no such address
 * @reserved: 0
 */
struct mmapper_lab_kmap {
	__u32	from;
	__u32	to;
	__u32	direct;
	__u32	apart;
	__u32	highmem;
	__u32	reserved;
};

/**
 * struct mmapper_lab_hold - MMAPPER_LAB_IOC_HOLD
 * @address: in: of the first page
 * @count: in: pages, up to MMAPPER_LAB_HOLD_MAX; 0: let go
 * @reserved: 0
 */
struct mmapper_lab_hold {
	__aligned_u64	address;
	__u32		count;
	__u32		reserved;
};

/**
 * struct mmapper_lab_held - MMAPPER_LAB_IOC_HELD
 * @index: in: which of the pages, from 0
 * @pinned: in: 0; out: the kernel takes it for pinned (folio_maybe_dma_pinned())
 * @pfn: out: its frame number
 * @refs: out: its reference count; a pin is worth 1024
 * @reserved: 0
 */
struct mmapper_lab_held {
	__u32		index;
	__u32		pinned;
	__aligned_u64	pfn;
	__aligned_u64	refs;
	__aligned_u64	reserved;
};

/**
 * enum mmapper_lab_remote_flags - in mmapper_lab_remote.flags
 * @MMAPPER_LAB_REMOTE_WRITE: to the other process's memory
 * @MMAPPER_LAB_REMOTE_CMDLINE: read its command line, as /proc/PID/cmdline does
 */
enum mmapper_lab_remote_flags {
	MMAPPER_LAB_REMOTE_WRITE	= 1 << 0,
	MMAPPER_LAB_REMOTE_CMDLINE	= 1 << 1,
};

/**
 * struct mmapper_lab_remote - MMAPPER_LAB_IOC_REMOTE
 * @pid: in: the process; 0: the one that has consented
 * @flags: in: enum mmapper_lab_remote_flags
 * @address: in: there; out, for a command line: where that is
 * @length: in: bytes, up to a page; out, for a command line: as many as it has
 * @buffer: in: of the caller's, @length bytes
 * @done: in: 0; out: bytes that were copied
 * @by_driver: in: 0; out: some of them by vm_operations_struct.access, for there
 *	were no pages
 * @reserved: 0
 */
struct mmapper_lab_remote {
	__s32		pid;
	__u32		flags;
	__aligned_u64	address;
	__aligned_u64	length;
	__aligned_u64	buffer;
	__aligned_u64	done;
	__u32		by_driver;
	__u32		reserved;
};

/* What the device is published as. */
#define MMAPPER_LAB_EDU_COUNTERS	"mmapper-edu"
#define MMAPPER_LAB_EDU_MEMORY		"mmapper-edu-memory"

/* Its own memory has a page; QEMU 7.2 ends when a copy reaches the last byte. */
#define MMAPPER_LAB_EDU_LENGTH_MAX	4095

/**
 * enum mmapper_lab_edu_counts - the counters of the device
 * @MMAPPER_LAB_EDU_INTERRUPTS: interrupts that were handled
 * @MMAPPER_LAB_EDU_VALUES: the sum of what was raised
 * @MMAPPER_LAB_EDU_COUNTS: how many counters these are
 */
enum mmapper_lab_edu_counts {
	MMAPPER_LAB_EDU_INTERRUPTS	= 0,
	MMAPPER_LAB_EDU_VALUES		= 1,
	MMAPPER_LAB_EDU_COUNTS		= 2,
};

/**
 * enum mmapper_lab_edu_op - what the device is to do
 * @MMAPPER_LAB_EDU_RAISE: raise an interrupt with @value
 * @MMAPPER_LAB_EDU_TO_DEVICE: copy from the page to its memory
 * @MMAPPER_LAB_EDU_FROM_DEVICE: copy from its memory to the page
 */
enum mmapper_lab_edu_op {
	MMAPPER_LAB_EDU_RAISE		= 0,
	MMAPPER_LAB_EDU_TO_DEVICE	= 1,
	MMAPPER_LAB_EDU_FROM_DEVICE	= 2,
};

/**
 * struct mmapper_lab_edu - MMAPPER_LAB_IOC_EDU
 * @op: enum mmapper_lab_edu_op
 * @value: to raise; 0 for the others
 * @offset: in the page
 * @length: bytes
 */
struct mmapper_lab_edu {
	__u32	op;
	__u32	value;
	__u32	offset;
	__u32	length;
};

#define MMAPPER_LAB_IOC_RAM	_IOW('M', 0xe0, struct mmapper_lab_ram)
#define MMAPPER_LAB_IOC_FRAME	_IOWR('M', 0xe1, struct mmapper_lab_frame)
#define MMAPPER_LAB_IOC_PIN	_IOWR('M', 0xe2, struct mmapper_lab_pin)
#define MMAPPER_LAB_IOC_PUBLISH	_IOW('M', 0xe3, struct mmapper_lab_publish)
#define MMAPPER_LAB_IOC_UNPUBLISH _IO('M', 0xe4)
#define MMAPPER_LAB_IOC_COUNTERS _IOW('M', 0xe5, struct mmapper_lab_counters)
#define MMAPPER_LAB_IOC_COUNT	_IOW('M', 0xe6, struct mmapper_lab_count)
#define MMAPPER_LAB_IOC_TIMER	_IOWR('M', 0xe7, struct mmapper_lab_timer)
#define MMAPPER_LAB_IOC_COPY	_IOWR('M', 0xe8, struct mmapper_lab_copy)
#define MMAPPER_LAB_IOC_KMAP	_IOWR('M', 0xe9, struct mmapper_lab_kmap)
#define MMAPPER_LAB_IOC_HOLD	_IOW('M', 0xea, struct mmapper_lab_hold)
#define MMAPPER_LAB_IOC_HELD	_IOWR('M', 0xeb, struct mmapper_lab_held)
#define MMAPPER_LAB_IOC_CONSENT	_IO('M', 0xec)
#define MMAPPER_LAB_IOC_EDU	_IOW('M', 0xee, struct mmapper_lab_edu)
#define MMAPPER_LAB_IOC_REMOTE	_IOWR('M', 0xed, struct mmapper_lab_remote)

#endif /* _UAPI_MMAPPER_LAB_H */
