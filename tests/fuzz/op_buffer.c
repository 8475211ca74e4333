// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Buffers made at run time, and nodes of rows that are not foretold.  They have
 * descriptors and a range of addresses of their own, few names that all
 * processes share, and no model: which errors a call may give is all that is
 * checked, and that nothing is left when the sequence is over.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/* The rows that the model does not know come first, and have nodes. */
enum {
	OTHERS = 15, ROW_HUGE = 10, HUGE_ROWS = 3, ROW_VMALLOC_USER = 18,
	ROW_BAR = 20, ALL_ROWS = 23,
};

const struct word row_words[] = {
	{ "pages-fault", 0, 4, 4 }, { "pages-insert", 1, 4, 4 },
	{ "pages-map", 2, 4, 4 }, { "blocks-insert", 3, 4, 4 },
	{ "blocks-map", 4, 4, 4 }, { "private-fault", 5, 2, 0 },
	{ "coherent", 6, 4, 4 }, { "lazy-fault", 7, 8, 8 },
	{ "lazy-dma32", 8, 4, 4 }, { "shmem", 9, 8, 8 },
	{ "huge-pfn", ROW_HUGE, 8, 8 }, { "huge-pages", ROW_HUGE + 1, 8, 8 },
	{ "huge-eager", ROW_HUGE + 2, 8, 8 }, { "pages-table", 13, 5, 5 },
	{ "pages-around", 14, 5, 5 }, { "kmalloc", 15, 3, 3 },
	{ "vmalloc-pfn", 16, 3, 3 }, { "vmalloc-fault", 17, 3, 3 },
	{ "vmalloc-user", ROW_VMALLOC_USER, 3, 3 }, { "auto", 19, 3, 3 },
	{ "bar-remap", ROW_BAR, 6, 6 }, { "bar-fault", ROW_BAR + 1, 6, 6 },
	{ "nonsense", 22, 1, 0 }, { 0 }
};

/* What each of these is stands in buffer_names. */
const struct word name_words[] = {
	{ "a", 0, 12, 30 }, { "b", 1, 12, 30 }, { "spaces", 2, 6, 10 },
	{ "none", 3, 8, 20 }, { "dot", 4, 1, 0 }, { "slash", 5, 1, 0 },
	{ "control", 6, 1, 0 }, { "high", 7, 1, 0 }, { "tail", 8, 1, 0 },
	{ "long", 9, 1, 0 }, { 0 }
};

const char buffer_names[NAMES][MMAPPER_BUFFER_NAME_MAX] = {
	"a", "b", "two words %s", "", ".a", "a/../b", "a\n", "a\xff", "a\0b",
	{ [0 ... MMAPPER_BUFFER_NAME_MAX - 1] = 'a' },
};

enum how {
	HOW_MODE = 07777, HOW_EPHEMERAL = 1 << 12, HOW_WC = 1 << 13,
	HOW_UC = 1 << 14, HOW_NODE = 1 << 15, HOW_NO_NODE = 1 << 16,
	HOW_FLAG = 1 << 17, HOW_RESERVED = 1 << 18, HOW_FD = 1 << 19,
	HOW_DEVICE = 1 << 20, HOW_TAIL = 1 << 21, HOW_SHORT = 1 << 22,
	HOW_BIG = 1 << 23,
};

const struct word how_words[] = {
	{ "ur", 0400, 80, 90 }, { "uw", 0200, 80, 90 }, { "gr", 0040, 20, 20 },
	{ "or", 0004, 20, 20 }, { "sticky", 01000, 1, 0 },
	{ "ephemeral", HOW_EPHEMERAL, 20, 20 }, { "wc", HOW_WC, 20, 20 },
	{ "uc", HOW_UC, 10, 10 }, { "node0", HOW_NODE, 8, 5 },
	{ "nonode", HOW_NO_NODE, 1, 0 }, { "flag", HOW_FLAG, 1, 0 },
	{ "reserved", HOW_RESERVED, 1, 0 }, { "fd", HOW_FD, 1, 0 },
	{ "device", HOW_DEVICE, 2, 0 }, { "tail", HOW_TAIL, 2, 0 },
	{ "short", HOW_SHORT, 1, 0 }, { "big", HOW_BIG, 4, 3 }, { 0 }
};

const struct word seal_words[] = {
	{ "seal", MMAPPER_SEAL_SEAL, 10, 5 },
	{ "resize", MMAPPER_SEAL_RESIZE, 20, 20 },
	{ "write", MMAPPER_SEAL_WRITE, 40, 40 },
	{ "delete", MMAPPER_SEAL_DELETE, 20, 20 }, { "16", 16, 2, 0 }, { 0 }
};

