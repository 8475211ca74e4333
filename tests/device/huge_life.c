// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of 2 MiB taken back, chosen by "auto", made and deleted again and again. */
#include <sys/resource.h>

#include "huge.h"

/* The memory is back while the mappings still stand. */
static void revoked_of(const char *row)
{
	struct huge h = huge_make(row, "", (128 << 20) / huge_block());
	size_t i;
	long long kib = (long long)(h.len / 1024), before;

	huge_shows(h.map, 0, h.len / h.page);
	before = meminfo_kib("MemFree:");
	EXPECT_EQ(rt_revoke(h.fd), 0);
	EXPECT_EQ(rt_number("count"), 0);
	before = meminfo_kib("MemFree:") - before;
	ktap_say("%s: %lld KiB are back of %lld", row, before, kib);
	/* Each CPU keeps some blocks for itself. */
	EXPECT(before > kib / 2);
	for (i = 0; i < h.len; i += h.block / 2)
		EXPECT_EQ(touch(h.map + i, i & h.block), SIGBUS);
	huge_drop(&h);
}

static void revoked(const void *arg)
{
	(void)arg;
	huge_rows(revoked_of);
}

static void revoked_in_use_of(const char *row)
{
	size_t len = 2 * huge_block();
	const struct rt_use use = {
		.row = row, .len = len, .stride = len / 64 + huge_page(),
		.rounds = 100, .split = true,
	};

	EXPECT(rt_revoke_in_use(&use).buses > 0);
}

static void revoked_in_use(const void *arg)
{
	(void)arg;
	huge_rows(revoked_in_use_of);
}

/* No block of 2 MiB is free: half of each is taken, for good. */
static size_t scatter(void)
{
	size_t half = huge_block() / 2, i, n = 0;
	unsigned int order = 0;
	int fds[4096];

	while (half >> order > huge_page())
		order++;
	while (n < 4096) {
		fds[n] = rt_create(huge_params("huge-pages", "", half));
		if (fds[n] < 0)
			break;
		if (rt_info(fds[n++]).block_order != order)
			break;
	}
	for (i = 0; i < n; i += 2)
		close(fds[i]);
	return n;
}

/* Every page is there once. */
static void each_once(int fd, size_t len)
{
	char *map = rt_map(fd, PROT_READ | PROT_WRITE);
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < len; i += huge_page())
		*(uint64_t *)(map + i) = i / huge_page() + 1;
	huge_shows(map, 0, len / huge_page());
	EXPECT_EQ(pread(fd, &number, sizeof(number),
			(off_t)(len - huge_page())), sizeof(number));
	EXPECT_EQ(number, len / huge_page());
	munmap(map, len);
}

/* "auto" takes what there is, and says so. */
static void automatic(const void *arg)
{
	const struct rlimit many = { 8192, 8192 };
	size_t len = 256 << 20;
	struct mmapper_create p = huge_params("auto", "", len);
	struct mmapper_info info;
	int fd;

	(void)arg;
	runtime_begin();
	REQUIRE(setrlimit(RLIMIT_NOFILE, &many) == 0);
	put("/proc/sys/vm/compact_memory", "1");
	fd = rt_create(p);
	REQUIRE(fd >= 0);
	info = rt_info(fd);
	EXPECT(strcmp(info.backend, "huge-pages") == 0);
	EXPECT_EQ(info.blocks << info.block_order, len / huge_page());
	EXPECT_EQ(huge_page() << info.block_order, huge_block());
	close(fd);

	rt_set("limit", 64ull << 30);
	ktap_say("memory is scattered by %zu pieces of half a block", scatter());
	fd = rt_create(p);
	REQUIRE(fd >= 0);
	info = rt_info(fd);
	ktap_say("%llu of %zu bytes lie in blocks of 2^%u pages",
		 (unsigned long long)(info.blocks * huge_page() <<
				      info.block_order), len,
		 info.block_order);
	EXPECT(info.blocks > 0);
	EXPECT(info.blocks * huge_page() << info.block_order < len ||
	       huge_page() << info.block_order < huge_block());
	each_once(fd, len);
	close(fd);
}

/* Where the first choice cannot, the second does. */
static void automatic_cache(const void *arg)
{
	struct mmapper_create p = huge_params("auto", "", huge_page());
	int fd;

	(void)arg;
	runtime_begin();
	p.cache = MMAPPER_CACHE_WC;
	fd = rt_create(p);
	if (fd < 0 && errno == EOPNOTSUPP)
		ktap_skip("a module cannot do that on this machine");
	REQUIRE(fd >= 0);
	EXPECT(strcmp(rt_info(fd).backend, "pages-insert") == 0);
	close(fd);
	runtime_end();
}

static const char *round_row;

/* Made, mapped, pinned in a tail page, unmapped, deleted, unpinned. */
static void round_trip(void)
{
	struct huge h = {
		.page = huge_page(), .block = huge_block(),
		.len = 2 * huge_block(),
	};
	int reader;

	h.fd = rt_create(huge_params(round_row, "", h.len));
	REQUIRE(h.fd >= 0);
	h.map = rt_map(h.fd, PROT_READ | PROT_WRITE);
	h.map[0] = 'r';
	h.map[h.block + 3 * h.page] = 'r';
	reader = pin_in_pipe(h.map + h.block + 3 * h.page, 64);
	if (reader >= 0)
		REQUIRE(munmap(h.map + h.page, h.page) == 0);
	huge_drop(&h);
	if (reader >= 0)
		close(reader);
}

/* A thousand, of blocks of 2 MiB; kmemleak knows by itself what is lost. */
static void rounds_of(const char *row)
{
	size_t n = (debug_kernel() ? 100 : 1000) * (2 << 20) / huge_block(), i;

	round_row = row;
	for (i = 0; i < n; i++)
		round_trip();
	if (!debug_kernel())
		EXPECT(memory_kept(round_trip));
}

static void rounds(const void *arg)
{
	(void)arg;
	huge_rows(rounds_of);
}

static const struct ktap_case cases[] = {
	{ "revoked", revoked, 60 },
	{ "revoked_in_use", revoked_in_use, 120 },
	{ "automatic", automatic, 120 },
	{ "automatic_cache", automatic_cache, 0 },
	{ "rounds", rounds, 300 },
};

SUITE(huge_life, cases, false);
