// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on ranges that keep their mappings. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/*
 * madvise() and its like go on over holes, up to wherever a range ends: one
 * that leaves the arena must wrap, so that it is refused.
 */
static bool clip_or_wrap(uint64_t addr, uint64_t *len)
{
	if (!place_clip(addr, len))
		return false;
	if (*len > user_end)
		*len = (uint64_t)-PAGE;
	return true;
}

/* A range that ends before it begins, or begins within a page. */
static void guess_range(struct guess *g, uint64_t addr, uint64_t len, int wrap)
{
	must(g, addr % PAGE, EINVAL);
	must(g, len > user_end, wrap);
}

static unsigned int kinds_in(uint64_t addr, uint64_t len, bool *whole)
{
	unsigned int first, count, kinds = 0;

	*whole = place_pages(addr, len, &first, &count);
	if (!*whole)
		return 1u << PG_UNKNOWN;
	while (count--)
		kinds |= 1u << world.pages[first++].kind;
	return kinds;
}

/* What the advice may have done to the pages of the range. */
static void note_advised(uint64_t addr, uint64_t len, int advice, bool ok)
{
	unsigned int first, count;

	if (!place_pages(addr, len, &first, &count))
		return;
	for (; count--; first++) {
		struct page *p = &world.pages[first];

		switch (advice) {
		case MADV_DONTFORK:
		case MADV_WIPEONFORK:
			p->forked = true;
			break;
		case MADV_DONTNEED:
			if (ok && p->kind == PG_DEV) {
				p->copied = false;
				p->hazy = false;
				break;
			}
			p->hazy |= !p->shared;
			break;
		case MADV_POPULATE_WRITE:
		case MADV_FREE:
		case MADV_REMOVE:
		case 24:	/* MADV_DONTNEED_LOCKED */
			p->hazy |= !p->shared;
			break;
		}
	}
}

void op_madvise(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	int advice = (int)v[2];
	struct guess g = { 0 };
	unsigned int kinds;
	const int *e;
	bool whole;

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, syscall(SYS_madvise, addr, len, advice));
	kinds = kinds_in(addr, len, &whole);
	guess_range(&g, addr, len, EINVAL);
	must(&g, advice == 99, EINVAL);
	/* A hole alone, or before anything else: it is seen in the end. */
	if (len && whole && kinds == 1u << PG_NONE)
		may(&g, true, ENOMEM);
	/* What each advice says of each kind of mapping is the kernel's. */
	for (e = op_descs[OP_MADVISE].errors; len && *e; e++)
		may(&g, true, *e);
	note_advised(addr, len, advice, judge(c, &g));
}

static void guess_locked(struct guess *g, uint64_t addr, uint64_t len)
{
	bool whole;
	unsigned int kinds = kinds_in(addr - addr % PAGE, len + addr % PAGE,
				      &whole);

	/* From within a page the longest wraps to nothing. */
	must(g, len > user_end && !(addr % PAGE), EINVAL);
	must(g, len <= user_end && whole && kinds & 1u << PG_NONE, ENOMEM);
	/* Pages that cannot be had, and those that are not known. */
	may(g, len || addr % PAGE, ENOMEM);
	may(g, len || addr % PAGE, EAGAIN);
}

void op_mlock(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	struct guess g = { 0 };

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, v[2] ? syscall(SYS_mlock2, addr, len, v[2]) :
		syscall(SYS_mlock, addr, len));
	must(&g, v[2] & ~1ULL, EINVAL);
	guess_locked(&g, addr, len);
	judge(c, &g);
	/* Pages that are written to when locked are copied. */
	model_hazy(addr, len);
}

void op_munlock(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	struct guess g = { 0 };

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, syscall(SYS_munlock, addr, len));
	guess_locked(&g, addr, len);
	judge(c, &g);
}

void op_msync(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	struct guess g = { 0 };
	unsigned int kinds;
	bool whole;

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, syscall(SYS_msync, addr, len, v[2]));
	kinds = kinds_in(addr, len, &whole);
	guess_range(&g, addr, len, ENOMEM);
	must(&g, v[2] & 8, EINVAL);
	must(&g, v[2] & MS_ASYNC && v[2] & MS_SYNC, EINVAL);
	must(&g, len && whole && kinds & 1u << PG_NONE, ENOMEM);
	may(&g, !whole || kinds & 1u << PG_UNKNOWN, ENOMEM);
	/* A file that cannot be synced: the node has no fsync. */
	may(&g, v[2] & MS_SYNC, EINVAL);
	may(&g, v[2] & MS_INVALIDATE, EBUSY);
	judge(c, &g);
}

/* Another part of the buffer where a part of it is mapped. */
void op_remap_file(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	const int *e = op_descs[OP_REMAP_FILE].errors;
	unsigned int first, count, i;
	struct guess g = { 0 };

	if (!place_clip(addr, &len))
		return;
	CALL(c, syscall(SYS_remap_file_pages, addr, len, 0, v[2], v[3]));
	addr -= addr % PAGE;
	len -= len % PAGE;
	if (!place_pages(addr, len, &first, &count)) {
		must(&g, true, EINVAL);
		judge(c, &g);
		return;
	}
	must(&g, !count, EINVAL);
	for (i = 0; i < count; i++) {
		const struct page *p = &world.pages[first + i];

		must(&g, p->kind == PG_NONE, EINVAL);
		must(&g, p->kind == PG_DEV && !p->shared, EINVAL);
		must(&g, p->kind == PG_DEV && v[2] + i >= team->pages, EINVAL);
	}
	while (*e)
		may(&g, true, *e++);
	judge(c, &g);
	/* Refused by the driver, it has lost the old mapping too. */
	model_blur(first, count);
}

void op_mincore(struct ctx *c, const uint64_t *v)
{
	static __thread unsigned char answer[ARENA_PAGES + 1];
	uint64_t addr = place(c, v[0]), len = v[1];
	struct guess g = { 0 };
	unsigned int kinds;
	bool whole;

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, syscall(SYS_mincore, addr, len, answer));
	kinds = kinds_in(addr, len, &whole);
	guess_range(&g, addr, len, ENOMEM);
	must(&g, len && whole && kinds & 1u << PG_NONE, ENOMEM);
	may(&g, !whole || kinds & 1u << PG_UNKNOWN, ENOMEM);
	judge(c, &g);
}

void op_mbind(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	unsigned long nodes = 1;

	if (!clip_or_wrap(addr, &len))
		return;
	CALL(c, syscall(SYS_mbind, addr, len, v[2], v[2] ? &nodes : NULL,
			v[2] ? 2 : 0, v[3]));
	judge_loosely(c);
}
