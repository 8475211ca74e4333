// SPDX-License-Identifier: GPL-2.0-only
/* The table of backends, and what follows from a row. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "core.h"

const struct mm_backend mm_backends[MM_BACKENDS] = {
	{
		.name		= "kmalloc",
		.classic	= "mmapper_k",
		.description	= "contiguous memory, mapped by one remap_pfn_range()",
		.store		= &mm_store_slab,
		.mapper		= &mm_mapper_remap_range,
		.pattern	= MMAPPER_PATTERN_DIGITS,
	}, {
		.name		= "vmalloc-pfn",
		.description	= "scattered pages, mapped by remap_pfn_range() page by page",
		.store		= &mm_store_vmalloc,
		.mapper		= &mm_mapper_remap_pages,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "vmalloc-fault",
		.description	= "scattered pages, each mapped when it is first touched",
		.store		= &mm_store_vmalloc,
		.mapper		= &mm_mapper_fault,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "vmalloc-user",
		.classic	= "mmapper_v",
		.description	= "scattered pages, mapped by remap_vmalloc_range()",
		.store		= &mm_store_vmalloc_user,
		.mapper		= &mm_mapper_remap_vmalloc,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	},
};

/**
 * mm_backends_check() - can every row work?
 *
 * Return: 0, or -EINVAL: a row's mapper needs what its store cannot do.
 */
int mm_backends_check(void)
{
	const struct mm_backend *b;

	for (b = mm_backends; b < mm_backends + MM_BACKENDS; b++) {
		if (b->mapper->needs & ~b->store->can) {
			pr_err("%s: mapper %s cannot map store %s\n",
			       b->name, b->mapper->name, b->store->name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * mm_backends_flags() - what holds for a row's mappings
 * @backend: the row
 *
 * Return: MMAPPER_BACKEND_F_*.
 */
u32 mm_backends_flags(const struct mm_backend *backend)
{
	u32 flags = backend->mapper->flags;

	if (backend->store->can & MM_CAN_CONTIGUOUS)
		flags |= MMAPPER_BACKEND_F_CONTIGUOUS;
	if (mm_file_prepares(backend->mapper))
		flags |= MMAPPER_BACKEND_F_MMAP_PREPARE;
	return flags;
}
