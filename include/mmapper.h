/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmmapper: memory shared with the kernel through the mmapper driver.
 *
 * Errors.  Every function that can fail returns 0 (or a count) or a negative
 * errno; errno itself is left alone.  Some values tell apart what stands in
 * the way of the driver, wherever the function reaches for it:
 *
 *   -ENODEV  the driver is not loaded
 *   -ENOPKG  the driver is not loaded, and no module of it is installed for the
 *            running kernel
 *   -ENOENT  the driver is loaded and has no backend, or no buffer made at run
 *	     time, of this name
 *   -ENXIO   the driver has the backend, but its node in /dev is missing
 *   -EACCES  the node, or the buffer, is there and the caller may not open it
 *   -EPROTO  the node is not one of mmapper
 *   -EPROTONOSUPPORT  the driver is too old: it speaks an older ABI, or cannot
 *	     make buffers at run time
 *   -EPROTOTYPE       the library is too old: the driver speaks a newer ABI
 *
 * Where the text below says -ENODEV, it may be -ENOPKG as well.
 * A buffer that was revoked answers -ESTALE to all but
 * mmapper_buffer_get_info() and mmapper_buffer_get_stats().
 * mmapper_strerror() and mmapper_hint() put these, and any other error of this
 * library, into words.  Why a module is not there, or why the kernel rejects
 * it, is for `mmapper-cli doctor` to find out.
 *
 * Threads.  The library has no global state and takes no locks.  One object
 * may be used by several threads at once, except while it is being closed,
 * unmapped or freed.
 *
 * fork().  Descriptors and mappings are inherited as the kernel inherits them;
 * parent and child each close and unmap their own.  Descriptors are opened
 * with O_CLOEXEC.
 *
 * Large files.  Offsets are 64 bits wide on every architecture.
 */
#ifndef MMAPPER_H
#define MMAPPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mmapper/uapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Length for mmapper_buffer_map(): all from the offset to the end. */
#define MMAPPER_WHOLE	SIZE_MAX

/** An open node, or an open buffer made at run time. */
struct mmapper_buffer;

/** A range of memory mapped from a buffer. */
struct mmapper_mapping;

/** The nodes of the driver, as they were when they were listed. */
struct mmapper_nodes;

/** The named buffers made at run time, as they were when they were listed. */
struct mmapper_buffers;

/** Counters that a driver keeps, open for reading. */
struct mmapper_reader;

/**
 * struct mmapper_node - one node of the driver
 * @name: name below /dev, "mmapper/kmalloc"
 * @path: path of the node, "/dev/mmapper/kmalloc"
 * @backend: the backend that serves it, "kmalloc".  A node whose name does not
 *	end in its backend's is a second name of it ("mmapper_k").
 * @store: what memory it is
 * @mapper: how its pages reach a process
 * @description: one line of words about the backend
 * @flags: enum mmapper_backend_flags
 * @major: major device number
 * @minor: minor device number
 * @size: bytes that can be read
 * @max_size: bytes that the backend's store could give at most
 * @files: open file descriptions now
 * @opens: opens ever
 * @mappings: mappings now
 * @mappings_total: mappings ever
 * @faults: faults ever
 *
 * Fields may be added at the end; only the library makes such structures.
 */
struct mmapper_node {
	const char	*name;
	const char	*path;
	const char	*backend;
	const char	*store;
	const char	*mapper;
	const char	*description;
	uint32_t	flags;
	uint32_t	major;
	uint32_t	minor;
	uint32_t	reserved;
	uint64_t	size;
	uint64_t	max_size;
	uint64_t	files;
	uint64_t	opens;
	uint64_t	mappings;
	uint64_t	mappings_total;
	uint64_t	faults;
};

