// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* Opens a node, and says what is in the way of the driver. */
int mm_buffer_open_path(const char *path, int flags)
{
	int fd;

	fd = mm_open(AT_FDCWD, path, flags);
	switch (fd) {
	case -ENOENT:
		return mm_driver_missing(mm_driver_diagnose(MM_SYSFS, path),
					 MM_MODULES);
	case -ENXIO:
	case -ENODEV:
		/* A node that outlived the driver. */
		return mm_driver_missing(-ENODEV, MM_MODULES);
	case -EPERM:
		return -EACCES;
	default:
		return fd;
	}
}

static int open_name(const char *name, int flags)
{
	char path[sizeof(MM_DEV "mmapper/") + MMAPPER_NAME_MAX];

	if (strchr(name, '/'))
		return strnlen(name, PATH_MAX) < PATH_MAX ?
		       mm_buffer_open_path(name, flags) : -EINVAL;
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") ||
	    strnlen(name, MMAPPER_NAME_MAX) == MMAPPER_NAME_MAX)
		return -EINVAL;
	snprintf(path, sizeof(path), MM_DEV "mmapper/%s", name);
	return mm_buffer_open_path(path, flags);
}

int mm_abi_check(uint32_t version)
{
	if (!version)
		return -EPROTO;
	if (version < MMAPPER_ABI_VERSION)
		return -EPROTONOSUPPORT;
	return version > MMAPPER_ABI_VERSION ? -EPROTOTYPE : 0;
}

static bool is_sane(const struct mmapper_info *info)
{
	return info->page_size && !(info->page_size & (info->page_size - 1)) &&
	       !(info->map_size & (info->page_size - 1)) &&
	       info->map_size >= info->size;
}

/* Whatever a device answers that is not ours is the same to the caller. */
static int identify(int fd, struct mmapper_buffer *buffer)
{
	struct mmapper_info info = { 0 };
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode) || mm_ioctl(fd, MMAPPER_IOC_INFO, &info))
		return -EPROTO;
	/* Beyond this field, another ABI may mean something else. */
	ret = mm_abi_check(info.abi_version);
	if (ret)
		return ret;
	if (!is_sane(&info))
		return -EPROTO;
	buffer->fd = fd;
	buffer->is_node = true;
	buffer->page_size = info.page_size;
	buffer->map_size = info.map_size;
	return 0;
}

int mmapper_buffer_open(const char *name, int flags,
			struct mmapper_buffer **buffer)
{
	struct mmapper_buffer *new;
	int fd, more, ret;

	MM_KEEP_ERRNO;

	/* O_SYNC is several bits, which mean something else one by one. */
	more = flags & ~(O_ACCMODE | O_NONBLOCK);
	if (!name || !buffer || (more && more != O_SYNC) ||
	    (flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	fd = open_name(name, flags);
	if (fd < 0) {
		ret = fd;
		goto free_buffer;
	}
	ret = identify(fd, new);
	if (ret)
		goto close_fd;
	*buffer = new;
	return 0;

close_fd:
	close(fd);
free_buffer:
	free(new);
	return ret;
}

/* How much can be mapped now. */
int mm_buffer_measure(const struct mmapper_buffer *buffer, uint32_t *page_size,
		      uint64_t *map_size)
{
	struct mmapper_info info = { 0 };
	int ret;

	*page_size = buffer->page_size;
	*map_size = buffer->map_size;
	if (buffer->is_node)
		return 0;
	ret = mm_ioctl(buffer->fd, MMAPPER_IOC_INFO, &info);
	if (ret)
		return ret;
	if (!is_sane(&info))
		return -EPROTO;
	*page_size = info.page_size;
	*map_size = info.map_size;
	return info.buffer_flags & MMAPPER_BUFFER_F_REVOKED ? -ESTALE : 0;
}

void mmapper_buffer_close(struct mmapper_buffer *buffer)
{
	MM_KEEP_ERRNO;

	if (!buffer)
		return;
	close(buffer->fd);
	free(buffer);
}

int mmapper_buffer_get_fd(const struct mmapper_buffer *buffer)
{
	return buffer ? buffer->fd : -EINVAL;
}

/* The driver learns the caller's size from the number of the command. */
static int query(const struct mmapper_buffer *buffer, unsigned int nr,
		 void *answer, size_t len, size_t len_min)
{
	if (!buffer || !answer || len < len_min || len > _IOC_SIZEMASK)
		return -EINVAL;
	memset(answer, 0, len);
	return mm_ioctl(buffer->fd,
			_IOC(_IOC_READ | _IOC_WRITE, MMAPPER_IOC_MAGIC, nr,
			     len), answer);
}

int mmapper_buffer_get_info(const struct mmapper_buffer *buffer,
			    struct mmapper_info *info, size_t len)
{
	MM_KEEP_ERRNO;

	return query(buffer, _IOC_NR(MMAPPER_IOC_INFO), info, len,
		     MM_INFO_SIZE_VER0);
}

int mmapper_buffer_get_stats(const struct mmapper_buffer *buffer,
			     struct mmapper_stats *stats, size_t len)
{
	MM_KEEP_ERRNO;

	return query(buffer, _IOC_NR(MMAPPER_IOC_STATS), stats, len,
		     MM_STATS_SIZE_VER0);
}

int mmapper_buffer_reset(const struct mmapper_buffer *buffer)
{
	struct mmapper_reset reset = { 0 };

	MM_KEEP_ERRNO;

	if (!buffer)
		return -EINVAL;
	return mm_ioctl(buffer->fd, MMAPPER_IOC_RESET, &reset);
}

static int resolve(const struct mmapper_buffer *buffer, unsigned long request,
		   uint64_t where, uint64_t *phys)
{
	struct mmapper_phys arg = { .where = where };
	int ret;

	if (!buffer || !phys)
		return -EINVAL;
	ret = mm_ioctl(buffer->fd, request, &arg);
	if (!ret)
		*phys = arg.phys;
	return ret;
}

int mmapper_buffer_lookup(const struct mmapper_buffer *buffer, uint64_t offset,
			  uint64_t *phys)
{
	MM_KEEP_ERRNO;

	return resolve(buffer, MMAPPER_IOC_LOOKUP, offset, phys);
}

int mmapper_buffer_translate(const struct mmapper_buffer *buffer,
			     const void *address, uint64_t *phys)
{
	MM_KEEP_ERRNO;

	return resolve(buffer, MMAPPER_IOC_TRANSLATE, (uintptr_t)address,
		       phys);
}
