// SPDX-License-Identifier: GPL-2.0-only
/*
 * Short mappings of a page in the kernel, which a machine with all memory in its
 * direct map does not make: Documentation/mm/highmem.rst.
 */
#include <linux/highmem.h>
#include <linux/uaccess.h>

#include "lab.h"

/* Both at once, given back in the reverse order, as they must be. */
static void kmap_pair(struct mmapper_lab_kmap *k, struct page *from,
		      struct page *to)
{
	char *a = kmap_local_page(from), *b = kmap_local_page(to);

	k->direct = a == page_address(from) && b == page_address(to);
	k->apart = a != b;
	memcpy(b, a, PAGE_SIZE);
	kunmap_local(b);
	kunmap_local(a);
	k->highmem = PageHighMem(from) || PageHighMem(to);
}

/**
 * lab_kmap() - MMAPPER_LAB_IOC_KMAP
 * @lab: an experiment with pages
 * @arg: a struct mmapper_lab_kmap
 *
 * Return: 0; -errno.
 */
long lab_kmap(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_kmap k;
	long err = -EINVAL;

	if (copy_from_user(&k, arg, sizeof(k)))
		return -EFAULT;
	mutex_lock(&lab->ram.lock);
	if (k.from < lab->ram.count && k.to < lab->ram.count &&
	    k.from != k.to && !k.reserved) {
		kmap_pair(&k, lab->ram.pages[k.from], lab->ram.pages[k.to]);
		err = 0;
	}
	mutex_unlock(&lab->ram.lock);
	if (!err && copy_to_user(arg, &k, sizeof(k)))
		err = -EFAULT;
	return err;
}
