// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on descriptors that move no bytes. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/* Notes what a slot holds now; -1: nothing. */
static void note_slot(uint64_t slot, int file)
{
	if (world.alone)
		world.files[slot] = file;
}

static int note_open(uint64_t node, int flags)
{
	static const uint8_t modes[] = { PROT_READ, PROT_WRITE,
					 PROT_READ | PROT_WRITE, 0 };
	uint32_t n = __atomic_fetch_add(&team->nfiles, 1, __ATOMIC_RELAXED);

	if (n >= FILES)
		return -1;
	team->files[n] = (struct file){
		.row = (uint8_t)node_row(node),
		.mode = modes[flags & O_ACCMODE],
		.path = flags & O_PATH,
	};
	return (int)n;
}

void op_open(struct ctx *c, const uint64_t *v)
{
	int flags = (int)(v[2] | v[3]) | O_CLOEXEC;
	const char *node = node_paths[v[1] % NODES];
	struct guess g = { 0 };
	int fd;

	fd = (int)CALL(c, openat(AT_FDCWD, node, flags, 0600));
	c->row = node_row(v[1]);
	if (flags & O_PATH) {
		/* Most other flags count for nothing. */
		must(&g, flags & O_DIRECTORY, ENOTDIR);
	} else {
		must(&g, flags & O_DIRECTORY, ENOTDIR);
		may(&g, flags & O_DIRECTORY, EINVAL);
		must(&g, flags & O_DIRECT, EINVAL);
		must(&g, flags & O_CREAT && flags & O_EXCL, EEXIST);
	}
	if (!judge(c, &g))
		return;
	if (dup3(fd, SLOT_FD + (int)v[0], O_CLOEXEC) < 0)
		fail(c, "dup3", "%m");
	close(fd);
	note_slot(v[0], note_open(v[1], flags));
}

void op_close(struct ctx *c, const uint64_t *v)
{
	const struct file *file = model_file(v[0]);
	struct guess g = { 0 };

	c->row = file ? file->row : ROWS;
	CALL(c, close(SLOT_FD + (int)v[0]));
	must(&g, !file, EBADF);
	judge(c, &g);
	note_slot(v[0], -1);
}

void op_dup(struct ctx *c, const uint64_t *v)
{
	struct guess g = { 0 };

	CALL(c, dup3(SLOT_FD + (int)v[0], SLOT_FD + (int)v[1], O_CLOEXEC));
	must(&g, v[0] == v[1], EINVAL);
	must(&g, !model_file(v[0]), EBADF);
	if (judge(c, &g))
		note_slot(v[1], world.files[v[0]]);
}

/* Where lseek() must lead to, or -1. */
static int64_t sought(const struct file *file, int64_t off, uint64_t whence)
{
	int64_t size = team->size, pos;

	switch (whence) {
	case SEEK_SET:
		pos = off;
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(file->pos, off, &pos))
			return -1;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(size, off, &pos))
			return -1;
		break;
	default:
		return -1;
	}
	return pos < 0 || pos > size ? -1 : pos;
}

void op_lseek(struct ctx *c, const uint64_t *v)
{
	struct file *file = model_file(v[0]);
	struct guess g = { 0 };
	int64_t want;
	long ret;

	c->row = file ? file->row : ROWS;
	ret = CALL(c, syscall(SYS_lseek, SLOT_FD + (int)v[0], v[1], v[2]));
	if (!model_io()) {
		judge_loosely(c);
		return;
	}
	want = file && !file->path ? sought(file, (int64_t)v[1], v[2]) : 0;
	must(&g, !file || file->path, EBADF);
	must(&g, want < 0, EINVAL);
	if (!judge(c, &g))
		return;
	if (ret != want)
		fail(c, "elsewhere", "%ld, expected %lld", ret,
		     (long long)want);
	file->pos = want;
}

void op_poll(struct ctx *c, const uint64_t *v)
{
	struct pollfd p = { .fd = SLOT_FD + (int)v[0], .events = (short)v[1] };
	const struct file *file = model_file(v[0]);
	struct guess g = { 0 };
	short want = POLLNVAL;

	c->row = file ? file->row : ROWS;
	CALL(c, poll(&p, 1, 0));
	if (!judge(c, &g) || !world.alone)
		return;
	if (file && !file->path)
		want = (short)((file->mode & PROT_READ ? POLLIN : 0) |
			       (file->mode & PROT_WRITE ? POLLOUT : 0));
	if (want != POLLNVAL)
		want &= p.events;
	if (p.revents != want)
		fail(c, "events", "0x%x, expected 0x%x", p.revents, want);
}

void op_fcntl(struct ctx *c, const uint64_t *v)
{
	const struct file *file = model_file(v[0]);
	struct guess g = { 0 };

	CALL(c, fcntl(SLOT_FD + (int)v[0], F_SETFL, (int)v[1]));
	must(&g, !file || file->path, EBADF);
	must(&g, v[1] & O_DIRECT, EINVAL);
	judge(c, &g);
}

/* Calls that a node does not have, or that the VFS answers. */
void op_file(struct ctx *c, const uint64_t *v)
{
	int fd = SLOT_FD + (int)v[0];
	struct stat st;

	switch (v[1]) {
	case 0:
		CALL(c, fsync(fd));
		break;
	case 1:
		CALL(c, ftruncate(fd, 0));
		break;
	case 2:
		CALL(c, fallocate(fd, 0, 0, PAGE));
		break;
	case 3:
		CALL(c, flock(fd, LOCK_EX | LOCK_NB));
		break;
	case 4:
		CALL(c, syscall(SYS_fadvise64, fd, 0, PAGE, 4));
		break;
	case 5:
		CALL(c, fstat(fd, &st));
		break;
	case 6:
		CALL(c, sendfile(fd, fd, NULL, 16));
		break;
	default:
		CALL(c, fdatasync(fd));
	}
	judge_loosely(c);
}
