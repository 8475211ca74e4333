// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "internal.h"

/* Called at least once, so that even no byte at all finds a wrong mode. */
static ssize_t transfer_some(int fd, char *data, size_t len, uint64_t offset,
			     bool write)
{
	ssize_t n;

	do {
		n = write ? pwrite(fd, data, len, (off_t)offset) :
			    pread(fd, data, len, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t transfer(const struct mmapper_buffer *buffer, char *data,
			size_t len, uint64_t offset, bool write)
{
	size_t done = 0;
	ssize_t n;

	/* Beyond this the kernel could not count, and would refuse as well. */
	if (!buffer || len > SSIZE_MAX || offset > INT64_MAX ||
	    len > INT64_MAX - offset)
		return -EINVAL;
	do {
		n = transfer_some(buffer->fd, data, len - done, offset + done,
				  write);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		data += n;
		done += (size_t)n;
	} while (done < len);
	return (ssize_t)done;
}

ssize_t mmapper_buffer_read(const struct mmapper_buffer *buffer, void *data,
			    size_t len, uint64_t offset)
{
	MM_KEEP_ERRNO;

	return transfer(buffer, data, len, offset, false);
}

ssize_t mmapper_buffer_write(const struct mmapper_buffer *buffer,
			     const void *data, size_t len, uint64_t offset)
{
	MM_KEEP_ERRNO;

	return transfer(buffer, (char *)data, len, offset, true);
}
