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
	}, {
		.name		= "pages-fault",
		.description	= "an array of pages, each mapped when it is first touched",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_fault,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "pages-insert",
		.description	= "an array of pages, mapped by vm_insert_pages()",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_insert_pages,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "pages-map",
		.description	= "an array of pages, mapped by vm_map_pages()",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_map_pages,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "blocks-insert",
		.description	= "blocks of up to 2 MiB, mapped by vm_insert_page() page by page",
		.store		= &mm_store_blocks,
		.mapper		= &mm_mapper_insert_page,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "blocks-map",
		.description	= "blocks of up to 2 MiB, mapped by vm_map_pages_zero()",
		.store		= &mm_store_blocks,
		.mapper		= &mm_mapper_map_pages_zero,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "private-fault",
		.description	= "an array of pages for each open file, mapped when touched",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_fault,
		.pattern	= MMAPPER_PATTERN_ZERO,
		.per_open	= true,
	}, {
		.name		= "coherent",
		.description	= "memory for a device's DMA, mapped by dma_mmap_coherent()",
		.store		= &mm_store_coherent,
		.mapper		= &mm_mapper_dma,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "lazy-fault",
		.description	= "pages, each allocated and mapped when it is first touched",
		.store		= &mm_store_lazy,
		.mapper		= &mm_mapper_fault,
		.pattern	= MMAPPER_PATTERN_ZERO,
	}, {
		.name		= "lazy-dma32",
		.description	= "pages below 4 GiB, each allocated when it is first touched",
		.store		= &mm_store_lazy_dma32,
		.mapper		= &mm_mapper_fault,
		.pattern	= MMAPPER_PATTERN_ZERO,
	}, {
		.name		= "shmem",
		.description	= "shared memory that can be swapped out, mapped as a file",
		.store		= &mm_store_shmem,
		.mapper		= &mm_mapper_file,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "bar-remap",
		.description	= "memory of a PCI device, mapped by one remap_pfn_range()",
		.store		= &mm_store_device,
		.mapper		= &mm_mapper_remap_range,
		.no_node	= true,
	}, {
		.name		= "bar-fault",
		.description	= "memory of a PCI device, each page mapped when first touched",
		.store		= &mm_store_device,
		.mapper		= &mm_mapper_pfn,
		.no_node	= true,
	}, {
		.name		= "huge-pfn",
		.description	= "blocks of up to 2 MiB, each one special entry on first touch",
		.store		= &mm_store_blocks,
		.mapper		= &mm_mapper_huge_pfn,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "huge-pages",
		.description	= "blocks of up to 2 MiB, each mapped on first touch",
		.store		= &mm_store_blocks,
		.mapper		= &mm_mapper_huge_pages,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "huge-eager",
		.description	= "blocks of up to 2 MiB, each one special entry at once",
		.store		= &mm_store_blocks,
		.mapper		= &mm_mapper_huge_eager,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "pages-table",
		.description	= "an array of pages, mapped by filling page tables",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_table,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "pages-around",
		.description	= "an array of pages, a page table filled on first touch",
		.store		= &mm_store_pages,
		.mapper		= &mm_mapper_around,
		.pattern	= MMAPPER_PATTERN_LETTERS,
	}, {
		.name		= "user",
		.description	= "a process's own memory, pinned, mapped by remap_pfn_range()",
		.store		= &mm_store_user,
		.mapper		= &mm_mapper_remap_pages,
		.no_node	= true,
	}, {
		.name		= "driver-pfn",
		.description	= "another driver's memory, mapped by remap_pfn_range()",
		.store		= &mm_store_driver,
		.mapper		= &mm_mapper_remap_pages,
		.no_node	= true,
	}, {
		.name		= "driver-pages",
		.description	= "another driver's pages, each mapped when it is first touched",
		.store		= &mm_store_driver_vmalloc,
		.mapper		= &mm_mapper_fault,
		.no_node	= true,
	}, {
		.name		= "driver-dma",
		.description	= "another driver's DMA memory, mapped by dma_mmap_coherent()",
		.store		= &mm_store_driver_dma,
		.mapper		= &mm_mapper_dma_each,
		.no_node	= true,
	}, {
		.name		= "counters",
		.description	= "counters that another driver keeps, in a page",
		.store		= &mm_store_counters,
		.mapper		= &mm_mapper_insert_pages,
		.no_node	= true,
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
	/* A node is a device, which has no size that could be changed. */
	if (backend->store->can & MM_CAN_RESIZE && !backend->per_open)
		flags |= MMAPPER_BACKEND_F_RESIZE;
	if (backend->store->can & MM_CAN_LAZY)
		flags |= MMAPPER_BACKEND_F_LAZY;
	if (backend->per_open)
		flags |= MMAPPER_BACKEND_F_PER_OPEN;
	if (mm_file_prepares(backend->mapper))
		flags |= MMAPPER_BACKEND_F_MMAP_PREPARE;
	return flags;
}

/**
 * mm_backends_find() - a row by its name
 * @name: the name
 *
 * Return: the row; NULL: there is none.
 */
const struct mm_backend *mm_backends_find(const char *name)
{
	const struct mm_backend *b;

	for (b = mm_backends; b < mm_backends + MM_BACKENDS; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}
