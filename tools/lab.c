// SPDX-License-Identifier: GPL-2.0-or-later
/* What the experiments share. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "evidence.h"
#include "lab.h"

size_t lab_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int lab_open(void)
{
	int fd = open(MMAPPER_LAB_PATH, O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

char *lab_memory(size_t pages)
{
	char *own = mmap(NULL, pages * lab_page(), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(own != MAP_FAILED);
	return own;
}

struct lab_buffer lab_buffer(const char *backend, size_t pages)
{
	struct mmapper_buffer_params params = MMAPPER_BUFFER_PARAMS_INIT;
	struct lab_buffer made;
	int error;

	params.backend = backend;
	params.size = pages * lab_page();
	error = mmapper_buffer_create(&params, sizeof(params), &made.buffer);
	if (error)
		ktap_say("%s: %s", backend, mmapper_strerror(error));
	REQUIRE(!error);
	REQUIRE(mmapper_buffer_map(made.buffer, 0, MMAPPER_WHOLE,
				   PROT_READ | PROT_WRITE, MAP_SHARED,
				   &made.mapping) == 0);
	made.bytes = mmapper_mapping_get_address(made.mapping);
	return made;
}

uint64_t lab_faults(const struct lab_buffer *made)
{
	struct mmapper_stats stats;

	REQUIRE(mmapper_buffer_get_stats(made->buffer, &stats,
					 sizeof(stats)) == 0);
	return stats.faults;
}

bool lab_present(const struct lab_buffer *made, size_t page)
{
	uint64_t phys;
	int error = mmapper_buffer_translate(made->buffer,
					     made->bytes + page * lab_page(),
					     &phys);

	REQUIRE(!error || error == -ENODATA);
	return !error;
}