/**
 * struct mmapper_buffer_entry - one buffer made at run time that has a name
 * @name: its name
 * @backend: the backend that it was made by
 * @store: what memory it is
 * @mapper: how its pages reach a process
 * @description: one line of words about the backend
 * @cache: "cached", "write-combined" or "uncached"
 * @state: "persistent", or "ephemeral": it goes with who made it
 * @flags: enum mmapper_backend_flags
 * @seals: enum mmapper_seals
 * @mode: permission bits
 * @owner: user that owns it
 * @group: its group
 * @reserved: 0
 * @size: bytes that can be read
 * @max_size: bytes that the backend's store could give at most
 * @files: open file descriptions now
 * @opens: opens ever
 * @mappings: mappings now
 * @mappings_total: mappings ever
 * @faults: faults ever
 *
 * Fields may be added at the end; only the library makes such structures.
 */
struct mmapper_buffer_entry {
	const char	*name;
	const char	*backend;
	const char	*store;
	const char	*mapper;
	const char	*description;
	const char	*cache;
	const char	*state;
	uint32_t	flags;
	uint32_t	seals;
	uint32_t	mode;
	uint32_t	owner;
	uint32_t	group;
	uint32_t	reserved;
	uint64_t	size;
	uint64_t	max_size;
	uint64_t	files;
	uint64_t	opens;
	uint64_t	mappings;
	uint64_t	mappings_total;
	uint64_t	faults;
};

/**
 * struct mmapper_buffer_params - what buffer to make
 * @size: bytes, 1 or more
 * @backend: name of the backend; NULL: the driver chooses ("auto")
 * @name: its name, up to 63 bytes; NULL or "": none, there is but the descriptor
 * @flags: enum mmapper_create_flags
 * @mode: who may open it by its name, 0 to 0777; umask does not count
 * @cache: enum mmapper_cache
 * @numa_node: where the memory is to lie; MMAPPER_NUMA_ANY: anywhere
 * @device: for the backends "bar-remap" and "bar-fault", whose memory it is, such
 *	as "0000:00:04.0/2", a PCI function and the number of its BAR; else NULL
 * @address: for the backend "user", memory of the calling process that is to be the
 *	buffer, whole pages, private and anonymous; it stays pinned; else NULL
 *
 * Begin with MMAPPER_BUFFER_PARAMS_INIT, for 0 is a NUMA node.  Fields may be
 * added at the end; in them 0 will mean what was so before.
 */
struct mmapper_buffer_params {
	uint64_t	size;
	const char	*backend;
	const char	*name;
	uint32_t	flags;
	uint32_t	mode;
	uint32_t	cache;
	int32_t		numa_node;
	const char	*device;
	void		*address;
};

/** Wherever there is memory. */
#define MMAPPER_NUMA_ANY	(-1)

/** No size yet, and nothing out of the ordinary: mode 0600, cached, no name. */
#define MMAPPER_BUFFER_PARAMS_INIT \
	{ 0, NULL, NULL, 0, 0600, MMAPPER_CACHE_CACHED, MMAPPER_NUMA_ANY, NULL, \
	  NULL }

/**
 * struct mmapper_memory - memory of the buffers made at run time, in bytes
 * @limit: what all of them may have together
 * @user_limit: what those of one user may have
 * @user_buffers: how many one user may have
 * @used: what they have
 * @count: how many there are, those without a name included
 * @total: what the machine has
 * @free: what is free in it
 * @available: what it could give, were its caches emptied; by far the most of
 *	it in small blocks
 * @free_blocks: what is free in blocks of 2 MiB and above
 * @largest: the largest free block
 *
 * @free_blocks and @largest are 0 where /proc/buddyinfo may not be read.
 */
struct mmapper_memory {
	uint64_t	limit;
	uint64_t	user_limit;
	uint64_t	user_buffers;
	uint64_t	used;
	uint64_t	count;
	uint64_t	total;
	uint64_t	free;
	uint64_t	available;
	uint64_t	free_blocks;
	uint64_t	largest;
};

/**
 * mmapper_version_get() - version of the library
 *
 * Return: the version, such as "0.1.0".  Never NULL.
 * Ownership: the library's, static.
 * Since: 0.1
 */
