// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device memory (C16), on two cards of QEMU's: "edu", which has registers, and
 * "ivshmem-plain", which has memory that two machines can share.
 */
#include <dirent.h>
#include <sys/wait.h>

#include "failure.h"
#include "runtime.h"

#define DEVICES	"/sys/bus/pci/devices/"
#define EDU_ID	0x010000ed	/* of the register at 0, without its version */
#define CARD	(1 << 20)	/* bytes of the other one's memory */

int pci_peer = -1;

static bool pci_file(const char *device, const char *name, char *text,
		     size_t len)
{
	char path[160];

	snprintf(path, sizeof(path), DEVICES "%.16s/%s", device, name);
	return file_read(path, text, len);
}

/* Its name, "0000:00:04.0"; false: there is none. */
static bool pci_find(const char *vendor, const char *id, char *name)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *entry;
	bool found = false;
	char text[32];

	while (dir && !found && (entry = readdir(dir)) != NULL) {
		found = pci_file(entry->d_name, "vendor", text, sizeof(text)) &&
			strncmp(text, vendor, strlen(vendor)) == 0 &&
			pci_file(entry->d_name, "device", text, sizeof(text)) &&
			strncmp(text, id, strlen(id)) == 0;
		if (found)
			snprintf(name, 16, "%.15s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool pci_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	close(fd);
	return ok;
}

static bool pci_try_bind(const char *device)
{
	char path[160];

	snprintf(path, sizeof(path), DEVICES "%s/driver_override", device);
	REQUIRE(pci_put(path, "mmapper"));
	return pci_put("/sys/bus/pci/drivers/mmapper/bind", device);
}

static void pci_bind(const char *device)
{
	REQUIRE(pci_try_bind(device));
}

/* The next driver that is loaded does not get it by itself. */
static void pci_unbind(const char *device)
{
	char path[160];

	REQUIRE(pci_put("/sys/bus/pci/drivers/mmapper/unbind", device));
	snprintf(path, sizeof(path), DEVICES "%s/driver_override", device);
	REQUIRE(pci_put(path, "\n"));
}

static char edu[16], card[16];

/* @alone: what it writes would disturb another machine with the same card. */
static void pci_begin(bool alone)
{
	if (alone && pci_peer >= 0)
		ktap_skip("the card is shared");
	if (!pci_find("0x1af4", "0x1110", card) ||
	    !pci_find("0x1234", "0x11e8", edu))
		ktap_skip("this machine lacks the cards edu and ivshmem-plain");
	runtime_begin();
}

static struct mmapper_create bar_params(const char *row, const char *device,
					unsigned int bar, size_t size,
					enum mmapper_cache cache)
{
	struct mmapper_create p = rt_params_of(row, "bar", size);

	snprintf(p.device, sizeof(p.device), "%.16s/%u", device, bar);
	p.cache = cache;
	return p;
}

static const char * const bar_rows[] = { "bar-remap", "bar-fault" };

/* An uncached mapping takes aligned accesses alone on arm64: byte by byte. */
static bool holds(const volatile char *map, const char *text)
{
	while (*text && *map == *text) {
		map++;
		text++;
	}
	return !*text;
}

/*
 * The kernel makes no access to registers: these take words of 4 bytes, and one
 * of another width that the kernel makes is its end on arm64.
 */
static void untouched(int fd, volatile uint32_t *map)
{
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	struct mmapper_reset reset = { 0 };
	char bytes[8] = "";

	EXPECT_ERRNO(pread(fd, bytes, 4, 0), EOPNOTSUPP);
	EXPECT_ERRNO(pread(fd, bytes, 1, 4095), EOPNOTSUPP);
	EXPECT_ERRNO(pwrite(fd, bytes, 4, 4), EOPNOTSUPP);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_RESET, &reset), EOPNOTSUPP);
	EXPECT_ERRNO(pread(mem, bytes, 4, (off_t)(uintptr_t)map), EIO);
	EXPECT_ERRNO(pwrite(mem, bytes, 4, (off_t)(uintptr_t)(map + 1)), EIO);
	close(mem);
}

/* The first register says what the card is; the next inverts what is written. */
static void registers(const void *arg)
{
	size_t r;

	(void)arg;
	pci_begin(true);
	pci_bind(edu);
	for (r = 0; r < 2; r++) {
		int fd = rt_create(bar_params(bar_rows[r], edu, 0, 4096,
					      MMAPPER_CACHE_UC));
		volatile uint32_t *map;
		int sig;

		REQUIRE(fd >= 0);
		map = (volatile uint32_t *)rt_map(fd, PROT_READ | PROT_WRITE);
		EXPECT_EQ(map[0] & 0xff0000ff, EDU_ID & 0xff0000ff);
		map[1] = 0x12345678;
		EXPECT_EQ(map[1], ~0x12345678u);
		ktap_say("%s: edu says 0x%08x, and 0x%08x of 0x12345678",
			 bar_rows[r], map[0], map[1]);
		EXPECT_EQ(rt_info(fd).backend_flags &
			  (MMAPPER_BACKEND_F_PAGES | MMAPPER_BACKEND_F_PRIVATE),
			  0);
		EXPECT_EQ(dev_stats(fd).faults, r);
		untouched(fd, map);
		EXPECT_EQ(map[1], ~0x12345678u);
		/* What a process does in the wrong width is its own affair. */
		sig = touch((char *)(uintptr_t)map, false);
		EXPECT(sig == 0 || sig == SIGBUS);
		ktap_say("a byte of a register: %s", sig ? strsignal(sig) :
							   "read");
		EXPECT_REFUSED(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0),
			       EINVAL);
		munmap((void *)map, 4096);
		close(fd);
		EXPECT_EQ(rt_delete("bar"), 0);
		EXPECT_ERRNO(rt_create(bar_params(bar_rows[r], edu, 0, 4096,
						  MMAPPER_CACHE_WC)),
			     EOPNOTSUPP);
	}
	pci_unbind(edu);
	runtime_end();
}

