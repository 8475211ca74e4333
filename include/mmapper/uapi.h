/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/**
 * DOC: The kernel ABI of mmapper
 *
 * Nodes
 *   The driver makes one character device per backend, /dev/mmapper/NAME, and
 *   the two classic names /dev/mmapper_k (backend "kmalloc") and
 *   /dev/mmapper_v (backend "vmalloc-user").  Mode 0660.  The memory behind a
 *   node is made and filled at the first open and lives until the module is
 *   unloaded; both names of a backend reach the same bytes.
 *
 * open(2)
 *   O_RDONLY, O_WRONLY, O_RDWR; O_SYNC is accepted and changes nothing, for
 *   the memory is always cached and coherent.
 *   EFBIG   the module parameter size= is beyond what this store can give
 *           (max_size in struct mmapper_info says how much it can)
 *   ENOMEM  the memory cannot be had now; a later open tries again
 *   EINTR   a signal came while another open was making the memory
 *   ENXIO   no backend has this minor number, or the module is going away
 *   EACCES  from the VFS: the caller may not open the node
 *
 * /dev/mmapper/control
 *   Makes buffers at run time, opens them by name and deletes them, by
 *   ioctl(2); it can be neither read nor written nor mapped.  A buffer is a
 *   file of its own: its owner, group and mode decide who may open it and are
 *   changed by fchown(2) and fchmod(2), fstat(2) tells its size, ftruncate(2)
 *   changes it.  Names are those of no file system: they are found through
 *   this node alone.  A buffer lives as long as its name, a descriptor or a
 *   mapping of it.  Its descriptor takes every call of this text.
 *
 * read(2), write(2), pread(2), pwrite(2), lseek(2), poll(2)
 *   The same bytes as a mapping shows, size bytes long.  Transfers are cut
 *   short at the end and at the first bad byte of the user's memory.  Reading
 *   at the end gives 0.
 *   ENOSPC  write at or past the end        EINVAL  lseek before 0 or past size
 *   EFAULT  not one byte could be copied    EBADF   from the VFS: wrong mode
 *   EPERM   write to what is sealed         ESTALE  the buffer was revoked
 *   ENOMEM  there is no memory for a page that is made when it is first touched
 *   EOPNOTSUPP  the buffer is a device's registers, that is, a BAR which is not
 *           prefetchable: reading may have effects there, and an access of the
 *           wrong width may be fatal, so that the kernel makes none; a mapping
 *           is for the process to use
 *   poll() reports the node as readable and writable, as the open mode allows,
 *   see also MMAPPER_IOC_WATCH; what was revoked, as POLLERR and POLLHUP.
 *
 * mmap(2), mprotect(2), mremap(2)
 *   offset + length must lie within size rounded up to whole pages.  Bytes
 *   between size and the end of the last page are zero until a mapping writes
 *   them.
 *   EINVAL  length 0, range beyond the buffer, offset + length that wraps,
 *           MAP_PRIVATE on a backend without MMAPPER_BACKEND_F_PRIVATE, or of
 *           a buffer that is not cached
 *   EOVERFLOW, ENOMEM  from the VFS for lengths and offsets beyond the
 *           address space
 *   EACCES  PROT_WRITE and MAP_SHARED on a node not open for writing, any
 *           mapping of one not open for reading, mprotect() to PROT_EXEC,
 *           mprotect() of such a read-only mapping to PROT_WRITE
 *   EPERM   PROT_EXEC: the memory is never executable; MAP_SHARED of a buffer
 *           whose bytes are sealed, through a descriptor open for writing
 *   ESTALE  the buffer was revoked
 *   mremap() can move, shrink and split every mapping.  It can grow one only
 *   where VM_DONTEXPAND is not set (else EFAULT); an access past the end of
 *   the buffer then raises SIGBUS.  A mapping outlives the descriptor it was
 *   made from.  Where a page is made when it is first touched and there is no
 *   memory for it, a program's access raises SIGBUS, and a system call that
 *   reaches into the mapping fails: ENOMEM where it pins pages, else EFAULT.
 *
 * ioctl(2)
 *   Each structure grows at its end only.  The size of the caller's structure
 *   travels in the command number (_IOC_SIZE): what a caller does not know is
 *   not written, what the driver does not know must be zero.  Every structure
 *   begins with flags, 0 where the command names none, and a reserved word.
 *   ENOTTY  the command is not one of these
 *   EINVAL  structure shorter than its first version, unknown flag, non-zero
 *           reserved field, or what the command's own text says
 *   E2BIG   structure longer than the driver's, with a non-zero tail
 *   EFAULT  the pointer does not lead to memory of the caller
 *   No command changes anything when it fails.
 *   A buffer that was revoked answers MMAPPER_IOC_INFO and MMAPPER_IOC_STATS,
 *   all else with ESTALE.
 *
 * sysfs
 *   /sys/class/mmapper/abi               MMAPPER_ABI_VERSION of the driver
 *   /sys/class/mmapper/NAME/backend      the row that serves this node
 *   /sys/class/mmapper/NAME/{store,mapper,description}  words about that row
 *   /sys/class/mmapper/NAME/flags        enum mmapper_backend_flags, in hex
 *   /sys/class/mmapper/NAME/size         bytes that read() can give
 *   /sys/class/mmapper/NAME/max_size     bytes that the store could give
 *   /sys/class/mmapper/NAME/{files,opens,mappings,mappings_total,faults}
 *                                        as in struct mmapper_stats
 *   /sys/class/mmapper/control/used      bytes of all buffers made at run time
 *   /sys/class/mmapper/control/count     how many buffers these are
 *   /sys/class/mmapper/control/buffers/NAME/   one folder per named buffer, with
 *                                        the files above, and
 *     {owner,group,mode}                 as fstat(2) tells them; mode in octal
 *     seals                              enum mmapper_seals, in hex
 *     cache                              "cached", "write-combined", "uncached"
 *     state                              "ephemeral", "persistent"
 *   /sys/module/mmapper/parameters/limit         bytes that all of these may have
 *   /sys/module/mmapper/parameters/user_limit    bytes that one user's may have
 *   /sys/module/mmapper/parameters/user_buffers  how many one user may have
 *                                        0 in the first two: half of the
 *                                        machine's memory, a quarter of it
 *
 * The layout is the same for 32-bit and 64-bit callers.
 */
