/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver in user space: its nodes are files in memory, its /sys is a folder of
 * the test's.  A program that uses it wraps openat, fstat, ioctl, pread and pwrite
 * and includes fake_calls.h.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <mmapper.h>

#define FAKE_PAGE	4096
#define FAKE_SIZE	(3 * FAKE_PAGE - 1)
#define FAKE_MAP_SIZE	(3 * FAKE_PAGE)

/* What kmalloc answers; a test may change it, and fake_reset() sets it back. */
extern struct mmapper_info fake_info;

/* Backends kmalloc and vmalloc-user, and the second name mmapper_k. */
void fake_load(void);
void fake_unload(void);
/* Buffers and answers as they were at first. */
void fake_reset(void);

/* A file below the folder that stands for "/". */
void fake_put(const char *path, const char *text);
void fake_remove(const char *path);

/*
 * Let one call fail, after so many others of its name; with no error it answers
 * 0.  Negative: none.
 */
void fake_fail(const char *call, int after, int error);

/* All bytes that a backend's buffer has. */
void fake_bytes(const char *backend, unsigned char bytes[FAKE_MAP_SIZE]);

int fake_openat(int dir, const char *path, int flags);
int fake_fstat(int fd, struct stat *st);
int fake_ioctl(int fd, unsigned long request, void *arg);
ssize_t fake_pread(int fd, void *data, size_t len, off_t offset);
ssize_t fake_pwrite(int fd, const void *data, size_t len, off_t offset);

#endif /* FAKE_H */
