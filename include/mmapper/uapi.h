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
 * read(2), write(2), pread(2), pwrite(2), lseek(2), poll(2)
 *   The same bytes as a mapping shows, size bytes long.  Transfers are cut
 *   short at the end and at the first bad byte of the user's memory.  Reading
 *   at the end gives 0.
 *   ENOSPC  write at or past the end        EINVAL  lseek before 0 or past size
 *   EFAULT  not one byte could be copied    EBADF   from the VFS: wrong mode
 *   poll() reports the node as readable and writable, as the open mode allows.
 *
 * mmap(2), mprotect(2), mremap(2)
 *   offset + length must lie within size rounded up to whole pages.  Bytes
 *   between size and the end of the last page are zero until a mapping writes
 *   them.
 *   EINVAL  length 0, range beyond the buffer, offset + length that wraps,
 *           MAP_PRIVATE on a backend without MMAPPER_BACKEND_F_PRIVATE
 *   EOVERFLOW, ENOMEM  from the VFS for lengths and offsets beyond the
 *           address space
 *   EACCES  PROT_WRITE and MAP_SHARED on a node not open for writing, any
 *           mapping of one not open for reading, mprotect() to PROT_EXEC,
 *           mprotect() of such a read-only mapping to PROT_WRITE
 *   EPERM   PROT_EXEC: the memory is never executable
 *   mremap() can move, shrink and split every mapping.  It can grow one only
 *   where VM_DONTEXPAND is not set (else EFAULT); an access past the end of
 *   the buffer then raises SIGBUS.  A mapping outlives the descriptor it was
 *   made from.
 *
 * ioctl(2)
 *   Each structure grows at its end only.  The size of the caller's structure
 *   travels in the command number (_IOC_SIZE): what a caller does not know is
 *   not written, what the driver does not know must be zero.  Every structure
 *   begins with flags, of which none is defined yet, and a reserved word.
 *   ENOTTY  the command is not one of these
 *   EINVAL  structure shorter than its first version, unknown flag, non-zero
 *           reserved field, or what the command's own text says
 *   E2BIG   structure longer than the driver's, with a non-zero tail
 *   EFAULT  the pointer does not lead to memory of the caller
 *   No command changes anything when it fails.
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

/**
 * enum mmapper_features - what this driver can do, in mmapper_info.features
 * @MMAPPER_FEATURE_RESET: MMAPPER_IOC_RESET
 * @MMAPPER_FEATURE_PHYS: MMAPPER_IOC_LOOKUP and MMAPPER_IOC_TRANSLATE
 */
enum mmapper_features {
	MMAPPER_FEATURE_RESET	= 1 << 0,
	MMAPPER_FEATURE_PHYS	= 1 << 1,
};

/**
 * enum mmapper_backend_flags - what holds for a backend's mappings
 * @MMAPPER_BACKEND_F_PAGES: page-backed: the kernel sees struct pages, so
 *	O_DIRECT, pinning, ptrace and /proc/PID/pagemap work on the mapping.
 *	Without it the mapping is special (VM_PFNMAP) and they do not.
 * @MMAPPER_BACKEND_F_EAGER: mmap() fills the page tables; touching the
 *	mapping takes no fault.  Without it each page is mapped on first touch.
 * @MMAPPER_BACKEND_F_PRIVATE: MAP_PRIVATE is supported, with copy on write
 * @MMAPPER_BACKEND_F_CONTIGUOUS: the buffer is one run of physical memory
 * @MMAPPER_BACKEND_F_MMAP_PREPARE: on this kernel the backend is mapped through
 *	file_operations.mmap_prepare.  Without it through file_operations.mmap;
 *	what a process sees is the same.
 */
enum mmapper_backend_flags {
	MMAPPER_BACKEND_F_PAGES		= 1 << 0,
	MMAPPER_BACKEND_F_EAGER		= 1 << 1,
	MMAPPER_BACKEND_F_PRIVATE	= 1 << 2,
	MMAPPER_BACKEND_F_CONTIGUOUS	= 1 << 3,
	MMAPPER_BACKEND_F_MMAP_PREPARE	= 1 << 4,
};

/**
 * enum mmapper_pattern - what a fresh buffer holds
 * @MMAPPER_PATTERN_DIGITS: byte i is '0' + i % 10
 * @MMAPPER_PATTERN_LETTERS: byte i is 'a' + i % 26
 */
enum mmapper_pattern {
	MMAPPER_PATTERN_DIGITS	= 1,
	MMAPPER_PATTERN_LETTERS	= 2,
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
 * Counted since the module was loaded, over all names of the backend.  Each
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

#endif /* MMAPPER_UAPI_H */