const char *mmapper_version_get(void);

/**
 * mmapper_driver_get_version() - version of the loaded driver
 * @buf: where to write it, zero-terminated
 * @len: bytes at @buf
 *
 * Needs no permission beyond reading /sys.
 *
 * Return: 0; -ENODEV: the driver is not loaded; -ENOSPC: @len is too short;
 * -EPROTO: it gave no sensible answer; -EINVAL: @buf is NULL.
 * Since: 0.1
 */
int mmapper_driver_get_version(char *buf, size_t len);

/**
 * mmapper_driver_get_abi() - version of the ABI that the loaded driver speaks
 *
 * This library speaks MMAPPER_ABI_VERSION.  Needs no permission beyond reading
 * /sys.
 *
 * Return: the version, 1 or more; -ENODEV: the driver is not loaded;
 * -EPROTO: it gave no sensible answer.
 * Since: 0.1
 */
int mmapper_driver_get_abi(void);

/**
 * mmapper_strerror() - an error of this library in words
 * @error: what a function returned, negative (its absolute value is taken)
 *
 * Return: one line without a full stop, "mmapper is not loaded".  Never NULL.
 * Ownership: the library's; static, or as strerrordesc_np(3) gives it.
 * Since: 0.1
 */
const char *mmapper_strerror(int error);

/**
 * mmapper_hint() - what helps against an error of this library
 * @error: what a function returned, negative (its absolute value is taken)
 *
 * Return: one command to run, "mmapper-cli load"; NULL where none is known.
 * Ownership: the library's, static.
 * Since: 0.1
 */
const char *mmapper_hint(int error);

/**
 * mmapper_nodes_list() - list what the driver offers
 * @nodes: where to put the list, ordered by minor number
 *
 * Opens no node, changes no count and needs no permission beyond reading /sys.
 *
 * Return: 0; -ENODEV: the driver is not loaded; -ENOMEM; -EPROTO: /sys does
 * not hold what this library expects; -EINVAL: @nodes is NULL.
 * Ownership: the caller frees the list with mmapper_nodes_free().
 * Since: 0.1
 */
int mmapper_nodes_list(struct mmapper_nodes **nodes);

/**
 * mmapper_nodes_count() - how many nodes a list holds
 * @nodes: the list
 *
 * Return: the count; 0 for NULL.
 * Since: 0.1
 */
size_t mmapper_nodes_count(const struct mmapper_nodes *nodes);

/**
 * mmapper_nodes_get() - one node of a list
 * @nodes: the list
 * @index: 0 to mmapper_nodes_count() - 1
 *
 * Return: the node; NULL beyond the last.
 * Ownership: the list's; it goes with mmapper_nodes_free().
 * Since: 0.1
 */
const struct mmapper_node *mmapper_nodes_get(const struct mmapper_nodes *nodes,
					     size_t index);

/**
 * mmapper_nodes_free() - free a list
 * @nodes: the list, or NULL
 *
 * Since: 0.1
 */
void mmapper_nodes_free(struct mmapper_nodes *nodes);

/**
 * mmapper_buffers_list() - list the buffers made at run time that have a name
 * @buffers: where to put the list, ordered by name
 *
 * Opens none of them and needs no permission beyond reading /sys.  A buffer
 * that comes or goes meanwhile may be left out.  The list is empty where the
 * driver makes no buffers at run time.
 *
 * Return: 0; -ENODEV: the driver is not loaded; -ENOMEM; -EPROTO: /sys does
 * not hold what this library expects; -EINVAL: @buffers is NULL.
 * Ownership: the caller frees the list with mmapper_buffers_free().
 * Since: 0.1
 */
int mmapper_buffers_list(struct mmapper_buffers **buffers);

/**
 * mmapper_buffers_count() - how many buffers a list holds
 * @buffers: the list
 *
 * Return: the count; 0 for NULL.
 * Since: 0.1
 */
size_t mmapper_buffers_count(const struct mmapper_buffers *buffers);

