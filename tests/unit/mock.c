// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "mock.h"

static struct mock_step steps[64];
static size_t expected, seen;

struct mmapper_buffer *mock_buffer;

const struct mmapper_info mock_info = {
	.features	= MMAPPER_FEATURE_RESET,
	.abi_version	= MMAPPER_ABI_VERSION,
	.page_size	= 4096,
	.backend_flags	= MMAPPER_BACKEND_F_EAGER,
	.pattern	= MMAPPER_PATTERN_DIGITS,
	.size		= 3 * 4096 - 1,
	.map_size	= 3 * 4096,
	.max_size	= 4 * 4096,
	.backend	= "kmalloc",
	.store		= "slab",
	.mapper		= "remap",
	.driver_version	= "0.1.0",
};

static void clear(void)
{
	expected = 0;
	seen = 0;
}

void mock_expect(struct mock_step step)
{
	if (seen == expected)
		clear();
	assert_in_range(expected, 0, MM_ARRAY_SIZE(steps) - 1);
	steps[expected++] = step;
}

int mock_setup(void **state)
{
	(void)state;
	clear();
	return 0;
}

int mock_teardown(void **state)
{
	(void)state;
	if (seen == expected)
		return 0;
	print_error("%s() was expected and did not come\n", steps[seen].call);
	return -1;
}

static const struct mock_step *next(const char *call)
{
	const struct mock_step *step = &steps[seen];

	if (seen == expected)
		fail_msg("%s() was not expected", call);
	assert_string_equal(call, step->call);
	seen++;
	errno = step->error ? step->error : MOCK_NOISE;
	return step;
}

static long answer(const struct mock_step *step)
{
	return step->error ? -1 : step->ret;
}

static void give(const struct mock_step *step, void *to, size_t room)
{
	assert_in_range(step->out_len, 0, room);
	if (step->out_len)
		memcpy(to, step->out, step->out_len);
}

static void check_path(const struct mock_step *step, int fd, const char *path,
		       int flags)
{
	assert_int_equal(fd, step->fd);
	assert_string_equal(path, step->path);
	assert_int_equal(flags, step->flags);
}

static void check_range(const struct mock_step *step, int fd, const void *data,
			size_t len, off_t offset)
{
	assert_int_equal(fd, step->fd);
	assert_ptr_equal(data, step->addr);
	assert_int_equal(len, step->len);
	assert_int_equal(offset, step->offset);
}

int __wrap_openat(int fd, const char *path, int flags, ...)
{
	const struct mock_step *step = next("openat");

	check_path(step, fd, path, flags);
	return (int)answer(step);
}

int __wrap_faccessat(int fd, const char *path, int mode, int flags)
{
	const struct mock_step *step = next("faccessat");

	assert_int_equal(mode, 0);
	check_path(step, fd, path, flags);
	return (int)answer(step);
}

int __wrap_close(int fd)
{
	const struct mock_step *step = next("close");

	assert_int_equal(fd, step->fd);
	return (int)answer(step);
}

int __wrap_fstat(int fd, struct stat *st)
{
	const struct mock_step *step = next("fstat");

	assert_int_equal(fd, step->fd);
	memset(st, 0, sizeof(*st));
	st->st_mode = step->mode;
	return (int)answer(step);
}

int __wrap_ftruncate(int fd, off_t size)
{
	const struct mock_step *step = next("ftruncate");

	assert_int_equal(fd, step->fd);
	assert_int_equal(size, step->offset);
	return (int)answer(step);
}

int __wrap_fchmod(int fd, mode_t mode)
{
	const struct mock_step *step = next("fchmod");

	assert_int_equal(fd, step->fd);
	assert_int_equal(mode, step->mode);
	return (int)answer(step);
}

int __wrap_fchown(int fd, uid_t owner, gid_t group)
{
	const struct mock_step *step = next("fchown");

	assert_int_equal(fd, step->fd);
	assert_int_equal(owner, step->owner);
	assert_int_equal(group, step->group);
	return (int)answer(step);
}

