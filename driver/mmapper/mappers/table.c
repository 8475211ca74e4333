// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappers: special mappings of scattered pages, a page table at a time: all at
 * once, or what lies around the page that is touched.
 *
 * No exported function sets many special entries in one call: remap_pfn_range()
 * takes one run of memory, and it, vmf_insert_pfn() and vm_insert_pages() look
 * up the table, take its lock and, all but the last, ask for the memory's type
 * anew for each page, which is 20 to 50 times the cost of the entry.  So the
 * entries are set here, as apply_to_page_range() offers it: it makes the table
 * if need be, and calls back with the table's lock held.  pte_mkspecial() and
 * set_pte_at() are what vmf_insert_pfn() ends in; the latter tells the kernel's
 * own checks (CONFIG_PAGE_TABLE_CHECK) of each entry.
 *
 * MAP_PRIVATE is refused: see remap.c.
 */
#include <linux/slab.h>

#include "core.h"

/**
 * struct table - a page table that is to be filled
 * @vma: where it is mapped
 * @pages: the page that comes next
 * @ptes: its entry, made before; NULL: it is made now
 * @count: how many
 */
struct table {
	struct vm_area_struct	*vma;
	struct page		**pages;
	const pte_t		*ptes;
	unsigned long		count;
};

/**
 * struct mm_template - the entries of a buffer's pages
 * @prot: the protection that they have
 * @ptes: one for each page
 *
 * To make an entry takes longer than to copy it.  Who maps the buffer with
 * another protection makes his own.
 */
struct mm_template {
	pgprot_t	prot;
	pte_t		ptes[];
};

/*
 * Of any other entry set_pte_at() would look, on arm64, whether its page has tags
 * or instructions, by functions that are not exported: the compiler has to see
 * that there is none.
 */
static void table_set_pte(struct mm_struct *mm, unsigned long addr, pte_t *pte,
			  pte_t entry)
{
	set_pte_at(mm, addr, pte, pte_mkspecial(entry));
}

static pte_t table_pte(struct page *page, pgprot_t prot)
{
	return pfn_pte(page_to_pfn(page), prot);
}

/*
 * The rest of the table follows the entry that is asked for.  @made: its entries
 * were made before; @fresh: its VMA is being made, so that nothing is there.
 */
static __always_inline int table_each(pte_t *pte, unsigned long addr,
				      const struct table *table, bool made,
				      bool fresh)
{
	struct vm_area_struct *vma = table->vma;
	unsigned long i;

	for (i = 0; i < table->count; i++, pte++, addr += PAGE_SIZE)
		if (fresh || pte_none(READ_ONCE(*pte)))
			table_set_pte(vma->vm_mm, addr, pte, made ?
				      table->ptes[i] :
				      table_pte(table->pages[i],
						vma->vm_page_prot));
	return 0;
}

static int table_make(pte_t *pte, unsigned long addr, void *data)
{
	return table_each(pte, addr, data, false, false);
}

static int table_add(pte_t *pte, unsigned long addr, void *data)
{
	return table_each(pte, addr, data, true, false);
}

static int table_copy(pte_t *pte, unsigned long addr, void *data)
{
	return table_each(pte, addr, data, true, true);
}

static int table_fill(struct table *table, unsigned long addr,
		      unsigned long count, pte_fn_t set)
{
	int err;

	while (count) {
		table->count = min(count, PTRS_PER_PTE - pte_index(addr));
		err = apply_to_page_range(table->vma->vm_mm, addr, PAGE_SIZE,
					  set, table);
		if (err)
			return err;
		addr += table->count << PAGE_SHIFT;
		count -= table->count;
		table->pages += table->count;
		if (table->ptes)
			table->ptes += table->count;
		cond_resched();
	}
	return 0;
}

/**
 * mm_table_fill() - set the entries that are missing in a part of a VMA
 * @vma: the VMA, with VM_PFNMAP
 * @addr: first address
 * @pages: the pages that belong there
 * @count: how many
 *
 * The caller holds mm_buffer.sem, and mmap_lock as for a fault or mmap().  No
 * entry of 2 MiB is in the way.
 *
 * Return: 0; -ENOMEM: for a page table.
 */
int mm_table_fill(struct vm_area_struct *vma, unsigned long addr,
		  struct page **pages, unsigned long count)
{
	struct table table = { .vma = vma, .pages = pages };

	return table_fill(&table, addr, count, table_make);
}

static struct mm_template *template_make(const struct mm_buffer *buf,
					 pgprot_t prot)
{
	struct mm_template *made;
	pgoff_t i;

	made = kvmalloc(struct_size(made, ptes, buf->npages),
			MM_PAGES_GFP & ~__GFP_ZERO);
	if (!made)
		return NULL;
	made->prot = prot;
	for (i = 0; i < buf->npages; i++) {
		made->ptes[i] = table_pte(buf->pages[i], prot);
		if (!(i % PTRS_PER_PTE))
			cond_resched();
	}
	return made;
}

/* NULL: there is none with this VMA's protection, or no memory for one. */
static const pte_t *template_get(struct mm_buffer *buf,
				 const struct vm_area_struct *vma)
{
	struct mm_template *t, *other;

	/* As it was made, before cmpxchg() let others see it. */
	t = smp_load_acquire(&buf->template);
	if (!t) {
		t = template_make(buf, vma->vm_page_prot);
		if (!t)
			return NULL;
		other = cmpxchg(&buf->template, NULL, t);
		if (other) {
			kvfree(t);
			t = other;
		}
	}
	return pgprot_val(t->prot) == pgprot_val(vma->vm_page_prot) ?
		t->ptes : NULL;
}

/**
 * mm_template_drop() - forget the entries of pages that are given back
 * @buf: the buffer, with its sem held for writing, or used by nobody else
 */
void mm_template_drop(struct mm_buffer *buf)
{
	kvfree(buf->template);
	buf->template = NULL;
}

static int template_fill(struct mm_buffer *buf, struct vm_area_struct *vma,
			 unsigned long addr, pgoff_t index,
			 unsigned long count, bool fresh)
{
	struct table table = {
		.vma = vma,
		.pages = buf->pages + index,
		.ptes = template_get(buf, vma),
	};

	if (!table.ptes)
		return table_fill(&table, addr, count, table_make);
	table.ptes += index;
	return table_fill(&table, addr, count, fresh ? table_copy : table_add);
}

static int table_map(struct mm_buffer *buf, struct vm_area_struct *vma)
{
	return template_fill(buf, vma, vma->vm_start, vma->vm_pgoff,
			     vma_pages(vma), true);
}

static vm_fault_t table_fault(struct mm_buffer *buf, struct vm_fault *vmf)
{
	unsigned long start, count;
	pgoff_t index = mm_fault_table(buf, vmf, &start, &count);

	if (template_fill(buf, vmf->vma, start, index, count, false))
		return VM_FAULT_OOM;
	return VM_FAULT_NOPAGE;
}

/* The fault serves what a smaller size has taken away, once it grows again. */
#define MM_TABLE(_name, _flags, _map)					\
{									\
	.name		= _name,					\
	.needs		= MM_CAN_ARRAY,					\
	.flags		= _flags,					\
	.vm_flags	= MM_VM_SPECIAL,				\
	.map		= _map,						\
	.fault		= table_fault,					\
}

const struct mm_mapper mm_mapper_table =
	MM_TABLE("apply_to_page_range", MMAPPER_BACKEND_F_EAGER, table_map);
const struct mm_mapper mm_mapper_around =
	MM_TABLE("fault-around", MMAPPER_BACKEND_F_AROUND, NULL);
