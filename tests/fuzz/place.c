// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses.  No operation may change what lies outside the arena: ranges are
 * cut where it ends, unless they are so long that the kernel refuses them.
 */
#include "fuzz.h"

#define KERNEL	0xffff888000000000ULL
#define LOW	LOWEST			/* below the program */
#define LOW_END	0x40000ULL

uint64_t user_end;

/*
 * A thread's own memory is eight pages, a hole, and a page that cannot be
 * written; see team.c.
 */
#define SCRATCH_END	((SCRATCH_PAGES - 1) * PAGE)
#define SCRATCH_RO	(SCRATCH_PAGES * PAGE)

/** place_setup() - page tables have four levels or five */
void place_setup(void)
{
	user_end = 1ULL << 47;
	if (munmap((void *)(user_end << 1), PAGE) == 0)
		user_end = 1ULL << 56;
	user_end -= PAGE;
}

/**
 * place() - the address that an argument means
 * @c: the thread
 * @at: the argument
 *
 * Return: the address.
 */
uint64_t place(const struct ctx *c, uint64_t at)
{
	uint64_t off = AT_OFF(at), scratch = (uint64_t)c->scratch;

	switch (AT_KIND(at)) {
	case AT_ARENA:
		return ARENA + off % (ARENA_PAGES * PAGE);
	case AT_NULL:
		return off % LOW;
	case AT_LOW:
		return LOW + off % (LOW_END - LOW);
	case AT_KERNEL:
		return KERNEL + off;
	case AT_WILD:
		return user_end + PAGE + off;	/* not canonical */
	case AT_BUF:
		return scratch + off % SCRATCH_END;
	case AT_EDGE:
		return scratch + SCRATCH_END - off % SCRATCH_END;
	case AT_RO:
		return scratch + SCRATCH_RO + off % PAGE;
	default:
		return off;
	}
}

static bool in_arena(uint64_t addr)
{
	return addr >= ARENA && addr < ARENA_END;
}

/**
 * place_clip() - cut a range that the kernel would take as it is
 * @addr: its begin
 * @len: its bytes, cut if need be
 *
 * Return: false: there is nothing at all that may be touched at @addr.
 */
bool place_clip(uint64_t addr, uint64_t *len)
{
	uint64_t end = in_arena(addr) ? ARENA_END : LOW_END;

	if (*len > user_end || addr >= user_end)
		return true;
	if (!in_arena(addr) && addr >= LOW_END)
		return false;
	if (*len > end - addr)
		*len = end - addr;
	return true;
}

/**
 * place_pages() - the pages of a range
 * @addr: its begin
 * @len: its bytes
 * @first: the first page of the arena
 * @count: pages
 *
 * Return: does it begin with a page, and lie in the arena as a whole?
 */
bool place_pages(uint64_t addr, uint64_t len, unsigned int *first,
		 unsigned int *count)
{
	*first = 0;
	*count = 0;
	if (!in_arena(addr) || addr % PAGE || len > ARENA_END - addr)
		return false;
	*first = (unsigned int)((addr - ARENA) / PAGE);
	*count = (unsigned int)SPLIT(len);
	return true;
}

/**
 * place_settle() - a mapping has come to be: what lies outside goes again
 * @c: the thread
 * @addr: its begin
 * @len: its bytes
 *
 * Return: bytes of it that lie in the arena and stay, from @addr on.
 */
uint64_t place_settle(struct ctx *c, uint64_t addr, uint64_t len)
{
	uint64_t stays = 0;

	len = SPLIT(len) * PAGE;
	if (in_arena(addr))
		stays = len < ARENA_END - addr ? len : ARENA_END - addr;
	if (len > stays && munmap((void *)(addr + stays), len - stays) < 0)
		fail(c, "stays mapped", "munmap of what lies outside: %m");
	return stays;
}

/**
 * place_room() - how much of a range the kernel can read or write
 * @c: the thread
 * @at: where it begins
 * @len: its bytes
 * @write: write, not read
 * @sure: is that known?
 *
 * Return: bytes from its begin on.
 */
uint64_t place_room(const struct ctx *c, uint64_t at, uint64_t len,
		    bool write, bool *sure)
{
	uint64_t addr = place(c, at), room = 0;

	*sure = true;
	switch (AT_KIND(at)) {
	case AT_ARENA:
	case AT_NULL:
	case AT_LOW:
		/* A mapping may be there, of whatever sort. */
		*sure = false;
		room = len;
		break;
	case AT_BUF:
	case AT_EDGE:
		room = (uint64_t)c->scratch + SCRATCH_END - addr;
		break;
	case AT_RO:
		room = write ? 0 : PAGE - addr % PAGE;
		break;
	}
	return room < len ? room : len;
}