#ifndef MMAPPER_UAPI_H
#define MMAPPER_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * define MMAPPER_ABI_VERSION - version of everything in this file
 *
 * Raised only when a program built for the version before would go wrong;
 * additions are told by &enum mmapper_features.
 */
#define MMAPPER_ABI_VERSION	1

/** define MMAPPER_NAME_MAX - longest name, terminating zero included */
#define MMAPPER_NAME_MAX	32

/** define MMAPPER_BUFFER_NAME_MAX - likewise, of a buffer made at run time */
#define MMAPPER_BUFFER_NAME_MAX	64

/** define MMAPPER_DEVICE_MAX - likewise, of a device and its BAR */
#define MMAPPER_DEVICE_MAX	32

/**
 * enum mmapper_features - what this driver can do, in mmapper_info.features
 * @MMAPPER_FEATURE_RESET: MMAPPER_IOC_RESET
 * @MMAPPER_FEATURE_PHYS: MMAPPER_IOC_LOOKUP and MMAPPER_IOC_TRANSLATE
 * @MMAPPER_FEATURE_CONTROL: /dev/mmapper/control, MMAPPER_IOC_SEAL and
 *	MMAPPER_IOC_REVOKE
 * @MMAPPER_FEATURE_USER: the row "user", mmapper_create.address
 * @MMAPPER_FEATURE_COUNTERS: MMAPPER_IOC_COUNTERS and MMAPPER_IOC_WATCH
 */
enum mmapper_features {
	MMAPPER_FEATURE_RESET	= 1 << 0,
	MMAPPER_FEATURE_PHYS	= 1 << 1,
	MMAPPER_FEATURE_CONTROL	= 1 << 2,
	MMAPPER_FEATURE_USER	= 1 << 3,
	MMAPPER_FEATURE_COUNTERS = 1 << 4,
};

