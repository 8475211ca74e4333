/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mapping costs: mmapper's backends and what else Linux offers, measured
 * in the same way.
 *
 * A target makes memory and can map it.  Each figure is taken by a process of
 * its own, so that none finds page tables that another has left:
 *
 *   cold  the first process maps memory that was just made, and writes to it
 *   warm  another one does so while the first keeps it mapped
 *   read  a third one, that only reads
 *   copy  a fourth one, by read() where there is one, and out of a mapping
 *   pin   a fifth one touches all, and has mmapper_lab pin it, if that is loaded
 *   raw, library
 *         two more, where the kernel chooses the address: by mmap(), and by
 *         libmmapper, both not for the first time
 *
 * To touch is to access one byte of each page; what the loop takes by itself,
 * when nothing is missing any more, is subtracted.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mmapper.h>

/** enum bench_clock - what is counted */
enum bench_clock {
	BENCH_TIME,		/* nanoseconds, CLOCK_MONOTONIC_RAW */
	BENCH_TSC,		/* the time stamp counter, see mmapper-cli(1) */
};

struct bench_target;

/**
 * struct bench_memory - memory that a target has made
 * @target: who
 * @size: bytes of it that are mapped; whole pages
 * @fd: what to map; -1: nothing, each process has its own
 * @offset: where in it
 * @extra: descriptors that must stay open as well, or -1
 * @buffer: of an mmapper backend
 * @kept: mappings of it that a process makes before the one that is measured
 */
struct bench_memory {
	const struct bench_target	*target;
	size_t				size;
	int				fd;
	off_t				offset;
	int				extra;
	struct mmapper_buffer		*buffer;
	unsigned int			kept;
};

/**
 * struct bench_crowd - what else there is of a target while it is measured
 * @buffers: memory made by it, of one page each, and the one that is measured
 * @mappings: how often a process has mapped the latter, with the one that is
 *	measured
 */
struct bench_crowd {
	unsigned int	buffers;
	unsigned int	mappings;
};

#define BENCH_ALONE	((struct bench_crowd){ .buffers = 1, .mappings = 1 })

/**
 * struct bench_target - a way to have memory that can be mapped
 * @name: what it is called
 * @create: makes @size bytes; 0 or a negative errno
 * @map_flags: for mmap(), beside MAP_SHARED or MAP_PRIVATE
 * @private_map: MAP_PRIVATE | MAP_ANONYMOUS
 * @advice: for madvise(), once it is mapped; 0: none
 * @readable: read() gives the same bytes
 * @no_write: who maps it may only read
 */
struct bench_target {
	const char	*name;
	int		(*create)(struct bench_memory *memory);
	int		map_flags;
	bool		private_map;
	int		advice;
	bool		readable;
	bool		no_write;
};

/** struct bench_pass - what one process has paid; counts of the clock */
struct bench_pass {
	bool		done;
	int		error;		/* why not: a negative errno */
	uint64_t	map;
	uint64_t	touch;
	uint64_t	unmap;
	uint64_t	faults;		/* while it touched */
	uint64_t	tables;		/* bytes of page tables */
};

/** struct bench_copy - likewise, of the whole memory */
struct bench_copy {
	uint64_t	read;		/* 0: it cannot be read */
	uint64_t	map;
};

/**
 * struct bench_result - all that is known about a target and a size
 * @create: what it took to make the memory
 * @cold: the first process
 * @warm: another one
 * @read: one that only reads
 * @copy: what copies it
 * @pin: what the kernel takes to pin all of it; 0: it cannot be pinned, or
 *	mmapper_lab is not there
 * @raw: to map it and to write to each page, once; 0: it is no backend
 * @library: likewise, through libmmapper
 * @error: why there is nothing: a negative errno
 */
struct bench_result {
	uint64_t		create;
	struct bench_pass	cold, warm, read;
	struct bench_copy	copy;
	uint64_t		pin, raw, library;
	int			error;
};

/** struct bench_calls - what calls cost that map nothing, each */
struct bench_calls {
	uint64_t	getppid;
	uint64_t	ioctl;		/* of a number that no driver has */
	uint64_t	eventfd;	/* to another process and back */
};

/* bench_peers.c */
extern const struct bench_target bench_peers[];
extern const size_t bench_peers_count;
void bench_free(struct bench_memory *memory);

/* bench_measure.c */
void bench_set_clock(enum bench_clock clock);
void bench_measure(const struct bench_target *target, size_t size,
		   struct bench_crowd crowd, struct bench_result *result);
int bench_measure_calls(const char *node, struct bench_calls *calls);

#endif /* BENCH_H */
