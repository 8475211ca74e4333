// SPDX-License-Identifier: GPL-2.0-or-later
/* The ways to have memory that Linux offers beside the driver. */
#include <dirent.h>
#include <libdrm/drm.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/if_packet.h>
#include <linux/memfd.h>
#include <linux/perf_event.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "cli.h"

#define RING_BLOCK	(64u << 10)	/* of AF_PACKET: one allocation */

void bench_free(struct bench_memory *memory)
{
	mmapper_buffer_close(memory->buffer);
	if (!memory->buffer && memory->fd >= 0)
		close(memory->fd);
	if (memory->extra >= 0)
		close(memory->extra);
}

static int file_of(struct bench_memory *m, unsigned int flags)
{
	m->fd = memfd_create("mmapper-bench", MFD_CLOEXEC | flags);
	if (m->fd < 0 || ftruncate(m->fd, (off_t)m->size) < 0)
		return -errno;
	return 0;
}

static int memfd(struct bench_memory *m)
{
	return file_of(m, 0);
}

static int memfd_hugetlb(struct bench_memory *m)
{
	/* 2 MiB; smaller ones do not exist. */
	if (m->size % (2u << 20))
		return -EINVAL;
	return file_of(m, MFD_HUGETLB | MFD_HUGE_2MB);
}

static int anonymous(struct bench_memory *m)
{
	m->fd = -1;
	return 0;
}

static int dev_zero(struct bench_memory *m)
{
	m->fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	return m->fd < 0 ? -errno : 0;
}

static bool is_vgem(int fd)
{
	char name[16] = "";
	struct drm_version version = { .name = name,
				       .name_len = sizeof(name) - 1 };

	return ioctl(fd, DRM_IOCTL_VERSION, &version) == 0 &&
	       strcmp(name, "vgem") == 0;
}

static int vgem(struct bench_memory *m)
{
	struct drm_mode_create_dumb dumb = { .width = 1024, .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	char path[32];
	int i;

	for (i = 0; i < 16 && m->fd < 0; i++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		m->fd = open(path, O_RDWR | O_CLOEXEC);
		if (m->fd >= 0 && !is_vgem(m->fd)) {
			close(m->fd);
			m->fd = -1;
		}
	}
	if (m->fd < 0)
		return -ENODEV;
	dumb.height = (uint32_t)(m->size / dumb.width / 4);
	if (ioctl(m->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb) < 0)
		return -errno;
	map.handle = dumb.handle;
	if (ioctl(m->fd, DRM_IOCTL_MODE_MAP_DUMB, &map) < 0)
		return -errno;
	m->offset = (off_t)map.offset;
	return 0;
}

static int packet_ring(struct bench_memory *m)
{
	struct tpacket_req ring = { .tp_frame_size = 4096 };

	m->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (m->fd < 0)
		return -errno;
	ring.tp_block_size = m->size < RING_BLOCK ? (unsigned int)m->size :
		RING_BLOCK;
	ring.tp_block_nr = (unsigned int)(m->size / ring.tp_block_size);
	ring.tp_frame_nr = (unsigned int)(m->size / ring.tp_frame_size);
	if (setsockopt(m->fd, SOL_PACKET, PACKET_RX_RING, &ring,
		       sizeof(ring)) < 0)
		return -errno;
	return 0;
}

/* One page of control comes first. */
static int perf_ring(struct bench_memory *m)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};

	m->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			     PERF_FLAG_FD_CLOEXEC);
	if (m->fd < 0)
		return -errno;
	m->size += (size_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int udmabuf(struct bench_memory *m)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC,
					 .size = m->size };
	int fd, error;

	fd = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	m->extra = memfd_create("mmapper-bench",
				MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (m->extra < 0 || ftruncate(m->extra, (off_t)m->size) < 0 ||
	    fcntl(m->extra, F_ADD_SEALS, F_SEAL_SHRINK) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	create.memfd = (uint32_t)m->extra;
	m->fd = ioctl(fd, UDMABUF_CREATE, &create);
	error = m->fd < 0 ? -errno : 0;
	close(fd);
	return error;
}

static int dma_heap(struct bench_memory *m)
{
	struct dma_heap_allocation_data data = {
		.len = m->size, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int fd, error = 0;

	fd = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &data) < 0)
		error = -errno;
	else
		m->fd = (int)data.fd;
	close(fd);
	return error;
}

const struct bench_target bench_peers[] = {
	{ .name = "anonymous",
	  .create = anonymous, .private_map = true },
	{ .name = "anonymous-populate",
	  .create = anonymous, .private_map = true, .map_flags = MAP_POPULATE },
	{ .name = "anonymous-thp",
	  .create = anonymous, .private_map = true, .advice = MADV_HUGEPAGE },
	{ .name = "zero",
	  .create = dev_zero },
	{ .name = "memfd",
	  .create = memfd, .readable = true },
	{ .name = "memfd-populate",
	  .create = memfd, .map_flags = MAP_POPULATE, .readable = true },
	{ .name = "memfd-thp",
	  .create = memfd, .advice = MADV_HUGEPAGE, .readable = true },
	{ .name = "memfd-hugetlb",
	  .create = memfd_hugetlb, .readable = true },
	{ .name = "memfd-hugetlb-populate",
	  .create = memfd_hugetlb, .map_flags = MAP_POPULATE, .readable = true },
	{ .name = "vgem",
	  .create = vgem },
	{ .name = "packet-ring",
	  .create = packet_ring },
	{ .name = "perf-ring",
	  .create = perf_ring, .no_write = true },
	{ .name = "udmabuf",
	  .create = udmabuf },
	{ .name = "dma-heap",
	  .create = dma_heap },
};

const size_t bench_peers_count = ARRAY_SIZE(bench_peers);