/**
 * mmapper_buffers_get() - one buffer of a list
 * @buffers: the list
 * @index: 0 to mmapper_buffers_count() - 1
 *
 * Return: the buffer; NULL beyond the last.
 * Ownership: the list's; it goes with mmapper_buffers_free().
 * Since: 0.1
 */
const struct mmapper_buffer_entry *
mmapper_buffers_get(const struct mmapper_buffers *buffers, size_t index);

/**
 * mmapper_buffers_free() - free a list
 * @buffers: the list, or NULL
 *
 * Since: 0.1
 */
void mmapper_buffers_free(struct mmapper_buffers *buffers);

/**
 * mmapper_memory_get() - memory of the buffers made at run time
 * @memory: where to put the answer
 * @len: sizeof(*@memory) as the caller was compiled, so that both can grow
 *
 * How much they have and may have, and what the machine can give now.  Needs no
 * permission beyond reading /sys and /proc.
 *
 * Return: 0; -ENODEV: the driver is not loaded; -EPROTONOSUPPORT: it makes no
 * buffers at run time; -ENOMEM; -EPROTO: /sys does not hold what this library
 * expects; -EINVAL: @memory is NULL, or @len is shorter than the structure's
 * first version.
 * Since: 0.1
 */
int mmapper_memory_get(struct mmapper_memory *memory, size_t len);

/**
 * mmapper_buffer_open() - open a node
 * @name: name of a backend ("kmalloc"); or, with a slash in it, the path of a
 *	node ("/dev/mmapper_k")
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, and O_SYNC, O_NONBLOCK if wanted; see
 *	open(2).  O_CLOEXEC is added.  A mapping needs a mode that can read.
 * @buffer: where to put the open node
 *
 * The first open of a node since the module was loaded makes its memory.
 *
 * Return: 0; -ENODEV, -ENOPKG, -ENOENT, -ENXIO, -EACCES, -EPROTO,
 * -EPROTONOSUPPORT, -EPROTOTYPE: see the top of this file; -EINVAL: @name is
 * empty, too long or NULL, @flags holds others,
 * @buffer is NULL; -EFBIG: the module's size= is beyond what this store can
 * give; -ENOMEM; or what open(2) gives.
 * Ownership: the caller closes it with mmapper_buffer_close().
 * Since: 0.1
 */
int mmapper_buffer_open(const char *name, int flags,
			struct mmapper_buffer **buffer);

/**
 * mmapper_buffer_create() - make a buffer
 * @params: what buffer
 * @len: sizeof(*@params) as the caller was compiled, so that both can grow
 * @buffer: where to put it, open for reading and writing
 *
 * Its bytes are zero.  It belongs to the caller, as a new file would.  It lives
 * as long as its name, a descriptor or a mapping of it.
 *
 * Return: 0; -ENODEV, -ENOPKG, -ENXIO, -EPROTO, -EPROTONOSUPPORT, -EPROTOTYPE:
 * see the top of this file; -EACCES: the caller may not open
 * /dev/mmapper/control; -ENOENT: there is no such backend; -EOPNOTSUPP: this one
 * makes no buffers, or not of this cache or on this NUMA node; -EEXIST: the name
 * is taken; -ENAMETOOLONG: it is longer than 63 bytes; -EFBIG: more than the
 * backend can ever give; -EDQUOT: more than this user may have; -ENOMEM: more
 * than all may have together, than the caller's memory cgroup may, or than there
 * is; -EADDRNOTAVAIL: @device has no such BAR, or is not bound to the driver;
 * -EBUSY: another buffer has it; -EPERM: the caller lacks CAP_SYS_RAWIO for it;
 * -E2BIG: @params is longer than the library's, with something in it there;
 * -EINVAL: the name has a slash, a control byte or a byte above 0x7e in it or
 * begins with a dot, another field is not as described, @len is shorter than the
 * structure's first version, a pointer is NULL; or what open(2) gives.
 * Ownership: the caller closes it with mmapper_buffer_close(); a name stays
 * until mmapper_buffer_delete().
 * Since: 0.1
 */
