// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel writes to a page of a mapping that nobody has touched, and takes the
 * fault itself (C24).
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

#define PAGES	4

static uint32_t put(int fd, const void *address, char byte)
{
	struct mmapper_lab_copy c = {
		.op = MMAPPER_LAB_COPY_PUT, .address = (uintptr_t)address,
		.length = 1, .value = (unsigned char)byte,
	};

	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_COPY, &c) == 0);
	return c.error;
}

/* By read() and write(), so that nothing is mapped yet. */
static void fill(const struct lab_buffer *made)
{
	char bytes[256];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	for (i = 0; i < PAGES; i++)
		REQUIRE(mmapper_buffer_write(made->buffer, bytes, sizeof(bytes),
					     (off_t)(i * lab_page())) ==
			sizeof(bytes));
}

static void of_backend(int fd, const char *backend)
{
	struct lab_buffer made = lab_buffer(backend, PAGES);
	uint64_t own, driver;
	size_t i, there = 0;

	fill(&made);
	for (i = 0; i < PAGES; i++)
		EXPECT(!lab_present(&made, i));
	driver = lab_faults(&made);
	own = ev_faults();
	EXPECT_EQ(put(fd, made.bytes + lab_page(), 'X'), 0);
	own = ev_faults() - own;
	driver = lab_faults(&made) - driver;
	for (i = 0; i < PAGES; i++)
		there += lab_present(&made, i);
	ktap_say("%s: put_user() into page 1 of %d: %" PRIu64 " fault of the driver's, %" PRIu64 " of the process's; present now: %zu page",
		 backend, PAGES, driver, own, there);
	EXPECT_EQ(driver, 1);
	EXPECT_EQ(own, 1);
	EXPECT_EQ(there, 1);
	EXPECT(lab_present(&made, 1));
	ktap_say("the process reads \"%.8s\" there: the byte, and what was behind it",
		 made.bytes + lab_page());
	EXPECT(memcmp(made.bytes + lab_page(), "Xbcdefgh", 8) == 0);
	mmapper_mapping_unmap(made.mapping);
	mmapper_buffer_close(made.buffer);
}

static void absent(const void *arg)
{
	int fd = lab_open();

	(void)arg;
	of_backend(fd, "vmalloc-fault");
	of_backend(fd, "pages-fault");
	of_backend(fd, "lazy-fault");
}

struct other {
	int			fd;
	struct lab_buffer	*made;
};

/* The same number is no address of this process's. */
static void elsewhere(void *arg)
{
	const struct other *o = arg;

	REQUIRE(mmapper_mapping_unmap(o->made->mapping) == 0);
	EXPECT_EQ(put(o->fd, o->made->bytes, 'E'), EFAULT);
}

/* D5: the device keeps no address; each call is about who calls. */
static void whose(const void *arg)
{
	struct lab_buffer made = lab_buffer("pages-fault", PAGES);
	struct other o = { lab_open(), &made };

	(void)arg;
	fill(&made);
	EXPECT_EQ(put(o.fd, made.bytes, 'M'), 0);
	EXPECT_EQ(ktap_child(elsewhere, &o), 0);
	ktap_say("a child that has unmapped it: EFAULT, by the same descriptor; the parent's page still has '%c'",
		 made.bytes[0]);
	EXPECT_EQ(made.bytes[0], 'M');
	EXPECT_EQ(put(o.fd, made.bytes, 'P'), 0);
	EXPECT_EQ(made.bytes[0], 'P');
}

static void protection(const void *arg)
{
	struct lab_buffer made = lab_buffer("pages-fault", PAGES);
	int fd = lab_open();

	(void)arg;
	fill(&made);
	REQUIRE(mprotect(made.bytes, lab_page(), PROT_READ) == 0);
	EXPECT_EQ(put(fd, made.bytes, 'W'), EFAULT);
	EXPECT_EQ(made.bytes[0], 'a');
	REQUIRE(mmapper_buffer_revoke(made.buffer) == 0);
	EXPECT_EQ(put(fd, made.bytes + lab_page(), 'W'), EFAULT);
	ktap_say("a page that the process may only read, and one of a buffer that was revoked: EFAULT");
}

static const struct evidence_case checks[] = {
	{ { "absent", absent, 0 },
	  "put_user() into a page that is not there: the kernel takes the fault" },
	{ { "whose", whose, 0 }, "An address belongs to the process that calls" },
	{ { "protection", protection, 0 }, "The kernel may no more than the process" },
};

const struct lab_experiment lab_fault = {
	.name		= "self-fault",
	.question	= "what if the kernel touches a user page that is not there yet?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
