// SPDX-License-Identifier: GPL-2.0-or-later
#include <grp.h>
#include <setjmp.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "device.h"

#define NAMED(_name)	.name = (_name), .path = "/dev/mmapper/" _name

#define LETTERS	.first = 'a', .period = 26
#define ZEROES	.first = 0, .period = 1

/* What smaps shows of a mapping of pages, and of one that has none. */
#define MIXED								\
	.vmflags = "rd wr sh mr mw ms mm",				\
	.vmflags_not = "ex me pf io de dd dc"
#define SPECIAL								\
	.vmflags = "rd wr sh mr mw ms pf io de dd",			\
	.vmflags_not = "ex me mm dc"

/* Page-backed, with copy on write. */
#define COPIED	(MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE)

const struct row rows[] = {
	{
		NAMED("kmalloc"),
		.classic = "/dev/mmapper_k",
		.first = '0', .period = 10,
		.flags = MMAPPER_BACKEND_F_EAGER | MMAPPER_BACKEND_F_CONTIGUOUS |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		SPECIAL,
	}, {
		NAMED("vmalloc-pfn"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_EAGER,
		SPECIAL,
	}, {
		NAMED("vmalloc-fault"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("vmalloc-user"),
		.classic = "/dev/mmapper_v",
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_EAGER,
		.vmflags = "rd wr sh mr mw ms mm de dd",
		.vmflags_not = "ex me pf io dc",
	}, {
		NAMED("pages-fault"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("pages-insert"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_EAGER,
		MIXED,
	}, {
		NAMED("pages-map"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_EAGER,
		MIXED,
	}, {
		NAMED("blocks-insert"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_EAGER,
		MIXED,
	}, {
		NAMED("blocks-map"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_EAGER,
		MIXED,
	}, {
		NAMED("private-fault"),
		ZEROES,
		.flags = COPIED | MMAPPER_BACKEND_F_PER_OPEN |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("coherent"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_EAGER | MMAPPER_BACKEND_F_CONTIGUOUS |
			 MMAPPER_BACKEND_F_HUGE,
		SPECIAL,
	}, {
		NAMED("lazy-fault"),
		ZEROES,
		.flags = COPIED | MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_LAZY |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("lazy-dma32"),
		ZEROES,
		.flags = COPIED | MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_LAZY |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("shmem"),
		.maps = "/mmapper (deleted)",
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_LAZY | MMAPPER_BACKEND_F_SWAP,
		MIXED,
	}, {
		NAMED("huge-pfn"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_AROUND | MMAPPER_BACKEND_F_HUGE |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		SPECIAL,
	}, {
		NAMED("huge-pages"),
		LETTERS,
		.flags = COPIED | MMAPPER_BACKEND_F_AROUND |
			 MMAPPER_BACKEND_F_HUGE | MMAPPER_BACKEND_F_MMAP_PREPARE,
		MIXED,
	}, {
		NAMED("huge-eager"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_EAGER | MMAPPER_BACKEND_F_HUGE,
		SPECIAL,
	}, {
		NAMED("pages-table"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_EAGER,
		SPECIAL,
	}, {
		NAMED("pages-around"),
		LETTERS,
		.flags = MMAPPER_BACKEND_F_RESIZE | MMAPPER_BACKEND_F_AROUND |
			 MMAPPER_BACKEND_F_MMAP_PREPARE,
		SPECIAL,
	},
};

const size_t row_count = sizeof(rows) / sizeof(rows[0]);

uint32_t row_flags(const struct row *row)
{
	uint32_t flags = row->flags;
	unsigned int major, minor;
	struct utsname name;

	REQUIRE(uname(&name) == 0);
	REQUIRE(sscanf(name.release, "%u.%u", &major, &minor) == 2);
	if (major < 7 || (major == 7 && minor < 2))
		flags &= ~MMAPPER_BACKEND_F_MMAP_PREPARE;
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK))
		flags &= ~MMAPPER_BACKEND_F_HUGE;
	return flags;
}

struct dev dev_open(const struct row *row)
{
	struct mmapper_reset reset = { 0 };
	struct dev dev = { .row = row };

	dev.fd = open(row->path, O_RDWR | O_CLOEXEC);
	if (dev.fd < 0)
		ktap_say("%s: %s", row->path, strerror(errno));
	REQUIRE(dev.fd >= 0);
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_INFO, &dev.info) == 0);
	REQUIRE(ioctl(dev.fd, MMAPPER_IOC_RESET, &reset) == 0);
	dev.page = (size_t)sysconf(_SC_PAGESIZE);
	REQUIRE(dev.info.page_size == dev.page);
	dev.pages = (size_t)(dev.info.map_size / dev.page);
	REQUIRE(dev.pages >= 1);
	return dev;
}

char *dev_map(const struct dev *dev, int prot, size_t first, size_t count)
{
	char *map = mmap(NULL, count * dev->page, prot, MAP_SHARED, dev->fd,
			 (off_t)(first * dev->page));

	if (map == MAP_FAILED)
		ktap_say("mmap: %s", strerror(errno));
	REQUIRE(map != MAP_FAILED);
	return map;
}

struct mmapper_stats dev_stats(int fd)
{
	struct mmapper_stats stats = { 0 };

	REQUIRE(ioctl(fd, MMAPPER_IOC_STATS, &stats) == 0);
	EXPECT_EQ(stats.mappings_total, stats.mmaps + stats.vma_opens);
	EXPECT_EQ(stats.mappings, stats.mappings_total - stats.vma_closes);
	return stats;
}

bool dev_check(const struct dev *dev, const char *bytes, size_t offset,
	       size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		size_t at = offset + i;
		char want = at < dev->info.size ? row_byte(dev->row, at) : 0;

		if (!ktap_expect(bytes[i] == want, __FILE__, __LINE__,
				 "byte %zu is 0x%02x, not 0x%02x", at,
				 (unsigned char)bytes[i], (unsigned char)want))
			return false;
	}
	return true;
}

static sigjmp_buf touch_back;
int touch_code;

static void touch_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	touch_code = info->si_code;
	siglongjmp(touch_back, sig);
}

int touch(volatile char *byte, bool write)
{
	struct sigaction act = {
		.sa_sigaction = touch_signal,
		.sa_flags = SA_SIGINFO,
	};
	struct sigaction old_segv, old_bus;
	int sig;

	sigaction(SIGSEGV, &act, &old_segv);
	sigaction(SIGBUS, &act, &old_bus);
	sig = sigsetjmp(touch_back, 1);
	if (!sig) {
		if (write)
			*byte = *byte;
		else
			(void)*byte;
	}
	sigaction(SIGSEGV, &old_segv, NULL);
	sigaction(SIGBUS, &old_bus, NULL);
	return sig;
}

bool child_ok(void (*run)(void *arg), void *arg)
{
	int status = ktap_child(run, arg);

	if (status)
		ktap_say("the child ended with status 0x%x", status);
	return status == 0;
}

size_t maps_count(const char *path)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	size_t n = 0;

	REQUIRE(maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		char *at = strchr(line, '/');

		if (!at)
			continue;
		at[strcspn(at, "\n")] = '\0';
		n += strcmp(at, path) == 0;
	}
	fclose(maps);
	return n;
}

bool smaps_field(const void *address, const char *field, char *value,
		 size_t len)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	size_t n = strlen(field);
	bool here = false, found = false;
	char line[512];

	REQUIRE(smaps != NULL);
	while (!found && fgets(line, sizeof(line), smaps)) {
		unsigned long long start, end;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx-%llx ", &start, &end) == 2) {
			here = start == (uintptr_t)address;
		} else if (here && strncmp(line, field, n) == 0 &&
			   line[n] == ':') {
			snprintf(value, len, "%s", line + n + 1);
			found = true;
		}
	}
	fclose(smaps);
	return found;
}

bool file_read(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, len - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

void sysfs_agrees(const char *folder, int fd)
{
	struct mmapper_stats stats = dev_stats(fd);
	struct mmapper_info info = { 0 };
	char path[160], text[256], want[64];
	size_t i;

	REQUIRE(ioctl(fd, MMAPPER_IOC_INFO, &info) == 0);
	const struct {
		const char		*name;
		unsigned long long	value;
	} numbers[] = {
		{ "size", info.size },
		{ "max_size", info.max_size },
		{ "opens", stats.opens },
		{ "files", stats.files },
		{ "mappings", stats.mappings },
		{ "mappings_total", stats.mappings_total },
		{ "faults", stats.faults },
	};

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, numbers[i].name);
		REQUIRE(file_read(path, text, sizeof(text)));
		snprintf(want, sizeof(want), "%llu\n", numbers[i].value);
		ktap_expect(strcmp(text, want) == 0, __FILE__, __LINE__,
			    "%s is %s, not %s", path, text, want);
	}
	snprintf(path, sizeof(path), "%s/flags", folder);
	REQUIRE(file_read(path, text, sizeof(text)));
	EXPECT_EQ(strtoul(text, NULL, 16), info.backend_flags);
}

int pin_in_pipe(const void *at, size_t len)
{
	struct iovec v = { (void *)at, len };
	int fds[2], error;

	REQUIRE(pipe(fds) == 0);
	if (vmsplice(fds[1], &v, 1, 0) == (ssize_t)len) {
		close(fds[1]);
		return fds[0];
	}
	error = errno;
	close(fds[0]);
	close(fds[1]);
	errno = error;
	return -1;
}

bool kmemleak_kernel(void)
{
	return access("/sys/kernel/debug/kmemleak", F_OK) == 0;
}

static bool kcsan_kernel(void)
{
	return access("/sys/kernel/debug/kcsan", F_OK) == 0;
}

bool debug_kernel(void)
{
	return kmemleak_kernel() || kcsan_kernel();
}

void need_root(void)
{
	if (geteuid() != 0)
		ktap_skip("needs root");
}

void drop_rights(void)
{
	REQUIRE(setgroups(0, NULL) == 0);
	REQUIRE(setgid(65534) == 0);
	REQUIRE(setuid(65534) == 0);
}
