/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cases that `demo` tells and `validate` checks, one implementation for
 * both: each gathers evidence from the running kernel, says it with ktap_say()
 * and judges it with EXPECT.  A case runs in a child of its own, begins with a
 * fresh pattern in the buffer, and leaves cleaning up to its exit.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmapper.h>

#include "ktap.h"

/* Loops over pages stop here, so that a large buffer takes no minutes. */
#define EV_PAGES_MAX	4096

enum finding_bits {
	FOUND_VMA	= 1 << 0,
	FOUND_FAULTS	= 1 << 1,
	FOUND_PHYS	= 1 << 2,
	FOUND_PRIVATE	= 1 << 3,
};

/**
 * struct finding - what the cases of one backend measured
 * @found: which of it there is, enum finding_bits
 * @pages: pages that were looked at
 * @special: VM_PFNMAP is set
 * @copies: MAP_PRIVATE gives a copy on write
 * @rss: kB of the mapping that the kernel counts as resident, once touched
 * @faults_mmap: page faults during mmap()
 * @faults_touch: page faults during the first touch of each page
 * @runs: runs of physically contiguous pages
 * @pagemap: pages for which /proc/self/pagemap shows a frame
 * @flags: the VMA's flags that differ between backends
 *
 * Lies in memory that the cases' children share with their parent.
 */
struct finding {
	unsigned int	found;
	size_t		pages;
	bool		special;
	bool		copies;
	uint64_t	rss;
	uint64_t	faults_mmap;
	uint64_t	faults_touch;
	size_t		runs;
	size_t		pagemap;
	char		flags[48];
};

/**
 * struct subject - what a case is about
 * @name: name or path of the node
 * @node: the node, as listed
 * @info: as it told when it was opened
 * @buffer: the parent's open node, which shows that it can be opened
 * @finding: where to put what was measured
 * @skip: why it cannot be looked at; NULL: it can, and only then is there
 *	anything else but @name and @node
 */
struct subject {
	const char			*name;
	const struct mmapper_node	*node;
	struct mmapper_info		info;
	struct mmapper_buffer		*buffer;
	struct finding			*finding;
	const char			*skip;
};

struct evidence_case {
	struct ktap_case	test;
	const char		*title;
};

extern const struct evidence_case evidence_cases[];
extern const size_t evidence_count;

/**
 * ev_tell() - run cases and tell the evidence of each under its title
 * @cases: the cases
 * @count: how many
 * @arg: handed to each of them
 * @tally: how many passed, were skipped, failed; added to
 */
void ev_tell(const struct evidence_case *cases, size_t count, const void *arg,
	     size_t tally[3]);
/** ev_sum() - print a tally, "N passed, N failed[, N skipped]" */
void ev_sum(const size_t tally[3]);
/** ev_tests() - the cases alone, for a suite; to be freed; NULL: no memory */
struct ktap_case *ev_tests(const struct evidence_case *cases, size_t count);

/** ev_faults() - page faults that this process has taken, those on a disk left out */
uint64_t ev_faults(void);

/** struct view - an open node and a mapping of it */
struct view {
	struct mmapper_buffer	*buffer;
	struct mmapper_mapping	*mapping;
	unsigned char		*bytes;
	size_t			length;
	size_t			page;
	size_t			pages;
};

/* Each ends the case where it fails. */
struct mmapper_buffer *ev_open(const struct subject *s, int flags);
/** ev_begin() - open the node for reading and writing; a fresh pattern */
void ev_begin(const struct subject *s, struct view *view);
/** ev_map() - map the buffer, EV_PAGES_MAX pages of it at most */
void ev_map(struct view *view, int prot, int flags);
void ev_stats(const struct view *view, struct mmapper_stats *stats);

/** ev_physical() - whether this process may see physical addresses */
bool ev_physical(const struct view *view);
unsigned char ev_pattern(const struct mmapper_info *info, uint64_t index);
/** ev_intact() - how many bytes of a mapping are as the driver filled them */
size_t ev_intact(const struct mmapper_info *info, const unsigned char *bytes,
		 size_t length);

/* smaps.c */

/**
 * struct vma - one entry of /proc/self/smaps
 * @line: its first line
 * @offset: where in the file it begins
 * @rss: kB resident
 * @flags: two letters each, separated by blanks
 */
struct vma {
	char		line[256];
	uint64_t	offset;
	uint64_t	rss;
	char		flags[128];
};

bool vma_find(const void *address, struct vma *vma);
bool vma_has(const struct vma *vma, const char *flag);
/** vma_say_flags() - say what each flag means */
void vma_say_flags(const struct vma *vma);

/* case_*.c */
void case_pattern(const void *arg);
void case_write_read(const void *arg);
void case_read_write(const void *arg);
void case_vma(const void *arg);
void case_faults(const void *arg);
void case_addresses(const void *arg);
void case_two_mappings(const void *arg);
void case_private(const void *arg);
void case_lifetime(const void *arg);
void case_fork(const void *arg);
void case_bounds(const void *arg);

#endif /* EVIDENCE_H */