enum attr { CHMOD, CHOWN, STAT, POLL, SEEK, SYNC, PATH_MODE, PATH_SIZE, REOPEN };

const struct word attr_words[] = {
	{ "chmod", CHMOD, 3, 3 }, { "chown", CHOWN, 3, 3 },
	{ "stat", STAT, 1, 1 }, { "poll", POLL, 2, 2 }, { "seek", SEEK, 1, 1 },
	{ "sync", SYNC, 1, 1 }, { "pathmode", PATH_MODE, 1, 1 },
	{ "pathsize", PATH_SIZE, 1, 1 }, { "reopen", REOPEN, 1, 1 }, { 0 }
};

static int fd_of(uint64_t buf)
{
	return BUF_FD + (int)(buf % BUFFERS);
}

static void put_name(char *to, uint64_t name)
{
	memcpy(to, buffer_names[name < NAMES ? name : 0],
	       MMAPPER_BUFFER_NAME_MAX);
}

/* A descriptor that came to be goes where operations look for it. */
static void settle(struct ctx *c, int fd, uint64_t buf)
{
	if (dup3(fd, fd_of(buf), O_CLOEXEC) < 0)
		fail(c, "dup3", "%m");
	close(fd);
}

/* Pages of the big range, where blocks of 2 MiB begin and end. */
static const uint16_t big_pages[BIG_SPOTS] = { 0, 1, 511, 512, 513, 1023 };

static bool is_big(uint64_t page)
{
	return page % PLACES >= RANGE_PAGES;
}

/* An address of a range; the number of pages is cut where it ends. */
static uint64_t at_page(uint64_t page, uint64_t *pages)
{
	uint64_t range = RANGE, all = RANGE_PAGES;

	page %= PLACES;
	if (is_big(page)) {
		range = BIG;
		all = BIG_PAGES;
		page = big_pages[page - RANGE_PAGES];
	}
	if (*pages > all - page)
		*pages = all - page;
	return range + page * PAGE;
}

/* How many are mapped: of the big range, mostly whole blocks. */
static uint64_t mapped_pages(uint64_t page, uint64_t count)
{
	static const uint16_t big[] = { 1, 511, 512, 1024 };

	return is_big(page) ? big[count % 4] : count;
}

/*
 * The structure is where the pointer says, as far as there is memory for it.
 * Its answer is in @arg if the command succeeds and the pointer is a good one.
 */
static bool command(struct ctx *c, int fd, unsigned long cmd, uint64_t ptr,
		    void *arg, size_t size)
{
	uint64_t addr = place(c, ptr), room;
	bool sure, ok;

	room = place_room(c, ptr, size, true, &sure);
	if (sure)
		memcpy((void *)addr, arg, room);
	cmd &= ~((unsigned long)_IOC_SIZEMASK << _IOC_SIZESHIFT);
	CALL(c, syscall(SYS_ioctl, fd, cmd | size << _IOC_SIZESHIFT, addr));
	if (!sure)
		model_forget_writes(addr, size);
	ok = judge_loosely(c) && sure;
	if (ok)
		memcpy(arg, (void *)addr, room);
	return ok;
}

static bool control(struct ctx *c, unsigned long cmd, uint64_t ptr, void *arg,
		    size_t size)
{
	int fd = open(CONTROL, O_RDWR | O_CLOEXEC);
	bool ok;

	if (fd < 0) {
		fail(c, "control", "it cannot be opened: %m");
		return false;
	}
	ok = command(c, fd, cmd, ptr, arg, size);
	close(fd);
	return ok;
}

/* A device has another default: there "wc" asks for what it cannot give. */
static void name_card(struct mmapper_create *create, uint64_t how)
{
	snprintf(create->device, sizeof(create->device), "%.24s/%d", card,
		 how & HOW_DEVICE ? 1 : 2);
	if (create->cache <= MMAPPER_CACHE_WC)
		create->cache ^= MMAPPER_CACHE_WC;
}

