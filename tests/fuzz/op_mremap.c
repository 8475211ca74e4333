// SPDX-License-Identifier: GPL-2.0-or-later
/* mremap(): grow, shrink, move, double. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define MOVES	(MREMAP_FIXED | MREMAP_DONTUNMAP)

struct request {
	uint64_t	addr;
	uint64_t	old;	/* whole pages */
	uint64_t	new;
	uint64_t	to;
	int		flags;
};

static void guess_arguments(struct guess *g, const struct request *r)
{
	bool fixed = r->flags & MREMAP_FIXED;
	bool maymove = r->flags & MREMAP_MAYMOVE;
	bool overlap = r->addr + r->old > r->to && r->to + r->new > r->addr;

	must(g, r->flags & ~(MREMAP_MAYMOVE | MOVES), EINVAL);
	must(g, fixed && !maymove, EINVAL);
	must(g, r->flags & MREMAP_DONTUNMAP &&
	     (!maymove || r->old != r->new), EINVAL);
	must(g, r->addr % PAGE || !r->new, EINVAL);
	must(g, fixed && (r->to % PAGE || r->new > user_end ||
			  r->to > user_end - r->new || overlap), EINVAL);
	/* With MREMAP_DONTUNMAP alone the place is but a hint. */
	may(g, r->flags & MREMAP_DONTUNMAP, EINVAL);
	may(g, r->flags & MREMAP_DONTUNMAP, ENOMEM);
	may(g, r->old > PAGE, EFAULT);
	/* What is to be doubled may have to make way for it. */
	may(g, fixed && !r->old, EFAULT);
	may(g, r->new > r->old, ENOMEM);
	may(g, r->new > r->old, EINVAL);
	may(g, r->old > user_end || r->new > user_end, EINVAL);
	may(g, r->old > user_end, EFAULT);
}

static void guess_page(struct guess *g, const struct request *r,
		       const struct page *p)
{
	bool grow = r->new > r->old;

	switch (p->kind) {
	case PG_NONE:
		must(g, true, EFAULT);
		break;
	case PG_DEV:
		must(g, grow && !rows[p->row].grows, EFAULT);
		must(g, r->flags & MREMAP_DONTUNMAP && !rows[p->row].grows,
		     EINVAL);
		must(g, !r->old && !p->shared, EINVAL);
		break;
	default:
		may(g, true, EFAULT);
		may(g, true, EINVAL);
		may(g, true, ENOMEM);
	}
}

/* Pages that continue @last, of which nothing was copied yet. */
static void continue_page(const struct page *last, unsigned int at,
			  unsigned int count)
{
	struct page p = *last;

	p.copied = false;
	if (p.kind == PG_DEV)
		p.hazy = false;
	else
		p.kind = PG_UNKNOWN;	/* past the end of shared memory */
	while (count--) {
		p.index++;
		world.pages[at++] = p;
	}
}

static struct page before(struct page p)
{
	p.index--;
	return p;
}

/* The mapping stayed where it was, and has another length. */
static void note_resized(unsigned int at, unsigned int old, unsigned int new)
{
	if (new < old)
		model_clear(at + new, old - new);
	else if (new > old)
		continue_page(&world.pages[at + old - 1], at + old, new - old);
}

static void note_moved(const struct request *r, unsigned int at,
		       unsigned int old, unsigned int to, unsigned int new)
{
	unsigned int moved = old < new ? old : new;
	struct page last = old ? world.pages[at + old - 1] :
				 before(world.pages[at]);
	unsigned int i;

	model_move(at, to, moved);
	if (r->flags & MREMAP_DONTUNMAP) {
		/* Copies went along: what stays shows the buffer again. */
		for (i = at; i < at + old; i++) {
			world.pages[i].copied = false;
			if (world.pages[i].kind == PG_DEV)
				world.pages[i].hazy = false;
		}
	} else {
		model_clear(at, old);
	}
	if (new > moved)
		continue_page(&last, to + moved, new - moved);
}

static void note_done(const struct request *r, uint64_t ret, uint64_t stays)
{
	unsigned int at, old, to, new;

	if (!place_pages(r->addr, r->old, &at, &old)) {
		model_blur_range(r->addr, r->old);
		model_blur_range(ret, stays);
		return;
	}
	/* Past the arena's end, "new" is what has stayed. */
	if (!place_pages(ret, stays, &to, &new)) {
		if (!(r->flags & MREMAP_DONTUNMAP))
			model_clear(at, old);
		else
			model_blur(at, old);
	} else if (ret == r->addr && r->old) {
		note_resized(at, old, new);
	} else {
		note_moved(r, at, old, to, new);
	}
}

static void note_failed(const struct ctx *c, const struct request *r)
{
	if (r->flags & MREMAP_FIXED)
		model_blur_range(r->to, r->new);
	if (r->old > r->new)
		model_blur_range(r->addr + r->new, r->old - r->new);
	if (c->injected)
		model_blur_range(r->addr, r->old);
}

void op_mremap(struct ctx *c, const uint64_t *v)
{
	uint64_t old = v[1], new = v[2], stays;
	struct request r = {
		.addr = place(c, v[0]), .to = place(c, v[4]),
		.flags = (int)v[3],
	};
	struct guess g = { 0 };
	unsigned int first, count;
	bool refused;
	long ret;

	if (!place_clip(r.addr, &old) ||
	    (r.flags & MREMAP_FIXED && !place_clip(r.to, &new)))
		return;
	r.old = SPLIT(old) * PAGE;
	r.new = SPLIT(new) * PAGE;
	ret = CALL(c, syscall(SYS_mremap, r.addr, old, new, r.flags, r.to));
	guess_arguments(&g, &r);
	may(&g, c->powerless && r.flags & MREMAP_FIXED && r.to < LOWEST, EPERM);
	refused = g.certain;
	if (place_pages(r.addr, PAGE, &first, &count))
		guess_page(&g, &r, &world.pages[first]);
	else
		must(&g, true, r.addr % PAGE ? EINVAL : EFAULT);
	if (!judge(c, &g)) {
		/* With such arguments nothing is done at all. */
		if (!refused)
			note_failed(c, &r);
		return;
	}
	/* Of the same length it may go beyond all that is mapped: a no-op. */
	if ((uint64_t)ret == r.addr && r.old == r.new)
		return;
	stays = place_settle(c, (uint64_t)ret, r.new);
	if (!world.alone)
		return;
	note_done(&r, (uint64_t)ret, stays);
	/* The last step of a move, giving up the old place, may fail unheard. */
	if (c->injected && (uint64_t)ret != r.addr)
		model_blur_range(r.addr, r.old);
}
