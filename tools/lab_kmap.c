// SPDX-License-Identifier: GPL-2.0-or-later
/* Short mappings of a page in the kernel (C27). */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

static void copied(const void *arg)
{
	struct mmapper_lab_ram ram = { .count = 2 };
	struct mmapper_lab_kmap k = { .from = 0, .to = 1 };
	int fd = lab_open();
	size_t page = lab_page();
	char *map;

	(void)arg;
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_RAM, &ram) == 0);
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(map != MAP_FAILED);
	memset(map, 'k', page);
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_KMAP, &k) == 0);
	EXPECT(memcmp(map, map + page, page) == 0);
	ktap_say("two pages mapped at once by kmap_local_page(), one copied to the other; high memory: %s",
		 k.highmem ? "yes" : "no");
	ktap_say("the addresses that it gave are those of the direct map: %s; they differ: %s",
		 k.direct ? "yes" : "no", k.apart ? "yes" : "no");
	EXPECT(k.apart);
	EXPECT_EQ(k.direct, !k.highmem);
	/* All memory of a 64-bit machine is in its direct map. */
	EXPECT(!k.highmem);
	k.to = 0;
	EXPECT_ERRNO(ioctl(fd, MMAPPER_LAB_IOC_KMAP, &k), EINVAL);
}

static const struct evidence_case checks[] = {
	{ { "copied", copied, 0 }, "kmap_local_page() of two pages" },
};

const struct lab_experiment lab_kmap = {
	.name		= "kmap",
	.question	= "what does kmap_local_page() map, on a 64-bit machine?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