/**
 * enum mmapper_backend_flags - what holds for a backend's mappings
 * @MMAPPER_BACKEND_F_PAGES: page-backed: the kernel sees struct pages, so
 *	O_DIRECT, pinning, core dumps and /proc/PID/pagemap work on the mapping.
 *	Without it the mapping is special (VM_PFNMAP) and they do not.  ptrace
 *	and /proc/PID/mem work on both.
 * @MMAPPER_BACKEND_F_EAGER: mmap() fills the page tables; touching the
 *	mapping takes no fault.  Without it each page is mapped on first touch.
 * @MMAPPER_BACKEND_F_PRIVATE: MAP_PRIVATE is supported, with copy on write
 * @MMAPPER_BACKEND_F_CONTIGUOUS: the buffer is one run of physical memory
 * @MMAPPER_BACKEND_F_MMAP_PREPARE: on this kernel the backend is mapped through
 *	file_operations.mmap_prepare.  Without it through file_operations.mmap;
 *	what a process sees is the same.
 * @MMAPPER_BACKEND_F_PER_OPEN: each open() of the node gets a buffer of its
 *	own.  No buffer is made of it at run time: each of these is one.
 * @MMAPPER_BACKEND_F_RESIZE: ftruncate() can change the size of a buffer
 * @MMAPPER_BACKEND_F_LAZY: memory is allocated when it is first touched
 * @MMAPPER_BACKEND_F_SWAP: memory can be swapped out while nothing pins it.  A
 *	mapping belongs to a file in shared memory: /proc/PID/maps calls it
 *	"/mmapper (deleted)" or "/mmapper:NAME (deleted)", and shared futexes
 *	work on it.
 * @MMAPPER_BACKEND_F_AROUND: one fault maps all that the page table around it
 *	can show, 2 MiB at most where pages have 4 KiB, not just a page
 * @MMAPPER_BACKEND_F_HUGE: on this kernel it does so by one entry, where the
 *	memory comes in one block of that size, and address and offset of a
 *	shared mapping are alike within it; mmap() chooses such an address if
 *	there is room
 */
enum mmapper_backend_flags {
	MMAPPER_BACKEND_F_PAGES		= 1 << 0,
	MMAPPER_BACKEND_F_EAGER		= 1 << 1,
	MMAPPER_BACKEND_F_PRIVATE	= 1 << 2,
	MMAPPER_BACKEND_F_CONTIGUOUS	= 1 << 3,
	MMAPPER_BACKEND_F_MMAP_PREPARE	= 1 << 4,
	MMAPPER_BACKEND_F_PER_OPEN	= 1 << 5,
	MMAPPER_BACKEND_F_RESIZE	= 1 << 6,
	MMAPPER_BACKEND_F_LAZY		= 1 << 7,
	MMAPPER_BACKEND_F_SWAP		= 1 << 8,
	MMAPPER_BACKEND_F_AROUND	= 1 << 9,
	MMAPPER_BACKEND_F_HUGE		= 1 << 10,
};

/**
 * enum mmapper_pattern - what a fresh buffer holds
 * @MMAPPER_PATTERN_DIGITS: byte i is '0' + i % 10
 * @MMAPPER_PATTERN_LETTERS: byte i is 'a' + i % 26
 * @MMAPPER_PATTERN_ZERO: zero, as every buffer made at run time is
 */
enum mmapper_pattern {
	MMAPPER_PATTERN_DIGITS	= 1,
	MMAPPER_PATTERN_LETTERS	= 2,
	MMAPPER_PATTERN_ZERO	= 3,
};

/**
 * enum mmapper_cache - how the processor may keep what is in a buffer
 * @MMAPPER_CACHE_CACHED: as all memory
 * @MMAPPER_CACHE_WC: write-combined: stores may be gathered and reordered,
 *	loads are not kept
 * @MMAPPER_CACHE_UC: uncached: each access goes to the memory
 */
enum mmapper_cache {
	MMAPPER_CACHE_CACHED	= 0,
	MMAPPER_CACHE_WC	= 1,
	MMAPPER_CACHE_UC	= 2,
};

