// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which blocks of the module a thread has been through, as the kernel's KCOV
 * tells, and what counts as new: a block, a way from one to the next, or an
 * operation with a result that it has not had before.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fuzz.h"

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0
#define ENTRIES		16384	/* that one call may leave; loops leave more */

/**
 * kcov_open() - begin to collect the blocks of this thread
 * @kcov: of the thread
 *
 * Return: false: this kernel has no KCOV.
 */
bool kcov_open(struct kcov *kcov)
{
	kcov->area = NULL;
	kcov->fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0)
		return false;
	if (ioctl(kcov->fd, KCOV_INIT_TRACE, ENTRIES) < 0)
		return false;
	kcov->area = mmap(NULL, ENTRIES * sizeof(uint64_t),
			  PROT_READ | PROT_WRITE, MAP_SHARED, kcov->fd, 0);
	if (kcov->area == MAP_FAILED ||
	    ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC) < 0) {
		kcov->area = NULL;
		return false;
	}
	return true;
}

/** kcov_begin() - forget what was collected so far */
void kcov_begin(struct kcov *kcov)
{
	if (kcov->area)
		__atomic_store_n(&kcov->area[0], 0, __ATOMIC_RELAXED);
}

/* Sets a bit; was it clear? */
static bool set_bit(uint8_t *bits, uint32_t bit)
{
	uint8_t mask = (uint8_t)(1u << bit % 8);

	if (__atomic_load_n(&bits[bit / 8], __ATOMIC_RELAXED) & mask)
		return false;
	return !(__atomic_fetch_or(&bits[bit / 8], mask, __ATOMIC_RELAXED) &
		 mask);
}

/** feature_see() - something that may not have been seen before */
void feature_see(uint32_t hash)
{
	hash *= 0x9e3779b1;
	if (set_bit(team->features, hash >> 16))
		__atomic_fetch_add(&team->news, 1, __ATOMIC_RELAXED);
}

/* One call after the other comes from the same section. */
static const struct section *find(uint64_t pc, const struct section *last)
{
	const struct section *s;

	if (pc - last->base < last->bytes)
		return last;
	for (s = channel->sections; s < channel->sections + SECTIONS; s++)
		if (pc - s->base < s->bytes)
			return s;
	return NULL;
}

/** kcov_collect() - note what was collected since kcov_begin() */
void kcov_collect(struct kcov *kcov)
{
	const struct section *s = channel->sections;
	uint32_t off, last = 0;
	uint64_t i, n;

	if (!kcov->area)
		return;
	n = __atomic_load_n(&kcov->area[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n && i < ENTRIES; i++) {
		const struct section *at = find(kcov->area[i], s);

		if (!at)
			continue;
		s = at;
		off = (uint32_t)(kcov->area[i] - s->base);
		if (set_bit(channel->seen[s - channel->sections], off)) {
			__atomic_fetch_add(&team->blocks, 1, __ATOMIC_RELAXED);
			__atomic_fetch_add(&team->news, 1, __ATOMIC_RELAXED);
		}
		feature_see(last * 31 + off);
		last = off;
	}
}

static void set_bytes(void)
{
	struct section *s, *t;

	for (s = channel->sections; s < channel->sections + SECTIONS; s++) {
		s->bytes = s->base ? SECTION_BYTES : 0;
		for (t = channel->sections; t < channel->sections + SECTIONS;
		     t++)
			if (t->base > s->base && t->base - s->base < s->bytes)
				s->bytes = t->base - s->base;
	}
}

/** kcov_sections() - where the module that is loaded now has its code */
void kcov_sections(void)
{
	static const char *const names[SECTIONS] = {
		".text", ".init.text", ".exit.text", ".text.unlikely",
		".text.startup", ".text.exit",
	};
	char path[96], text[32];
	unsigned int i;

	for (i = 0; i < SECTIONS; i++) {
		struct section *s = &channel->sections[i];
		int fd;

		snprintf(s->name, sizeof(s->name), "%s", names[i]);
		s->base = 0;
		snprintf(path, sizeof(path), "/sys/module/mmapper/sections/%s",
			 names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		memset(text, 0, sizeof(text));
		if (read(fd, text, sizeof(text) - 1) > 0)
			s->base = strtoull(text, NULL, 16);
		close(fd);
	}
	set_bytes();
}
