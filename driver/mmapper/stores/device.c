// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store: the memory of a device, a BAR of a PCI function that was given to this
 * driver: by way of driver_override, for it knows no device by itself.
 *
 * The device keeps what it holds: nothing is cleared.  One buffer at a time has
 * a BAR, so that all mappings of it are cached alike.  When the device goes, its
 * buffers are revoked.
 *
 * A BAR that is not prefetchable has registers: reading one may have effects, the
 * device may take accesses of one width alone, and what it does not take ends in
 * an external abort on arm64, which the kernel does not survive.  No copy of the
 * kernel's can know better, so that such a BAR is for processes to map, and is
 * never write-combined (as in pci_create_resource_files()).
 */
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/security.h>
#include <linux/wait.h>

#include "core.h"

/**
 * struct mm_bar - a BAR
 * @buf: who has it, or NULL
 * @pfn: page frame number of its first page, while somebody has it
 */
struct mm_bar {
	struct mm_buffer	*buf;
	unsigned long		pfn;
};

/**
 * struct mm_device - a PCI function
 * @list: in mm_devices
 * @pdev: the function; its regions are ours
 * @gone: it is being taken away
 * @bars: its BARs
 */
struct mm_device {
	struct list_head	list;
	struct pci_dev		*pdev;
	bool			gone;
	struct mm_bar		bars[PCI_STD_NUM_BARS];
};

static DEFINE_MUTEX(mm_device_lock);	/* mm_devices and all in them */
static LIST_HEAD(mm_devices);
static DECLARE_WAIT_QUEUE_HEAD(mm_device_idle);

static struct mm_device *mm_device_find(const char *name)
{
	struct mm_device *dev;

	list_for_each_entry(dev, &mm_devices, list)
		if (!dev->gone && !strcmp(pci_name(dev->pdev), name))
			return dev;
	return NULL;
}

/* "0000:00:04.0/2": the function, then the number of its BAR. */
static struct mm_device *mm_device_parse(const char *text, unsigned int *bar)
{
	char name[MMAPPER_DEVICE_MAX];
	char *slash;

