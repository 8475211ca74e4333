// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the arena of a lone thread holds, page by page, and what each buffer
 * that no other process uses holds, byte by byte.  Where the kernel may have
 * done one thing or another, a page becomes unknown, or what it holds hazy;
 * the next mapping there, or RESET, makes it known again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

struct world world;

const struct row rows[ROWS] = {
	{ "kmalloc", '0', 10, false, false, true },
	{ "vmalloc-pfn", 'a', 26, false, false, true },
	{ "vmalloc-fault", 'a', 26, true, true, false },
	{ "vmalloc-user", 'a', 26, true, false, false },
};

const char *const node_paths[NODES] = {
	"/dev/mmapper/kmalloc", "/dev/mmapper/vmalloc-pfn",
	"/dev/mmapper/vmalloc-fault", "/dev/mmapper/vmalloc-user",
	"/dev/mmapper_k", "/dev/mmapper_v",
};

/** node_row() - the row behind a node, whose second name it may be */
unsigned int node_row(uint64_t node)
{
	return node < ROWS ? (unsigned int)node : node == ROWS ? 0 : 3;
}

/** row_byte() - byte @i of a fresh buffer, slack included */
uint8_t row_byte(unsigned int row, size_t i)
{
	return i < team->size ?
		(uint8_t)(rows[row].first + i % rows[row].period) : 0;
}

struct shadow *model_shadow(unsigned int row)
{
	struct shadow *s = &team->shadows[row];

	return model_io() && s->owner == world.proc ? s : NULL;
}

bool model_io(void)
{
	return world.alone && !world.crowd;
}

struct file *model_file(uint64_t slot)
{
	return world.files[slot] < 0 ? NULL :
		&team->files[world.files[slot]];
}

void model_clear(unsigned int first, unsigned int count)
{
	memset(&world.pages[first], 0, count * sizeof(struct page));
}

/* Anything may be there now. */
void model_blur(unsigned int first, unsigned int count)
{
	while (count--)
		world.pages[first++] = (struct page){ .kind = PG_UNKNOWN };
}

/* The pages of the arena that a range touches. */
static void each_page(uint64_t addr, uint64_t len,
		      void (*run)(struct page *p))
{
	uint64_t end = addr + len < addr ? ~0ULL : addr + len;
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		if (ARENA + (i + 1) * PAGE > addr && ARENA + i * PAGE < end)
			run(&world.pages[i]);
}

static void blur_page(struct page *p)
{
	*p = (struct page){ .kind = PG_UNKNOWN };
}

void model_blur_range(uint64_t addr, uint64_t len)
{
	each_page(addr, len, blur_page);
}

/* Whether a private page has its own copy is no longer known. */
static void hazy_page(struct page *p)
{
	if (!p->shared)
		p->hazy = true;
}

void model_hazy(uint64_t addr, uint64_t len)
{
	each_page(addr, len, hazy_page);
}

/* Bytes that are not known were written to these pages. */
static void written_page(struct page *p)
{
	struct shadow *s;
	unsigned int row;

	if (p->kind == PG_DEV && p->shared) {
		s = model_shadow(p->row);
		if (s)
			s->known = false;
	} else if (p->kind == PG_UNKNOWN) {
		for (row = 0; row < ROWS; row++) {
			s = model_shadow(row);
			if (s)
				s->known = false;
		}
	}
	p->hazy = true;
}

void model_forget_writes(uint64_t addr, uint64_t len)
{
	each_page(addr, len, written_page);
}

/* Pages and their copies go elsewhere; the two ranges may not overlap. */
void model_move(unsigned int from, unsigned int to, unsigned int count)
{
	memcpy(&world.pages[to], &world.pages[from],
	       count * sizeof(struct page));
	memcpy(world.copies[to], world.copies[from], (size_t)count * PAGE);
}

/**
 * model_bytes() - what a page must hold
 * @p: the page
 *
 * Return: PAGE bytes, or NULL: that is not known.
 */
const uint8_t *model_bytes(const struct page *p)
{
	const struct shadow *s = model_shadow(p->row);

	if (p->kind != PG_DEV || p->hazy || p->index >= BUF_PAGES)
		return NULL;
	if (p->copied)
		return world.copies[p - world.pages];
	return s && s->known ? &s->bytes[p->index * PAGE] : NULL;
}

/**
 * model_write() - a byte of a page was written through the mapping
 * @p: the page, of a buffer
 * @off: where in it
 * @byte: what was written
 */
void model_write(struct page *p, unsigned int off, uint8_t byte)
{
	struct shadow *s = model_shadow(p->row);
	uint8_t *copy = world.copies[p - world.pages];

	if (p->kind != PG_DEV || p->index >= BUF_PAGES)
		return;
	if (p->shared) {
		if (s)
			s->bytes[p->index * PAGE + off] = byte;
		return;
	}
	if (!p->copied && !p->hazy) {
		if (s && s->known)
			memcpy(copy, &s->bytes[p->index * PAGE], PAGE);
		else
			p->hazy = true;
		p->copied = true;
	}
	copy[off] = byte;
}

static void check_line(struct ctx *c, const char *line, bool *found)
{
	unsigned long long start, end, off;
	char perms[8], path[64] = "";
	unsigned int i;

	if (sscanf(line, "%llx-%llx %7s %llx %*s %*s %63s", &start, &end, perms,
		   &off, path) < 4 || start < ARENA || start >= ARENA_END)
		return;
	for (; start < end && start < ARENA_END; start += PAGE, off += PAGE) {
		const struct page *p;
		char want[8];

		i = (unsigned int)((start - ARENA) / PAGE);
		p = &world.pages[i];
		found[i] = true;
		if (p->kind == PG_UNKNOWN || p->kind == PG_ANON)
			continue;
		snprintf(want, sizeof(want), "%c%c-%c",
			 p->prot & PROT_READ ? 'r' : '-',
			 p->prot & PROT_WRITE ? 'w' : '-',
			 p->shared ? 's' : 'p');
		if (p->kind != PG_DEV || strcmp(want, perms) ||
		    off != (unsigned long long)p->index * PAGE ||
		    !strstr(path, "/dev/mmapper"))
			fail(c, "maps", "page %u: expected %s %s 0x%x: %s", i,
			     p->kind == PG_DEV ? rows[p->row].name : "nothing",
			     want, p->index * PAGE, line);
	}
}

/** model_check_maps() - is the arena as /proc/self/maps says? */
void model_check_maps(struct ctx *c)
{
	bool found[ARENA_PAGES] = { false };
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];
	unsigned int i;

	if (!maps) {
		fail(c, "maps", "it cannot be opened: %m");
		return;
	}
	while (fgets(line, sizeof(line), maps))
		check_line(c, line, found);
	fclose(maps);
	for (i = 0; i < ARENA_PAGES; i++)
		if (!found[i] && (world.pages[i].kind == PG_DEV ||
				  world.pages[i].kind == PG_ANON))
			fail(c, "maps", "page %u is not mapped", i);
}
