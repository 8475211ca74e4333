// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of operations: their arguments, and the errors they may give. */
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <poll.h>
#include <unistd.h>

#include "fuzz.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

const struct word node_words[] = {
	{ "kmalloc", 0, 3, 3 }, { "vmalloc-pfn", 1, 4, 4 },
	{ "vmalloc-fault", 2, 6, 6 }, { "vmalloc-user", 3, 4, 4 },
	{ "mmapper_k", 4, 1, 1 }, { "mmapper_v", 5, 1, 1 }, { 0 }
};

static const struct word modes[] = {
	{ "rw", O_RDWR, 60, 85 }, { "ro", O_RDONLY, 20, 10 },
	{ "wo", O_WRONLY, 15, 5 }, { "none", O_ACCMODE, 5, 0 }, { 0 }
};

static const struct word open_flags[] = {
	{ "sync", O_SYNC, 15, 10 }, { "append", O_APPEND, 10, 5 },
	{ "nonblock", O_NONBLOCK, 5, 5 }, { "trunc", O_TRUNC, 5, 0 },
	{ "noatime", O_NOATIME, 2, 0 }, { "direct", O_DIRECT, 2, 0 },
	{ "path", O_PATH, 3, 0 }, { "directory", O_DIRECTORY, 1, 0 },
	{ "creat", O_CREAT, 2, 0 }, { "excl", O_EXCL, 2, 0 }, { 0 }
};

static const struct word prots[] = {
	{ "r", PROT_READ, 85, 95 }, { "w", PROT_WRITE, 65, 70 },
	{ "x", PROT_EXEC, 5, 0 }, { "growsdown", PROT_GROWSDOWN, 2, 0 },
	{ 0 }
};

/* Both of the first two: MAP_SHARED_VALIDATE. */
static const struct word map_flags[] = {
	{ "shared", MAP_SHARED, 78, 84 }, { "private", MAP_PRIVATE, 24, 18 },
	{ "fixed", MAP_FIXED, 50, 60 },
	{ "noreplace", MAP_FIXED_NOREPLACE, 5, 1 },
	{ "populate", MAP_POPULATE, 8, 6 }, { "locked", MAP_LOCKED, 6, 4 },
	{ "noreserve", MAP_NORESERVE, 2, 1 }, { "32bit", MAP_32BIT, 2, 1 },
	{ "growsdown", MAP_GROWSDOWN, 2, 0 }, { "hugetlb", MAP_HUGETLB, 2, 0 },
	{ "stack", MAP_STACK, 1, 1 }, { "nonblock", MAP_NONBLOCK, 2, 1 },
	{ "sync", MAP_SYNC, 2, 0 }, { 0 }
};

static const struct word anon_flags[] = {
	{ "shared", MAP_SHARED, 50, 50 }, { "private", MAP_PRIVATE, 50, 50 },
	{ 0 }
};

static const struct word mremap_flags[] = {
	{ "maymove", MREMAP_MAYMOVE, 80, 100 },
	{ "fixed", MREMAP_FIXED, 50, 45 },
	{ "dontunmap", MREMAP_DONTUNMAP, 20, 10 }, { "8", 8, 2, 0 }, { 0 }
};

static const struct word advices[] = {
	{ "normal", MADV_NORMAL, 2, 2 }, { "random", MADV_RANDOM, 3, 3 },
	{ "sequential", MADV_SEQUENTIAL, 3, 3 }, { "willneed", MADV_WILLNEED, 3, 3 },
	{ "dontneed", MADV_DONTNEED, 12, 12 }, { "free", MADV_FREE, 3, 3 },
	{ "remove", MADV_REMOVE, 3, 3 }, { "dontfork", MADV_DONTFORK, 4, 4 },
	{ "dofork", MADV_DOFORK, 4, 4 }, { "mergeable", MADV_MERGEABLE, 2, 2 },
	{ "unmergeable", MADV_UNMERGEABLE, 2, 2 }, { "huge", MADV_HUGEPAGE, 2, 2 },
	{ "nohuge", MADV_NOHUGEPAGE, 2, 2 }, { "dontdump", MADV_DONTDUMP, 2, 2 },
	{ "dodump", MADV_DODUMP, 3, 3 }, { "wipeonfork", MADV_WIPEONFORK, 2, 2 },
	{ "keeponfork", MADV_KEEPONFORK, 2, 2 }, { "cold", MADV_COLD, 3, 3 },
	{ "pageout", MADV_PAGEOUT, 3, 3 }, { "popread", MADV_POPULATE_READ, 5, 5 },
	{ "popwrite", MADV_POPULATE_WRITE, 5, 5 },
	{ "dontneed_locked", MADV_DONTNEED_LOCKED, 3, 3 },
	{ "collapse", MADV_COLLAPSE, 2, 2 }, { "99", 99, 1, 0 }, { 0 }
};

