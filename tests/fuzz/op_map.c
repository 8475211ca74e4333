// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that make, change and end mappings. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define TYPE	(MAP_SHARED | MAP_PRIVATE)

struct request {
	const struct file	*file;
	uint64_t		addr;
	uint64_t		len;
	uint64_t		off;
	int			prot;
	int			flags;
};

static bool occupied(uint64_t addr, uint64_t len, uint8_t *unknown)
{
	unsigned int first, count;
	bool found = false;

	if (!place_pages(addr, len, &first, &count))
		return false;
	for (; count--; first++) {
		*unknown |= world.pages[first].kind == PG_UNKNOWN;
		found |= world.pages[first].kind == PG_DEV ||
			world.pages[first].kind == PG_ANON;
	}
	return found;
}

static void guess_fixed(struct guess *g, const struct request *r)
{
	uint8_t unknown = 0;
	bool there = occupied(r->addr, r->len, &unknown);

	if (!(r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return;
	must(g, r->addr % PAGE, EINVAL);
	must(g, r->len <= user_end && r->addr > user_end - r->len, ENOMEM);
	if (!(r->flags & MAP_FIXED_NOREPLACE))
		return;
	must(g, there, EEXIST);
	may(g, unknown, EEXIST);
}

/* What the kernel refuses before it asks the driver. */
static void guess_kernel(struct guess *g, const struct request *r)
{
	const struct file *f = r->file;
	int type = r->flags & TYPE;

	must(g, r->off % PAGE, EINVAL);
	must(g, !f || f->path, EBADF);
	must(g, !r->len, EINVAL);
	must(g, r->len && !SPLIT(r->len), ENOMEM);
	must(g, r->len > user_end, ENOMEM);
	may(g, r->len > 1ULL << 30, ENOMEM);
	must(g, r->off / PAGE > (~0ULL - r->len) / PAGE, EOVERFLOW);
	may(g, r->off / PAGE > (1ULL << 51), EOVERFLOW);
	guess_fixed(g, r);
	must(g, !type, EINVAL);
	must(g, r->flags & (MAP_HUGETLB | MAP_GROWSDOWN), EINVAL);
	must(g, type == TYPE && r->flags & MAP_SYNC, EOPNOTSUPP);
	may(g, type == TYPE && r->flags & MAP_FIXED_NOREPLACE, EOPNOTSUPP);
	if (!f || f->path)
		return;
	must(g, !(f->mode & PROT_READ), EACCES);
	must(g, type & MAP_SHARED && r->prot & PROT_WRITE &&
	     !(f->mode & PROT_WRITE), EACCES);
}

static void guess_driver(struct guess *g, const struct request *r)
{
	uint64_t first = r->off / PAGE, count = SPLIT(r->len);

	if (!r->file)
		return;
	must(g, (r->flags & TYPE) == MAP_PRIVATE && !rows[r->file->row].cow,
	     EINVAL);
	must(g, r->prot & PROT_EXEC, EPERM);
	must(g, first >= team->pages || count > team->pages - first, EINVAL);
}

static void note_mapped(const struct request *r, uint64_t addr, uint64_t len)
{
	unsigned int first, count, i;
	bool shared = r->flags & MAP_SHARED;

	if (!place_pages(addr, len, &first, &count))
		return;
	for (i = 0; i < count; i++)
		world.pages[first + i] = (struct page){
			.kind = PG_DEV,
			.row = r->file->row,
			.prot = (uint8_t)(r->prot & 7),
			.shared = shared,
			.writable = !shared || r->file->mode & PROT_WRITE,
			/* Filled at once, a private page may have been copied. */
			.hazy = !shared && r->prot & PROT_WRITE &&
				r->flags & (MAP_POPULATE | MAP_LOCKED),
			.index = (int32_t)(r->off / PAGE + i),
		};
}

/* What was there goes before the driver is asked. */
static void note_refused(const struct ctx *c, const struct request *r,
			 bool by_driver)
{
	unsigned int first, count;

	if (!(r->flags & MAP_FIXED) || r->flags & MAP_FIXED_NOREPLACE)
		return;
	if (c->injected)
		model_blur_range(r->addr, r->len);
	else if (by_driver && place_pages(r->addr, r->len, &first, &count))
		model_clear(first, count);
}

static void check_elsewhere(struct ctx *c, const struct request *r,
			    uint64_t addr)
{
	uint8_t byte;
	int sig = 0;

	if (r->prot & PROT_READ)
		sig = touch_byte(c, addr, false, &byte);
	if (sig && world.alone)
		fail(c, "unusable", "signal %d where it was just mapped", sig);
	c->err = 0;
}

void op_mmap(struct ctx *c, const uint64_t *v)
{
	struct request r = {
		.file = model_file(v[0]), .addr = place(c, v[1]), .len = v[2],
		.off = v[3], .prot = (int)v[4], .flags = (int)v[5],
	};
	struct guess g = { 0 };
	bool by_driver;
	uint64_t stays;
	long ret;

	if (r.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) &&
	    !place_clip(r.addr, &r.len))
		return;
	ret = CALL(c, syscall(SYS_mmap, r.addr, r.len, r.prot, r.flags,
			      SLOT_FD + (int)v[0], r.off));
	guess_kernel(&g, &r);
	by_driver = !g.count;
	may(&g, c->powerless && r.addr < LOWEST &&
	    r.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE), EPERM);
	guess_driver(&g, &r);
	c->row = r.file ? r.file->row : ROWS;
	if (!judge(c, &g)) {
		note_refused(c, &r, by_driver);
		return;
	}
	if ((uint64_t)ret < ARENA || (uint64_t)ret >= ARENA_END)
		check_elsewhere(c, &r, (uint64_t)ret);
	stays = place_settle(c, (uint64_t)ret, r.len);
	if (world.alone && r.file)
		note_mapped(&r, (uint64_t)ret, stays);
}

