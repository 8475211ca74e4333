// SPDX-License-Identifier: GPL-2.0-or-later
/* read(), write() and their like. */
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

#define CANARY		0xc5
#define BEYOND		64	/* bytes watched after what may be written */
#define MOST		0x7ffff000ULL	/* that one call moves */
#define PIECES		2

/* Memory of the caller's; @room bytes of it are there, if that is @sure. */
struct piece {
	uint64_t	addr;
	uint64_t	len;
	uint64_t	room;
	bool		sure;
	bool		own;	/* the thread's own, and can be written */
};

struct transfer {
	struct file	*file;
	bool		write;
	bool		placed;		/* pread(), pwrite() */
	int64_t		pos;
	unsigned int	count;
	struct piece	piece[PIECES];
	uint64_t	want;		/* bytes that the buffer has there */
	uint64_t	room;		/* bytes that memory has */
	bool		sure;
};

static bool is_own(uint64_t at)
{
	return AT_KIND(at) == AT_BUF || AT_KIND(at) == AT_EDGE;
}

/* Bytes of a piece that matter: the buffer is no longer. */
static uint64_t near(const struct piece *p)
{
	uint64_t most = (uint64_t)team->pages * PAGE;

	return p->room < most ? p->room : most;
}

/* Bytes that differ from one operation to the next, and from place to place. */
static void fill(uint8_t *to, uint64_t len, unsigned int seed)
{
	static __thread uint8_t table[BUF_PAGES * PAGE + 256];
	unsigned int i;

	if (!table[0])
		for (i = 0; i < sizeof(table); i++)
			table[i] = (uint8_t)(i * 13 + i / 256 + 1);
	memcpy(to, table + seed % 256, len);
}

static void set_piece(const struct ctx *c, struct transfer *t, uint64_t at,
		      uint64_t len)
{
	struct piece *p = &t->piece[t->count++];

	p->addr = place(c, at);
	p->len = len;
	p->own = is_own(at);
	p->room = place_room(c, at, len, !t->write, &p->sure);
	if (!p->own)
		return;
	if (!t->write) {
		bool sure;

		memset((void *)p->addr, CANARY,
		       place_room(c, at, near(p) + BEYOND, true, &sure));
		return;
	}
	fill((uint8_t *)p->addr, near(p), c->at);
}

static uint64_t total(const struct transfer *t)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < t->count; i++)
		sum = t->piece[i].len > MOST - sum ? MOST :
			sum + t->piece[i].len;
	return sum;
}

static void set_ends(struct transfer *t)
{
	uint64_t sum = total(t), size = team->size;
	unsigned int i;

	t->want = t->pos >= 0 && (uint64_t)t->pos < size ?
		size - (uint64_t)t->pos : 0;
	t->want = t->want < sum ? t->want : sum;
	t->sure = true;
	for (i = 0; i < t->count; i++) {
		t->room += t->piece[i].room;
		t->sure &= t->piece[i].sure;
		if (t->piece[i].room < t->piece[i].len)
			break;
	}
}

static void guess(struct guess *g, const struct transfer *t)
{
	unsigned int i;

	must(g, !t->file || t->file->path ||
	     !(t->file->mode & (t->write ? PROT_WRITE : PROT_READ)), EBADF);
	must(g, t->pos < 0, EINVAL);
	may(g, (uint64_t)t->pos + total(t) > INT64_MAX, EINVAL);
	for (i = 0; i < t->count; i++) {
		const struct piece *p = &t->piece[i];

		must(g, p->len > INT64_MAX, EINVAL);
		may(g, p->len > INT64_MAX, EFAULT);
		may(g, p->addr + p->len > user_end || p->addr > user_end,
		    EFAULT);
	}
	must(g, t->write && total(t) && !t->want, ENOSPC);
	must(g, t->sure && t->want && !t->room, EFAULT);
	may(g, !t->sure, EFAULT);
}

/* The pieces lie apart, and all that was moved is in own memory. */
static bool comparable(const struct transfer *t)
{
	const struct piece *a = &t->piece[0], *b = &t->piece[1];

	if (!a->own || (t->count > 1 && !b->own))
		return false;
	return t->count == 1 || a->addr + near(a) + BEYOND <= b->addr ||
		b->addr + near(b) + BEYOND <= a->addr;
}

