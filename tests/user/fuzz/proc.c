// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: fopen fclose opendir readdir closedir access stat */
/* wrap: mmapper_nodes_count mmapper_nodes_get */
/* What the command reads of /proc: mappings, and processes that hold a node. */
#include "cli.h"
#include "evidence.h"
#include "files.h"
#include "holders.h"

static struct file files[] = {
	{ .end = "/self/smaps" },
	{ .end = "/maps" },
	{ .end = "/comm" },
	{ .end = "/proc" },
	{ .end = "/fd" },
	{ 0 },
};

static const struct mmapper_node node = {
	.name = "mmapper/kmalloc", .path = "/dev/mmapper/kmalloc",
	.backend = "kmalloc", .major = 240, .minor = 1,
};

size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes);
const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index);

size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes)
{
	(void)nodes;
	return 1;
}

const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index)
{
	(void)nodes;
	always(index == 0);
	return &node;
}

static void check_vma(void)
{
	static const char *const known[] = { "rd", "pf", "de", " s", "" };
	struct vma vma;
	size_t i;

	memset(&vma, 'x', sizeof(vma));
	vma_find((void *)0x2000, &vma);
	always(memchr(vma.line, 0, sizeof(vma.line)));
	always(memchr(vma.flags, 0, sizeof(vma.flags)));
	for (i = 0; i < ARRAY_SIZE(known); i++)
		vma_has(&vma, known[i]);
	vma_say_flags(&vma);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };

	files_take(files, &in);
	check_vma();
	holders_print(NULL);
	files_drop(files);
	return 0;
}
