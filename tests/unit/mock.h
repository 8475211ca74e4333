/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A script of the system calls that a test expects, in order, each with all of
 * its arguments and the answer.  A call that differs or that nobody expected
 * fails the test where it happens, one that did not come fails it at its end.
 *
 * What a program scripts it names in its line "wrap:".
 */
#ifndef MOCK_H
#define MOCK_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cmocka.h>

#include "internal.h"

/* An errno that no call gives, and what the mock leaves behind on success. */
#define MOCK_ERRNO	4242
#define MOCK_NOISE	4343

#define MOCK_FD		7

/**
 * struct mock_step - one expected call
 * @call: its name
 * @fd: its descriptor; of openat() and faccessat() the directory
 * @path: its path
 * @flags: its flags; of poll() its timeout
 * @prot: of mmap()
 * @request: of ioctl()
 * @addr: its pointer, of pread(), pwrite(), mmap() and munmap()
 * @len: its length; of read() 0 stands for any
 * @offset: its offset; of ftruncate() its length
 * @in: what the pointer of ioctl() or pwrite() leads to, _IOC_SIZE(@request)
 *	or @len bytes
 * @out: what to write where the pointer leads to
 * @out_len: bytes at @out
 * @mode: what fstat() gives; of fchmod() its mode; what poll() finds
 * @owner: of fchown()
 * @group: likewise
 * @map: what mmap() gives
 * @ret: what the call returns
 * @error: its errno; the call then fails, whatever @ret says
 */
struct mock_step {
	const char	*call;
	int		fd;
	const char	*path;
	int		flags;
	int		prot;
	unsigned long	request;
	const void	*addr;
	size_t		len;
	off_t		offset;
	const void	*in;
	const void	*out;
	size_t		out_len;
	mode_t		mode;
	uid_t		owner;
	gid_t		group;
	void		*map;
	long		ret;
	int		error;
};

void mock_expect(struct mock_step step);

#define EXPECT(...)	mock_expect((struct mock_step){ __VA_ARGS__ })

/*
 * Let one allocation fail, after so many others; negative: none.  The program
 * wraps malloc, calloc and reallocarray.
 */
void mock_fail_alloc(int after);

int mock_setup(void **state);
int mock_teardown(void **state);

#define mock_test(test) \
	cmocka_unit_test_setup_teardown(test, mock_setup, mock_teardown)

/* The value of @expr, which has to leave errno alone. */
#define KEEPS_ERRNO(expr) ({					\
	errno = MOCK_ERRNO;					\
	__auto_type kept = (expr);				\
	assert_int_equal(errno, MOCK_ERRNO);			\
	kept;							\
})

#define assert_returns(value, expr) \
	assert_int_equal(KEEPS_ERRNO(expr), value)

/* A driver's answer that the library takes. */
extern const struct mmapper_info mock_info;

void mock_expect_identify(int fd, const struct mmapper_info *info);

/*
 * The library looks whether a module is installed: what the index says, NULL:
 * there is none.
 */
void mock_expect_index(const char *text);

/* A node, open while a mock_buffer_test() runs. */
extern struct mmapper_buffer *mock_buffer;

void mock_buffer_open(void);
void mock_buffer_close(void);
int mock_buffer_setup(void **state);
int mock_buffer_teardown(void **state);

#define mock_buffer_test(test) \
	cmocka_unit_test_setup_teardown(test, mock_buffer_setup, \
					mock_buffer_teardown)

int __wrap_openat(int fd, const char *path, int flags, ...);
int __wrap_faccessat(int fd, const char *path, int mode, int flags);
int __wrap_close(int fd);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fchown(int fd, uid_t owner, gid_t group);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
int __wrap_munmap(void *addr, size_t len);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __wrap_read(int fd, void *data, size_t len);
ssize_t __wrap_pread(int fd, void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);

#endif /* MOCK_H */