static void check_read(struct ctx *c, const struct transfer *t, uint64_t done)
{
	const struct shadow *s = model_shadow(t->file->row);
	uint64_t pos = (uint64_t)t->pos, i, k, n;

	if (!comparable(t))
		return;
	for (i = 0; i < t->count; i++, pos += n, done -= n) {
		const struct piece *p = &t->piece[i];
		const uint8_t *got = (const uint8_t *)p->addr;

		n = done < p->room ? done : p->room;
		if (s && s->known && memcmp(got, s->bytes + pos, n))
			fail(c, "wrong bytes", "%s, from 0x%llx on",
			     rows[t->file->row].name, (unsigned long long)pos);
		for (k = n; k < near(p) && k < n + BEYOND; k++)
			if (got[k] != CANARY)
				fail(c, "too many bytes", "byte %llu of %llu",
				     (unsigned long long)k,
				     (unsigned long long)n);
	}
}

/* What is in memory now is what was written: nobody else changes it. */
static void note_written(const struct transfer *t, uint64_t done)
{
	struct shadow *s = model_shadow(t->file->row);
	uint64_t pos = (uint64_t)t->pos, i, n;

	if (!s)
		return;
	for (i = 0; i < t->count && done; i++, pos += n, done -= n) {
		const struct piece *p = &t->piece[i];

		n = done < p->room ? done : p->room;
		if (p->sure)
			memcpy(s->bytes + pos, (const void *)p->addr, n);
		else
			s->known = false;
	}
}

static void note_read(const struct transfer *t)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (!t->piece[i].sure)
			model_forget_writes(t->piece[i].addr, t->piece[i].len);
}

static void settle(struct ctx *c, struct transfer *t)
{
	struct guess g = { 0 };
	uint64_t done;
	bool ok;

	if (!model_io() || (t->file && !t->placed && t->file->pos < 0)) {
		judge_loosely(c);
		return;
	}
	guess(&g, t);
	ok = judge(c, &g);
	if (!t->write)
		note_read(t);
	if (!ok || !t->file)
		return;
	done = (uint64_t)c->ret;
	if (done > t->want || (t->sure && !c->injected &&
			       done != (t->want < t->room ? t->want : t->room)))
		fail(c, "other length", "%llu; buffer has %llu, memory %llu",
		     (unsigned long long)done, (unsigned long long)t->want,
		     (unsigned long long)t->room);
	else if (t->write)
		note_written(t, done);
	else
		check_read(c, t, done);
	if (!t->placed)
		t->file->pos += (int64_t)done;
}

static void begin(struct ctx *c, struct transfer *t, uint64_t slot,
		  const uint64_t *off)
{
	t->file = model_file(slot);
	t->placed = off;
	t->pos = off ? (int64_t)*off : t->file ? t->file->pos : 0;
	c->row = t->file ? t->file->row : ROWS;
}

static void transfer(struct ctx *c, const uint64_t *v, bool write, long call,
		     const uint64_t *off)
{
	struct transfer t = { .write = write };

	begin(c, &t, v[0], off);
	set_piece(c, &t, v[1], v[2]);
	set_ends(&t);
	CALL(c, syscall(call, SLOT_FD + (int)v[0], t.piece[0].addr, v[2],
			off ? *off : 0));
	settle(c, &t);
}

static void transfer_v(struct ctx *c, const uint64_t *v, bool write, long call)
{
	struct transfer t = { .write = write };
	struct iovec iov[PIECES];
	unsigned int i;

	begin(c, &t, v[0], NULL);
	set_piece(c, &t, v[1], v[2]);
	set_piece(c, &t, v[3], v[4]);
	set_ends(&t);
	for (i = 0; i < PIECES; i++)
		iov[i] = (struct iovec){ (void *)t.piece[i].addr,
					 t.piece[i].len };
	CALL(c, syscall(call, SLOT_FD + (int)v[0], iov, PIECES));
	settle(c, &t);
}

void op_read(struct ctx *c, const uint64_t *v)
{
	transfer(c, v, false, SYS_read, NULL);
}

void op_write(struct ctx *c, const uint64_t *v)
{
	transfer(c, v, true, SYS_write, NULL);
}

void op_pread(struct ctx *c, const uint64_t *v)
{
	transfer(c, v, false, SYS_pread64, &v[3]);
}

void op_pwrite(struct ctx *c, const uint64_t *v)
{
	transfer(c, v, true, SYS_pwrite64, &v[3]);
}

void op_readv(struct ctx *c, const uint64_t *v)
{
	transfer_v(c, v, false, SYS_readv);
}

void op_writev(struct ctx *c, const uint64_t *v)
{
	transfer_v(c, v, true, SYS_writev);
}