/**
 * enum mmapper_seals - what can no longer be done to a buffer, by anybody
 * @MMAPPER_SEAL_SEAL: set further seals
 * @MMAPPER_SEAL_RESIZE: change its size
 * @MMAPPER_SEAL_WRITE: change its bytes, by write(), by MMAPPER_IOC_RESET or
 *	through a mapping
 * @MMAPPER_SEAL_DELETE: delete its name
 */
enum mmapper_seals {
	MMAPPER_SEAL_SEAL	= 1 << 0,
	MMAPPER_SEAL_RESIZE	= 1 << 1,
	MMAPPER_SEAL_WRITE	= 1 << 2,
	MMAPPER_SEAL_DELETE	= 1 << 3,
};

/**
 * enum mmapper_buffer_flags - what holds for one buffer
 * @MMAPPER_BUFFER_F_EPHEMERAL: it was made with MMAPPER_CREATE_F_EPHEMERAL
 * @MMAPPER_BUFFER_F_REVOKED: its memory was taken back
 * @MMAPPER_BUFFER_F_NODE: it belongs to a node in /dev, and was not made at
 *	run time
 * @MMAPPER_BUFFER_F_DRIVER: another driver has published it, and alone can take
 *	it back
 */
enum mmapper_buffer_flags {
	MMAPPER_BUFFER_F_EPHEMERAL	= 1 << 0,
	MMAPPER_BUFFER_F_REVOKED	= 1 << 1,
	MMAPPER_BUFFER_F_NODE		= 1 << 2,
	MMAPPER_BUFFER_F_DRIVER		= 1 << 3,
};

/**
 * struct mmapper_info - argument of MMAPPER_IOC_INFO
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @features: out: &enum mmapper_features
 * @abi_version: out: MMAPPER_ABI_VERSION of the driver
 * @page_size: out: bytes of a page, the unit of mmap() offsets
 * @backend_flags: out: &enum mmapper_backend_flags
 * @pattern: out: &enum mmapper_pattern
 * @size: out: bytes that read() can give
 * @map_size: out: bytes that mmap() can map: @size rounded up to whole pages
 * @max_size: out: bytes that this backend's store could give at most
 * @backend: out: name of the backend, zero-terminated and zero-filled
 * @store: out: what memory it is, likewise
 * @mapper: out: how its pages reach a process, likewise
 * @driver_version: out: version of the module, likewise
 * @buffer_flags: out: &enum mmapper_buffer_flags
 * @seals: out: &enum mmapper_seals
 * @cache: out: &enum mmapper_cache
 * @block_order: out: the memory comes in blocks of up to 2^block_order pages
 * @blocks: out: how many blocks of that order it has; 0: the store does not
 *	say.  With MMAPPER_BACKEND_F_LAZY: how many pages were made so far.
 * @name: out: name that it was made with; empty for none and for a node's
 *
 * From @buffer_flags on: since MMAPPER_FEATURE_CONTROL.
 */
struct mmapper_info {
	__u32		flags;
	__u32		reserved;
	__aligned_u64	features;
	__u32		abi_version;
	__u32		page_size;
	__u32		backend_flags;
	__u32		pattern;
	__aligned_u64	size;
	__aligned_u64	map_size;
	__aligned_u64	max_size;
	char		backend[MMAPPER_NAME_MAX];
	char		store[MMAPPER_NAME_MAX];
	char		mapper[MMAPPER_NAME_MAX];
	char		driver_version[MMAPPER_NAME_MAX];
	__u32		buffer_flags;
	__u32		seals;
	__u32		cache;
	__u32		block_order;
	__aligned_u64	blocks;
	char		name[MMAPPER_BUFFER_NAME_MAX];
};

