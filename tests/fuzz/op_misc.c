// SPDX-License-Identifier: GPL-2.0-or-later
/* What else looks at the driver and its mappings; children. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

static const char *const attributes[] = {
	"backend", "store", "mapper", "description", "flags", "size",
	"max_size", "opens", "files", "mappings", "mappings_total", "faults",
};

void op_sysfs(struct ctx *c, const uint64_t *v)
{
	char path[96], text[256];
	long len;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/%s",
		 strrchr(node_paths[v[0] % NODES], '/') + 1,
		 attributes[v[1] % 12]);
	c->row = node_row(v[0] % NODES);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fail(c, "no attribute", "%s: %m", path);
		return;
	}
	len = CALL(c, read(fd, text, sizeof(text) - 1));
	close(fd);
	if (c->injected)
		return;
	if (len < 2 || text[len - 1] != '\n')
		fail(c, "attribute", "%s: %ld", path, len);
	text[len > 0 ? len : 0] = '\0';
	if (v[1] % 12 == 5 && strtoul(text, NULL, 10) != team->size)
		fail(c, "attribute", "size: %s", text);
}

static void read_all(struct ctx *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[1024];
	long len;

	if (fd < 0)
		return;
	do {
		len = CALL(c, read(fd, text, sizeof(text)));
	} while (len > 0);
	close(fd);
}

static void read_pagemap(struct ctx *c)
{
	uint64_t entries[ARENA_PAGES];
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	CALL(c, pread(fd, entries, sizeof(entries), ARENA / PAGE * 8));
	close(fd);
}

static void clear_refs(struct ctx *c)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	CALL(c, write(fd, c->at % 2 ? "4" : "1", 1));
	close(fd);
}

void op_proc(struct ctx *c, const uint64_t *v)
{
	switch (v[0]) {
	case 0:
		if (world.alone)
			model_check_maps(c);
		else
			read_all(c, "/proc/self/maps");
		return;
	case 1:
		read_all(c, "/proc/self/smaps");
		return;
	case 2:
		read_pagemap(c);
		break;
	case 3:
		read_all(c, "/proc/self/smaps_rollup");
		return;
	case 4:
		read_all(c, "/proc/self/numa_maps");
		return;
	default:
		clear_refs(c);
	}
	judge_loosely(c);
}

void op_futex(struct ctx *c, const uint64_t *v)
{
	static const struct timespec soon = { 0, 50000 };
	uint64_t addr = place(c, v[0]);

	if (v[1] == 1)
		CALL(c, syscall(SYS_futex, addr, FUTEX_WAIT, 0x5a5a5a5a, &soon,
				NULL, 0));
	else
		CALL(c, syscall(SYS_futex, addr, v[1] ? FUTEX_WAKE_PRIVATE :
				FUTEX_WAKE, 1, NULL, NULL, 0));
	judge_loosely(c);
}

/* Of this thread alone. */
void op_caps(struct ctx *c, const uint64_t *v)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	const uint32_t powers = 1u << CAP_SYS_ADMIN | 1u << CAP_SYS_RAWIO |
		1u << CAP_SYS_RESOURCE | 1u << CAP_FOWNER |
		1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;

	if (syscall(SYS_capget, &head, data) < 0)
		fail(c, "capget", "%m");
	data[0].effective &= ~powers;
	if (v[0])
		data[0].effective |= powers;
	CALL(c, syscall(SYS_capset, &head, data));
	if (judge_loosely(c))
		c->powerless = !v[0];
}

void op_yield(struct ctx *c, const uint64_t *v)
{
	struct timespec time = { 0, (long)v[0] * 1000 };

	CALL(c, v[0] ? nanosleep(&time, NULL) : syscall(SYS_sched_yield));
	judge_loosely(c);
}

static void be_child(struct ctx *c, unsigned int count)
{
	unsigned int i;

	c->child = true;
	c->kcov.area = NULL;
	c->nth_fd = -1;
	for (i = 0; i < ARENA_PAGES; i++)
		if (world.pages[i].forked)
			world.pages[i] = (struct page){ .kind = PG_UNKNOWN };
	/* A thread that has forked is alone in the child, whatever it shares. */
	run_ops(c, c->at + 1, count);
	_exit(0);
}

/* Does the next operations of this actor in a child, which then ends. */
void op_fork(struct ctx *c, const uint64_t *v)
{
	bool wait = v[1];
	int status;
	pid_t pid;

	if (c->child || world.nchildren == SEQ_OPS)
		return;
	if (!wait)
		world.crowd = true;
	pid = (pid_t)CALL(c, fork());
	if (pid == 0)
		be_child(c, 1 + (unsigned int)v[0]);
	if (!judge_loosely(c))
		return;
	if (!wait) {
		world.children[__atomic_fetch_add(&world.nchildren, 1,
						  __ATOMIC_RELAXED)] = pid;
		return;
	}
	c->skip = 1 + (unsigned int)v[0];
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		fail(c, "child", "status 0x%x", status);
}
