// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl read mmap munmap poll */
/* wrap: malloc calloc reallocarray */
/* Counters: how their page is found, what is read in it, how they are waited for. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "mock.h"

#define CONTROL_FD	11
#define CLASS_FD	12
#define ABI_FD		13
#define FD		14

static struct mmapper_counters_page page;
static struct mmapper_reader *reader;

static struct mmapper_reader *const untouched = (struct mmapper_reader *)&page;

static struct mmapper_counters_page fresh(void)
{
	struct mmapper_counters_page p = {
		.magic = MMAPPER_COUNTERS_MAGIC, .count = 2, .sequence = 4,
		.time = 1000, .updates = 2, .values = { 10, 20 },
	};

	return p;
}

static struct mmapper_info told(void)
{
	struct mmapper_info info = mock_info;

	info.map_size = 4096;
	strcpy(info.backend, "counters");
	return info;
}

static void expect_name(const struct mmapper_open *asked, int error)
{
	static struct mmapper_open answer;
	static char abi[16];

	answer = *asked;
	answer.fd = FD;
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = "/dev/mmapper/control",
	       .flags = O_RDWR | O_CLOEXEC, .ret = CONTROL_FD);
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = "/sys/class/mmapper",
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .ret = CLASS_FD);
	EXPECT(.call = "openat", .fd = CLASS_FD, .path = "abi",
	       .flags = O_RDONLY | O_CLOEXEC, .ret = ABI_FD);
	snprintf(abi, sizeof(abi), "%u\n", MMAPPER_ABI_VERSION);
	EXPECT(.call = "read", .fd = ABI_FD, .out = abi,
	       .out_len = strlen(abi));
	EXPECT(.call = "read", .fd = ABI_FD);
	EXPECT(.call = "close", .fd = ABI_FD);
	EXPECT(.call = "close", .fd = CLASS_FD);
	EXPECT(.call = "ioctl", .fd = CONTROL_FD, .request = MMAPPER_IOC_OPEN,
	       .in = asked, .out = &answer, .out_len = sizeof(answer),
	       .error = error);
	EXPECT(.call = "close", .fd = CONTROL_FD);
}

static void expect_info(const struct mmapper_info *info, int error)
{
	static const struct mmapper_info zero;

	EXPECT(.call = "ioctl", .fd = FD, .request = MMAPPER_IOC_INFO,
	       .in = &zero, .out = info, .out_len = sizeof(*info),
	       .error = error);
}

static void expect_mmap(int error)
{
	EXPECT(.call = "mmap", .fd = FD, .len = sizeof(page),
	       .prot = PROT_READ, .flags = MAP_SHARED, .map = &page,
	       .error = error);
}

static const struct mmapper_open asked = { .access = O_RDONLY, .name = "ticks" };

static int open_ticks(void)
{
	reader = untouched;
	return KEEPS_ERRNO(mmapper_counters_open("ticks", &reader));
}

static int setup(void **state)
{
	static struct mmapper_info info;

	mock_setup(state);
	page = fresh();
	info = told();
	expect_name(&asked, 0);
	expect_info(&info, 0);
	expect_mmap(0);
	assert_int_equal(open_ticks(), 0);
	return 0;
}

static void expect_close(void)
{
	EXPECT(.call = "munmap", .addr = &page, .len = sizeof(page));
	EXPECT(.call = "close", .fd = FD);
}

static int teardown(void **state)
{
	expect_close();
	mmapper_counters_close(reader);
	return mock_teardown(state);
}

/* A page of another version, none at all, another kind of buffer. */
static void test_open_refused(void **state)
{
	struct mmapper_info info = told();

	(void)state;
	expect_name(&asked, ENOENT);
	assert_int_equal(open_ticks(), -ENOENT);

	expect_name(&asked, 0);
	expect_info(&info, ESTALE);
	EXPECT(.call = "close", .fd = FD);
	assert_int_equal(open_ticks(), -ESTALE);

	strcpy(info.backend, "kmalloc");
	expect_name(&asked, 0);
	expect_info(&info, 0);
	EXPECT(.call = "close", .fd = FD);
	assert_int_equal(open_ticks(), -EOPNOTSUPP);

	info = told();
	info.map_size = sizeof(page) - 1;
	expect_name(&asked, 0);
	expect_info(&info, 0);
	EXPECT(.call = "close", .fd = FD);
	assert_int_equal(open_ticks(), -EOPNOTSUPP);

	info = told();
	expect_name(&asked, 0);
	expect_info(&info, 0);
	expect_mmap(EACCES);
	EXPECT(.call = "close", .fd = FD);
	assert_int_equal(open_ticks(), -EACCES);
	assert_ptr_equal(reader, untouched);
}

static void page_refused(void)
{
	static struct mmapper_info info;

	info = told();
	expect_name(&asked, 0);
	expect_info(&info, 0);
	expect_mmap(0);
	expect_close();
	assert_int_equal(open_ticks(), -EPROTO);
}

static void test_page_refused(void **state)
{
	(void)state;
	page = fresh();
	page.magic++;
	page_refused();
	page = fresh();
	page.count = 0;
	page_refused();
	page.count = MMAPPER_COUNTERS_MAX + 1;
	page_refused();
}