/**
 * struct mmapper_stats - argument of MMAPPER_IOC_STATS
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @opens: out: calls of open() that succeeded, ever
 * @files: out: open file descriptions now, those held by mappings included
 * @mmaps: out: calls of mmap() that succeeded, ever
 * @vma_opens: out: calls of vm_operations_struct.open, ever: mappings that
 *	came into being by fork(), by a split (munmap, mprotect or madvise of
 *	a part) or by a move, rather than by mmap()
 * @vma_closes: out: calls of vm_operations_struct.close, ever
 * @mappings: out: mappings now: @mmaps + @vma_opens - @vma_closes
 * @mappings_total: out: mappings ever: @mmaps + @vma_opens
 * @faults: out: calls of vm_operations_struct.fault, ever, those answered by
 *	SIGBUS included
 *
 * Of a node: since the module was loaded, over all names of the backend.  Each
 * counter is exact; one answer is not an atomic picture of all of them.
 */
struct mmapper_stats {
	__u32		flags;
	__u32		reserved;
	__aligned_u64	opens;
	__aligned_u64	files;
	__aligned_u64	mmaps;
	__aligned_u64	vma_opens;
	__aligned_u64	vma_closes;
	__aligned_u64	mappings;
	__aligned_u64	mappings_total;
	__aligned_u64	faults;
};

/**
 * struct mmapper_reset - argument of MMAPPER_IOC_RESET
 * @flags: in: 0
 * @reserved: in: 0
 */
struct mmapper_reset {
	__u32		flags;
	__u32		reserved;
};

/**
 * struct mmapper_phys - argument of MMAPPER_IOC_LOOKUP, MMAPPER_IOC_TRANSLATE
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @where: in: LOOKUP: offset in the buffer, below map_size; TRANSLATE: an
 *	address within the caller's own mapping of this buffer
 * @phys: out: the physical address of that byte
 */
struct mmapper_phys {
	__u32		flags;
	__u32		reserved;
	__aligned_u64	where;
	__aligned_u64	phys;
};

/**
 * enum mmapper_create_flags - in mmapper_create.flags
 * @MMAPPER_CREATE_F_EPHEMERAL: the buffer is revoked and its name deleted when
 *	the open file that MMAPPER_IOC_CREATE gives is closed for good: by all
 *	who have inherited it and by the mappings made of it
 */
enum mmapper_create_flags {
	MMAPPER_CREATE_F_EPHEMERAL	= 1 << 0,
};

/**
 * struct mmapper_create - argument of MMAPPER_IOC_CREATE
 * @flags: in: &enum mmapper_create_flags
 * @reserved: in: 0; out: 0
 * @size: in: bytes, 1 or more; what is mapped is this rounded up to pages
 * @mode: in: who may open it, permission bits as of chmod(2), 0 to 0777; umask
 *	does not count
 * @cache: in: &enum mmapper_cache
 * @numa_node: in: where the memory is to lie; -1: anywhere
 * @fd: in: 0; out: a descriptor, open for reading and writing, O_CLOEXEC
 * @backend: in: name of the row, zero-terminated; "auto": page-backed blocks of
 *	2 MiB where there are such, else smaller ones; out: the row taken
 * @name: in: its name, zero-terminated; empty: none, there is but @fd
 * @device: in: for the rows "bar-remap" and "bar-fault", whose memory it is:
 *	"0000:00:04.0/2", a PCI function that is bound to the driver "mmapper"
 *	and the number of its BAR; zero-terminated; empty for all other rows
 * @address: in: for the row "user", the memory of the calling process that is to
 *	be the buffer: whole pages; 0 for all other rows
 *
 * From @address on: since MMAPPER_FEATURE_USER.
 */
struct mmapper_create {
	__u32		flags;
	__u32		reserved;
	__aligned_u64	size;
	__u32		mode;
	__u32		cache;
	__s32		numa_node;
	__s32		fd;
	char		backend[MMAPPER_NAME_MAX];
	char		name[MMAPPER_BUFFER_NAME_MAX];
	char		device[MMAPPER_DEVICE_MAX];
	__aligned_u64	address;
};

/**
 * struct mmapper_open - argument of MMAPPER_IOC_OPEN
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @access: in: O_RDONLY, O_WRONLY or O_RDWR, with O_NONBLOCK if wanted
 * @fd: in: 0; out: a descriptor, O_CLOEXEC
 * @name: in: the name, zero-terminated
 */
