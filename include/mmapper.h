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
 *   -ENOENT  the driver is loaded and has no backend of this name
 *   -ENXIO   the driver has the backend, but its node in /dev is missing
 *   -EACCES  the node is there and the caller may not open it
 *   -EPROTO  the node is not one of mmapper
 *   -EPROTONOSUPPORT  the driver is too old: it speaks an older ABI
 *   -EPROTOTYPE       the library is too old: the driver speaks a newer ABI
 *
 * Where the text below says -ENODEV, it may be -ENOPKG as well.
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

/** An open node. */
struct mmapper_buffer;

/** A range of memory mapped from a node. */
struct mmapper_mapping;

/** The nodes of the driver, as they were when they were listed. */
struct mmapper_nodes;

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
 * mmapper_buffer_close() - close a node
 * @buffer: the open node, or NULL
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
 * reading; -EFAULT: @data is not writable memory; -EINVAL: @buffer is NULL,
 * @len is above SSIZE_MAX or @offset + @len above INT64_MAX.
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
 * open for writing; -EFAULT: @data is not readable memory; -EINVAL: as for
 * mmapper_buffer_read().
 * Since: 0.1
 */
ssize_t mmapper_buffer_write(const struct mmapper_buffer *buffer,
			     const void *data, size_t len, uint64_t offset);

/**
 * mmapper_buffer_reset() - make a buffer hold what a fresh one holds
 * @buffer: the open node
 *
 * The driver writes its pattern again; mappings stay and see it.
 *
 * Return: 0; -EBADF: not open for writing; -EINVAL: @buffer is NULL.
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
 * PROT_EXEC; -EACCES: PROT_WRITE with MAP_SHARED on a node not open for
 * writing, or a node not open for reading; -ENOMEM, also where MMAPPER_WHOLE
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

#ifdef __cplusplus
}
#endif

#endif /* MMAPPER_H */
