// SPDX-License-Identifier: GPL-2.0-or-later
/* ioctl(), with structures that no decent program would pass. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

#define CANARY	0xc5
#define BEYOND	32

enum fill { FILL_FLAGS = 1, FILL_RESERVED = 2, FILL_TAIL = 4, FILL_JUNK = 8 };

/* What the ABI says of each command: its sizes then and now. */
static const struct command {
	uint32_t	cmd;
	uint32_t	least;
	uint32_t	size;
} commands[] = {
	{ MMAPPER_IOC_INFO, 184, sizeof(struct mmapper_info) },
	{ MMAPPER_IOC_STATS, 72, sizeof(struct mmapper_stats) },
	{ MMAPPER_IOC_RESET, 8, sizeof(struct mmapper_reset) },
	{ MMAPPER_IOC_LOOKUP, 24, sizeof(struct mmapper_phys) },
	{ MMAPPER_IOC_TRANSLATE, 24, sizeof(struct mmapper_phys) },
	{ MMAPPER_IOC_SEAL, 16, sizeof(struct mmapper_seal) },
	{ MMAPPER_IOC_REVOKE, 8, sizeof(struct mmapper_revoke) },
};

struct request {
	const struct file	*file;
	const struct command	*command;	/* NULL: not one of them */
	uint32_t		cmd;
	uint32_t		size;
	uint64_t		addr;
	uint64_t		room;
	bool			sure;
	uint64_t		fill;
	uint64_t		where;
	bool			tail;		/* a byte there is not zero */
	bool			twisted;	/* flags or reserved, likewise */
};

static const struct command *find(uint32_t bare)
{
	const struct command *k = commands;

	for (; k < commands + sizeof(commands) / sizeof(commands[0]); k++)
		if ((k->cmd & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT)) == bare)
			return k;
	return NULL;
}

static bool is(const struct request *r, uint32_t cmd)
{
	return r->command && r->command->cmd == cmd;
}

/* The structure, as far as there is memory for it. */
static void fill(struct ctx *c, struct request *r, uint64_t at)
{
	uint8_t arg[1 << _IOC_SIZEBITS] = { 0 };
	uint32_t known = r->command ? r->command->size : 8;
	struct mmapper_phys head = {
		.flags = r->fill & FILL_FLAGS ? 1u << (c->at % 32) : 0,
		.reserved = r->fill & FILL_RESERVED ? 1u << (c->at % 32) : 0,
		.where = r->where,
	};
	uint64_t room;
	bool sure;

	if (r->fill & FILL_JUNK)
		memset(arg, 0xa5, known);
	memcpy(arg, &head, known < sizeof(head) ? known : sizeof(head));
	if (r->fill & FILL_JUNK && known >= sizeof(head))
		memset(arg + 16, 0xa5, 8);
	r->twisted = (r->fill & FILL_FLAGS && r->size >= 4) ||
		(r->fill & FILL_RESERVED && r->size >= 8);
	if (r->fill & FILL_TAIL && r->size > known) {
		arg[known + c->at * 31 % (r->size - known)] = 1;
		r->tail = true;
	}
	room = place_room(c, at, r->size + BEYOND, true, &sure);
	if (!sure || AT_KIND(at) == AT_RO)
		return;
	memset((void *)r->addr, CANARY, room);
	memcpy((void *)r->addr, arg, room < r->size ? room : r->size);
}

static void guess_translate(struct guess *g, const struct request *r)
{
	unsigned int first, count;
	const struct page *p;

	must(g, r->where >= user_end, EINVAL);
	if (!place_pages(r->where - r->where % PAGE, PAGE, &first, &count)) {
		must(g, true, EINVAL);
		return;
	}
	p = &world.pages[first];
	may(g, p->kind == PG_UNKNOWN, EINVAL);
	may(g, true, ENODATA);
	must(g, p->kind == PG_NONE || p->kind == PG_ANON, EINVAL);
	if (p->kind != PG_DEV)
		return;
	must(g, p->row != r->file->row, EINVAL);
	must(g, p->row == r->file->row &&
	     !(p->prot & (PROT_READ | PROT_WRITE)), ENODATA);
}

static void guess(struct guess *g, const struct ctx *c,
		  const struct request *r)
{
	const struct command *k = r->command;

	must(g, !r->file || r->file->path, EBADF);
	if (!r->file || r->file->path)
		return;
	if (!k) {
		/* The VFS answers some of them by itself. */
		if (_IOC_TYPE(r->cmd) == MMAPPER_IOC_MAGIC)
			must(g, true, ENOTTY);
		may(g, true, ENOTTY);
		may(g, true, EFAULT);
		may(g, true, EINVAL);
		may(g, true, EBADF);
		may(g, true, EOPNOTSUPP);
		may(g, true, EPERM);
		return;
	}
	must(g, r->size < k->least, EINVAL);
	must(g, is(r, MMAPPER_IOC_RESET) && !(r->file->mode & PROT_WRITE),
	     EBADF);
	if (is(r, MMAPPER_IOC_LOOKUP) || is(r, MMAPPER_IOC_TRANSLATE))
		must(g, c->powerless, EPERM);
	/* Nothing is read of a structure that is too short. */
	if (r->size < k->least)
		return;
	must(g, r->sure && r->room < r->size, EFAULT);
	may(g, !r->sure, EFAULT);
	may(g, !r->sure, EINVAL);
	may(g, !r->sure, E2BIG);
	may(g, !r->sure, ENODATA);
	must(g, r->sure && r->tail, E2BIG);
	must(g, r->sure && r->twisted, EINVAL);
	/* A node is nobody's to seal or to revoke. */
	must(g, is(r, MMAPPER_IOC_SEAL) || is(r, MMAPPER_IOC_REVOKE),
	     EOPNOTSUPP);
	if (!r->sure)
		return;
	must(g, is(r, MMAPPER_IOC_LOOKUP) && r->where >= team->pages * PAGE,
	     EINVAL);
	if (is(r, MMAPPER_IOC_TRANSLATE))
		guess_translate(g, r);
}