	strscpy(name, text, sizeof(name));
	slash = strchr(name, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	if (kstrtouint(slash + 1, 10, bar) || *bar >= PCI_STD_NUM_BARS)
		return NULL;
	return mm_device_find(name);
}

static int mm_device_map(struct mm_buffer *buf, struct pci_dev *pdev,
			 unsigned int bar)
{
	resource_size_t start = pci_resource_start(pdev, bar);
	resource_size_t len = pci_resource_len(pdev, bar);
	unsigned long flags = pci_resource_flags(pdev, bar);

	/* A page that holds other things as well is not for a process. */
	if (!(flags & IORESOURCE_MEM) || !PAGE_ALIGNED(start) ||
	    len < PAGE_SIZE)
		return -EOPNOTSUPP;
	if (!(flags & IORESOURCE_PREFETCH) && buf->cache == MMAPPER_CACHE_WC)
		return -EOPNOTSUPP;
	if (buf->npages > len >> PAGE_SHIFT)
		return -EFBIG;
	if (!(flags & IORESOURCE_PREFETCH))
		return 0;
	len = (resource_size_t)buf->npages << PAGE_SHIFT;
	buf->iomem = buf->cache == MMAPPER_CACHE_WC ? ioremap_wc(start, len) :
						      ioremap(start, len);
	if (!buf->iomem)
		return -ENOMEM;
	return 0;
}

static int device_alloc(struct mm_buffer *buf)
{
	struct mm_device *dev;
	unsigned int bar;
	int err;

	err = security_locked_down(LOCKDOWN_PCI_ACCESS);
	if (err)
		return err;
	mutex_lock(&mm_device_lock);
	dev = mm_device_parse(buf->device, &bar);
	if (!dev)
		err = -ENODEV;
	else if (dev->bars[bar].buf)
		err = -EBUSY;
	else
		err = mm_device_map(buf, dev->pdev, bar);
	if (!err) {
		dev->bars[bar].buf = buf;
		dev->bars[bar].pfn =
			PHYS_PFN(pci_resource_start(dev->pdev, bar));
		buf->store_data = &dev->bars[bar];
	}
	mutex_unlock(&mm_device_lock);
	return err;
}

static void device_free(struct mm_buffer *buf)
{
	struct mm_bar *bar = buf->store_data;

	if (buf->iomem)
		iounmap(buf->iomem);
	mutex_lock(&mm_device_lock);
	WRITE_ONCE(bar->buf, NULL);
	mutex_unlock(&mm_device_lock);
	wake_up_all(&mm_device_idle);
}

static unsigned long device_pfn(const struct mm_buffer *buf, pgoff_t index)
{
	const struct mm_bar *bar = buf->store_data;

	return bar->pfn + index;
}

/* No device is larger; what one has is known when it is asked for. */
static size_t device_max_size(void)
{
	return SSIZE_MAX & PAGE_MASK;
}

const struct mm_store mm_store_device = {
	.name		= "device",
	.can		= MM_CAN_CONTIGUOUS | MM_CAN_IO | MM_CAN_CACHE,
	.max_size	= device_max_size,
	.alloc		= device_alloc,
	.free		= device_free,
	.pfn		= device_pfn,
};

static int mm_device_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct mm_device *dev;
	int err;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->pdev = pdev;
	err = pci_enable_device(pdev);
	if (err)
		goto free_device;
	err = pci_request_regions(pdev, "mmapper");
	if (err)
		goto disable_device;
	pci_set_drvdata(pdev, dev);
	mutex_lock(&mm_device_lock);
	list_add(&dev->list, &mm_devices);
	mutex_unlock(&mm_device_lock);
	return 0;

disable_device:
	pci_disable_device(pdev);
free_device:
	kfree(dev);
	return err;
}

/* The buffer of a BAR, with a reference, if it is still there. */
static struct mm_buffer *mm_device_buffer(struct mm_bar *bar)
{
	struct mm_buffer *buf;

	mutex_lock(&mm_device_lock);
	buf = bar->buf;
	if (buf && !kref_get_unless_zero(&buf->ref))
		buf = NULL;
	mutex_unlock(&mm_device_lock);
	return buf;
}

/* A condition to wait for, so without the lock; once true it stays so. */
static bool mm_device_free(const struct mm_device *dev)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (READ_ONCE(dev->bars[i].buf))
			return false;
	return true;
}

static void mm_device_remove(struct pci_dev *pdev)
{
	struct mm_device *dev = pci_get_drvdata(pdev);
	unsigned int i;

	mutex_lock(&mm_device_lock);
	dev->gone = true;
	mutex_unlock(&mm_device_lock);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct mm_buffer *buf = mm_device_buffer(&dev->bars[i]);

		if (!buf)
			continue;
		mm_buffer_revoke(buf);
		mm_names_forget(buf);
		mm_buffer_put(buf);
	}
	/* Until no read() or write() is at it. */
	wait_event(mm_device_idle, mm_device_free(dev));
	/* Whoever freed the last one lets go of @dev with the lock. */
	mutex_lock(&mm_device_lock);
	list_del(&dev->list);
	mutex_unlock(&mm_device_lock);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	kfree(dev);
}

/* No table: only what the administrator gives it by driver_override is its. */
static struct pci_driver mm_device_driver = {
	.name		= "mmapper",
	.probe		= mm_device_probe,
	.remove		= mm_device_remove,
};

/**
 * mm_device_init() - take devices
 *
 * Return: 0; -errno.
 */
int mm_device_init(void)
{
	return pci_register_driver(&mm_device_driver);
}

/** mm_device_exit() - give them back */
void mm_device_exit(void)
{
	pci_unregister_driver(&mm_device_driver);
}
