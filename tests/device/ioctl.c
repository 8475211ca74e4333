// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands and their bad arguments (K7, K15, K16). */
#include <stddef.h>
#include <time.h>

#include "device.h"

/* The layout is the same for 32-bit and 64-bit callers: this is built twice. */
_Static_assert(sizeof(struct mmapper_info) == 272, "info");
_Static_assert(offsetof(struct mmapper_info, size) == 32, "info.size");
_Static_assert(offsetof(struct mmapper_info, backend) == 56, "info.backend");
_Static_assert(offsetof(struct mmapper_info, buffer_flags) == 184,
	       "info.buffer_flags");
_Static_assert(offsetof(struct mmapper_info, blocks) == 200, "info.blocks");
_Static_assert(sizeof(struct mmapper_stats) == 72, "stats");
_Static_assert(offsetof(struct mmapper_stats, faults) == 64, "stats.faults");
_Static_assert(sizeof(struct mmapper_reset) == 8, "reset");
_Static_assert(sizeof(struct mmapper_phys) == 24, "phys");
_Static_assert(offsetof(struct mmapper_phys, phys) == 16, "phys.phys");

_Static_assert(sizeof(struct mmapper_create) == 168, "create");
_Static_assert(offsetof(struct mmapper_create, address) == 160,
	       "create.address");
_Static_assert(offsetof(struct mmapper_create, fd) == 28, "create.fd");
_Static_assert(sizeof(struct mmapper_open) == 80, "open");
_Static_assert(sizeof(struct mmapper_delete) == 72, "delete");
_Static_assert(sizeof(struct mmapper_seal) == 16, "seal");
_Static_assert(sizeof(struct mmapper_revoke) == 8, "revoke");
_Static_assert(sizeof(struct mmapper_counters_page) == 320, "counters_page");
_Static_assert(offsetof(struct mmapper_counters_page, values) == 64,
	       "counters_page.values");
_Static_assert(sizeof(struct mmapper_counters) == 288, "counters");
_Static_assert(sizeof(struct mmapper_watch) == 24, "watch");

#define NRS	5

static const unsigned int commands[NRS] = {
	MMAPPER_IOC_INFO, MMAPPER_IOC_STATS, MMAPPER_IOC_RESET,
	MMAPPER_IOC_LOOKUP, MMAPPER_IOC_TRANSLATE,
};

/* Bytes that the structure of each had in its first version. */
static const unsigned int first_size[NRS] = { 184, 72, 8, 24, 24 };

/* The command with another size in its number. */
static unsigned long resized(unsigned int command, unsigned int size)
{
	return _IOC(_IOC_DIR(command), _IOC_TYPE(command), _IOC_NR(command),
		    size);
}

/* An argument that succeeds, for whichever command. */
static void *good(const struct dev *dev, unsigned int command, char *map)
{
	static union {
		struct mmapper_phys	phys;
		char			room[1 << _IOC_SIZEBITS];
	} arg;

	(void)dev;
	memset(&arg, 0, sizeof(arg));
	if (command == MMAPPER_IOC_TRANSLATE)
		arg.phys.where = (uintptr_t)map;
	return &arg;
}

struct fixture {
	struct dev		dev;
	char			*map;
	struct mmapper_stats	before;
};

static struct fixture begin(const struct row *row)
{
	struct fixture f = { .dev = dev_open(row) };

	need_root();
	f.map = dev_map(&f.dev, PROT_READ, 0, 1);
	EXPECT_EQ(touch(f.map, false), 0);
	f.before = dev_stats(f.dev.fd);
	return f;
}

/* Nothing was lost and nothing has changed. */
static void end(const struct fixture *f)
{
	struct mmapper_stats after = dev_stats(f->dev.fd);

	EXPECT(memcmp(&f->before, &after, sizeof(after)) == 0);
	dev_check(&f->dev, f->map, 0, f->dev.page);
}

static void unknown(const void *arg)
{
	struct fixture f = begin(arg);
	int fd = f.dev.fd;
	unsigned int nr;
	char buf[256] = { 0 };

	for (nr = 0; nr < 256; nr++) {
		if ((nr >= 1 && nr <= NRS) ||
		    nr == _IOC_NR(MMAPPER_IOC_SEAL) ||
		    nr == _IOC_NR(MMAPPER_IOC_REVOKE) ||
		    nr == _IOC_NR(MMAPPER_IOC_COUNTERS) ||
		    nr == _IOC_NR(MMAPPER_IOC_WATCH))
			continue;
		EXPECT_ERRNO(ioctl(fd, _IOWR(MMAPPER_IOC_MAGIC, nr, char[184]),
				   buf), ENOTTY);
	}
	for (nr = 1; nr <= NRS; nr++) {
		EXPECT_ERRNO(ioctl(fd, _IO(MMAPPER_IOC_MAGIC, nr), buf),
			     ENOTTY);
		EXPECT_ERRNO(ioctl(fd, _IOR(MMAPPER_IOC_MAGIC, nr, char[184]),
				   buf), ENOTTY);
		EXPECT_ERRNO(ioctl(fd, _IOWR(MMAPPER_IOC_MAGIC ^ 1, nr,
					     char[184]), buf), ENOTTY);
	}
	/* TCGETS, which isatty() sends, and plain numbers. */
	EXPECT_ERRNO(ioctl(fd, 0x5401, buf), ENOTTY);
	EXPECT_ERRNO(ioctl(fd, 3, buf), ENOTTY);
	EXPECT_ERRNO(ioctl(fd, ~0UL, buf), ENOTTY);
	end(&f);
}