/* Memory of no file, as a neighbour and as a buffer. */
void op_anon(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = ARENA + AT_OFF(v[0]) % (ARENA_PAGES * PAGE);
	uint64_t len = v[1];
	int flags = (int)v[3] & TYPE, prot = (int)v[2] & 7;
	struct guess g = { 0 };
	unsigned int first, count;

	addr -= addr % PAGE;
	place_clip(addr, &len);
	CALL(c, syscall(SYS_mmap, addr, len, prot,
			flags | MAP_FIXED | MAP_ANONYMOUS, -1, 0));
	must(&g, !len || (flags != MAP_SHARED && flags != MAP_PRIVATE), EINVAL);
	must(&g, len > user_end, ENOMEM);
	/* Shared memory without an inode. */
	may(&g, c->injected && flags == MAP_SHARED, ENOSPC);
	if (!judge(c, &g)) {
		if (c->injected)
			model_blur_range(addr, len);
		return;
	}
	if (place_pages(addr, len, &first, &count)) {
		model_clear(first, count);
		for (; count--; first++) {
			world.pages[first].kind = PG_ANON;
			world.pages[first].prot = (uint8_t)prot;
			world.pages[first].hazy = true;
		}
	}
}

void op_munmap(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	struct guess g = { 0 };
	unsigned int first, count;

	if (!place_clip(addr, &len))
		return;
	CALL(c, syscall(SYS_munmap, addr, len));
	must(&g, addr % PAGE || !SPLIT(len), EINVAL);
	must(&g, addr > user_end || len > user_end - addr, EINVAL);
	if (!judge(c, &g)) {
		if (c->injected)
			model_blur_range(addr, len);
	} else if (place_pages(addr, len, &first, &count)) {
		model_clear(first, count);
	}
}

/* Pages that surely change before the one that fails, or may fail. */
static unsigned int guess_pages(struct guess *g, unsigned int first,
				unsigned int count, int prot)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct page *p = &world.pages[first + i];

		if (p->kind == PG_UNKNOWN) {
			may(g, true, ENOMEM);
			may(g, true, EACCES);
			return i;
		}
		must(g, p->kind == PG_NONE, ENOMEM);
		must(g, p->kind == PG_DEV &&
		     (prot & PROT_EXEC || (prot & PROT_WRITE && !p->writable)),
		     EACCES);
		if (g->certain)
			return i;
	}
	return count;
}

void op_mprotect(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = v[1];
	unsigned int first, count, done = 0, i;
	int prot = (int)v[2];
	struct guess g = { 0 };
	bool inside;

	if (!place_clip(addr, &len))
		return;
	CALL(c, syscall(SYS_mprotect, addr, len, prot));
	inside = place_pages(addr, len, &first, &count);
	must(&g, addr % PAGE, EINVAL);
	if (len) {
		must(&g, prot & PROT_GROWSDOWN, EINVAL);
		may(&g, prot & PROT_GROWSDOWN, ENOMEM);
		must(&g, !inside, ENOMEM);
		may(&g, !inside, EACCES);
		if (!g.certain)
			done = guess_pages(&g, first, count, prot);
	}
	if (judge(c, &g)) {
		done = count;
	} else if (c->injected || !inside) {
		model_blur_range(addr, len);
		return;
	} else if (!g.certain) {
		model_blur(first + done, count - done);
	}
	for (i = first; i < first + done; i++)
		world.pages[i].prot = (uint8_t)(prot & 7);
}
