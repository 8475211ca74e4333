// SPDX-License-Identifier: GPL-2.0-or-later
/* The library against the real driver: mapping, life, errors told apart. */
#include <mmapper.h>

#include "device.h"

static void map_outlives(const void *arg)
{
	const struct row *row = arg;
	struct mmapper_buffer *buffer = NULL;
	struct mmapper_mapping *mapping = NULL;
	struct mmapper_info info;
	struct mmapper_stats stats;
	char *bytes, c;

	REQUIRE(mmapper_buffer_open(row->name, O_RDWR, &buffer) == 0);
	EXPECT_EQ(mmapper_buffer_reset(buffer), 0);
	EXPECT_EQ(mmapper_buffer_get_info(buffer, &info, sizeof(info)), 0);
	EXPECT(strcmp(info.backend, row->name) == 0);
	REQUIRE(mmapper_buffer_map(buffer, 0, MMAPPER_WHOLE,
				   PROT_READ | PROT_WRITE, MAP_SHARED,
				   &mapping) == 0);
	EXPECT_EQ(mmapper_mapping_get_length(mapping), info.map_size);
	bytes = mmapper_mapping_get_address(mapping);
	bytes[0] = 'L';
	EXPECT_EQ(mmapper_buffer_read(buffer, &c, 1, 0), 1);
	EXPECT_EQ(c, 'L');
	EXPECT_EQ(mmapper_buffer_write(buffer, "M", 1, 0), 1);
	EXPECT_EQ(bytes[0], 'M');
	EXPECT_EQ(mmapper_buffer_write(buffer, "M", 1, info.size), -ENOSPC);
	EXPECT_EQ(mmapper_buffer_get_stats(buffer, &stats, sizeof(stats)), 0);
	EXPECT_EQ(stats.mappings, 1);
	mmapper_buffer_close(buffer);
	EXPECT_EQ(bytes[0], 'M');
	bytes[0] = 'N';
	EXPECT_EQ(mmapper_mapping_unmap(mapping), 0);
	REQUIRE(mmapper_buffer_open(row->path, O_RDONLY, &buffer) == 0);
	EXPECT_EQ(mmapper_buffer_read(buffer, &c, 1, 0), 1);
	EXPECT_EQ(c, row_per_open(row) ? row_byte(row, 0) : 'N');
	EXPECT_EQ(mmapper_buffer_reset(buffer), -EBADF);
	mmapper_buffer_close(buffer);
}

static void ranges(const void *arg)
{
	const struct row *row = arg;
	struct dev dev = dev_open(row);
	struct mmapper_buffer *buffer = NULL;
	struct mmapper_mapping *mapping = NULL;
	size_t page = dev.page, whole = dev.pages * page;

	REQUIRE(mmapper_buffer_open(row->name, O_RDWR, &buffer) == 0);
#define MAP(offset, len, prot, flags)					\
	mmapper_buffer_map(buffer, offset, len, prot, flags, &mapping)
	EXPECT_EQ(MAP(0, 0, PROT_READ, MAP_SHARED), -EINVAL);
	EXPECT_EQ(MAP(1, page, PROT_READ, MAP_SHARED), -EINVAL);
	EXPECT_EQ(MAP(0, whole + 1, PROT_READ, MAP_SHARED), -EINVAL);
	EXPECT_EQ(MAP(whole, page, PROT_READ, MAP_SHARED), -EINVAL);
	EXPECT_EQ(MAP(whole, MMAPPER_WHOLE, PROT_READ, MAP_SHARED), -EINVAL);
	EXPECT_EQ(MAP(0, page, PROT_READ | PROT_EXEC, MAP_SHARED), -EPERM);
	EXPECT_EQ(MAP(0, page, PROT_READ, MAP_PRIVATE),
		  row->flags & MMAPPER_BACKEND_F_PRIVATE ? 0 : -EINVAL);
	EXPECT_EQ(MAP(whole - page, MMAPPER_WHOLE, PROT_READ, MAP_SHARED), 0);
	dev_check(&dev, mmapper_mapping_get_address(mapping), whole - page,
		  page);
	mmapper_buffer_close(buffer);
	REQUIRE(mmapper_buffer_open(row->name, O_RDONLY, &buffer) == 0);
	EXPECT_EQ(MAP(0, page, PROT_READ | PROT_WRITE, MAP_SHARED), -EACCES);
}