static const struct word mlock_flags[] = {
	{ "onfault", 1, 30, 30 }, { "2", 2, 2, 0 }, { 0 }
};

static const struct word msync_flags[] = {
	{ "async", MS_ASYNC, 30, 30 }, { "invalidate", MS_INVALIDATE, 20, 20 },
	{ "sync", MS_SYNC, 40, 40 }, { "8", 8, 2, 0 }, { 0 }
};

static const struct word policies[] = {
	{ "default", MPOL_DEFAULT, 2, 2 }, { "bind", MPOL_BIND, 2, 2 },
	{ "preferred", MPOL_PREFERRED, 1, 1 }, { "interleave", MPOL_INTERLEAVE, 1, 1 },
	{ 0 }
};

static const struct word policy_flags[] = {
	{ "strict", MPOL_MF_STRICT, 30, 30 }, { "move", MPOL_MF_MOVE, 40, 40 },
	{ "moveall", MPOL_MF_MOVE_ALL, 30, 30 }, { 0 }
};

static const struct word whences[] = {
	{ "set", SEEK_SET, 5, 5 }, { "cur", SEEK_CUR, 3, 3 }, { "end", SEEK_END, 3, 3 },
	{ "data", SEEK_DATA, 1, 1 }, { "hole", SEEK_HOLE, 1, 1 }, { "9", 9, 1, 0 },
	{ 0 }
};

static const struct word poll_events[] = {
	{ "in", POLLIN, 60, 60 }, { "out", POLLOUT, 60, 60 }, { "pri", POLLPRI, 20, 20 },
	{ "rdhup", POLLRDHUP, 20, 20 }, { 0 }
};

static const struct word file_flags[] = {
	{ "append", O_APPEND, 40, 40 }, { "nonblock", O_NONBLOCK, 30, 30 },
	{ "direct", O_DIRECT, 10, 0 }, { "async", O_ASYNC, 20, 20 }, { 0 }
};

/* See op_file(). */
static const struct word file_calls[] = {
	{ "fsync", 0, 2, 2 }, { "truncate", 1, 1, 1 }, { "allocate", 2, 1, 1 },
	{ "lock", 3, 1, 1 }, { "advise", 4, 1, 1 }, { "stat", 5, 1, 1 },
	{ "sendfile", 6, 1, 1 }, { "datasync", 7, 1, 1 }, { 0 }
};

/* Without their size, which is an argument of its own. */
#define BARE(cmd)	((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

const struct word command_words[] = {
	{ "info", BARE(MMAPPER_IOC_INFO), 12, 12 },
	{ "stats", BARE(MMAPPER_IOC_STATS), 12, 12 },
	{ "reset", BARE(MMAPPER_IOC_RESET), 4, 4 },
	{ "lookup", BARE(MMAPPER_IOC_LOOKUP), 14, 14 },
	{ "translate", BARE(MMAPPER_IOC_TRANSLATE), 26, 26 },
	{ "seal", BARE(MMAPPER_IOC_SEAL), 2, 0 },
	{ "revoke", BARE(MMAPPER_IOC_REVOKE), 1, 0 },
	{ 0 }
};

static const struct word fills[] = {
	{ "flags", 1, 5, 0 }, { "reserved", 2, 5, 0 }, { "tail", 4, 8, 0 },
	{ "junk", 8, 50, 50 }, { 0 }
};

static const struct word writes[] = {
	{ "read", 0, 1, 1 }, { "write", 1, 1, 1 }, { 0 }
};

static const struct word toggles[] = {
	{ "off", 0, 1, 1 }, { "on", 1, 1, 1 }, { 0 }
};

static const struct word buffer_flags[] = {
	{ "shared", MAP_SHARED, 75, 80 }, { "private", MAP_PRIVATE, 30, 20 },
	{ "populate", MAP_POPULATE, 15, 15 }, { "locked", MAP_LOCKED, 3, 3 },
	{ 0 }
};

static const struct word accesses[] = {
	{ "rw", O_RDWR, 60, 80 }, { "ro", O_RDONLY, 20, 20 },
	{ "wo", O_WRONLY, 10, 5 }, { "nonblock", O_RDWR | O_NONBLOCK, 5, 5 },
	{ "none", O_ACCMODE, 2, 0 }, { "creat", O_CREAT, 2, 0 }, { 0 }
};

