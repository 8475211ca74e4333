// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of 2 MiB: what their tests begin and end with. */

#include "huge.h"

static const char *const names[] = { "huge-pfn", "huge-pages", "huge-eager" };

size_t huge_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* What one entry maps: a page of entries of 8 bytes, of a page each. */
size_t huge_block(void)
{
	return huge_page() * (huge_page() / 8);
}

/* Does this kernel map so much by one entry? */
bool huge_can(void)
{
	char text[32];
	bool can = file_read("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
			     text, sizeof(text));

	if (can)
		EXPECT_EQ(strtoull(text, NULL, 10), huge_block());
	return can;
}

void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

struct mmapper_create huge_params(const char *row, const char *name,
				  uint64_t size)
{
	struct mmapper_create p = rt_params_of(row, name, size);

	p.mode = 0666;
	return p;
}

/* 32-bit processes are not given such an address, but may ask for one. */
static char *map_in_phase(int fd, size_t len)
{
	char *map = rt_map(fd, PROT_READ | PROT_WRITE), *at;
	size_t block = huge_block();

	if (sizeof(map) > 4 || !((uintptr_t)map % block))
		return map;
	munmap(map, len);
	map = mmap(NULL, len + block, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	REQUIRE(map != MAP_FAILED);
	at = map + block - (uintptr_t)map % block;
	REQUIRE(mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     fd, 0) == at);
	return at;
}

/* Touches nothing; page i of the buffer begins with the number i + 1. */
struct huge huge_make(const char *row, const char *name, size_t blocks)
{
	struct huge h = {
		.name = row, .page = huge_page(), .block = huge_block(),
	};
	uint64_t i;

	put("/proc/sys/vm/compact_memory", "1");
	h.len = blocks * h.block;
	h.fd = rt_create(huge_params(row, name, h.len));
	REQUIRE(h.fd >= 0);
	h.info = rt_info(h.fd);
	h.pages = h.info.backend_flags & MMAPPER_BACKEND_F_PAGES;
	h.eager = h.info.backend_flags & MMAPPER_BACKEND_F_EAGER;
	EXPECT_EQ(!!(h.info.backend_flags & MMAPPER_BACKEND_F_HUGE),
		  huge_can());
	REQUIRE(h.page << h.info.block_order == h.block);
	REQUIRE(h.info.blocks == blocks);
	for (i = 0; i < h.len / h.page; i++) {
		uint64_t number = i + 1;

		REQUIRE(pwrite(h.fd, &number, sizeof(number),
			       (off_t)(i * h.page)) == sizeof(number));
	}
	h.map = map_in_phase(h.fd, h.len);
	return h;
}

void huge_drop(const struct huge *h)
{
	EXPECT_EQ(munmap(h->map, h->len), 0);
	close(h->fd);
}

uint64_t huge_number(const char *at)
{
	return *(const volatile uint64_t *)at;
}

/* Does a mapping show pages @first to @first + @count - 1, each its own? */
bool huge_shows(const char *map, size_t first, size_t count)
{
	size_t page = huge_page(), i;

	for (i = 0; i < count; i++)
		if (!ktap_expect(huge_number(map + i * page) == first + i + 1,
				 __FILE__, __LINE__, "page %zu is number %llu",
				 first + i, (unsigned long long)
				 huge_number(map + i * page) - 1))
			return false;
	return true;
}

/* What a file says behind a key; read without memory of its own. */
long long kib_in(const char *path, const char *key)
{
	static char text[8192];
	const char *at;

	REQUIRE(file_read(path, text, sizeof(text)));
	at = strstr(text, key);
	REQUIRE(at != NULL);
	return strtoll(at + strlen(key), NULL, 10);
}

long long meminfo_kib(const char *key)
{
	return kib_in("/proc/meminfo", key);
}

/* What the kernel counted in, it has counted out. */
static void none_left(void)
{
	put("/proc/sys/vm/stat_refresh", "1");
	if (huge_can())
		EXPECT_EQ(meminfo_kib("FilePmdMapped:"), 0);
}

void huge_rows(void (*run)(const char *row))
{
	size_t r;

	runtime_begin();
	for (r = 0; r < sizeof(names) / sizeof(names[0]); r++)
		run(names[r]);
	none_left();
	runtime_end();
}
