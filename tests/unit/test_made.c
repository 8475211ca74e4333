// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: openat fstat ioctl pread pwrite isatty clock_gettime geteuid faccessat */
/* wrap: fchown read write */
/* The commands for buffers made at run time, with a driver that may fail. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "fake_calls.h"
#include "mock.h"
#undef EXPECT
#include "progress.h"
#include "said.h"

static bool terminal, may_control = true;
static uid_t user;
static uint64_t ms, tick;
static struct cli_args args;

/* Of fchown(), once so many calls have gone well. */
static int chown_error, chowns_left;
/* So many transfers by standard input and output are interrupted first. */
static int interrupts;

int __wrap_isatty(int fd);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
uid_t __wrap_geteuid(void);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

int __wrap_isatty(int fd)
{
	(void)fd;
	return terminal;
}

/* Each look at the clock takes a while. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	ms += tick;
	time->tv_sec = (time_t)(ms / 1000);
	time->tv_nsec = (long)(ms % 1000) * 1000000;
	return 0;
}

int __wrap_faccessat(int fd, const char *path, int mode, int flags)
{
	(void)fd;
	(void)flags;
	(void)mode;
	if (may_control || strcmp(path, "/dev/mmapper/control"))
		return 0;
	errno = EACCES;
	return -1;
}

uid_t __wrap_geteuid(void)
{
	return user;
}

int __wrap_fchown(int fd, uid_t owner, gid_t group)
{
	(void)fd;
	(void)owner;
	(void)group;
	if (!chown_error || chowns_left--)
		return 0;
	errno = chown_error;
	chown_error = 0;
	return -1;
}

static bool interrupted(int fd)
{
	if (fd > STDOUT_FILENO || !interrupts)
		return false;
	interrupts--;
	errno = EINTR;
	return true;
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	return interrupted(fd) ? -1 : __real_read(fd, data, len);
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	return interrupted(fd) ? -1 : __real_write(fd, data, len);
}

static int setup(void **state)
{
	(void)state;
	terminal = false;
	tick = 300;
	user = 0;
	fake_load();
	memset(&args, 0, sizeof(args));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_unload();
	return 0;
}

/* A command with up to three words; args has its options. */
static int run(const char *name, int (*command)(const struct cli_args *args),
	       const char *one, const char *two, const char *three)
{
	char *words[3] = { (char *)one, (char *)two, (char *)three };
	struct cli_command row = { .name = name };
	int status;

	args.command = &row;
	args.names = words;
	args.count = three ? 3 : two ? 2 : one ? 1 : 0;
	status = SAYS(command(&args));
	memset(&args, 0, sizeof(args));
	return status;
}

#define RUN(verb, ...) run(#verb, cmd_##verb, __VA_ARGS__)

static int create(const char *name, uint64_t size)
{
	args.given |= CLI_BYTES;
	args.size = size;
	return RUN(create, name, NULL, NULL);
}

static void test_create(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 12288), CLI_DONE);
	said_has(said_out, "frames: 12 KiB by pages, owner ");
	args.given = CLI_JSON;
	assert_int_equal(create("b", 1), CLI_DONE);
	said_has(said_out, "\"buffer\": \"b\"");
	said_has(said_out, "\"size\": 1,");
	assert_int_equal(create("frames", 1), CLI_FAILED);
	said_has(said_err, "frames: there is a buffer of this name already\ntry: mmapper-cli list\n");
	assert_int_equal(create("kmalloc", 1), CLI_USAGE);
	said_has(said_err, "is the name of a backend");
	assert_int_equal(create("a/b", 1), CLI_USAGE);
	said_has(said_err, "'a/b' cannot be a name");
	args.given = CLI_NUMA;
	args.numa = 7;
	assert_int_equal(create("c", 1), CLI_USAGE);
	said_has(said_err, "there is no NUMA node 7");
	args.backend = "nosuch";
	assert_int_equal(create("c", 1), CLI_USAGE);
	said_has(said_err, "no backend 'nosuch'; there are kmalloc, vmalloc-user\n");
	args.backend = "kmalloc";
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "c: backend kmalloc makes no buffers");
	said_has(said_err, "try: mmapper-cli backends\n");
	assert_int_equal(RUN(create, "c", NULL, NULL), CLI_USAGE);
	said_has(said_err, "--size is missing");
	fake_fail("ioctl", 0, ENODEV);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "no such device or BAR");
	fake_fail("ioctl", 0, EBUSY);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "another buffer has this BAR");
	fake_fail("ioctl", 0, EPERM);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "only root may have a device's memory");
	fake_fail("ioctl", 0, EDQUOT);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "try: mmapper-cli info --memory\n");
	fake_fail("ioctl", 0, EINVAL);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "c: Invalid argument");
	fake_fail("ioctl", 1, EIO);
	assert_int_equal(create("c", 1), CLI_FAILED);
	said_has(said_err, "c: Input/output error");
	fake_fail("fstat", 0, EIO);
	assert_int_equal(create("d", 1), CLI_FAILED);
	said_has(said_err, "d: Input/output error");
}

