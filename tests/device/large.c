// SPDX-License-Identifier: GPL-2.0-or-later
/* What only a large machine can give. */
#include <sys/resource.h>
#include <time.h>

#include "huge.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What this process has had the kernel do, however busy the machine is. */
static double kernel_seconds(void)
{
	struct rusage usage;

	REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
	return (double)usage.ru_stime.tv_sec +
	       (double)usage.ru_stime.tv_usec / 1e6;
}

/* 4 GiB, all of it touched, and given back; what is not there is refused. */
static void four_gib(const void *arg)
{
	const uint64_t len = 4ull << 30;
	const uint64_t page = huge_page();
	const long long kib = len >> 10, slack = 64 << 10;
	long long before;
	struct mmapper_info info;
	double start, made, busy;
	uint64_t i;
	char *map;
	int fd;

	(void)arg;
	if (meminfo_kib("MemTotal:") < kib / 10 * 12 ||
	    sizeof(size_t) < sizeof(len))
		ktap_skip("needs a machine of 6 GiB, and 64 bits");
	runtime_begin();
	before = meminfo_kib("MemFree:");
	busy = kernel_seconds();
	EXPECT_ERRNO(rt_create(huge_params("auto", "", 16 * len)), ENOMEM);
	/* More than half of the memory is root's to allow. */
	rt_set("limit", 17 * len);
	EXPECT_ERRNO(rt_create(huge_params("auto", "", 16 * len)), EFBIG);
	/* At once: it has not tried to find so much. */
	EXPECT(kernel_seconds() - busy < 1);

	start = now();
	fd = rt_create(huge_params("auto", "", len));
	REQUIRE(fd >= 0);
	made = now() - start;
	info = rt_info(fd);
	EXPECT(info.blocks * page << info.block_order >= len / 10 * 9);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	start = now();
	for (i = 0; i < len; i += page)
		*(uint64_t *)(map + i) = i / page + 1;
	ktap_say("%llu blocks of 2^%u pages: made in %.1f s, touched in %.1f s by %llu faults",
		 (unsigned long long)info.blocks, info.block_order, made,
		 now() - start, (unsigned long long)dev_stats(fd).faults);
	huge_shows(map, 0, (size_t)(len / page));
	EXPECT(before - meminfo_kib("MemFree:") > kib - slack);
	EXPECT_EQ(munmap(map, (size_t)len), 0);
	close(fd);
	EXPECT(before - meminfo_kib("MemFree:") < slack);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "four_gib", four_gib, 600 },
};

SUITE(large, cases, false);