struct mmapper_open {
	__u32		flags;
	__u32		reserved;
	__u32		access;
	__s32		fd;
	char		name[MMAPPER_BUFFER_NAME_MAX];
};

/**
 * struct mmapper_delete - argument of MMAPPER_IOC_DELETE
 * @flags: in: 0
 * @reserved: in: 0
 * @name: in: the name, zero-terminated
 */
struct mmapper_delete {
	__u32		flags;
	__u32		reserved;
	char		name[MMAPPER_BUFFER_NAME_MAX];
};

/**
 * struct mmapper_seal - argument of MMAPPER_IOC_SEAL
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @seals: in: &enum mmapper_seals to set, or 0; out: all that are set
 * @reserved2: in: 0; out: 0
 */
struct mmapper_seal {
	__u32		flags;
	__u32		reserved;
	__u32		seals;
	__u32		reserved2;
};

/**
 * struct mmapper_revoke - argument of MMAPPER_IOC_REVOKE
 * @flags: in: 0
 * @reserved: in: 0
 */
struct mmapper_revoke {
	__u32		flags;
	__u32		reserved;
};

/** define MMAPPER_COUNTERS_MAX - how many counters one buffer can have */
#define MMAPPER_COUNTERS_MAX	32

/** define MMAPPER_COUNTERS_MAGIC - what a page of counters begins with */
#define MMAPPER_COUNTERS_MAGIC	0x31636d6d

/**
 * enum mmapper_counters_state - are the counters being kept?
 * @MMAPPER_COUNTERS_LIVE: they are
 * @MMAPPER_COUNTERS_ENDED: the driver has taken them back: they stay as they are
 */
enum mmapper_counters_state {
	MMAPPER_COUNTERS_LIVE	= 0,
	MMAPPER_COUNTERS_ENDED	= 1,
};

/**
 * struct mmapper_counters_page - what a buffer of the row "counters" holds
 * @magic: MMAPPER_COUNTERS_MAGIC
 * @count: how many counters there are
 * @sequence: odd while they are written; it wraps
 * @state: &enum mmapper_counters_state
 * @time: when they were written last, in ns of CLOCK_MONOTONIC; 0: never
 * @updates: how often they were
 * @reserved2: 0
 * @values: the counters; those from @count on are 0
 *
 * Whoever reads @sequence, finds it even, reads the rest and finds it as it was
 * has the values of one moment, if none of these loads comes before the one that
 * is written before it: mmapper_counters_read() of libmmapper does that.  A mapping
 * stays readable when the driver takes the counters back.
 */
struct mmapper_counters_page {
	__u32		magic;
	__u32		count;
	__u32		sequence;
	__u32		state;
	__aligned_u64	time;
	__aligned_u64	updates;
	__aligned_u64	reserved2[4];
	__aligned_u64	values[MMAPPER_COUNTERS_MAX];
};

/**
 * struct mmapper_counters - argument of MMAPPER_IOC_COUNTERS
 * @flags: in: 0
 * @reserved: in: 0; out: 0
 * @count: out: how many counters there are
 * @reserved2: out: 0
 * @time: out: as in struct mmapper_counters_page
 * @updates: out: likewise
 * @values: out: likewise
 */
struct mmapper_counters {
	__u32		flags;
	__u32		reserved;
	__u32		count;
	__u32		reserved2;
	__aligned_u64	time;
	__aligned_u64	updates;
	__aligned_u64	values[MMAPPER_COUNTERS_MAX];
};

/**
 * enum mmapper_watch_flags - in mmapper_watch.flags
 * @MMAPPER_WATCH_F_EVENTFD: @eventfd is one, to be signalled as well
 */
enum mmapper_watch_flags {
	MMAPPER_WATCH_F_EVENTFD	= 1 << 0,
};

/**
 * struct mmapper_watch - argument of MMAPPER_IOC_WATCH
 * @flags: in: &enum mmapper_watch_flags
 * @reserved: in: 0
 * @index: in: which counter
 * @eventfd: in: a descriptor of eventfd(2), or 0 without the flag
 * @threshold: in: the value that it is to reach
 */