static void test_owner(void **state)
{
	char own[64];

	(void)state;
	snprintf(own, sizeof(own), "%u:%u", getuid(), getgid());
	args.given = CLI_OWNER | CLI_MODE;
	args.mode = 0640;
	args.owner = own;
	assert_int_equal(create("mine", 1), CLI_DONE);
	said_has(said_out, "mode 0640\n");
	args.given = CLI_OWNER;
	args.owner = "root:";
	if (!getuid())
		assert_int_equal(create("root's", 1), CLI_DONE);
	args.given = CLI_OWNER;
	args.owner = "no such user";
	assert_int_equal(create("c", 1), CLI_USAGE);
	said_has(said_err, "no user 'no such user'");
	args.given = CLI_OWNER;
	args.owner = ":no such group";
	assert_int_equal(create("c", 1), CLI_USAGE);
	said_has(said_err, "no group 'no such group'");
}

/* Whose owner cannot be set is not left behind: its name is free again. */
static void test_owner_refused(void **state)
{
	int after;

	(void)state;
	for (after = 0; after < 2; after++) {
		args.given = CLI_OWNER;
		args.owner = "1:2";
		chowns_left = after;
		chown_error = EPERM;
		assert_int_equal(create("frames", 1), CLI_FAILED);
		said_has(said_err, "--owner: only root gives buffers to others\ntry: sudo mmapper-cli create\n");
		args.given = CLI_OWNER;
		args.owner = "1:2";
		chowns_left = after;
		chown_error = EIO;
		assert_int_equal(create("frames", 1), CLI_FAILED);
		said_has(said_err, "frames: Input/output error");
		assert_int_equal(RUN(delete, "frames", NULL, NULL), CLI_USAGE);
	}
	args.given = CLI_OWNER;
	args.owner = "1:2";
	assert_int_equal(create("frames", 1), CLI_DONE);
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 8192), CLI_DONE);
	assert_int_equal(create("control", 100), CLI_DONE);
	assert_int_equal(RUN(sum, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "0 8192 frames\n");
	assert_int_equal(RUN(sum, "control", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "0 100 control\n");
	assert_int_equal(RUN(sum, "kmalloc", NULL, NULL), CLI_DONE);
	said_has(said_out, " kmalloc\n");
	assert_int_equal(RUN(fill, "frames", "1", NULL), CLI_DONE);
	said_has(said_out, "frames: 8192 bytes from 0 on are 0x01 now");
	assert_int_equal(RUN(sum, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "8192 8192 frames\n");
	args.given = CLI_PATTERN;
	assert_int_equal(RUN(fill, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "frames: 8192 bytes are zero again\n");
	assert_int_equal(RUN(sum, "nosuch", NULL, NULL), CLI_USAGE);
	assert_string_equal(said_err, "mmapper-cli: no backend or buffer 'nosuch'; there are kmalloc, vmalloc-user; control, frames\n");
	assert_int_equal(RUN(sum, "a name that is longer than any backend's may be",
			     NULL, NULL), CLI_USAGE);
	said_has(said_err, "no backend or buffer");
	/* Demonstrations overwrite: buffers are none of their business. */
	assert_int_equal(RUN(demo, "frames", NULL, NULL), CLI_USAGE);
	assert_int_equal(RUN(validate, "frames", NULL, NULL), CLI_USAGE);
}

static void test_info(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 8192), CLI_DONE);
	assert_int_equal(RUN(info, "frames", NULL, NULL), CLI_DONE);
	said_has(said_out, "FEATURES       reset control\n");
	said_has(said_out, "PATTERN        zero\n");
	said_has(said_out, "STATE          persistent\n");
	said_has(said_out, "BLOCK-SIZE     8 KiB\n");
	assert_int_equal(RUN(info, "kmalloc", NULL, NULL), CLI_DONE);
	said_has(said_out, "STATE          node\n");
	assert_int_equal(RUN(info, NULL, NULL, NULL), CLI_USAGE);
	said_has(said_err, "NAME is missing");
	args.given = CLI_MEMORY;
	assert_int_equal(RUN(info, "frames", NULL, NULL), CLI_USAGE);
	said_has(said_err, "not both");
	args.given = CLI_MEMORY | CLI_JSON;
	assert_int_equal(RUN(info, NULL, NULL, NULL), CLI_DONE);
	said_has(said_out, "\"limit\": 1048576,");
	fake_remove("/sys/class/mmapper/control/used");
	args.given = CLI_MEMORY;
	assert_int_equal(RUN(info, NULL, NULL, NULL), CLI_NO_DRIVER);
	said_has(said_err, "too old for the library");
}

static void test_list(void **state)
{
	(void)state;
	assert_int_equal(RUN(list, NULL, NULL, NULL), CLI_DONE);
	assert_null(strstr(said_out, "BUFFER"));
	assert_int_equal(create("frames", 8192), CLI_DONE);
	assert_int_equal(RUN(list, NULL, NULL, NULL), CLI_DONE);
	said_has(said_out, "\n\nBUFFER BACKEND ");
	said_has(said_out, "frames pages   4294967294 4294967294 0600 8 KiB resize cached");
	args.given = CLI_JSON;
	assert_int_equal(RUN(list, NULL, NULL, NULL), CLI_DONE);
	said_has(said_out, "\"nodes\": [");
	said_has(said_out, "\"buffers\": [");
	fake_put("/sys/class/mmapper/control/buffers/frames/mode", "x\n");
	assert_int_equal(RUN(list, NULL, NULL, NULL), CLI_NO_DRIVER);
}

static void test_change(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 8192), CLI_DONE);
	args.given = CLI_BYTES;
	args.size = 4096;
	assert_int_equal(RUN(resize, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "frames: 4 KiB, was 8 KiB\n");
	assert_int_equal(RUN(resize, "frames", NULL, NULL), CLI_USAGE);
	args.given = CLI_BYTES;
	args.size = UINT64_MAX;
	assert_int_equal(RUN(resize, "frames", NULL, NULL), CLI_FAILED);
	said_has(said_err, "more than this backend can give");
	assert_int_equal(RUN(seal, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "frames: seals: none\n");
	assert_int_equal(RUN(seal, "frames", "delete", "write"), CLI_DONE);
	assert_string_equal(said_out, "frames: seals: write delete\n");
	args.given = CLI_JSON;
	assert_int_equal(RUN(seal, "frames", "seal", "resize"), CLI_DONE);
	said_has(said_out, "\"seals\": \"seal resize write delete\"");
	assert_int_equal(RUN(seal, "frames", "wax", NULL), CLI_USAGE);
	said_has(said_err, "no seal 'wax'; there are");
	fake_fail("ioctl", 2, EBUSY);
	assert_int_equal(RUN(seal, "frames", "write", NULL), CLI_FAILED);
	said_has(said_err, "somebody has it mapped for writing");
	assert_int_equal(RUN(delete, "frames", NULL, NULL), CLI_FAILED);
	said_has(said_err, "frames: it is sealed for good: resize\ntry: mmapper-cli revoke -- frames\n");
	assert_int_equal(RUN(revoke, "frames", NULL, NULL), CLI_DONE);
	said_has(said_out, "frames: revoked");
	assert_int_equal(RUN(revoke, "frames", NULL, NULL), CLI_USAGE);
	said_has(said_err, "no buffer 'frames'; there is none\ntry: mmapper-cli create --size=BYTES -- frames\n");
}

static void test_delete(void **state)
{
	(void)state;
	assert_int_equal(create("a", 1), CLI_DONE);
	assert_int_equal(create("b", 1), CLI_DONE);
	assert_int_equal(RUN(delete, "a", "x", "b"), CLI_USAGE);
	assert_string_equal(said_out, "a: deleted\nb: deleted\n");
	said_has(said_err, "no buffer 'x'; there are b\n");
	assert_int_equal(RUN(delete, "a", "b", NULL), CLI_USAGE);
}

/* Each failure that the driver may have, in words. */
static void test_denied(void **state)
{
	(void)state;
	assert_int_equal(create("it's; x", 4096), CLI_DONE);
	user = 1000;
	fake_fail("ioctl", 0, EACCES);
	assert_int_equal(RUN(read, "it's; x", NULL, NULL), CLI_FAILED);
	said_has(said_err, "this user may not do that\n");
	may_control = false;
	fake_fail("ioctl", 0, EACCES);
	assert_int_equal(RUN(read, "it's; x", NULL, NULL), CLI_NO_DRIVER);
	said_has(said_err, "/dev/mmapper/control: no permission to open it\ntry: mmapper-cli doctor\n");
	fake_fail("ioctl", 0, EACCES);
	assert_int_equal(create("y", 1), CLI_NO_DRIVER);
	said_has(said_err, "/dev/mmapper/control: no permission");
	may_control = true;
	fake_fail("ioctl", 0, EPERM);
	assert_int_equal(RUN(delete, "it's; x", NULL, NULL), CLI_FAILED);
	said_has(said_err, "it belongs to 4294967294, group 4294967294, mode 0600: this user may not do that\n");
	said_has(said_err, "try: sudo mmapper-cli delete -- 'it'\\''s; x'\n");
	fake_fail("ioctl", 1, EIO);
	assert_int_equal(RUN(seal, "it's; x", NULL, NULL), CLI_FAILED);
	said_has(said_err, "Input/output error");
	fake_fail("ioctl", 2, ESTALE);
	assert_int_equal(RUN(revoke, "it's; x", NULL, NULL), CLI_FAILED);
	said_has(said_err, "the buffer was revoked");
}

/* Standard input is a file of these bytes. */
static int write_from(const char *bytes, size_t len, const char *name)
{
	int kept = dup(STDIN_FILENO), input = memfd_create("in", MFD_CLOEXEC);
	int status;

	assert_int_equal(write(input, bytes, len), len);
	lseek(input, 0, SEEK_SET);
	dup2(input, STDIN_FILENO);
	status = RUN(write, name, NULL, NULL);
	dup2(kept, STDIN_FILENO);
	close(input);
	close(kept);
	return status;
}

static void test_copy(void **state)
{
	char text[4097];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(create("frames", 4096), CLI_DONE);
	args.given = CLI_OFFSET;
	args.offset = 4090;
	assert_int_equal(write_from("hello\n", 6, "frames"), CLI_DONE);
	assert_string_equal(said_out,
			    "frames: 6 bytes from 4090 on written\n");
	args.given = CLI_OFFSET | CLI_LENGTH;
	args.offset = 4091;
	args.length = 4;
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "ello");
	assert_int_equal(write_from(text, 4096, "frames"), CLI_DONE);
	assert_int_equal(write_from(text, 4097, "frames"), CLI_FAILED);
	said_has(said_err, "frames: full after 4096 bytes, and the input has more\n");
	said_has(said_err, "try: mmapper-cli resize --size=BYTES -- frames\n");
	args.given = CLI_LENGTH;
	args.length = 10;
	assert_int_equal(write_from(text, 4097, "frames"), CLI_DONE);
	said_has(said_out, "frames: 10 bytes from 0 on");
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_DONE);
	assert_int_equal(strlen(said_out), 4096);
	args.given = CLI_OFFSET;
	args.offset = 4096;
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_USAGE);
	assert_int_equal(write_from("", 0, "frames"), CLI_DONE);
	fake_fail("pread", 0, EIO);
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_FAILED);
	said_has(said_err, "frames: Input/output error");
	fake_fail("pread", 0, 0);
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_FAILED);
	fake_fail("pwrite", 0, ESTALE);
	assert_int_equal(write_from("x", 1, "frames"), CLI_FAILED);
	said_has(said_err, "the buffer was revoked");
	/* Somebody has made it shorter meanwhile. */
	fake_fail("pwrite", 0, 0);
	assert_int_equal(write_from("x", 1, "frames"), CLI_FAILED);
	said_has(said_err, "write() ended before the buffer did");
}

