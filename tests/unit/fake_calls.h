/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hands the calls that a program wraps to the fake driver.  For that program's
 * own file: in the archive of shared code these names belong to mock.c.
 */
#ifndef FAKE_CALLS_H
#define FAKE_CALLS_H

#include <stdarg.h>

#include "fake.h"

int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_ioctl(int fd, unsigned long request, ...);
ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	return fake_openat(dir, path, flags);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return fake_fstat(fd, st);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return fake_ioctl(fd, request, arg);
}

ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset)
{
	return fake_pread(fd, data, len, offset);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return fake_pwrite(fd, data, len, offset);
}

#endif /* FAKE_CALLS_H */
