// SPDX-License-Identifier: GPL-2.0-or-later
/* Accesses through a mapping. */
#include <signal.h>
#include <string.h>

#include "fuzz.h"

/* The signal that an access must raise, 0, or -1: not known. */
static int expected(const struct page *p, bool write)
{
	if (p->kind == PG_UNKNOWN)
		return -1;
	if (p->kind == PG_NONE || (write && !(p->prot & PROT_WRITE)))
		return SIGSEGV;
	/* On x86 what can be written can be read. */
	if (!(p->prot & (PROT_READ | PROT_WRITE)))
		return p->prot & PROT_EXEC ? -1 : SIGSEGV;
	if (p->kind == PG_DEV && (uint32_t)p->index >= team->pages)
		return SIGBUS;
	return 0;
}

static const struct page *page_at(uint64_t addr)
{
	static const struct page none;

	return addr < ARENA || addr >= ARENA_END ? &none :
		&world.pages[(addr - ARENA) / PAGE];
}

/* Does the access succeed, as it must? */
static bool touch(struct ctx *c, uint64_t addr, bool write, uint8_t *byte)
{
	const struct page *p = page_at(addr);
	int want = world.alone ? expected(p, write) : -1;
	int sig;

	if (p->kind == PG_DEV)
		c->row = p->row;
	sig = touch_byte(c, addr, write, byte);
	if (want >= 0 && sig != want)
		fail(c, sig ? "signal" : "no signal",
		     "%s of 0x%llx, index %d: signal %d, expected %d",
		     write ? "write" : "read", (unsigned long long)addr,
		     p->index, sig, want);
	if (sig && sig != SIGSEGV && sig != SIGBUS)
		fail(c, "signal", "%d", sig);
	return !sig;
}

void op_touch(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), i;

	for (i = 0; i <= v[1]; i++, addr += PAGE) {
		uint8_t byte = (uint8_t)(c->at * 7 + i + 1), got = byte;
		const uint8_t *want;
		struct page *p;

		if (AT_KIND(v[0]) == AT_ARENA && addr >= ARENA_END)
			break;
		/* A signal takes long: one is enough. */
		if (!touch(c, addr, v[2], &got))
			break;
		if (!world.alone || page_at(addr)->kind == PG_NONE)
			continue;
		p = &world.pages[(addr - ARENA) / PAGE];
		want = model_bytes(p);
		if (v[2] && p->kind == PG_UNKNOWN)
			model_forget_writes(addr, 1);
		else if (v[2])
			model_write(p, addr % PAGE, byte);
		else if (want && want[addr % PAGE] != got)
			fail(c, "wrong byte",
			     "%s, page %d, byte %u: 0x%02x, expected 0x%02x",
			     rows[p->row].name, p->index,
			     (unsigned int)(addr % PAGE), got,
			     want[addr % PAGE]);
	}
}

/* A whole page, compared. */
void op_check(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = ARENA + AT_OFF(v[0]) % (ARENA_PAGES * PAGE);
	const uint8_t *want, *page;
	uint8_t byte;
	unsigned int i;

	addr -= addr % PAGE;
	if (!touch(c, addr, false, &byte) || !world.alone)
		return;
	want = model_bytes(page_at(addr));
	page = (const uint8_t *)addr;
	if (!want || !memcmp(page, want, PAGE))
		return;
	for (i = 0; page[i] == want[i]; i++)
		;
	fail(c, "wrong byte", "%s, page %d, byte %u: 0x%02x, expected 0x%02x",
	     rows[page_at(addr)->row].name, page_at(addr)->index, i, page[i],
	     want[i]);
}
