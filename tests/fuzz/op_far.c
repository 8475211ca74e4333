// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel reaches for mapped memory by itself: other processes, pipes. */
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

/* No more than own memory takes. */
static uint64_t short_len(uint64_t len)
{
	return len % ((SCRATCH_PAGES - 1) * PAGE);
}

/* What was read of the first page is what the mapping shows. */
static void check_first(struct ctx *c, uint64_t addr, uint64_t done)
{
	const struct page *p;
	const uint8_t *want;

	if (!world.alone || addr < ARENA || addr >= ARENA_END)
		return;
	p = &world.pages[(addr - ARENA) / PAGE];
	want = model_bytes(p);
	if (done > PAGE - addr % PAGE)
		done = PAGE - addr % PAGE;
	if (want && memcmp(want + addr % PAGE, c->scratch, done))
		fail(c, "wrong bytes", "%s, page %d", rows[p->row].name,
		     p->index);
}

static void copy_far(struct ctx *c, const uint64_t *v, long call)
{
	struct iovec far = { (void *)place(c, v[0]), v[1] };
	struct iovec own = { c->scratch, (SCRATCH_PAGES - 1) * PAGE };
	long done;

	done = CALL(c, syscall(call, getpid(), &own, 1, &far, 1, 0));
	if (call == SYS_process_vm_writev)
		model_forget_writes((uint64_t)far.iov_base, v[1]);
	else
		model_hazy((uint64_t)far.iov_base, v[1]);
	if (judge_loosely(c) && call == SYS_process_vm_readv)
		check_first(c, (uint64_t)far.iov_base, (uint64_t)done);
}

void op_vmread(struct ctx *c, const uint64_t *v)
{
	copy_far(c, v, SYS_process_vm_readv);
}

void op_vmwrite(struct ctx *c, const uint64_t *v)
{
	copy_far(c, v, SYS_process_vm_writev);
}

void op_mem(struct ctx *c, const uint64_t *v)
{
	uint64_t addr = place(c, v[0]), len = short_len(v[1]);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	long done;

	if (fd < 0) {
		fail(c, "mem", "it cannot be opened: %m");
		return;
	}
	if (AT_KIND(v[0]) != AT_ARENA)
		addr = ARENA;
	if (v[2]) {
		/* Cut, or it would write on past the arena. */
		if (len > ARENA_END - addr)
			len = ARENA_END - addr;
		CALL(c, syscall(SYS_pwrite64, fd, c->scratch, len, addr));
		model_forget_writes(addr, len);
	} else {
		done = CALL(c, syscall(SYS_pread64, fd, c->scratch, len,
				       addr));
		if (done > 0)
			check_first(c, addr, (uint64_t)done);
		model_hazy(addr, len);
	}
	close(fd);
	judge_loosely(c);
}

/* The pages stay in the pipe until it is drained, mapped or not. */
void op_vmsplice(struct ctx *c, const uint64_t *v)
{
	struct iovec far = { (void *)place(c, v[0]), short_len(v[1]) };

	CALL(c, vmsplice(world.pipe[1], &far, 1,
			 SPLICE_F_NONBLOCK | (unsigned int)v[2]));
	judge_loosely(c);
	model_hazy((uint64_t)far.iov_base, far.iov_len);
}

void op_splice(struct ctx *c, const uint64_t *v)
{
	int fd = SLOT_FD + (int)v[0];

	if (v[1])
		CALL(c, splice(world.pipe[0], NULL, fd, NULL, v[2],
			       SPLICE_F_NONBLOCK));
	else
		CALL(c, splice(fd, NULL, world.pipe[1], NULL, v[2],
			       SPLICE_F_NONBLOCK));
	if (judge_loosely(c) && c->ret > 0)
		fail(c, "succeeded", "%ld", c->ret);
}

void op_drain(struct ctx *c, const uint64_t *v)
{
	CALL(c, read(world.pipe[0], c->scratch, short_len(v[0])));
	judge_loosely(c);
}