/* Uncached and write-combined, by mapping, read(), write() and ptrace's way. */
static void memory(const void *arg)
{
	struct mmapper_reset reset = { 0 };
	size_t r, i;
	int cache;

	(void)arg;
	pci_begin(true);
	pci_bind(card);
	for (r = 0; r < 2; r++) {
		for (cache = MMAPPER_CACHE_WC; cache <= MMAPPER_CACHE_UC;
		     cache++) {
			int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
			int fd = rt_create(bar_params(bar_rows[r], card, 2,
						      CARD, cache));
			char bytes[100], *map;

			REQUIRE(fd >= 0);
			map = rt_map(fd, PROT_READ | PROT_WRITE);
			for (i = 0; i < CARD; i += 4096)
				map[i] = (char)(i >> 12);
			EXPECT_EQ(map[5 << 12], 5);
			EXPECT_EQ(pread(fd, bytes, 100, 6 << 12), 100);
			EXPECT_EQ(bytes[0], 6);
			EXPECT_EQ(pwrite(fd, "written", 7, CARD - 7), 7);
			EXPECT(holds(map + CARD - 7, "written"));
			EXPECT_ERRNO(pwrite(fd, "x", 1, CARD), ENOSPC);
			EXPECT_EQ(pread(mem, bytes, 7,
					(off_t)(uintptr_t)map + CARD - 7), 7);
			EXPECT_EQ(memcmp(bytes, "written", 7), 0);
			EXPECT_EQ(pwrite(mem, "changed", 7,
					 (off_t)(uintptr_t)map + CARD - 7), 7);
			EXPECT(holds(map + CARD - 7, "changed"));
			EXPECT_EQ(ioctl(fd, MMAPPER_IOC_RESET, &reset), 0);
			for (i = 0; i < CARD; i += 4096)
				EXPECT_EQ(map[i] | map[i + 4095], 0);
			EXPECT_EQ(rt_info(fd).cache, cache);
			EXPECT_EQ(rt_number("used"), 0);
			EXPECT_EQ(rt_number("count"), 1);
			EXPECT_ERRNO(rt_create(bar_params(bar_rows[r], card, 2,
							  4096, cache)), EEXIST);
			EXPECT_EQ(rt_delete("bar"), 0);
			/* The other row would have it at the same time. */
			EXPECT_ERRNO(rt_create(bar_params(bar_rows[1 - r], card,
							  2, 4096, cache)),
				     EBUSY);
			munmap(map, CARD);
			close(fd);
			close(mem);
		}
	}
	pci_unbind(card);
	runtime_end();
}

static void as_user(void *arg)
{
	(void)arg;
	become(OWNER, OWNER);
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 2, 4096,
					  MMAPPER_CACHE_UC)), EPERM);
}

static void refused(const void *arg)
{
	struct mmapper_create p;

	(void)arg;
	pci_begin(true);
	p = bar_params("bar-remap", card, 2, 4096, MMAPPER_CACHE_UC);
	EXPECT_ERRNO(rt_create(p), ENODEV);
	pci_bind(card);
	EXPECT(child_ok(as_user, NULL));
	/* Its registers are less than a page. */
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 0, 100,
					  MMAPPER_CACHE_UC)), EOPNOTSUPP);
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 1, 100,
					  MMAPPER_CACHE_UC)), EOPNOTSUPP);
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 6, 100,
					  MMAPPER_CACHE_UC)), ENODEV);
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 2, CARD + 1,
					  MMAPPER_CACHE_UC)), EFBIG);
	EXPECT_ERRNO(rt_create(bar_params("bar-remap", card, 2, 4096,
					  MMAPPER_CACHE_CACHED)), EOPNOTSUPP);
	strcpy(p.device, "nothing");
	EXPECT_ERRNO(rt_create(p), ENODEV);
	strcpy(p.device, "/2");
	EXPECT_ERRNO(rt_create(p), ENODEV);
	EXPECT_EQ(rt_number("count"), 0);
	pci_unbind(card);
	runtime_end();
}