int mmapper_buffer_create(const struct mmapper_buffer_params *params,
			  size_t len, struct mmapper_buffer **buffer);

/**
 * mmapper_buffer_open_name() - open a buffer that was made at run time
 * @name: its name
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, and O_NONBLOCK if wanted
 * @buffer: where to put the open buffer
 *
 * Backends are opened by mmapper_buffer_open(): the two kinds of names know
 * nothing of each other.
 *
 * Return: 0; -ENODEV, -ENOPKG, -ENXIO, -EPROTO, -EPROTONOSUPPORT, -EPROTOTYPE:
 * see the top of this file; -ENOENT: there is no buffer of this name; -EACCES:
 * its owner, group and mode do not let the caller open it so, or the caller may
 * not open /dev/mmapper/control; -ENAMETOOLONG; -EINVAL: @name cannot be one,
 * @flags holds others, a pointer is NULL; -ENOMEM; or what open(2) gives.
 * Ownership: the caller closes it with mmapper_buffer_close().
 * Since: 0.1
 */
int mmapper_buffer_open_name(const char *name, int flags,
			     struct mmapper_buffer **buffer);

/**
 * mmapper_buffer_delete() - delete the name of a buffer
 * @name: the name
 *
 * Who has the buffer open or mapped keeps it.
 *
 * Return: 0; -ENOENT: there is no buffer of this name; -EPERM: the caller
 * neither owns it nor has CAP_FOWNER, or it is sealed against that; else as
 * mmapper_buffer_open_name().
 * Since: 0.1
 */
int mmapper_buffer_delete(const char *name);

/**
 * mmapper_buffer_resize() - change the size of a buffer made at run time
 * @buffer: the buffer, open for writing
 * @size: bytes, 1 or more
 *
 * What is added is zero.  What is taken away vanishes from every mapping, where
 * the next access raises SIGBUS.
 *
 * Return: 0; -EBADF: not open for writing; -EPERM: its size is sealed; -ESTALE:
 * it was revoked; -EFBIG: more than the backend can ever give; -EDQUOT, -ENOMEM:
 * as mmapper_buffer_create(); -EOPNOTSUPP: the backend lacks
 * MMAPPER_BACKEND_F_RESIZE, it is not cached, or this is a node; -EINVAL: @size
 * is 0, @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_resize(const struct mmapper_buffer *buffer, uint64_t size);

/**
 * mmapper_buffer_set_mode() - say who may open a buffer by its name
 * @buffer: the buffer, made at run time
 * @mode: permission bits, 0 to 0777
 *
 * Return: 0; -EPERM: the caller neither owns it nor has CAP_FOWNER;
 * -EOPNOTSUPP: this is a node; -EINVAL: @mode has others, @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_set_mode(const struct mmapper_buffer *buffer, mode_t mode);

/**
 * mmapper_buffer_set_owner() - give a buffer to another user or group
 * @buffer: the buffer, made at run time
 * @owner: the user, or (uid_t)-1: as it is
 * @group: the group, or (gid_t)-1: as it is
 *
 * It still counts for the user who made it.
 *
 * Return: 0; -EPERM: see chown(2); -EOPNOTSUPP: this is a node; -EINVAL: a
 * number that no user or group can have, @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_set_owner(const struct mmapper_buffer *buffer, uid_t owner,
			     gid_t group);

/**
 * mmapper_buffer_seal() - set seals, for good
 * @buffer: the buffer, made at run time
 * @seals: enum mmapper_seals; those that are set already stay
 *
 * Return: 0; -EPERM: the caller neither owns it nor has CAP_FOWNER, or sealing
 * is sealed; -EBUSY: MMAPPER_SEAL_WRITE, and a shared mapping of a descriptor
 * open for writing exists or a write is under way; -ESTALE: it was revoked;
 * -EOPNOTSUPP: this is a node; -EINVAL: an unknown seal, @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_seal(const struct mmapper_buffer *buffer, uint32_t seals);

/**
 * mmapper_buffer_get_seals() - which seals are set
 * @buffer: the buffer, made at run time
 * @seals: where to put them, enum mmapper_seals
 *
 * Return: 0; -ESTALE: it was revoked; -EOPNOTSUPP: this is a node; -EINVAL: a
 * pointer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_get_seals(const struct mmapper_buffer *buffer,
			     uint32_t *seals);

/**
 * mmapper_buffer_revoke() - take the memory of a buffer back from all
 * @buffer: the buffer, made at run time
 *
 * It vanishes from every mapping, where the next access raises SIGBUS; its name
 * is deleted, sealed or not; what is done with a descriptor gives -ESTALE.
 *
 * Return: 0; -EPERM: the caller neither owns it nor has CAP_FOWNER; -ESTALE: it
 * was revoked before; -EOPNOTSUPP: this is a node; -EINVAL: @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_revoke(const struct mmapper_buffer *buffer);

/**
 * mmapper_buffer_close() - close a node, or a buffer made at run time
 * @buffer: the open one, or NULL
 *
 * Its mappings stay and keep the memory alive.
 *
 * Since: 0.1
 */