static void test_no_memory(void **state)
{
	(void)state;
	mock_fail_alloc(0);
	assert_int_equal(open_ticks(), -ENOMEM);
	mock_fail_alloc(1);
	assert_int_equal(open_ticks(), -ENOMEM);
	mock_fail_alloc(-1);
	assert_returns(-EINVAL, mmapper_counters_open("ticks", NULL));
}

static void test_read(void **state)
{
	struct mmapper_counters c;

	(void)state;
	memset(&c, 0xee, sizeof(c));
	assert_returns(0, mmapper_counters_read(reader, &c));
	assert_int_equal(c.flags, 0);
	assert_int_equal(c.reserved, 0);
	assert_int_equal(c.count, 2);
	assert_int_equal(c.reserved2, 0);
	assert_int_equal(c.time, 1000);
	assert_int_equal(c.updates, 2);
	assert_int_equal(c.values[0], 10);
	assert_int_equal(c.values[1], 20);
	assert_int_equal(c.values[2], 0xeeeeeeeeeeeeeeee);
	page.state = MMAPPER_COUNTERS_ENDED;
	c.values[0] = 0;
	assert_returns(-ESTALE, mmapper_counters_read(reader, &c));
	assert_int_equal(c.values[0], 10);
	/* Its writer never ends. */
	page.sequence++;
	assert_returns(-EBUSY, mmapper_counters_read(reader, &c));
}

static void test_fetch(void **state)
{
	static const struct mmapper_counters zero;
	const struct mmapper_counters answer = { .count = 1, .values = { 7 } };
	struct mmapper_counters c = { .flags = 1 };

	(void)state;
	EXPECT(.call = "ioctl", .fd = FD, .request = MMAPPER_IOC_COUNTERS,
	       .in = &zero, .out = &answer, .out_len = sizeof(answer));
	assert_returns(0, mmapper_counters_fetch(reader, &c));
	assert_memory_equal(&c, &answer, sizeof(c));
	EXPECT(.call = "ioctl", .fd = FD, .request = MMAPPER_IOC_COUNTERS,
	       .in = &zero, .error = ESTALE);
	assert_returns(-ESTALE, mmapper_counters_fetch(reader, &c));
}

static void expect_watch(const struct mmapper_watch *watch, int error)
{
	EXPECT(.call = "ioctl", .fd = FD, .request = MMAPPER_IOC_WATCH,
	       .in = watch, .error = error);
}

static void test_watch(void **state)
{
	const struct mmapper_watch plain = { .index = 1, .threshold = 30 };
	const struct mmapper_watch event = {
		.flags = MMAPPER_WATCH_F_EVENTFD, .index = 1, .eventfd = 0,
		.threshold = 30,
	};

	(void)state;
	expect_watch(&plain, 0);
	assert_returns(0, mmapper_counters_watch(reader, 1, 30, -1));
	expect_watch(&event, 0);
	assert_returns(0, mmapper_counters_watch(reader, 1, 30, 0));
	expect_watch(&plain, ENOSPC);
	assert_returns(-ENOSPC, mmapper_counters_watch(reader, 1, 30, -1));
	assert_int_equal(mmapper_counters_get_fd(reader), FD);
}

static void expect_poll(int found, int ret, int error)
{
	EXPECT(.call = "poll", .fd = FD, .flags = 50, .mode = (mode_t)found,
	       .ret = ret, .error = error);
}

static void test_wait(void **state)
{
	const struct mmapper_watch watch = { .index = 1, .threshold = 30 };

	(void)state;
	expect_watch(&watch, EINVAL);
	assert_returns(-EINVAL, mmapper_counters_wait(reader, 1, 30, 50));
	expect_watch(&watch, 0);
	expect_poll(POLLIN, 1, 0);
	assert_returns(0, mmapper_counters_wait(reader, 1, 30, 50));
	expect_watch(&watch, 0);
	expect_poll(0, 0, 0);
	assert_returns(-ETIMEDOUT, mmapper_counters_wait(reader, 1, 30, 50));
	expect_watch(&watch, 0);
	expect_poll(POLLERR | POLLHUP, 1, 0);
	assert_returns(-ESTALE, mmapper_counters_wait(reader, 1, 30, 50));
	expect_watch(&watch, 0);
	expect_poll(0, 0, EINTR);
	assert_returns(-EINTR, mmapper_counters_wait(reader, 1, 30, 50));
}

static void test_null(void **state)
{
	struct mmapper_counters c;

	(void)state;
	assert_returns(-EINVAL, mmapper_counters_read(NULL, &c));
	assert_returns(-EINVAL, mmapper_counters_read(reader, NULL));
	assert_returns(-EINVAL, mmapper_counters_fetch(NULL, &c));
	assert_returns(-EINVAL, mmapper_counters_fetch(reader, NULL));
	assert_returns(-EINVAL, mmapper_counters_watch(NULL, 0, 0, -1));
	assert_returns(-EINVAL, mmapper_counters_wait(NULL, 0, 0, 0));
	assert_int_equal(mmapper_counters_get_fd(NULL), -EINVAL);
	mmapper_counters_close(NULL);
}

#define reader_test(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_open_refused),
		mock_test(test_page_refused),
		mock_test(test_no_memory),
		reader_test(test_read),
		reader_test(test_fetch),
		reader_test(test_watch),
		reader_test(test_wait),
		reader_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