static void check_info(struct ctx *c, const struct mmapper_info *info)
{
	const struct row *row = &rows[c->row];

	if (info->flags || info->reserved || info->page_size != PAGE ||
	    info->abi_version != MMAPPER_ABI_VERSION ||
	    info->size != team->size ||
	    info->map_size != (uint64_t)team->pages * PAGE ||
	    strncmp(info->backend, row->name, sizeof(info->backend)))
		fail(c, "info", "%.32s, size %llu", info->backend,
		     (unsigned long long)info->size);
}

static void check_stats(struct ctx *c, const struct mmapper_stats *s)
{
	if (s->flags || s->reserved || !s->opens || s->files > s->opens ||
	    s->mappings_total != s->mmaps + s->vma_opens ||
	    s->mappings > s->mappings_total || s->mappings > 4096)
		fail(c, "stats", "files %llu of %llu, mappings %llu of %llu",
		     (unsigned long long)s->files,
		     (unsigned long long)s->opens,
		     (unsigned long long)s->mappings,
		     (unsigned long long)s->mappings_total);
}

static void check_phys(struct ctx *c, const struct request *r, uint64_t phys)
{
	const uint64_t *pages = team->shadows[c->row].phys;
	const struct page *p;
	unsigned int first, count;
	int32_t index = (int32_t)(r->where / PAGE);
	bool same = true;

	if (is(r, MMAPPER_IOC_TRANSLATE)) {
		if (!place_pages(r->where - r->where % PAGE, PAGE, &first,
				 &count))
			return;
		p = &world.pages[first];
		if (p->kind != PG_DEV || (!p->shared && p->hazy))
			return;
		index = p->index;
		same = !p->copied;
	}
	if ((uint32_t)index >= team->pages ||
	    (phys == pages[index] + r->where % PAGE) != same)
		fail(c, "physical address", "0x%llx for page %d at 0x%llx",
		     (unsigned long long)phys, index,
		     index < BUF_PAGES ? (unsigned long long)pages[index] : 0);
}

static void note_reset(unsigned int row)
{
	struct shadow *s = model_shadow(row);
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < team->pages * PAGE; i++)
		s->bytes[i] = row_byte(row, i);
	s->known = true;
}

static void check_answer(struct ctx *c, const struct request *r)
{
	union {
		struct mmapper_info	info;
		struct mmapper_stats	stats;
		struct mmapper_phys	phys;
	} arg = { 0 };
	const uint8_t *bytes = (const uint8_t *)r->addr;
	uint32_t i;

	memcpy(&arg, bytes, r->size < sizeof(arg) ? r->size : sizeof(arg));
	if (is(r, MMAPPER_IOC_INFO) && r->size >= sizeof(arg.info))
		check_info(c, &arg.info);
	if (is(r, MMAPPER_IOC_STATS) && r->size >= sizeof(arg.stats))
		check_stats(c, &arg.stats);
	if (is(r, MMAPPER_IOC_LOOKUP) || is(r, MMAPPER_IOC_TRANSLATE))
		check_phys(c, r, arg.phys.phys);
	for (i = r->command->size; i < r->size; i++)
		if (bytes[i])
			fail(c, "tail not zero", "byte %u", i);
}

static void check_beyond(struct ctx *c, const struct request *r, uint64_t at)
{
	bool sure;
	uint64_t i, room = place_room(c, at, r->size + BEYOND, true, &sure);
	const uint8_t *bytes = (const uint8_t *)r->addr;

	for (i = r->size; sure && i < room; i++)
		if (bytes[i] != CANARY)
			fail(c, "written beyond", "byte %llu of %u",
			     (unsigned long long)i, r->size);
}

void op_ioctl(struct ctx *c, const uint64_t *v)
{
	struct request r = {
		.file = model_file(v[0]), .command = find((uint32_t)v[1]),
		.size = v[2] & _IOC_SIZEMASK, .addr = place(c, v[3]),
		.fill = v[4], .where = place(c, v[5]),
	};
	struct guess g = { 0 };

	r.cmd = (uint32_t)v[1] | r.size << _IOC_SIZESHIFT;
	r.room = place_room(c, v[3], r.size,
			    !is(&r, MMAPPER_IOC_RESET), &r.sure);
	/* Memory that cannot be written holds no structure of ours. */
	if (AT_KIND(v[3]) == AT_RO)
		r.sure = false;
	fill(c, &r, v[3]);
	CALL(c, syscall(SYS_ioctl, SLOT_FD + (int)v[0], r.cmd, r.addr));
	c->row = r.file ? r.file->row : ROWS;
	guess(&g, c, &r);
	/* What answers in the arena has changed it, half an answer too. */
	if (!r.sure)
		model_forget_writes(r.addr, r.size);
	if (!judge(c, &g) || !world.alone || !r.file || !r.command)
		return;
	if (is(&r, MMAPPER_IOC_RESET))
		note_reset(c->row);
	if (!r.sure || AT_KIND(v[3]) == AT_RO)
		return;
	check_beyond(c, &r, v[3]);
	if (!is(&r, MMAPPER_IOC_RESET))
		check_answer(c, &r);
}
