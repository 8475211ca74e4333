// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <sys/mman.h>

#include "internal.h"

static int check_range(const struct mmapper_buffer *buffer, uint64_t offset,
		       size_t *len)
{
	uint64_t map_size, rest;
	uint32_t page_size;
	int ret;

	ret = mm_buffer_measure(buffer, &page_size, &map_size);
	if (ret)
		return ret;
	if (offset & (page_size - 1) || offset >= map_size)
		return -EINVAL;
	rest = map_size - offset;
	if (*len == MMAPPER_WHOLE) {
		*len = (size_t)rest;
		return *len == rest ? 0 : -ENOMEM;
	}
	return *len && *len <= rest ? 0 : -EINVAL;
}

/* PROT_EXEC is for the driver to refuse: it has an errno of its own. */
static int check_mode(int prot, int flags)
{
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;
	flags &= ~(MAP_POPULATE | MAP_NORESERVE);
	return flags == MAP_SHARED || flags == MAP_PRIVATE ? 0 : -EINVAL;
}

int mmapper_buffer_map(const struct mmapper_buffer *buffer, uint64_t offset,
		       size_t len, int prot, int flags,
		       struct mmapper_mapping **mapping)
{
	struct mmapper_mapping *new;
	int ret;

	MM_KEEP_ERRNO;

	if (!buffer || !mapping)
		return -EINVAL;
	ret = check_mode(prot, flags);
	if (!ret)
		ret = check_range(buffer, offset, &len);
	if (ret)
		return ret;
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->length = len;
	new->address = mmap(NULL, len, prot, flags, buffer->fd, (off_t)offset);
	if (new->address == MAP_FAILED) {
		ret = -errno;
		free(new);
		return ret;
	}
	*mapping = new;
	return 0;
}

void *mmapper_mapping_get_address(const struct mmapper_mapping *mapping)
{
	return mapping ? mapping->address : NULL;
}

size_t mmapper_mapping_get_length(const struct mmapper_mapping *mapping)
{
	return mapping ? mapping->length : 0;
}

int mmapper_mapping_unmap(struct mmapper_mapping *mapping)
{
	MM_KEEP_ERRNO;

	if (!mapping)
		return 0;
	if (munmap(mapping->address, mapping->length))
		return -errno;
	free(mapping);
	return 0;
}