/* Where lines are counted, gcov locks its files by this name at the end. */
int __wrap_fcntl(int fd, int command, ...)
{
	const struct mock_step *step;
	va_list args;
	void *arg;

	if (command == F_SETLKW) {
		va_start(args, command);
		arg = va_arg(args, void *);
		va_end(args);
		return (int)syscall(SYS_fcntl, fd, command, arg);
	}
	step = next("fcntl");
	assert_int_equal(fd, step->fd);
	assert_int_equal(command, F_GETFL);
	return (int)answer(step);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const struct mock_step *step = next("ioctl");
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_int_equal(fd, step->fd);
	assert_int_equal(request, step->request);
	assert_memory_equal(arg, step->in, _IOC_SIZE(request));
	give(step, arg, _IOC_SIZE(request));
	return (int)answer(step);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	const struct mock_step *step = next("mmap");

	check_range(step, fd, addr, len, offset);
	assert_int_equal(prot, step->prot);
	assert_int_equal(flags, step->flags);
	return step->error ? MAP_FAILED : step->map;
}

int __wrap_munmap(void *addr, size_t len)
{
	const struct mock_step *step = next("munmap");

	check_range(step, 0, addr, len, 0);
	return (int)answer(step);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct mock_step *step = next("poll");

	assert_int_equal(count, 1);
	assert_int_equal(fds->fd, step->fd);
	assert_int_equal(fds->events, POLLIN);
	assert_int_equal(timeout, step->flags);
	fds->revents = (short)step->mode;
	return (int)answer(step);
}

/* Its pointer is the library's own, so that no test can know it. */
ssize_t __wrap_read(int fd, void *data, size_t len)
{
	const struct mock_step *step = next("read");

	assert_int_equal(fd, step->fd);
	if (step->len)
		assert_int_equal(len, step->len);
	give(step, data, len);
	return step->error ? -1 : (ssize_t)step->out_len;
}

ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset)
{
	const struct mock_step *step = next("pread");

	check_range(step, fd, data, len, offset);
	give(step, data, len);
	return answer(step);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	const struct mock_step *step = next("pwrite");

	check_range(step, fd, data, len, offset);
	if (step->in)
		assert_memory_equal(data, step->in, len);
	return answer(step);
}

void mock_expect_identify(int fd, const struct mmapper_info *info)
{
	static const struct mmapper_info zero;

	EXPECT(.call = "fstat", .fd = fd, .mode = S_IFCHR | 0660);
	EXPECT(.call = "ioctl", .fd = fd, .request = MMAPPER_IOC_INFO,
	       .in = &zero, .out = info, .out_len = sizeof(*info));
}

void mock_expect_index(const char *text)
{
	static char path[256];
	struct utsname host;

	assert_int_equal(uname(&host), 0);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 host.release);
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = path,
	       .flags = O_RDONLY | O_CLOEXEC, .ret = MOCK_FD,
	       .error = text ? 0 : ENOENT);
	if (!text)
		return;
	EXPECT(.call = "read", .fd = MOCK_FD, .out = text,
	       .out_len = strlen(text));
	if (!strstr(text, "/mmapper.ko"))
		EXPECT(.call = "read", .fd = MOCK_FD);
	EXPECT(.call = "close", .fd = MOCK_FD);
}

void mock_buffer_open(void)
{
	mock_buffer = NULL;
	EXPECT(.call = "openat", .fd = AT_FDCWD,
	       .path = "/dev/mmapper/kmalloc", .flags = O_RDWR | O_CLOEXEC,
	       .ret = MOCK_FD);
	mock_expect_identify(MOCK_FD, &mock_info);
	assert_int_equal(mmapper_buffer_open("kmalloc", O_RDWR, &mock_buffer),
			 0);
	assert_non_null(mock_buffer);
}

void mock_buffer_close(void)
{
	EXPECT(.call = "close", .fd = MOCK_FD);
	mmapper_buffer_close(mock_buffer);
}

int mock_buffer_setup(void **state)
{
	mock_setup(state);
	mock_buffer_open();
	return 0;
}

int mock_buffer_teardown(void **state)
{
	mock_buffer_close();
	return mock_teardown(state);
}