static const struct word gifts[] = {
	{ "gift", 8, 30, 30 }, { 0 }
};

/* See op_proc() and op_futex(). */
static const struct word proc_files[] = {
	{ "maps", 0, 6, 6 }, { "smaps", 1, 1, 1 }, { "pagemap", 2, 4, 4 },
	{ "rollup", 3, 1, 1 }, { "numa", 4, 1, 1 }, { "clear", 5, 2, 2 },
	{ 0 }
};

static const struct word futex_calls[] = {
	{ "wake", 0, 2, 2 }, { "wait", 1, 1, 1 }, { "private", 2, 1, 1 }, { 0 }
};

#define SLOT		{ "fd", ARG_SLOT, NULL, SLOTS }
#define AT_		{ "at", ARG_AT, NULL, 0 }
#define LEN		{ "len", ARG_LEN, NULL, 0 }
#define OFF		{ "off", ARG_OFF, NULL, 0 }
#define PTR		{ "ptr", ARG_PTR, NULL, 0 }
#define NUM(n, max)	{ n, ARG_NUM, NULL, max }
#define BUF		NUM("buf", BUFFERS)
#define FROM		NUM("page", PLACES)
#define COUNT		NUM("pages", 4)
#define WORD(n, w)	{ n, ARG_WORD, w, 0 }
#define BITS(n, w)	{ n, ARG_BITS, w, 0 }
#define TYPED(n, w)	{ n, ARG_BITS, w, MAP_SHARED | MAP_PRIVATE }
#define ERRORS(...)	((const int[]){ __VA_ARGS__, 0 })
#define RW_ERRORS	ERRORS(EBADF, EFAULT, EINVAL)
#define WRITE_ERRORS	ERRORS(EBADF, EFAULT, EINVAL, ENOSPC)
/* Of a command, whatever it is about. */
#define COMMAND_ERRORS(...)	ERRORS(EINVAL, E2BIG, EFAULT, __VA_ARGS__)