static void sizes(const void *arg)
{
	struct fixture f = begin(arg);
	const unsigned int longest = (1 << _IOC_SIZEBITS) - 1;
	unsigned int i;

	for (i = 0; i < NRS; i++) {
		unsigned int c = commands[i], size = _IOC_SIZE(c), n;
		int fd = f.dev.fd;
		char *a;

		EXPECT_EQ(ioctl(fd, c, good(&f.dev, c, f.map)), 0);
		for (n = 0; n < first_size[i]; n++)
			EXPECT_ERRNO(ioctl(fd, resized(c, n),
					   good(&f.dev, c, f.map)), EINVAL);
		for (; n < size; n++)
			EXPECT_EQ(ioctl(fd, resized(c, n),
					good(&f.dev, c, f.map)), 0);
		/* From a newer program: fine as long as its part is zero. */
		a = good(&f.dev, c, f.map);
		EXPECT_EQ(ioctl(fd, resized(c, size + 8), a), 0);
		EXPECT_EQ(ioctl(fd, resized(c, longest),
				good(&f.dev, c, f.map)), 0);
		for (n = size; n < longest; n = n * 2 + 1) {
			a = good(&f.dev, c, f.map);
			a[n] = 1;
			EXPECT_ERRNO(ioctl(fd, resized(c, longest), a), E2BIG);
			EXPECT_EQ(a[n], 1);
		}
	}
	end(&f);
}

static void reserved(const void *arg)
{
	struct fixture f = begin(arg);
	unsigned int i, bit;

	for (i = 0; i < NRS; i++) {
		for (bit = 0; bit < 64; bit++) {
			uint32_t *a = good(&f.dev, commands[i], f.map);

			a[bit / 32] = 1U << bit % 32;
			EXPECT_ERRNO(ioctl(f.dev.fd, commands[i], a), EINVAL);
			EXPECT_EQ(a[bit / 32], 1U << bit % 32);
		}
	}
	end(&f);
}

static void bad_pointers(const void *arg)
{
	struct fixture f = begin(arg);
	size_t page = f.dev.page;
	char *three = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	REQUIRE(three != MAP_FAILED);
	munmap(three + page, page);
	for (i = 0; i < NRS; i++) {
		unsigned int c = commands[i], size = _IOC_SIZE(c);
		char *read_only = three + 2 * page;

		EXPECT_ERRNO(ioctl(f.dev.fd, c, NULL), EFAULT);
		EXPECT_ERRNO(ioctl(f.dev.fd, c, three + page), EFAULT);
		EXPECT_ERRNO(ioctl(f.dev.fd, c, (void *)-4096L), EFAULT);
		/* Its last byte does not exist. */
		EXPECT_ERRNO(ioctl(f.dev.fd, c, three + page - size + 1),
			     EFAULT);
		/* The part that the driver does not know is read as well. */
		EXPECT_ERRNO(ioctl(f.dev.fd, resized(c, size + 16),
				   three + page - size), EFAULT);
		if (!(_IOC_DIR(c) & _IOC_READ))
			continue;
		mprotect(read_only, page, PROT_READ | PROT_WRITE);
		memcpy(read_only, good(&f.dev, c, f.map), size);
		mprotect(read_only, page, PROT_READ);
		EXPECT_ERRNO(ioctl(f.dev.fd, c, read_only), EFAULT);
	}
	end(&f);
}

/* A turn of another task may come in each round. */
static void pause_rounds(unsigned int n)
{
	for (volatile unsigned int i = 0; i < n; i++)
		;
}

/*
 * The offset is now good, now bad, while the driver looks at it. Each lasts, and not
 * always as long: where one CPU is shared, or emulated, who loses it between two
 * stores always loses it between the same two.
 */
static void changer(struct mmapper_phys *p, uint64_t bad)
{
	volatile uint32_t *low = (volatile uint32_t *)&p->where;
	unsigned int n;

	for (n = 0;; n++) {
		*low = (uint32_t)bad;
		pause_rounds(n % 61);
		*low = 0;
		pause_rounds(n % 67);
	}
}