void mmapper_buffer_close(struct mmapper_buffer *buffer);

/**
 * mmapper_buffer_get_fd() - descriptor of an open node, for poll(2) and such
 * @buffer: the open node
 *
 * Return: the descriptor; -EINVAL: @buffer is NULL.
 * Ownership: the buffer's; do not close it.
 * Since: 0.1
 */
int mmapper_buffer_get_fd(const struct mmapper_buffer *buffer);

/**
 * mmapper_buffer_get_info() - what an open node is
 * @buffer: the open node
 * @info: where to put the answer
 * @len: sizeof(*@info) as the caller was compiled, so that both can grow
 *
 * Return: 0; -EINVAL: @buffer or @info is NULL, or @len is shorter than the
 * structure's first version, or 16 KiB or more.
 * Since: 0.1
 */
int mmapper_buffer_get_info(const struct mmapper_buffer *buffer,
			    struct mmapper_info *info, size_t len);

/**
 * mmapper_buffer_get_stats() - what has happened to a node so far
 * @buffer: the open node
 * @stats: where to put the answer
 * @len: sizeof(*@stats) as the caller was compiled, so that both can grow
 *
 * Return: 0; -EINVAL: as for mmapper_buffer_get_info().
 * Since: 0.1
 */
int mmapper_buffer_get_stats(const struct mmapper_buffer *buffer,
			     struct mmapper_stats *stats, size_t len);

/**
 * mmapper_buffer_read() - copy bytes out of a buffer by pread(2)
 * @buffer: the open node
 * @data: where to put them
 * @len: how many bytes
 * @offset: from which byte of the buffer on
 *
 * Return: the bytes copied, fewer than @len only at the end of the buffer or
 * where an error came, 0 at the end and beyond it; -EBADF: not open for
 * reading; -EFAULT: @data is not writable memory; -EOPNOTSUPP: these are a
 * device's registers, to be mapped; -EINVAL: @buffer is NULL, @len is above
 * SSIZE_MAX or @offset + @len above INT64_MAX.
 * Since: 0.1
 */
ssize_t mmapper_buffer_read(const struct mmapper_buffer *buffer, void *data,
			    size_t len, uint64_t offset);

/**
 * mmapper_buffer_write() - copy bytes into a buffer by pwrite(2)
 * @buffer: the open node
 * @data: the bytes
 * @len: how many
 * @offset: to which byte of the buffer on
 *
 * Return: the bytes copied, fewer than @len only at the end of the buffer or
 * where an error came; -ENOSPC: @offset is at the end or beyond it; -EBADF: not
 * open for writing; -EPERM: the bytes are sealed; -EFAULT: @data is not readable
 * memory; -EOPNOTSUPP, -EINVAL: as for mmapper_buffer_read().
 * Since: 0.1
 */