struct mmapper_watch {
	__u32		flags;
	__u32		reserved;
	__u32		index;
	__s32		eventfd;
	__aligned_u64	threshold;
};

/*
 * 0xB8 stands free in the kernel's ioctl-number.rst.  The names carry the
 * first version's size; the driver takes every size (see above).
 */
#define MMAPPER_IOC_MAGIC	0xB8

/** define MMAPPER_IOC_INFO - what this node is */
#define MMAPPER_IOC_INFO	_IOWR(MMAPPER_IOC_MAGIC, 1, struct mmapper_info)

/** define MMAPPER_IOC_STATS - what has happened to this node so far */
#define MMAPPER_IOC_STATS	_IOWR(MMAPPER_IOC_MAGIC, 2, struct mmapper_stats)

/**
 * define MMAPPER_IOC_RESET - make the buffer hold again what a fresh one holds
 *
 * The pattern up to size, zero from there to the end of the last page.
 * Mappings stay and see it.  EBADF: the node is not open for writing.
 * EOPNOTSUPP: a device's registers, as for write(2); memory of a process or of
 * another driver.
 */
#define MMAPPER_IOC_RESET	_IOW(MMAPPER_IOC_MAGIC, 3, struct mmapper_reset)

/**
 * define MMAPPER_IOC_LOOKUP - physical address of a byte of the buffer
 *
 * What the store says, whether or not the byte is mapped.  EPERM: the caller
 * lacks CAP_SYS_ADMIN.  EINVAL: the offset is outside the buffer.
 */
#define MMAPPER_IOC_LOOKUP	_IOWR(MMAPPER_IOC_MAGIC, 4, struct mmapper_phys)

/**
 * define MMAPPER_IOC_TRANSLATE - physical address behind a mapped address
 *
 * What the page tables of the calling process say.  Nothing is faulted in.
 * A private mapping shows its own copy once it was written.  EPERM: the caller
 * lacks CAP_SYS_ADMIN.  EINVAL: the address is not in a mapping of this buffer.
 * ENODATA: no page is mapped there yet, or it is mapped with PROT_NONE.
 */
#define MMAPPER_IOC_TRANSLATE	_IOWR(MMAPPER_IOC_MAGIC, 5, struct mmapper_phys)

/**
 * define MMAPPER_IOC_CREATE - make a buffer; of /dev/mmapper/control
 *
 * It is the caller's: owner and group are those that a new file would have.
 * Its bytes are zero.  It is seen by others once it is complete.
 *
 * EINVAL: an unknown flag, @mode, @cache or @numa_node; size 0; a name with a
 * slash, a control byte or a byte above 0x7e in it, that begins with a dot, or
 * with anything but zeroes after its zero.
 * ENAMETOOLONG: a name without its zero.  EEXIST: the name is taken.
 * ENOENT: no row has this name.  EOPNOTSUPP: the row makes no buffers at run
 * time, or not with this @cache or @numa_node.  EFBIG: more than its store can
 * ever give.  EDQUOT: more than this user may have (CAP_SYS_RESOURCE may have
 * more).  ENOMEM: more than all may have together, than the caller's memory
 * cgroup may, or than there is.  EMFILE, ENFILE: no descriptor is free.
 *
 * Of the caller's own memory, with the row "user": it holds what it holds, and stays
 * pinned for as long as the buffer has it, whatever the process does with it.  What
 * the process does at these addresses and what others do through the buffer are the
 * same memory, until the process unmaps it or gives it back (MADV_DONTNEED).  It
 * counts against RLIMIT_MEMLOCK besides.  EINVAL: @address or @size is 0 or not
 * whole pages.  EFAULT: a page is not there, is read-only or cannot be pinned.
 * EOPNOTSUPP: it is no private anonymous memory, as malloc(3) gives it.  ENOMEM: more
 * than RLIMIT_MEMLOCK (CAP_IPC_LOCK may have more).
 *
 * The rows "driver-pfn", "driver-pages", "driver-dma" and "counters" are for what
 * other drivers publish (mmapper/publish.h): EOPNOTSUPP.
 *
 * Of a device's memory: it holds what it holds, counts against no limit and is
 * revoked when the device goes.  ENODEV: there is no such BAR, or its device is
 * not this driver's.  EBUSY: another buffer has it.  EFBIG: it is smaller.
 * EOPNOTSUPP: it is cached, or write-combined though the BAR is not prefetchable,
 * or the BAR is no memory of whole pages.  EPERM: the caller lacks
 * CAP_SYS_RAWIO, or the kernel is locked down.
 */
