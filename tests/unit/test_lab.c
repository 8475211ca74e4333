// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: open ioctl pread uname malloc calloc reallocarray */
/* The experiments, with a module whose memory is a file and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "mock.h"
#undef EXPECT
#include "lab.h"
#include "said.h"

static int lab_error, memory_error, memory_fd = -1;
static bool dirty;
static const char *machine;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_pread(int fd, void *data, size_t len, off_t offset);
int __wrap_uname(struct utsname *host);

static int fails(int error)
{
	errno = error;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;
	int fd;

	if (strcmp(path, "/proc/kpageflags") == 0)
		return fails(ENOENT);
	if (strcmp(path, MMAPPER_LAB_PATH) == 0)
		return lab_error ? fails(lab_error) :
				   memfd_create("lab", MFD_CLOEXEC);
	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	fd = __real_open(path, flags, mode);
	/* In the child of a check alone. */
	if (strcmp(path, "/proc/self/mem") == 0)
		memory_fd = fd;
	return fd;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct mmapper_lab_frame *frame;
	struct mmapper_lab_ram *ram;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case MMAPPER_LAB_IOC_RAM:
		ram = arg;
		assert_int_equal(ftruncate(fd, ram->count *
					   sysconf(_SC_PAGESIZE)), 0);
		if (dirty)
			assert_int_equal(pwrite(fd, "d", 1, 0), 1);
		return 0;
	case MMAPPER_LAB_IOC_FRAME:
		frame = arg;
		frame->pfn = 1;
		frame->refs = 1;
		return 0;
	}
	return fails(ENOTTY);
}

ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset)
{
	if (fd == memory_fd && memory_error)
		return fails(memory_error);
	return __real_pread(fd, data, len, offset);
}

int __wrap_uname(struct utsname *host)
{
	memset(host, 0, sizeof(*host));
	strcpy(host->machine, machine);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	lab_error = 0;
	memory_error = 0;
	dirty = false;
	machine = "x86_64";
	return 0;
}

/* With the name of one experiment; @after: see mock_fail_alloc(). */
static int lab(const char *name, unsigned int given, int after)
{
	char text[64];
	char *names[1] = { text };
	const struct cli_args args = {
		.names = names, .count = 1, .given = given,
	};
	int status;

	snprintf(text, sizeof(text), "%s", name);
	said_begin();
	mock_fail_alloc(after);
	status = cmd_lab(&args);
	mock_fail_alloc(-1);
	said_end();
	return status;
}

static void test_module(void **state)
{
	static const struct {
		int		error;
		const char	*words;
	} rows[] = {
		{ ENOENT, "is not loaded\ntry: insmod mmapper_lab.ko\n" },
		{ EPERM, "need root\ntry: sudo mmapper-cli lab\n" },
		{ EACCES, "need root\ntry: sudo mmapper-cli lab\n" },
		{ EIO, "/dev/mmapper_lab cannot be opened\ntry: mmapper-cli doctor\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(rows); i++) {
		lab_error = rows[i].error;
		assert_int_equal(lab("reserved", 0, -1), CLI_NO_DRIVER);
		said_has(said_err, rows[i].words);
		assert_string_equal(said_out, "");
	}
}

static void test_name(void **state)
{
	(void)state;
	assert_int_equal(lab("nosuch", 0, -1), CLI_USAGE);
	assert_string_equal(said_err, "mmapper-cli: no experiment 'nosuch'; there are: usercopy self-fault kmap signal pin remote counters edu reserved reserved-access reserved-forget\n");
	assert_string_equal(said_out, "");
}

/* A debugger that reads plain RAM: the kernel has to refuse it. */
static void test_told(void **state)
{
	(void)state;
	memory_error = EIO;
	assert_int_equal(lab("reserved-access", 0, -1), CLI_DONE);
	said_has(said_out, "generic_access_phys(): Input/output error\n");
	said_has(said_out, "\n\n1 passed, 0 failed\n");
	memory_error = 0;
	assert_int_equal(lab("reserved-access", 0, -1), CLI_FAILED);
	said_has(said_out, "FAILED lab_reserved.c:");
	said_has(said_out, "\n\n0 passed, 1 failed\n");
}

static void test_validated(void **state)
{
	(void)state;
	memory_error = EIO;
	assert_int_equal(lab("reserved-access", CLI_VALIDATE, -1), CLI_DONE);
	said_has(said_out, "\n    ok 1 generic_access_phys\n");
	said_has(said_out, "\nok 1 reserved-access\n");
	memory_error = 0;
	assert_int_equal(lab("reserved-access", CLI_VALIDATE, -1), CLI_FAILED);
	said_has(said_out, "\nnot ok 1 reserved-access\n");
}

/* A file is no such memory: both mappings fail. */
static void test_skipped(void **state)
{
	(void)state;
	assert_int_equal(lab("reserved", 0, -1), CLI_FAILED);
	said_has(said_out, "    (skipped: there is no /proc/kpageflags)\n");
	said_has(said_out, "\n\n1 passed, 2 failed, 1 skipped\n");
	machine = "aarch64";
	assert_int_equal(lab("reserved", 0, -1), CLI_FAILED);
	said_has(said_out, "    (skipped: ioremap() of aarch64 warns of any RAM");
	said_has(said_out, "\n\n0 passed, 2 failed, 2 skipped\n");
}

static void test_dirty(void **state)
{
	static const char words[] = "ram->bytes[i] == 0: 100 (0x64)";

	(void)state;
	assert_int_equal(lab("reserved", 0, -1), CLI_FAILED);
	assert_null(strstr(said_out, words));
	dirty = true;
	assert_int_equal(lab("reserved", 0, -1), CLI_FAILED);
	said_has(said_out, words);
}

static void test_no_memory(void **state)
{
	int after;

	(void)state;
	memory_error = EIO;
	assert_int_equal(lab("reserved-access", 0, 0), CLI_FAILED);
	said_has(said_err, "out of memory");
	/* The list, the suites, the checks of one. */
	for (after = 0; after < 3; after++) {
		assert_int_equal(lab("reserved-access", CLI_VALIDATE, after),
				 CLI_FAILED);
		said_has(said_err, "out of memory");
		assert_string_equal(said_out, "");
	}
}

#define lab_test(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(test_module),
		lab_test(test_name),
		lab_test(test_told),
		lab_test(test_validated),
		lab_test(test_skipped),
		lab_test(test_dirty),
		lab_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