ssize_t mmapper_buffer_write(const struct mmapper_buffer *buffer,
			     const void *data, size_t len, uint64_t offset);

/**
 * mmapper_buffer_reset() - make a buffer hold what a fresh one holds
 * @buffer: the open node
 *
 * The driver writes its pattern again, zero where the buffer was made at run
 * time; mappings stay and see it.
 *
 * Return: 0; -EBADF: not open for writing; -EPERM: the bytes are sealed;
 * -EOPNOTSUPP: as for mmapper_buffer_read(); -EINVAL: @buffer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_reset(const struct mmapper_buffer *buffer);

/**
 * mmapper_buffer_lookup() - physical address of a byte, as the store has it
 * @buffer: the open node
 * @offset: the byte of the buffer
 * @phys: where to put its physical address
 *
 * Return: 0; -EPERM: the caller lacks CAP_SYS_ADMIN; -EINVAL: @offset is
 * outside the buffer, or a pointer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_lookup(const struct mmapper_buffer *buffer, uint64_t offset,
			  uint64_t *phys);

/**
 * mmapper_buffer_translate() - physical address of a byte, as it is mapped
 * @buffer: an open node; any open one of the mapping's backend will do
 * @address: an address within a mapping of it in this process
 * @phys: where to put the physical address
 *
 * Reads the page tables and faults nothing in.
 *
 * Return: 0; -EPERM: the caller lacks CAP_SYS_ADMIN; -ENODATA: nothing is
 * mapped there yet, or with PROT_NONE; -EINVAL: @address is not in a mapping of this buffer, or
 * a pointer is NULL.
 * Since: 0.1
 */
int mmapper_buffer_translate(const struct mmapper_buffer *buffer,
			     const void *address, uint64_t *phys);

/**
 * mmapper_buffer_map() - map a range of a buffer into this process
 * @buffer: the open node, open for reading at least
 * @offset: where in the buffer, a multiple of the page size
 * @len: how many bytes, 1 or more; MMAPPER_WHOLE: all up to the end of the
 *	buffer's last page
 * @prot: PROT_NONE, or PROT_READ and PROT_WRITE, as in mmap(2)
 * @flags: MAP_SHARED or MAP_PRIVATE, and MAP_POPULATE, MAP_NORESERVE if
 *	wanted; see mmap(2)
 * @mapping: where to put the mapping
 *
 * Return: 0; -EINVAL: the range is not within the buffer, @offset is no
 * multiple of the page size, @prot or @flags holds others, MAP_PRIVATE on a
 * backend without MMAPPER_BACKEND_F_PRIVATE, a pointer is NULL; -EPERM:
 * PROT_EXEC, or MAP_SHARED of a buffer whose bytes are sealed, open for writing;
 * -EACCES: PROT_WRITE with MAP_SHARED on a node not open for writing, or a node
 * not open for reading; -ESTALE: it was revoked; -ENOMEM, also where MMAPPER_WHOLE
 * stands for more than a size_t holds; or what mmap(2) gives.
 * Ownership: the caller unmaps it with mmapper_mapping_unmap(), before or
 * after closing @buffer.
 * Since: 0.1
 */
int mmapper_buffer_map(const struct mmapper_buffer *buffer, uint64_t offset,
		       size_t len, int prot, int flags,
		       struct mmapper_mapping **mapping);

/**
 * mmapper_mapping_get_address() - where a mapping lies
 * @mapping: the mapping
 *
 * Return: its first byte; NULL for NULL.
 * Ownership: the mapping's; use mmapper_mapping_unmap(), not munmap(2), for
 * the whole of it.
 * Since: 0.1
 */
void *mmapper_mapping_get_address(const struct mmapper_mapping *mapping);

/**
 * mmapper_mapping_get_length() - how long a mapping is
 * @mapping: the mapping
 *
 * Return: its length in bytes as asked for; for MMAPPER_WHOLE the whole pages
 * that it stood for; 0 for NULL.
 * Since: 0.1
 */