static void test_copy_interrupted(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 5), CLI_DONE);
	interrupts = 2;
	assert_int_equal(write_from("hello", 5, "frames"), CLI_DONE);
	assert_int_equal(interrupts, 0);
	interrupts = 2;
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_DONE);
	assert_int_equal(interrupts, 0);
	assert_string_equal(said_out, "hello");
}

/* A bar would stand in the way of bytes that are looked at. */
static void test_copy_to_terminal(void **state)
{
	(void)state;
	assert_int_equal(create("frames", 5), CLI_DONE);
	terminal = true;
	tick = 600;
	assert_int_equal(write_from("hello", 5, "frames"), CLI_DONE);
	said_has(said_err, "\rframes: [");
	assert_int_equal(RUN(read, "frames", NULL, NULL), CLI_DONE);
	assert_string_equal(said_out, "hello");
	assert_string_equal(said_err, "");
}

static void test_progress(void **state)
{
	struct progress progress;

	(void)state;
	said_begin();
	progress_begin(&progress, "frames", 4 << 20);
	progress_step(&progress, 1 << 20);
	progress_end(&progress);
	said_end();
	assert_string_equal(said_err, "");

	terminal = true;
	said_begin();
	progress_begin(&progress, "frames", 4 << 20);
	progress_step(&progress, 1 << 20);
	progress_step(&progress, 2 << 20);
	progress_step(&progress, 9 << 20);
	progress_end(&progress);
	said_end();
	said_has(said_err, "\rframes: [############            ]  50% of 4 MiB, 3 MiB/s\033[K");
	said_has(said_err, "\rframes: [########################] 100% of 4 MiB, 10 MiB/s\033[K\r\033[K");
	said_begin();
	progress_begin(&progress, "frames", 0);
	progress_step(&progress, 0);
	progress_step(&progress, 6 << 20);
	progress_end(&progress);
	said_end();
	assert_string_equal(said_err,
			    "\rframes: 6 MiB, 10 MiB/s\033[K\r\033[K");
}

static void test_quote(void **state)
{
	char text[CLI_QUOTED], name[MMAPPER_BUFFER_NAME_MAX];

	(void)state;
	assert_string_equal(cli_quote("a.B_9", text), "a.B_9");
	assert_string_equal(cli_quote("$(reboot)", text), "'$(reboot)'");
	assert_string_equal(cli_quote("a'b", text), "'a'\\''b'");
	assert_string_equal(cli_quote("", text), "''");
	memset(name, '\'', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(strlen(cli_quote(name, text)),
			 4 * (sizeof(name) - 1) + 2);
}

#define made_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		made_test(test_create),
		made_test(test_owner),
		made_test(test_owner_refused),
		made_test(test_find),
		made_test(test_info),
		made_test(test_list),
		made_test(test_change),
		made_test(test_delete),
		made_test(test_denied),
		made_test(test_copy),
		made_test(test_copy_interrupted),
		made_test(test_copy_to_terminal),
		made_test(test_progress),
		made_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