/* Whichever of two offsets the driver has read, it must hold to it (K15). */
static void changing(const void *arg)
{
	struct fixture f = begin(arg);
	unsigned long good = 0, refused = 0;
	struct mmapper_phys *p, first = { 0 };
	time_t end = time(NULL) + 20;
	pid_t pid;

	REQUIRE(ioctl(f.dev.fd, MMAPPER_IOC_LOOKUP, &first) == 0);
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		changer(p, f.dev.info.map_size);
	while ((good < 100 || refused < 100) && time(NULL) < end) {
		if (ioctl(f.dev.fd, MMAPPER_IOC_LOOKUP, p) == 0) {
			good++;
			if (!EXPECT_EQ(p->phys, first.phys))
				break;
		} else {
			refused++;
			if (!EXPECT_EQ(errno, EINVAL))
				break;
		}
	}
	kill(pid, SIGKILL);
	ktap_say("%lu calls were refused, %lu were not", refused, good);
	EXPECT(good >= 100 && refused >= 100);
}

/* Every byte of an answer is the driver's: none keeps what stood there. */
static bool all_zero(const char *p, size_t len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

static void check_name(const char name[MMAPPER_NAME_MAX])
{
	size_t n = strnlen(name, MMAPPER_NAME_MAX);

	EXPECT(n > 0 && n < MMAPPER_NAME_MAX);
	EXPECT(all_zero(name + n, MMAPPER_NAME_MAX - n));
}

static unsigned int row_pattern(const struct row *row)
{
	switch (row->first) {
	case '0':
		return MMAPPER_PATTERN_DIGITS;
	case 'a':
		return MMAPPER_PATTERN_LETTERS;
	default:
		return MMAPPER_PATTERN_ZERO;
	}
}

static void answers(const void *arg)
{
	struct dev dev = dev_open(arg);
	const struct row *row = dev.row;
	struct mmapper_info info;
	struct mmapper_stats stats;

	memset(&info, 0xff, sizeof(info));
	info.flags = 0;
	info.reserved = 0;
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_INFO, &info) == 0);
	EXPECT_EQ(info.flags | info.reserved, 0);
	EXPECT_EQ(info.features, MMAPPER_FEATURE_RESET | MMAPPER_FEATURE_PHYS |
		  MMAPPER_FEATURE_CONTROL | MMAPPER_FEATURE_USER |
		  MMAPPER_FEATURE_COUNTERS);
	EXPECT_EQ(info.abi_version, MMAPPER_ABI_VERSION);
	EXPECT_EQ(info.backend_flags, row_flags(row));
	EXPECT_EQ(info.pattern, row_pattern(row));
	EXPECT_EQ(info.map_size % dev.page, 0);
	EXPECT(info.size >= 1 && info.size <= info.map_size);
	EXPECT(info.map_size - info.size < dev.page);
	EXPECT(info.max_size >= info.size);
	EXPECT(strcmp(info.backend, row->name) == 0);
	check_name(info.backend);
	check_name(info.store);
	check_name(info.mapper);
	check_name(info.driver_version);
	EXPECT_EQ(info.buffer_flags, MMAPPER_BUFFER_F_NODE);
	EXPECT_EQ(info.seals, 0);
	EXPECT_EQ(info.cache, MMAPPER_CACHE_CACHED);
	EXPECT_EQ(info.name[0], 0);
	memset(&stats, 0xff, sizeof(stats));
	stats.flags = 0;
	stats.reserved = 0;
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_STATS, &stats) == 0);
	EXPECT_EQ(stats.flags | stats.reserved, 0);
	EXPECT_EQ(stats.files, 1);
	EXPECT_EQ(stats.mappings, 0);
}

/* sysfs and the ioctls tell the same. */
static void sysfs(const void *arg)
{
	struct dev dev = dev_open(arg);
	char path[128], text[256];

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s", dev.row->name);
	sysfs_agrees(path, dev.fd);
	EXPECT_EQ(dev.info.backend_flags, row_flags(dev.row));
	REQUIRE(file_read("/sys/class/mmapper/abi", text, sizeof(text)));
	EXPECT_EQ(strtoul(text, NULL, 10), MMAPPER_ABI_VERSION);
}

static const struct ktap_case cases[] = {
	{ "unknown", unknown, 0 },
	{ "sizes", sizes, 0 },
	{ "reserved", reserved, 0 },
	{ "bad_pointers", bad_pointers, 0 },
	{ "changing", changing, 0 },
	{ "answers", answers, 0 },
	{ "sysfs", sysfs, 0 },
};

SUITE(ioctl, cases, true);