/* The device goes while its memory is mapped. */
static void unplugged(const void *arg)
{
	size_t r;

	(void)arg;
	pci_begin(true);
	for (r = 0; r < 2; r++) {
		int fd;
		char *map, c;

		pci_bind(card);
		fd = rt_create(bar_params(bar_rows[r], card, 2, 8192,
					  MMAPPER_CACHE_WC));
		REQUIRE(fd >= 0);
		map = rt_map(fd, PROT_READ | PROT_WRITE);
		EXPECT_EQ(touch(map, true), 0);
		pci_unbind(card);
		EXPECT_EQ(touch(map, true), SIGBUS);
		EXPECT_EQ(touch(map + 4096, false), SIGBUS);
		EXPECT_ERRNO(pread(fd, &c, 1, 0), ESTALE);
		EXPECT_ERRNO(rt_open("bar", O_RDONLY), ENOENT);
		munmap(map, 8192);
		close(fd);
	}
	runtime_end();
}

/* Reads all of it until it is gone. */
static void reader(int fd, char *bytes)
{
	ssize_t n;

	do {
		n = pread(fd, bytes, CARD, 0);
	} while (n > 0);
	_exit(n < 0 && errno == ESTALE ? 0 : 1);
}

/* It goes in the midst of a read(), and waits for that. */
static void unplugged_in_use(const void *arg)
{
	unsigned int round;
	char *bytes;

	(void)arg;
	pci_begin(true);
	bytes = malloc(CARD);
	REQUIRE(bytes != NULL);
	for (round = 0; round < 5; round++) {
		int fd, status = -1;
		pid_t pid;

		pci_bind(card);
		fd = rt_create(bar_params("bar-remap", card, 2, CARD,
					  MMAPPER_CACHE_UC));
		REQUIRE(fd >= 0);
		pid = fork();
		if (pid == 0)
			reader(fd, bytes);
		usleep(20000);
		pci_unbind(card);
		EXPECT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_EQ(status, 0);
		close(fd);
	}
	free(bytes);
	runtime_end();
}

/* What the kernel refuses once leaves the card as it was. */
static void failures(const void *arg)
{
	/* The kernel may leave it to a worker to bind a device. */
	static const struct target steps[] = {
		{ .symbols = { "pci_enable_device" }, .value = -EIO,
		  .caller = "mmapper", .anyone = true },
		{ .symbols = { "pci_request_regions" }, .value = -EBUSY,
		  .caller = "mmapper", .anyone = true },
	};
	/* What ioremap() is on this processor. */
	static const struct target map = {
#ifdef __aarch64__
		.symbols = { "__ioremap_prot", "ioremap_prot" },
#else
		.symbols = { "ioremap" },
#endif
		.caller = "mmapper",
	};
	struct mmapper_create p;
	size_t i;

	(void)arg;
	fail_needed();
	pci_begin(true);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fail_begin(&steps[i]);
		fail_call(1);
		EXPECT(!pci_try_bind(card));
		EXPECT(fail_came());
		fail_end();
		pci_bind(card);
		pci_unbind(card);
	}
	pci_bind(card);
	p = bar_params("bar-remap", card, 2, 4096, MMAPPER_CACHE_UC);
	fail_begin(&map);
	fail_call(1);
	EXPECT_ERRNO(rt_create(p), ENOMEM);
	EXPECT(fail_came());
	fail_end();
	EXPECT_EQ(rt_number("count"), 0);
	EXPECT(close(rt_create(p)) == 0);
	EXPECT_EQ(rt_delete("bar"), 0);
	pci_unbind(card);
	runtime_end();
}

/* Two machines, one card: what one writes the other reads, and answers. */
static void peer(const void *arg)
{
	volatile unsigned char *map;
	unsigned int i, waited;
	int fd;

	(void)arg;
	if (pci_peer < 0)
		ktap_skip("needs a second machine");
	pci_begin(false);
	pci_bind(card);
	fd = rt_create(bar_params(bar_rows[pci_peer], card, 2, CARD,
				  MMAPPER_CACHE_UC));
	REQUIRE(fd >= 0);
	map = (volatile unsigned char *)rt_map(fd, PROT_READ | PROT_WRITE);
	for (i = 1; i <= 100; i++) {
		volatile unsigned char *mine = map + pci_peer * 4096;
		volatile unsigned char *theirs = map + (1 - pci_peer) * 4096;

		/* 0 begins, 1 answers with one more. */
		if (pci_peer == 0)
			*mine = (unsigned char)i;
		for (waited = 0; *theirs != i + (pci_peer == 0); waited++) {
			REQUIRE(waited < 600000);
			usleep(100);
		}
		if (pci_peer == 1)
			*mine = (unsigned char)(i + 1);
	}
	ktap_say("machine %d, %s: 100 words, 100 answers", pci_peer,
		 bar_rows[pci_peer]);
	munmap((void *)map, CARD);
	close(fd);
	EXPECT_EQ(rt_delete("bar"), 0);
	pci_unbind(card);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "registers", registers, 0 },
	{ "memory", memory, 0 },
	{ "refused", refused, 0 },
	{ "unplugged", unplugged, 0 },
	{ "unplugged_in_use", unplugged_in_use, 60 },
	{ "failures", failures, 0 },
	{ "peer", peer, 120 },
};

SUITE(pci, cases, false);
