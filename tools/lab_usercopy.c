// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's ways to copy to and from a process (C22), what each guards against
 * (C23), and that a kernel address is refused (C25).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

/* What a copy may leave over though it is there: it goes by so many bytes, or fewer. */
#define WORD	64

static struct mmapper_lab_copy copy(uint32_t op, uint32_t flags, uint64_t address,
				    uint64_t length, uint64_t value)
{
	static int fd = -1;
	struct mmapper_lab_copy c = {
		.op = op, .flags = flags, .address = address,
		.length = length, .value = value,
	};

	if (fd < 0)
		fd = lab_open();
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_COPY, &c) == 0);
	return c;
}

static uint64_t at(const void *address)
{
	return (uintptr_t)address;
}

/* 1, 2, 4 and 8 bytes, there and back; no byte more. */
static void sizes_by(uint32_t flags)
{
	const uint64_t value = 0x8182838485868788;
	unsigned char *own = (unsigned char *)lab_memory(1);
	unsigned int size, i;

	for (size = 1; size <= 8; size *= 2) {
		const uint64_t part = size == 8 ? value :
			value & ((1ull << (8 * size)) - 1);
		struct mmapper_lab_copy c;

		memset(own, 0xaa, 16);
		c = copy(MMAPPER_LAB_COPY_PUT, flags, at(own), size, value);
		EXPECT_EQ(c.error, 0);
		EXPECT(memcmp(own, &value, size) == 0);
		for (i = size; i < 16; i++)
			EXPECT_EQ(own[i], 0xaa);
		c = copy(MMAPPER_LAB_COPY_GET, flags, at(own), size, 0);
		EXPECT_EQ(c.error, 0);
		EXPECT_EQ(c.value, part);
		ktap_say("%u bytes put and got: 0x%" PRIx64, size,
			 (uint64_t)c.value);
	}
}

static void sizes(const void *arg)
{
	(void)arg;
	sizes_by(0);
	sizes_by(MMAPPER_LAB_COPY_UNCHECKED);
}

/* Two pages, of which the second is not there; the address of its first byte. */
static char *cliff(void)
{
	char *own = lab_memory(2);

	memset(own, 'u', lab_page());
	REQUIRE(munmap(own + lab_page(), lab_page()) == 0);
	return own + lab_page();
}

static void not_copied(const void *arg)
{
	char *end = cliff();
	struct mmapper_lab_copy c;

	(void)arg;
	c = copy(MMAPPER_LAB_COPY_TO, 0, at(end - 40), 100, 0);
	ktap_say("copy_to_user(100), 40 bytes before a hole: %" PRIu64 " NOT copied",
		 (uint64_t)c.left);
	EXPECT(c.left >= 60 && c.left < 60 + WORD);
	EXPECT(memcmp(end - 40, "ABCDEFGHABCDEFGHABCDEFGHABCDEFGH", 32) == 0);
	EXPECT_EQ(end[-41], 'u');

	memset(end - 40, 1, 40);
	c = copy(MMAPPER_LAB_COPY_FROM, 0, at(end - 40), 100, 0);
	ktap_say("copy_from_user(100): %" PRIu64 " NOT copied; the sum is %" PRIu64 ": the rest was 0xee, and is zeroed",
		 (uint64_t)c.left, (uint64_t)c.value);
	EXPECT(c.left >= 60 && c.left < 60 + WORD);
	EXPECT_EQ(c.value, 100 - c.left);
	c = copy(MMAPPER_LAB_COPY_FROM, MMAPPER_LAB_COPY_UNCHECKED,
		 at(end - 40), 100, 0);
	ktap_say("__copy_from_user(100): %" PRIu64 " NOT copied; the sum is %" PRIu64 ": the rest is as it was",
		 (uint64_t)c.left, (uint64_t)c.value);
	EXPECT_EQ(c.value, 100 - c.left + 0xee * c.left);

	c = copy(MMAPPER_LAB_COPY_CLEAR, 0, at(end - 40), 100, 0);
	ktap_say("clear_user(100): %" PRIu64 " NOT cleared", (uint64_t)c.left);
	EXPECT(c.left >= 60 && c.left < 60 + WORD);
	EXPECT_EQ(end[-40], 0);
	EXPECT_EQ(end[-41], 'u');
}

struct danger {
	const char	*what;
	uint64_t	address;
	uint64_t	length;
	bool		ok;	/* access_ok() lets it pass: the fault is caught */
	bool		readable;
};