void op_create(struct ctx *c, const uint64_t *v)
{
	struct {
		struct mmapper_create	create;
		uint64_t		tail;
	} arg = { 0 };
	uint64_t row = v[1] % ALL_ROWS, how = v[4];
	size_t size = sizeof(arg.create);

	/* Of what vmalloc_user() cannot get the kernel complains: no failure. */
	if (row == ROW_VMALLOC_USER && c->op->nth)
		return;
	arg.create.flags = how & HOW_EPHEMERAL ? MMAPPER_CREATE_F_EPHEMERAL : 0;
	arg.create.flags |= how & HOW_FLAG ? 2u : 0;
	arg.create.reserved = how & HOW_RESERVED ? 1 : 0;
	arg.create.size = how & HOW_BIG ? v[3] << 9 : v[3];
	arg.create.mode = how & HOW_MODE;
	arg.create.cache = (uint32_t)(how / HOW_WC % 4);
	arg.create.numa_node = how & HOW_NODE ? 0 : how & HOW_NO_NODE ? 4096 :
		-1;
	arg.create.fd = how & HOW_FD ? 1 : 0;
	snprintf(arg.create.backend, sizeof(arg.create.backend), "%s",
		 row_words[row].name);
	put_name(arg.create.name, v[2]);
	if (row == ROW_BAR || row == ROW_BAR + 1)
		name_card(&arg.create, how);
	else if (how & HOW_DEVICE)
		arg.create.device[0] = '0';
	arg.tail = how & HOW_TAIL ? 1 : 0;
	size += how & HOW_TAIL ? 8 : 0;
	size -= how & HOW_SHORT ? 8 : 0;
	if (control(c, MMAPPER_IOC_CREATE, v[5], &arg, size))
		settle(c, arg.create.fd, v[0]);
}

/**
 * make_big() - have a buffer of blocks of 2 MiB
 * @rng: numbers
 * @create: an OP_CREATE
 * @map: the OP_BMMAP of what it creates
 */
void make_big(struct rng *rng, struct op *create, struct op *map)
{
	create->arg[1] = ROW_HUGE + rng_below(rng, HUGE_ROWS);
	create->arg[3] = PAGE * (1 + rng_below(rng, 2));
	create->arg[4] = 0600 | HOW_BIG;
	map->arg[1] = RANGE_PAGES;
	map->arg[2] = 2 + rng_below(rng, 2);
	map->arg[3] = 0;
	if (rng_chance(rng, 30))
		map->arg[1] += rng_below(rng, BIG_SPOTS);
	if (rng_chance(rng, 70))
		create->nth = 0;
	map->nth = 0;
}

void op_bopen(struct ctx *c, const uint64_t *v)
{
	struct mmapper_open arg = { .access = (uint32_t)v[2] };

	put_name(arg.name, v[1]);
	if (control(c, MMAPPER_IOC_OPEN, v[3], &arg, sizeof(arg)))
		settle(c, arg.fd, v[0]);
}

void op_delete(struct ctx *c, const uint64_t *v)
{
	struct mmapper_delete arg = { 0 };

	put_name(arg.name, v[0]);
	control(c, MMAPPER_IOC_DELETE, v[1], &arg, sizeof(arg));
}

/* A node, unless what it holds is foretold. */
void op_bnode(struct ctx *c, const uint64_t *v)
{
	char path[64];
	int fd;

	if (v[1] >= OTHERS)
		return;
	snprintf(path, sizeof(path), "/dev/mmapper/%s", row_words[v[1]].name);
	fd = (int)CALL(c, open(path, (int)v[2] | O_CLOEXEC));
	if (judge_loosely(c))
		settle(c, fd, v[0]);
}

void op_bclose(struct ctx *c, const uint64_t *v)
{
	CALL(c, close(fd_of(v[0])));
	judge_loosely(c);
}

void op_seal(struct ctx *c, const uint64_t *v)
{
	struct mmapper_seal arg = { .seals = (uint32_t)v[1] };

	command(c, fd_of(v[0]), MMAPPER_IOC_SEAL, v[2], &arg, sizeof(arg));
}

void op_revoke(struct ctx *c, const uint64_t *v)
{
	struct mmapper_revoke arg = { 0 };

	command(c, fd_of(v[0]), MMAPPER_IOC_REVOKE, v[1], &arg, sizeof(arg));
}

/* What nodes answer as well, in a structure that is longer than it need be. */
void op_ask(struct ctx *c, const uint64_t *v)
{
	union {
		struct mmapper_info	info;
		struct mmapper_stats	stats;
		struct mmapper_phys	phys;
	} arg = { 0 };
	uint64_t pages = 1, addr = at_page(v[2], &pages);

	if (_IOC_NR(v[1]) == _IOC_NR(MMAPPER_IOC_LOOKUP))
		arg.phys.where = addr % (BIG_PAGES * PAGE) / 4;
	else if (_IOC_NR(v[1]) == _IOC_NR(MMAPPER_IOC_TRANSLATE))
		arg.phys.where = addr;
	command(c, fd_of(v[0]), v[1], v[3], &arg, sizeof(arg));
}

void op_resize(struct ctx *c, const uint64_t *v)
{
	CALL(c, ftruncate(fd_of(v[0]), (off_t)v[1]));
	judge_loosely(c);
}

