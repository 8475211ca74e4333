// SPDX-License-Identifier: LGPL-2.1-or-later
/* Buffers made at run time: through the control node they come, and go. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int check_abi(void)
{
	int version = mm_driver_read_abi(MM_SYSFS);

	return version < 0 ? mm_driver_missing(version, MM_MODULES) :
			     mm_abi_check((uint32_t)version);
}

/* Before anything is asked of it, for another ABI may mean something else. */
static int open_control(void)
{
	int fd, ret;

	fd = mm_buffer_open_path(MM_DEV "mmapper/" MM_CONTROL, O_RDWR);
	/* A driver that makes no buffers at run time has no such node. */
	if (fd == -ENOENT)
		return -EPROTONOSUPPORT;
	if (fd < 0)
		return fd;
	ret = check_abi();
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

static int control(unsigned long request, void *arg)
{
	int fd, ret;

	fd = open_control();
	if (fd < 0)
		return fd;
	ret = mm_ioctl(fd, request, arg);
	close(fd);
	switch (ret) {
	case -ENOTTY:
		return -EPROTO;
	case -ENODEV:
		/* The driver is there: it is the other device that is not. */
		return -EADDRNOTAVAIL;
	}
	return ret;
}

/* What fits has its zero: the rest of the field is zero already. */
static int put_text(char *field, size_t size, const char *text, int too_long)
{
	size_t len = text ? strnlen(text, size) : 0;

	if (len == size)
		return too_long;
	memcpy(field, text ? text : "", len);
	return 0;
}

static int put_name(char name[MMAPPER_BUFFER_NAME_MAX], const char *text)
{
	if (!text || !*text)
		return -EINVAL;
	return put_text(name, MMAPPER_BUFFER_NAME_MAX, text, -ENAMETOOLONG);
}

/* What the caller does not know is 0, what we do not know has to be. */
static int take_params(const struct mmapper_buffer_params *params, size_t len,
		       struct mmapper_buffer_params *taken)
{
	const char *tail = (const char *)params;
	size_t i;

	if (!params || len < MM_PARAMS_SIZE_VER0)
		return -EINVAL;
	for (i = sizeof(*taken); i < len; i++)
		if (tail[i])
			return -E2BIG;
	memset(taken, 0, sizeof(*taken));
	memcpy(taken, params, len < sizeof(*taken) ? len : sizeof(*taken));
	return 0;
}

static int fill_create(struct mmapper_create *create,
		       const struct mmapper_buffer_params *params)
{
	const char *backend = params->backend ? params->backend : "auto";
	int ret;

	create->flags = params->flags;
	create->size = params->size;
	create->mode = params->mode;
	create->cache = params->cache;
	create->numa_node = params->numa_node;
	create->address = (uintptr_t)params->address;
	ret = put_text(create->backend, sizeof(create->backend), backend,
		       -ENOENT);
	if (ret)
		return ret;
	ret = put_text(create->device, sizeof(create->device), params->device,
		       -EADDRNOTAVAIL);
	if (ret)
		return ret;
	return put_text(create->name, sizeof(create->name), params->name,
			-ENAMETOOLONG);
}

/* Nothing may fail once the driver has made the buffer. */
static int give(unsigned long request, void *arg, const __s32 *fd,
		struct mmapper_buffer **buffer)
{
	struct mmapper_buffer *new;
	int ret;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = control(request, arg);
	if (ret) {
		free(new);
		return ret;
	}
	new->fd = *fd;
	*buffer = new;
	return 0;
}

int mmapper_buffer_create(const struct mmapper_buffer_params *params,
			  size_t len, struct mmapper_buffer **buffer)
{
	struct mmapper_create create = { 0 };
	struct mmapper_buffer_params taken;
	int ret;

	MM_KEEP_ERRNO;

	if (!buffer)
		return -EINVAL;
	ret = take_params(params, len, &taken);
	if (!ret)
		ret = fill_create(&create, &taken);
	if (ret)
		return ret;
	return give(MMAPPER_IOC_CREATE, &create, &create.fd, buffer);
}

int mmapper_buffer_open_name(const char *name, int flags,
			     struct mmapper_buffer **buffer)
{
	struct mmapper_open arg = { .access = (__u32)flags };
	int ret;

	MM_KEEP_ERRNO;

	if (!buffer || flags & ~(O_ACCMODE | O_NONBLOCK) ||
	    (flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	ret = put_name(arg.name, name);
	return ret ? ret : give(MMAPPER_IOC_OPEN, &arg, &arg.fd, buffer);
}

int mmapper_buffer_delete(const char *name)
{
	struct mmapper_delete arg = { 0 };
	int ret;

	MM_KEEP_ERRNO;

	ret = put_name(arg.name, name);
	return ret ? ret : control(MMAPPER_IOC_DELETE, &arg);
}

/* A node's mode and owner are those of a file in /dev, and not ours. */
static int check_made(const struct mmapper_buffer *buffer)
{
	if (!buffer)
		return -EINVAL;
	return buffer->is_node ? -EOPNOTSUPP : 0;
}

int mmapper_buffer_resize(const struct mmapper_buffer *buffer, uint64_t size)
{
	int ret;

	MM_KEEP_ERRNO;

	ret = check_made(buffer);
	if (ret)
		return ret;
	if (!size)
		return -EINVAL;
	if (size > INT64_MAX)
		return -EFBIG;
	do {
		ret = ftruncate(buffer->fd, (off_t)size);
	} while (ret < 0 && errno == EINTR);
	ret = ret ? -errno : 0;
	/* To the kernel this is as wrong as a bad size. */
	if (ret == -EINVAL &&
	    (fcntl(buffer->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	return ret;
}

int mmapper_buffer_set_mode(const struct mmapper_buffer *buffer, mode_t mode)
{
	int ret;

	MM_KEEP_ERRNO;

	ret = check_made(buffer);
	if (ret)
		return ret;
	if (mode & ~(mode_t)0777)
		return -EINVAL;
	return fchmod(buffer->fd, mode) ? -errno : 0;
}

int mmapper_buffer_set_owner(const struct mmapper_buffer *buffer, uid_t owner,
			     gid_t group)
{
	int ret;

	MM_KEEP_ERRNO;

	ret = check_made(buffer);
	if (ret)
		return ret;
	return fchown(buffer->fd, owner, group) ? -errno : 0;
}

static int seal(const struct mmapper_buffer *buffer, struct mmapper_seal *arg)
{
	int ret = check_made(buffer);

	return ret ? ret : mm_ioctl(buffer->fd, MMAPPER_IOC_SEAL, arg);
}

int mmapper_buffer_seal(const struct mmapper_buffer *buffer, uint32_t seals)
{
	struct mmapper_seal arg = { .seals = seals };

	MM_KEEP_ERRNO;

	return seal(buffer, &arg);
}

int mmapper_buffer_get_seals(const struct mmapper_buffer *buffer,
			     uint32_t *seals)
{
	struct mmapper_seal arg = { 0 };
	int ret;

	MM_KEEP_ERRNO;

	if (!seals)
		return -EINVAL;
	ret = seal(buffer, &arg);
	if (!ret)
		*seals = arg.seals;
	return ret;
}

int mmapper_buffer_revoke(const struct mmapper_buffer *buffer)
{
	struct mmapper_revoke arg = { 0 };
	int ret;

	MM_KEEP_ERRNO;

	ret = check_made(buffer);
	return ret ? ret : mm_ioctl(buffer->fd, MMAPPER_IOC_REVOKE, &arg);
}
