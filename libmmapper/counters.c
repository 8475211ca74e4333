// SPDX-License-Identifier: LGPL-2.1-or-later
/* Counters that a driver keeps in a page, read without a system call. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

/* A writer has interrupts off: one look in a million may find it at work, not all. */
#define TRIES	1000000

struct mmapper_reader {
	struct mmapper_buffer			*buffer;
	const struct mmapper_counters_page	*page;
};

static int check_page(const struct mmapper_counters_page *page)
{
	return page->magic == MMAPPER_COUNTERS_MAGIC && page->count &&
	       page->count <= MMAPPER_COUNTERS_MAX ? 0 : -EPROTO;
}

static int map_page(struct mmapper_reader *reader)
{
	struct mmapper_info info;
	int ret;

	ret = mmapper_buffer_get_info(reader->buffer, &info, sizeof(info));
	if (ret)
		return ret;
	if (strcmp(info.backend, "counters") != 0 ||
	    info.map_size < sizeof(*reader->page))
		return -EOPNOTSUPP;
	reader->page = mmap(NULL, sizeof(*reader->page), PROT_READ, MAP_SHARED,
			    reader->buffer->fd, 0);
	if (reader->page == MAP_FAILED)
		return -errno;
	ret = check_page(reader->page);
	if (ret)
		munmap((void *)reader->page, sizeof(*reader->page));
	return ret;
}

int mmapper_counters_open(const char *name, struct mmapper_reader **reader)
{
	struct mmapper_reader *new;
	int ret;

	MM_KEEP_ERRNO;

	if (!reader)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = mmapper_buffer_open_name(name, O_RDONLY, &new->buffer);
	if (ret) {
		free(new);
		return ret;
	}
	ret = map_page(new);
	if (ret) {
		mmapper_buffer_close(new->buffer);
		free(new);
		return ret;
	}
	*reader = new;
	return 0;
}

/* One look: does it show the values of one moment? */
static int look(const struct mmapper_counters_page *page,
		struct mmapper_counters *counters)
{
	uint32_t before, i;

	before = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
	counters->time = __atomic_load_n(&page->time, __ATOMIC_RELAXED);
	counters->updates = __atomic_load_n(&page->updates, __ATOMIC_RELAXED);
	for (i = 0; i < counters->count; i++)
		counters->values[i] = __atomic_load_n(&page->values[i],
						      __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(before & 1) &&
	       before == __atomic_load_n(&page->sequence, __ATOMIC_RELAXED);
}

int mmapper_counters_read(const struct mmapper_reader *reader,
			  struct mmapper_counters *counters)
{
	unsigned int tries;

	if (!reader || !counters)
		return -EINVAL;
	counters->flags = 0;
	counters->reserved = 0;
	counters->count = reader->page->count;
	counters->reserved2 = 0;
	for (tries = 0; !look(reader->page, counters); tries++)
		if (tries == TRIES)
			return -EBUSY;
	return reader->page->state == MMAPPER_COUNTERS_LIVE ? 0 : -ESTALE;
}

int mmapper_counters_fetch(const struct mmapper_reader *reader,
			   struct mmapper_counters *counters)
{
	MM_KEEP_ERRNO;

	if (!reader || !counters)
		return -EINVAL;
	memset(counters, 0, sizeof(*counters));
	return mm_ioctl(reader->buffer->fd, MMAPPER_IOC_COUNTERS, counters);
}

int mmapper_counters_watch(const struct mmapper_reader *reader,
			   unsigned int index, uint64_t threshold, int eventfd)
{
	struct mmapper_watch watch = {
		.index = index, .threshold = threshold,
	};

	MM_KEEP_ERRNO;

	if (!reader)
		return -EINVAL;
	if (eventfd >= 0) {
		watch.flags = MMAPPER_WATCH_F_EVENTFD;
		watch.eventfd = eventfd;
	}
	return mm_ioctl(reader->buffer->fd, MMAPPER_IOC_WATCH, &watch);
}

int mmapper_counters_wait(const struct mmapper_reader *reader,
			  unsigned int index, uint64_t threshold, int timeout)
{
	struct pollfd fd = { .events = POLLIN };
	int ret;

	MM_KEEP_ERRNO;

	ret = mmapper_counters_watch(reader, index, threshold, -1);
	if (ret)
		return ret;
	fd.fd = reader->buffer->fd;
	ret = poll(&fd, 1, timeout);
	if (ret < 0)
		return -errno;
	if (ret == 0)
		return -ETIMEDOUT;
	return fd.revents & (POLLHUP | POLLERR) ? -ESTALE : 0;
}

int mmapper_counters_get_fd(const struct mmapper_reader *reader)
{
	return reader ? reader->buffer->fd : -EINVAL;
}

void mmapper_counters_close(struct mmapper_reader *reader)
{
	MM_KEEP_ERRNO;

	if (!reader)
		return;
	munmap((void *)reader->page, sizeof(*reader->page));
	mmapper_buffer_close(reader->buffer);
	free(reader);
}