size_t mmapper_mapping_get_length(const struct mmapper_mapping *mapping);

/**
 * mmapper_mapping_unmap() - unmap a mapping
 * @mapping: the mapping, or NULL
 *
 * Return: 0, and @mapping is gone; or what munmap(2) gives (-ENOMEM where a
 * neighbour would have to be split), and @mapping stays.
 * Since: 0.1
 */
int mmapper_mapping_unmap(struct mmapper_mapping *mapping);

/**
 * mmapper_counters_open() - read the counters that a driver keeps
 * @name: as what they are published
 * @reader: where to put the reader
 *
 * Return: 0; what mmapper_buffer_open_name() returns; -EOPNOTSUPP: the buffer of
 * this name holds no counters; -EPROTO: its page is not of a version that this
 * library knows; -EINVAL: @reader is NULL.
 * Ownership: the caller closes it with mmapper_counters_close().
 * Since: 0.1
 */
int mmapper_counters_open(const char *name, struct mmapper_reader **reader);

/**
 * mmapper_counters_read() - the counters of one moment, without a system call
 * @reader: the reader
 * @counters: where to put them; of values[], those from count on are left alone
 *
 * However often the driver counts, no value is of another moment than the rest.
 * Safe in a signal handler.
 *
 * Return: 0; -ESTALE: the driver has taken them back, and these are the last;
 * -EBUSY: the driver was at it each time in a million; -EINVAL: an argument is NULL.
 * Since: 0.1
 */
int mmapper_counters_read(const struct mmapper_reader *reader,
			  struct mmapper_counters *counters);

/**
 * mmapper_counters_fetch() - the counters of one moment, by ioctl(2)
 * @reader: the reader
 * @counters: where to put them
 *
 * Return: 0; -ESTALE: the driver has taken them back; -EINVAL: an argument is NULL.
 * Since: 0.1
 */
int mmapper_counters_fetch(const struct mmapper_reader *reader,
			   struct mmapper_counters *counters);

/**
 * mmapper_counters_watch() - be told when a counter reaches a value
 * @reader: the reader; it has one watch, which this replaces
 * @index: which counter, from 0
 * @threshold: the value, or more
 * @eventfd: a descriptor of eventfd(2) that is to be signalled, once; -1: none
 *
 * poll(2) calls the descriptor of mmapper_counters_get_fd() readable from then on.
 *
 * Return: 0; -EINVAL: @reader is NULL, there is no such counter, @eventfd is of
 * another kind; -EBADF: @eventfd is no descriptor; -ENOSPC: too many wait; -ESTALE:
 * the driver has taken them back; -ENOMEM.
 * Since: 0.1
 */
int mmapper_counters_watch(const struct mmapper_reader *reader,
			   unsigned int index, uint64_t threshold, int eventfd);

/**
 * mmapper_counters_wait() - wait until a counter has a value
 * @reader: the reader; its watch is replaced
 * @index: which counter, from 0
 * @threshold: the value, or more
 * @timeout: ms; -1: for ever
 *
 * Return: 0; -ETIMEDOUT; -ESTALE: the driver has taken them back; -EINTR: a signal
 * came; what mmapper_counters_watch() returns.
 * Since: 0.1
 */
int mmapper_counters_wait(const struct mmapper_reader *reader,
			  unsigned int index, uint64_t threshold, int timeout);

/**
 * mmapper_counters_get_fd() - the descriptor of a reader
 * @reader: the reader
 *
 * Return: the descriptor, for poll(2); -EINVAL: @reader is NULL.
 * Ownership: the reader's.
 * Since: 0.1
 */
int mmapper_counters_get_fd(const struct mmapper_reader *reader);

/**
 * mmapper_counters_close() - end reading
 * @reader: the reader, or NULL
 *
 * Since: 0.1
 */
void mmapper_counters_close(struct mmapper_reader *reader);

#ifdef __cplusplus
}
#endif

#endif /* MMAPPER_H */