#define MMAPPER_IOC_CREATE	_IOWR(MMAPPER_IOC_MAGIC, 16, struct mmapper_create)

/**
 * define MMAPPER_IOC_OPEN - open a buffer by name; of /dev/mmapper/control
 *
 * EACCES: owner, group and mode do not allow it.  ENOENT: there is no such
 * name.  EINVAL: an unknown bit in @access.  ENAMETOOLONG, EMFILE, ENFILE,
 * ENOMEM.
 */
#define MMAPPER_IOC_OPEN	_IOWR(MMAPPER_IOC_MAGIC, 17, struct mmapper_open)

/**
 * define MMAPPER_IOC_DELETE - delete a name; of /dev/mmapper/control
 *
 * Who has the buffer open or mapped keeps it.  EPERM: the caller neither owns
 * it nor has CAP_FOWNER, or it is sealed.  ENOENT, ENAMETOOLONG.
 */
#define MMAPPER_IOC_DELETE	_IOW(MMAPPER_IOC_MAGIC, 18, struct mmapper_delete)

/**
 * define MMAPPER_IOC_SEAL - set seals, for good
 *
 * Of a buffer made at run time.  EPERM: @seals is not 0, and the caller neither
 * owns it nor has CAP_FOWNER, or sealing is sealed.  EBUSY: MMAPPER_SEAL_WRITE,
 * and a shared mapping of a descriptor open for writing exists or a write() is
 * under way.  EINVAL: an unknown seal.  EOPNOTSUPP: the buffer is a node's or
 * another driver's.
 */
#define MMAPPER_IOC_SEAL	_IOWR(MMAPPER_IOC_MAGIC, 21, struct mmapper_seal)

/**
 * define MMAPPER_IOC_REVOKE - take the memory back from all who have it
 *
 * Of a buffer made at run time.  Its pages vanish from every mapping, where the
 * next access raises SIGBUS; its name is deleted, whether or not that is sealed;
 * all calls give ESTALE from now on, but for those that tell about it and those
 * that change its owner and mode, which mean nothing any more.  The memory is
 * freed as soon as nobody reads or writes it any more; pinned pages as soon as
 * they are unpinned.  EPERM: the caller neither owns it nor has CAP_FOWNER.
 * EOPNOTSUPP: the buffer is a node's or another driver's.
 */
#define MMAPPER_IOC_REVOKE	_IOW(MMAPPER_IOC_MAGIC, 22, struct mmapper_revoke)

/**
 * define MMAPPER_IOC_COUNTERS - the counters of one moment
 *
 * Of a buffer of the row "counters"; what a mapping of it shows costs no call.
 * EBADF: the file is not open for reading.  EOPNOTSUPP: another row's.
 */
#define MMAPPER_IOC_COUNTERS	_IOWR(MMAPPER_IOC_MAGIC, 23, struct mmapper_counters)

/**
 * define MMAPPER_IOC_WATCH - wait for a counter to reach a value
 *
 * From now on poll(2) calls the open file readable when the counter has @threshold
 * or more, and not before; at that moment, once, the eventfd is signalled.  Each
 * open file has one watch: another call replaces it, and waits anew.  When the
 * buffer is revoked, all who wait are woken.
 *
 * EBADF: the file is not open for reading, or @eventfd is no descriptor.  EINVAL:
 * there is no such counter, @eventfd is of another kind, or not 0 without its flag.
 * ENOSPC: 256 files wait.  EOPNOTSUPP: the buffer is not one of counters.  ENOMEM.
 */
#define MMAPPER_IOC_WATCH	_IOW(MMAPPER_IOC_MAGIC, 24, struct mmapper_watch)

#endif /* MMAPPER_UAPI_H */