/* By each way: its errno, and that nothing was copied. */
static void try_danger(const struct danger *d)
{
	struct mmapper_lab_copy to = copy(MMAPPER_LAB_COPY_TO, 0, d->address,
					  d->length, 0);
	struct mmapper_lab_copy from = copy(MMAPPER_LAB_COPY_FROM, 0, d->address,
					    d->length, 0);
	struct mmapper_lab_copy put = copy(MMAPPER_LAB_COPY_PUT, 0, d->address,
					   8, 0);
	struct mmapper_lab_copy get = copy(MMAPPER_LAB_COPY_GET, 0, d->address,
					   8, 0);

	ktap_say("%-24s access_ok %-3s  NOT copied, of %" PRIu64 ": to %" PRIu64 ", from %" PRIu64 "; put %s, get %s",
		 d->what, to.ok ? "yes" : "no", d->length,
		 (uint64_t)to.left, (uint64_t)from.left,
		 put.error ? strerror((int)put.error) : "done",
		 get.error ? strerror((int)get.error) : "done");
	EXPECT_EQ(!!to.ok, d->ok);
	EXPECT_EQ(to.left, d->length);
	EXPECT_EQ(put.error, EFAULT);
	EXPECT_EQ(from.left, d->readable ? 0 : d->length);
	EXPECT_EQ(get.error, d->readable ? 0 : EFAULT);
	EXPECT_EQ(from.value, d->readable ? d->length * 'r' : 0);
}

/* Where user addresses end, as access_ok() has it on x86-64 and arm64. */
static bool passes(uint64_t address)
{
	return copy(MMAPPER_LAB_COPY_CHECK, 0, address, 8, 0).ok;
}

static void dangers(const void *arg)
{
	char *readonly = lab_memory(1), *none = lab_memory(1);
	/* Last: nothing else may come to lie in the hole. */
	char *end = cliff();
	const struct danger all[] = {
		{ "null", 0, 64, true, false },
		{ "not mapped", at(end), 64, true, false },
		{ "a kernel address", 0xffff888000000000, 64, false, false },
		{ "not canonical", 1ull << 55, 64, passes(1ull << 55), false },
		{ "the last bytes there are", UINT64_MAX - 15, 16, false, false },
		{ "a length that wraps", UINT64_MAX - 15, 64, false, false },
		{ "read-only, for a write", at(readonly), 64, true, true },
		{ "PROT_NONE", at(none), 64, true, false },
	};
	size_t i;

	(void)arg;
	if (sizeof(void *) < 8)
		ktap_skip("addresses have 32 bits");
	memset(readonly, 'r', 64);
	REQUIRE(mprotect(readonly, lab_page(), PROT_READ) == 0);
	REQUIRE(mprotect(none, lab_page(), PROT_NONE) == 0);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		try_danger(&all[i]);
	EXPECT_EQ(readonly[0], 'r');
}

/* access_ok() looks at numbers alone, whatever is mapped there. */
static void checks_of(const void *arg)
{
	char *end = cliff();

	(void)arg;
	EXPECT(copy(MMAPPER_LAB_COPY_CHECK, 0, at(end), 8, 0).ok);
	EXPECT(!copy(MMAPPER_LAB_COPY_CHECK, 0, 0xffff888000000000, 8, 0).ok);
	EXPECT(!copy(MMAPPER_LAB_COPY_CHECK, 0, at(end), UINT64_MAX, 0).ok);
	EXPECT(!copy(MMAPPER_LAB_COPY_CHECK, 0, at(end), -at(end), 0).ok);
	EXPECT(copy(MMAPPER_LAB_COPY_CHECK, 0, at(end), 0, 0).ok);
	ktap_say("access_ok: yes to a hole, no to the kernel's addresses and to lengths that reach them or wrap");
}

/* What __put_user() would write through, were it asked: it is not. */
static void unchecked(const void *arg)
{
	struct mmapper_lab_copy c;

	(void)arg;
	c = copy(MMAPPER_LAB_COPY_PUT, 0, 0xffff888000000000, 8, 0);
	EXPECT_EQ(c.error, EFAULT);
	c = copy(MMAPPER_LAB_COPY_PUT, MMAPPER_LAB_COPY_UNCHECKED,
		 0xffff888000000000, 8, 0);
	ktap_say("a kernel address: put_user() answers EFAULT; access_ok() says %s, so __put_user() is not called: it checks nothing, and would write there",
		 c.ok ? "yes" : "no");
	EXPECT(!c.ok);
	EXPECT_EQ(c.error, 0);
	c = copy(MMAPPER_LAB_COPY_TO, MMAPPER_LAB_COPY_UNCHECKED, at(cliff()),
		 64, 0);
	ktap_say("a hole: __copy_to_user() catches the fault as well: %" PRIu64 " of 64 not copied",
		 (uint64_t)c.left);
	EXPECT(c.ok);
	EXPECT_EQ(c.left, 64);
}

static const struct evidence_case checks[] = {
	{ { "sizes", sizes, 0 }, "put_user() and get_user() of 1, 2, 4, 8 bytes" },
	{ { "not_copied", not_copied, 0 },
	  "What they return is the number of bytes NOT copied" },
	{ { "dangers", dangers, 0 }, "Addresses that nothing good lies behind" },
	{ { "access_ok", checks_of, 0 }, "access_ok() looks at numbers alone" },
	{ { "unchecked", unchecked, 0 }, "What the variants with __ leave to their caller" },
};

const struct lab_experiment lab_usercopy = {
	.name		= "usercopy",
	.question	= "how does the kernel copy to and from a process, and what can go wrong?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
