// SPDX-License-Identifier: GPL-2.0-or-later
/* Rights, and what must not be seen (D4, D6, K12). */
#include <dirent.h>
#include <sys/klog.h>
#include <sys/stat.h>

#include "device.h"

static void nodes(const void *arg)
{
	const struct row *row = arg;
	const char *const paths[] = { row->path, row->classic };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct stat st;

		if (!paths[i])
			continue;
		REQUIRE(stat(paths[i], &st) == 0);
		EXPECT(S_ISCHR(st.st_mode));
		EXPECT_EQ(st.st_mode & 07777, 0660);
		EXPECT_EQ(st.st_uid, 0);
	}
}

/* Without rights: no open; with a descriptor: no physical address. */
static void unprivileged(const void *arg)
{
	struct dev dev = dev_open(arg);
	char *map = dev_map(&dev, PROT_READ, 0, 1);
	struct mmapper_phys p = { .where = 0 };
	struct mmapper_info info = { 0 };
	char text[64], path[128];

	need_root();
	drop_rights();
	EXPECT_ERRNO(open(dev.row->path, O_RDWR), EACCES);
	EXPECT_ERRNO(open(dev.row->path, O_RDONLY), EACCES);
	EXPECT_ERRNO(ioctl(dev.fd, MMAPPER_IOC_LOOKUP, &p), EPERM);
	EXPECT_EQ(p.phys, 0);
	EXPECT_EQ(touch(map, false), 0);
	p.where = (uintptr_t)map;
	EXPECT_ERRNO(ioctl(dev.fd, MMAPPER_IOC_TRANSLATE, &p), EPERM);
	EXPECT_EQ(p.phys, 0);
	/* What a descriptor is for goes on. */
	EXPECT_EQ(ioctl(dev.fd, MMAPPER_IOC_INFO, &info), 0);
	dev_check(&dev, map, 0, dev.page);
	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/opens",
		 dev.row->name);
	EXPECT(file_read(path, text, sizeof(text)));
	EXPECT(open(path, O_WRONLY) < 0);
}

/*
 * Any number in a text that is an address of the kernel's half, or that lies
 * in one of the buffer's pages, or is the number of one of them.
 */
static bool leaks(const struct dev *dev, const uint64_t *phys,
		  const char *text)
{
	while (*text) {
		size_t n = strspn(text, "0123456789abcdefABCDEF");
		unsigned long long hex = n ? strtoull(text, NULL, 16) : 0;
		unsigned long long dec = n ? strtoull(text, NULL, 10) : 0;
		size_t i;

		/* With 5 levels, not all of these begin with ffff. */
		if (n >= 16 && hex >> 63)
			return true;
		/* Short numbers prove nothing. */
		for (i = 0; n >= 5 && i < dev->pages; i++)
			if (hex == phys[i] || hex == phys[i] / dev->page ||
			    dec == phys[i] || dec == phys[i] / dev->page)
				return true;
		text += n ? n : 1;
	}
	return false;
}

static void scan_sysfs(const struct dev *dev, const uint64_t *phys)
{
	char dir[128], path[512], text[4096];
	struct dirent *e;
	size_t files = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "/sys/class/mmapper/%s", dev->row->name);
	d = opendir(dir);
	REQUIRE(d != NULL);
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (!file_read(path, text, sizeof(text)))
			continue;
		files++;
		ktap_expect(!leaks(dev, phys, text), __FILE__, __LINE__,
			    "%s: %s", path, text);
	}
	closedir(d);
	EXPECT(files >= 12);
}

/* The inode's number is counted up: it may be a page's by chance. */
static void without_inode(char *line)
{
	int from = 0, to = 0;

	/* The range, its rights, the offset and the device come before it. */
	REQUIRE(sscanf(line, "%*s %*s %*s %*s %n%*d%n", &from, &to) == 0);
	REQUIRE(to > from);
	memset(line + from, '-', to - from);
}

static void scan_maps(const struct dev *dev, const uint64_t *phys)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	size_t lines = 0;

	REQUIRE(maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, row_maps(dev->row)))
			continue;
		lines++;
		without_inode(line);
		ktap_expect(!leaks(dev, phys, line), __FILE__, __LINE__, "%s",
			    line);
	}
	fclose(maps);
	EXPECT_EQ(lines, dev->row->flags & MMAPPER_BACKEND_F_PRIVATE ? 2 : 1);
}

/*
 * What the driver says, without the time before it, whose microseconds may be
 * the number of a page by chance; NULL: a line of somebody else.
 */
static const char *said(const char *line)
{
	const char *text = strstr(line, "] ");

	text = text ? text + 2 : line;
	return strncmp(text, "mmapper:", 8) == 0 ||
	       strncmp(text, "mmapper ", 8) == 0 ? text : NULL;
}

static void scan_log(const struct dev *dev, const uint64_t *phys)
{
	static char log[1 << 20];
	char *line, *next = log;
	int n = klogctl(3, log, sizeof(log) - 1);

	REQUIRE(n > 0);
	while ((line = strsep(&next, "\n")) != NULL)
		if (said(line))
			ktap_expect(!leaks(dev, phys, said(line)), __FILE__,
				    __LINE__, "%s", line);
}

static void no_addresses(const void *arg)
{
	struct dev dev = dev_open(arg);
	uint64_t *phys = calloc(dev.pages, sizeof(*phys));
	char text[64];
	size_t i;

	need_root();
	REQUIRE(phys != NULL);
	for (i = 0; i < dev.pages; i++) {
		struct mmapper_phys p = { .where = i * dev.page };

		REQUIRE(ioctl(dev.fd, MMAPPER_IOC_LOOKUP, &p) == 0);
		phys[i] = p.phys;
	}
	/* The search finds what it looks for ... */
	snprintf(text, sizeof(text), "x %llx y",
		 (unsigned long long)phys[dev.pages - 1]);
	EXPECT(leaks(&dev, phys, text));
	EXPECT(leaks(&dev, phys, "at ffff888012345678."));
	EXPECT(leaks(&dev, phys, "at ff11000012345678."));
	EXPECT(!leaks(&dev, phys, "7f0000000000-7f0000001000 00001000"));
	EXPECT(leaks(&dev, phys, said("<6>[    2.500000] mmapper: at ffff888012345678.")));
	EXPECT(!leaks(&dev, phys, said("<6>[    2.500000] mmapper: loaded")));
	EXPECT(!said("<6>[    2.500000] mmapper-test (12345): drop_caches: 3"));
	/* ... and does not find it where everybody can look. */
	dev_map(&dev, PROT_READ, 0, dev.pages);
	(void)!mmap(NULL, dev.pages * dev.page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE, dev.fd, 0);
	scan_sysfs(&dev, phys);
	scan_maps(&dev, phys);
	scan_log(&dev, phys);
}

static const struct ktap_case cases[] = {
	{ "nodes", nodes, 0 },
	{ "unprivileged", unprivileged, 0 },
	{ "no_addresses", no_addresses, 0 },
};

SUITE(security, cases, true);