static void addresses(const void *arg)
{
	const struct row *row = arg;
	struct mmapper_buffer *buffer = NULL;
	struct mmapper_mapping *mapping = NULL;
	uint64_t a = 1, b = 2;
	char *bytes;

	need_root();
	REQUIRE(mmapper_buffer_open(row->name, O_RDWR, &buffer) == 0);
	REQUIRE(mmapper_buffer_map(buffer, 0, MMAPPER_WHOLE, PROT_READ,
				   MAP_SHARED, &mapping) == 0);
	bytes = mmapper_mapping_get_address(mapping);
	EXPECT_EQ(mmapper_buffer_translate(buffer, bytes, &a),
		  row_eager(row) ? 0 : -ENODATA);
	EXPECT_EQ(touch(bytes, false), 0);
	EXPECT_EQ(mmapper_buffer_translate(buffer, bytes, &a), 0);
	EXPECT_EQ(mmapper_buffer_lookup(buffer, 0, &b), 0);
	EXPECT_EQ(a, b);
	EXPECT_EQ(mmapper_buffer_lookup(buffer, UINT64_MAX, &b), -EINVAL);
	drop_rights();
	EXPECT_EQ(mmapper_buffer_lookup(buffer, 0, &b), -EPERM);
	EXPECT_EQ(mmapper_buffer_translate(buffer, bytes, &a), -EPERM);
}

static void listed(const void *arg)
{
	const struct row *row = arg;
	struct mmapper_nodes *nodes = NULL;
	const struct mmapper_node *node = NULL;
	struct dev dev = dev_open(row);
	struct mmapper_stats stats = dev_stats(dev.fd);
	size_t i, found = 0;

	REQUIRE(mmapper_nodes_list(&nodes) == 0);
	EXPECT_EQ(mmapper_nodes_count(nodes), row_count + 2);
	for (i = 0; i < mmapper_nodes_count(nodes); i++) {
		node = mmapper_nodes_get(nodes, i);
		if (strcmp(node->backend, row->name) != 0)
			continue;
		found++;
		EXPECT(strcmp(node->path, row->path) == 0 ||
		       strcmp(node->path, row->classic) == 0);
		EXPECT_EQ(node->flags, row_flags(row));
		EXPECT_EQ(node->size, dev.info.size);
		EXPECT_EQ(node->opens, stats.opens);
		EXPECT_EQ(node->files, 1);
	}
	EXPECT_EQ(found, row->classic ? 2 : 1);
	EXPECT(mmapper_nodes_get(nodes, mmapper_nodes_count(nodes)) == NULL);
	mmapper_nodes_free(nodes);
}

/* No backend, no node, no permission; "not loaded" is in the module suite. */
static void errors(const void *arg)
{
	const struct row *row = arg;
	struct mmapper_buffer *buffer = NULL;

	need_root();
	EXPECT_EQ(mmapper_buffer_open("no-such", O_RDWR, &buffer), -ENOENT);
	EXPECT_EQ(mmapper_buffer_open("/dev/null", O_RDWR, &buffer), -EPROTO);
	EXPECT_EQ(mmapper_driver_get_abi(), MMAPPER_ABI_VERSION);
	REQUIRE(rename(row->path, "/dev/mmapper-aside") == 0);
	EXPECT_EQ(mmapper_buffer_open(row->name, O_RDWR, &buffer), -ENXIO);
	REQUIRE(rename("/dev/mmapper-aside", row->path) == 0);
	drop_rights();
	EXPECT_EQ(mmapper_buffer_open(row->name, O_RDWR, &buffer), -EACCES);
}

static const struct ktap_case cases[] = {
	{ "map_outlives", map_outlives, 0 },
	{ "ranges", ranges, 0 },
	{ "addresses", addresses, 0 },
	{ "listed", listed, 0 },
	{ "errors", errors, 0 },
};

SUITE(library, cases, true);