#define OP(kind, fn, weight, errors, ...)				\
	[kind] = { #fn, weight, op_##fn, errors, { __VA_ARGS__ } }

const struct op_desc op_descs[OP_KINDS] = {
	OP(OP_OPEN, open, 35, ERRORS(EINVAL, EEXIST, ENOTDIR, EISDIR, ENOMEM),
	   SLOT, WORD("node", node_words), WORD("mode", modes),
	   BITS("flags", open_flags)),
	OP(OP_CLOSE, close, 25, ERRORS(EBADF), SLOT),
	OP(OP_DUP, dup, 8, ERRORS(EBADF, EINVAL, EBUSY),
	   SLOT, { "to", ARG_SLOT, NULL, SLOTS }),
	OP(OP_MMAP, mmap, 160,
	   ERRORS(EINVAL, EACCES, EPERM, ENOMEM, EOVERFLOW, EBADF, EEXIST,
		  EOPNOTSUPP, EAGAIN),
	   SLOT, AT_, LEN, OFF, BITS("prot", prots), TYPED("flags", map_flags)),
	OP(OP_ANON, anon, 15, ERRORS(EINVAL, ENOMEM, ENOSPC),
	   AT_, LEN, BITS("prot", prots), TYPED("flags", anon_flags)),
	OP(OP_MUNMAP, munmap, 60, ERRORS(EINVAL, ENOMEM), AT_, LEN),
	OP(OP_MREMAP, mremap, 90, ERRORS(EINVAL, EFAULT, ENOMEM, EAGAIN),
	   AT_, { "old", ARG_LEN, NULL, 0 }, { "new", ARG_LEN, NULL, 0 },
	   BITS("flags", mremap_flags), { "to", ARG_AT, NULL, 0 }),
	OP(OP_MPROTECT, mprotect, 60, ERRORS(EINVAL, EACCES, ENOMEM),
	   AT_, LEN, BITS("prot", prots)),
	OP(OP_MADVISE, madvise, 60,
	   ERRORS(EINVAL, ENOMEM, EACCES, EBADF, EFAULT, EIO, EAGAIN, ENODEV,
		  EOPNOTSUPP, EBUSY, EPERM, ESPIPE),
	   AT_, LEN, WORD("advice", advices)),
	OP(OP_MLOCK, mlock, 20, ERRORS(EINVAL, ENOMEM, EAGAIN, EPERM),
	   AT_, LEN, BITS("flags", mlock_flags)),
	OP(OP_MUNLOCK, munlock, 10, ERRORS(EINVAL, ENOMEM), AT_, LEN),
	OP(OP_MSYNC, msync, 12, ERRORS(EINVAL, ENOMEM, EBUSY),
	   AT_, LEN, BITS("flags", msync_flags)),
	OP(OP_REMAP_FILE, remap_file, 15,
	   ERRORS(EINVAL, ENOMEM, EACCES, EPERM, EOVERFLOW, EAGAIN),
	   AT_, LEN, NUM("pgoff", 8), TYPED("flags", map_flags)),
	OP(OP_MINCORE, mincore, 6, ERRORS(EINVAL, ENOMEM, EFAULT), AT_, LEN),
	OP(OP_MBIND, mbind, 6,
	   ERRORS(EINVAL, EFAULT, EIO, ENOMEM, EPERM),
	   AT_, LEN, WORD("mode", policies), BITS("flags", policy_flags)),
	OP(OP_TOUCH, touch, 150, NULL,
	   AT_, NUM("pages", 6), WORD("how", writes)),
	OP(OP_CHECK, check, 40, NULL, AT_),
	OP(OP_READ, read, 30, RW_ERRORS, SLOT, PTR, LEN),
	OP(OP_WRITE, write, 30, WRITE_ERRORS, SLOT, PTR, LEN),
	OP(OP_PREAD, pread, 25, RW_ERRORS, SLOT, PTR, LEN, OFF),
	OP(OP_PWRITE, pwrite, 25, WRITE_ERRORS, SLOT, PTR, LEN, OFF),
	OP(OP_READV, readv, 12, RW_ERRORS, SLOT, PTR, LEN,
	   { "ptr2", ARG_PTR, NULL, 0 }, { "len2", ARG_LEN, NULL, 0 }),
	OP(OP_WRITEV, writev, 12, WRITE_ERRORS, SLOT, PTR, LEN,
	   { "ptr2", ARG_PTR, NULL, 0 }, { "len2", ARG_LEN, NULL, 0 }),
	OP(OP_LSEEK, lseek, 15, ERRORS(EBADF, EINVAL),
	   SLOT, OFF, WORD("whence", whences)),
	OP(OP_POLL, poll, 10, ERRORS(EFAULT), SLOT,
	   BITS("events", poll_events)),
	OP(OP_FCNTL, fcntl, 5, ERRORS(EBADF, EINVAL),
	   SLOT, BITS("flags", file_flags)),
	OP(OP_FILE, file, 6,
	   ERRORS(EBADF, EINVAL, ENODEV, EOPNOTSUPP, ESPIPE, EAGAIN, EFAULT,
		  ENOSYS),
	   SLOT, WORD("call", file_calls)),
	OP(OP_IOCTL, ioctl, 130,
	   ERRORS(ENOTTY, EINVAL, E2BIG, EFAULT, EBADF, EPERM, ENODATA,
		  EOPNOTSUPP),
	   SLOT, { "cmd", ARG_COMMAND, command_words, 0 },
	   { "size", ARG_SIZE, NULL, 0 }, PTR, BITS("fill", fills),
	   { "where", ARG_WHERE, NULL, 0 }),
	OP(OP_VMREAD, vmread, 10, ERRORS(EFAULT, EINVAL), AT_, LEN),
	OP(OP_VMWRITE, vmwrite, 10, ERRORS(EFAULT, EINVAL), AT_, LEN),
	OP(OP_MEM, mem, 12, ERRORS(EIO, EFAULT, EINVAL),
	   AT_, LEN, WORD("how", writes)),
	OP(OP_VMSPLICE, vmsplice, 8, ERRORS(EAGAIN, EFAULT, EINVAL),
	   AT_, LEN, BITS("flags", gifts)),
	OP(OP_SPLICE, splice, 6, ERRORS(EAGAIN, EINVAL, EBADF, EFAULT, ENOSPC),
	   SLOT, WORD("how", writes), LEN),
	OP(OP_DRAIN, drain, 5, ERRORS(EAGAIN), NUM("len", 65536)),
	OP(OP_SYSFS, sysfs, 5, ERRORS(EACCES),
	   WORD("node", node_words), NUM("attr", 12)),
	OP(OP_PROC, proc, 5, ERRORS(EINVAL), WORD("file", proc_files)),
	OP(OP_FUTEX, futex, 5,
	   ERRORS(EFAULT, EINVAL, EAGAIN, ETIMEDOUT, ENOMEM),
	   AT_, WORD("call", futex_calls)),
	OP(OP_CAPS, caps, 5, ERRORS(EPERM), WORD("admin", toggles)),
	OP(OP_FORK, fork, 2, ERRORS(EAGAIN, ENOMEM),
	   NUM("n", 5), WORD("wait", toggles)),
	OP(OP_YIELD, yield, 5, ERRORS(EINTR), NUM("us", 200)),
	OP(OP_CREATE, create, 60,
	   COMMAND_ERRORS(ENAMETOOLONG, EEXIST, ENOENT, EOPNOTSUPP, EFBIG,
			  EDQUOT, ENOMEM, ENODEV, EPERM, EBUSY, ESTALE),
	   BUF, WORD("row", row_words), WORD("name", name_words),
	   { "size", ARG_BYTES, NULL, 0 }, BITS("how", how_words), PTR),
	OP(OP_BOPEN, bopen, 25,
	   COMMAND_ERRORS(ENAMETOOLONG, ENOENT, EACCES, ENOMEM),
	   BUF, WORD("name", name_words), WORD("access", accesses), PTR),
	OP(OP_DELETE, delete, 15, COMMAND_ERRORS(ENAMETOOLONG, ENOENT, EPERM),
	   WORD("name", name_words), PTR),
	OP(OP_BNODE, bnode, 15, ERRORS(EINVAL, ENOMEM, EACCES),
	   BUF, WORD("row", row_words), WORD("access", accesses)),
	OP(OP_BCLOSE, bclose, 12, ERRORS(EBADF), BUF),
	OP(OP_SEAL, seal, 15,
	   COMMAND_ERRORS(EBADF, EPERM, EBUSY, ESTALE, EOPNOTSUPP),
	   BUF, BITS("seals", seal_words), PTR),
	OP(OP_REVOKE, revoke, 12,
	   COMMAND_ERRORS(EBADF, EPERM, ESTALE, EOPNOTSUPP), BUF, PTR),
	OP(OP_ASK, ask, 60,
	   COMMAND_ERRORS(EBADF, EPERM, ESTALE, ENODATA, ENOMEM,
			  EOPNOTSUPP),
	   BUF, WORD("cmd", command_words), FROM, PTR),
	OP(OP_RESIZE, resize, 40,
	   ERRORS(EBADF, EINVAL, EOPNOTSUPP, EFBIG, ESTALE, EPERM, ENOMEM,
		  EDQUOT),
	   BUF, { "size", ARG_BYTES, NULL, 0 }),
	OP(OP_ATTR, attr, 20,
	   ERRORS(EBADF, EINVAL, EPERM, ENOENT, ENXIO, EACCES),
	   BUF, WORD("call", attr_words), NUM("value", 01000)),
	OP(OP_BREAD, bread, 25,
	   ERRORS(EBADF, EFAULT, EINVAL, ESTALE, ENOMEM), BUF, PTR, LEN, OFF),
	OP(OP_BWRITE, bwrite, 35,
	   ERRORS(EBADF, EFAULT, EINVAL, ESTALE, ENOMEM, EPERM, ENOSPC),
	   BUF, PTR, LEN, OFF),
	OP(OP_BMMAP, bmmap, 90,
	   ERRORS(EBADF, EINVAL, EACCES, EPERM, ESTALE, ENOMEM, EAGAIN,
		  EOPNOTSUPP),
	   BUF, FROM, COUNT, NUM("off", 2), BITS("prot", prots),
	   TYPED("flags", buffer_flags)),
	OP(OP_BMUNMAP, bmunmap, 15, ERRORS(EINVAL, ENOMEM), FROM, COUNT),
	OP(OP_BPROTECT, bprotect, 20, ERRORS(EINVAL, EACCES, ENOMEM),
	   FROM, COUNT, BITS("prot", prots)),
	OP(OP_BMADVISE, bmadvise, 15,
	   ERRORS(EINVAL, ENOMEM, EACCES, EBADF, EFAULT, EIO, EAGAIN, ENODEV,
		  EOPNOTSUPP, EBUSY, EPERM, ESPIPE, EHWPOISON),
	   FROM, COUNT, WORD("advice", advices)),
	OP(OP_BTOUCH, btouch, 100, NULL, FROM, COUNT, WORD("how", writes)),
	OP(OP_BMEM, bmem, 25, ERRORS(EIO, EFAULT),
	   FROM, WORD("how", writes)),
	OP(OP_NAMES, names, 15, ERRORS(ENODEV, ENOENT),
	   WORD("name", name_words), NUM("attr", 20)),
	/* Threads that bind at once: one has it, for the other it is busy. */
	OP(OP_CARD, card, 6, ERRORS(ENODEV, EBUSY, ENOMEM, EAGAIN),
	   WORD("given", toggles)),
};