/* Of the descriptor, or by way of what /proc calls it. */
void op_attr(struct ctx *c, const uint64_t *v)
{
	struct pollfd p = { .fd = fd_of(v[0]), .events = POLLIN | POLLOUT };
	struct stat st;
	char path[32];
	long ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", p.fd);
	switch (v[1]) {
	case CHMOD:
		CALL(c, fchmod(p.fd, (mode_t)v[2]));
		break;
	case CHOWN:
		CALL(c, fchown(p.fd, v[2] % 2 ? 1000 : 0, (gid_t)-1));
		break;
	case STAT:
		CALL(c, fstat(p.fd, &st));
		break;
	case POLL:
		CALL(c, poll(&p, 1, 0));
		break;
	case SEEK:
		CALL(c, lseek(p.fd, (off_t)v[2], SEEK_SET));
		break;
	case SYNC:
		CALL(c, fsync(p.fd));
		break;
	case PATH_MODE:
		CALL(c, chmod(path, (mode_t)v[2]));
		break;
	case PATH_SIZE:
		CALL(c, truncate(path, (off_t)v[2]));
		break;
	default:
		ret = CALL(c, open(path, O_RDWR | O_CLOEXEC));
		if (ret >= 0)
			close((int)ret);
	}
	judge_loosely(c);
}

void op_bread(struct ctx *c, const uint64_t *v)
{
	CALL(c, syscall(SYS_pread64, fd_of(v[0]), place(c, v[1]), v[2], v[3]));
	model_forget_writes(place(c, v[1]), v[2]);
	judge_loosely(c);
}

void op_bwrite(struct ctx *c, const uint64_t *v)
{
	CALL(c, syscall(SYS_pwrite64, fd_of(v[0]), place(c, v[1]), v[2], v[3]));
	judge_loosely(c);
}

void op_bmmap(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = mapped_pages(v[1], v[2]), addr = at_page(v[1], &pages);

	/* No guard keeps its page tables: see actor.c. */
	if (is_big(v[1]) && c->op->nth)
		return;
	CALL(c, mmap((void *)addr, pages * PAGE, (int)v[4],
		     (int)v[5] | MAP_FIXED, fd_of(v[0]),
		     (off_t)(v[3] * PAGE)));
	judge_loosely(c);
}

void op_bmunmap(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = mapped_pages(v[0], v[1]), addr = at_page(v[0], &pages);

	CALL(c, munmap((void *)addr, pages * PAGE));
	judge_loosely(c);
}

void op_bprotect(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = mapped_pages(v[0], v[1]), addr = at_page(v[0], &pages);

	CALL(c, mprotect((void *)addr, pages * PAGE, (int)v[2]));
	judge_loosely(c);
}

void op_bmadvise(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = mapped_pages(v[0], v[1]), addr = at_page(v[0], &pages);

	CALL(c, madvise((void *)addr, pages * PAGE, (int)v[2]));
	judge_loosely(c);
}

void op_btouch(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = v[1] + 1, addr = at_page(v[0], &pages);
	uint8_t byte = (uint8_t)c->at;

	for (; pages--; addr += PAGE)
		if (touch_byte(c, addr, v[2], &byte))
			break;
}

/* By way of another process's eyes: special mappings are the driver's to read. */
void op_bmem(struct ctx *c, const uint64_t *v)
{
	uint64_t pages = 1, addr = at_page(v[0], &pages);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fail(c, "mem", "it cannot be opened: %m");
		return;
	}
	CALL(c, syscall(v[1] ? SYS_pwrite64 : SYS_pread64, fd, c->scratch, PAGE,
			addr));
	close(fd);
	judge_loosely(c);
}

/* The folder of a name, or what all of them are together. */
void op_names(struct ctx *c, const uint64_t *v)
{
	static const char *const attrs[] = {
		"used", "count", "backend", "store", "mapper", "description",
		"flags", "size", "max_size", "opens", "files", "mappings",
		"mappings_total", "faults", "owner", "group", "mode", "seals",
		"cache", "state",
	};
	const char *attr = attrs[v[1] % 20];
	char path[160], text[256];
	int fd;

	if (v[1] % 20 < 2)
		snprintf(path, sizeof(path), CONTROL_SYSFS "%s", attr);
	else
		snprintf(path, sizeof(path), CONTROL_SYSFS "buffers/%.63s/%s",
			 buffer_names[v[0] % GOOD_NAMES], attr);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	CALL(c, read(fd, text, sizeof(text)));
	close(fd);
	judge_loosely(c);
}
