// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's educational device (docs/specs/edu.rst of QEMU): its interrupts count, and
 * the memory that it copies to and from is seen by processes.  The device is given
 * by driver_override, for the module knows none by itself.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lab.h"

#define EDU_ID		0x00
#define EDU_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64
#define EDU_DMA_FROM	0x80
#define EDU_DMA_TO	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND	0x98
#define EDU_DMA_START	BIT(0)
#define EDU_DMA_TO_RAM	BIT(1)
#define EDU_DMA_RAISE	BIT(2)
#define EDU_DMA_DONE	0x100	/* what it raises then */
#define EDU_MEMORY	0x40000
#define EDU_MASK	DMA_BIT_MASK(28)	/* its addresses */

/**
 * struct edu - the device
 * @pdev: it
 * @regs: its registers
 * @counters: MMAPPER_LAB_EDU_COUNTERS
 * @dma: MMAPPER_LAB_EDU_MEMORY, published
 * @memory: that memory
 * @handle: where the device sees it
 * @copied: a copy has ended
 */
struct edu {
	struct pci_dev		*pdev;
	void __iomem		*regs;
	struct mm_counters	*counters;
	struct mm_buffer	*dma;
	void			*memory;
	dma_addr_t		handle;
	struct completion	copied;
};

static DEFINE_MUTEX(edu_lock);	/* edu_found, and one command at a time */
static struct edu *edu_found;

static irqreturn_t edu_interrupt(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->regs + EDU_STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, edu->regs + EDU_ACK);
	mmapper_counters_add(edu->counters, MMAPPER_LAB_EDU_INTERRUPTS, 1);
	mmapper_counters_add(edu->counters, MMAPPER_LAB_EDU_VALUES, status);
	if (status & EDU_DMA_DONE)
		complete(&edu->copied);
	return IRQ_HANDLED;
}

static void edu_write64(struct edu *edu, u64 value, unsigned int reg)
{
	writel(lower_32_bits(value), edu->regs + reg);
	writel(upper_32_bits(value), edu->regs + reg + 4);
}

/* The page, or a part of it, to the device's own memory or back. */
static long edu_copy(struct edu *edu, const struct mmapper_lab_edu *e)
{
	bool to_ram = e->op == MMAPPER_LAB_EDU_FROM_DEVICE;
	dma_addr_t here = edu->handle + e->offset;
	u32 command = EDU_DMA_START | EDU_DMA_RAISE;

	reinit_completion(&edu->copied);
	edu_write64(edu, to_ram ? EDU_MEMORY : here, EDU_DMA_FROM);
	edu_write64(edu, to_ram ? here : EDU_MEMORY, EDU_DMA_TO);
	edu_write64(edu, e->length, EDU_DMA_COUNT);
	edu_write64(edu, command | (to_ram ? EDU_DMA_TO_RAM : 0),
		    EDU_DMA_COMMAND);
	return wait_for_completion_timeout(&edu->copied, 30 * HZ) ? 0 :
								    -ETIMEDOUT;
}

static long edu_do(struct edu *edu, const struct mmapper_lab_edu *e)
{
	switch (e->op) {
	case MMAPPER_LAB_EDU_RAISE:
		/* This bit says that a copy has ended. */
		if (!e->value || e->value & EDU_DMA_DONE)
			return -EINVAL;
		writel(e->value, edu->regs + EDU_RAISE);
		return 0;
	case MMAPPER_LAB_EDU_TO_DEVICE:
	case MMAPPER_LAB_EDU_FROM_DEVICE:
		if (e->value || !e->length ||
		    e->length > MMAPPER_LAB_EDU_LENGTH_MAX ||
		    e->offset > PAGE_SIZE - e->length)
			return -EINVAL;
		return edu_copy(edu, e);
	default:
		return -EINVAL;
	}
}

/**
 * lab_edu() - MMAPPER_LAB_IOC_EDU
 * @lab: not used
 * @arg: a struct mmapper_lab_edu
 *
 * Return: 0; -errno.
 */
long lab_edu(struct lab *lab, void __user *arg)
{
	struct mmapper_lab_edu e;
	long err = -ENODEV;

	if (copy_from_user(&e, arg, sizeof(e)))
		return -EFAULT;
	mutex_lock(&edu_lock);
	if (edu_found)
		err = edu_do(edu_found, &e);
	mutex_unlock(&edu_lock);
	return err;
}

static int edu_publish(struct edu *edu)
{
	struct mmapper_publication what = {
		.name	= MMAPPER_LAB_EDU_MEMORY,
		.mode	= 0600,
		.memory	= edu->memory,
		.size	= PAGE_SIZE,
		.dev	= &edu->pdev->dev,
		.handle	= edu->handle,
	};

	edu->counters = mmapper_counters_publish(MMAPPER_LAB_EDU_COUNTERS, 0444,
						 MMAPPER_LAB_EDU_COUNTS);
	if (IS_ERR(edu->counters))
		return PTR_ERR(edu->counters);
	edu->dma = mmapper_publish(&what);
	if (IS_ERR(edu->dma)) {
		mmapper_counters_unpublish(edu->counters);
		return PTR_ERR(edu->dma);
	}
	return 0;
}

static int edu_start(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;
	int err;

	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		return err;
	err = edu_publish(edu);
	if (err)
		goto free_vectors;
	err = request_irq(pci_irq_vector(pdev, 0), edu_interrupt, IRQF_SHARED,
			  "mmapper_lab", edu);
	if (err)
		goto unpublish;
	return 0;

unpublish:
	mmapper_unpublish(edu->dma);
	mmapper_counters_unpublish(edu->counters);
free_vectors:
	pci_free_irq_vectors(pdev);
	return err;
}

/* In this order: nothing interrupts, nobody reads. */
static void edu_stop(struct edu *edu)
{
	free_irq(pci_irq_vector(edu->pdev, 0), edu);
	mmapper_counters_unpublish(edu->counters);
	mmapper_unpublish(edu->dma);
	pci_free_irq_vectors(edu->pdev);
}

static int edu_map(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;
	int err;

	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_regions(pdev, "mmapper_lab");
	if (err)
		goto disable;
	edu->regs = pci_iomap(pdev, 0, 0);
	err = -ENOMEM;
	if (!edu->regs)
		goto release;
	err = -ENODEV;
	if ((readl(edu->regs + EDU_ID) & 0xffff) != 0x00ed)
		goto unmap;
	err = dma_set_mask_and_coherent(&pdev->dev, EDU_MASK);
	if (err)
		goto unmap;
	err = -ENOMEM;
	edu->memory = dma_alloc_coherent(&pdev->dev, PAGE_SIZE, &edu->handle,
					 GFP_KERNEL);
	if (!edu->memory)
		goto unmap;
	/* It drops the bits that it has not, and would write elsewhere. */
	err = -EIO;
	if (edu->handle + PAGE_SIZE - 1 > EDU_MASK)
		goto free_memory;
	pci_set_master(pdev);
	return 0;

free_memory:
	dma_free_coherent(&pdev->dev, PAGE_SIZE, edu->memory, edu->handle);
unmap:
	pci_iounmap(pdev, edu->regs);
release:
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
	return err;
}

/* The device copies no more before its memory is freed. */
static void edu_unmap(struct edu *edu)
{
	struct pci_dev *pdev = edu->pdev;

	pci_clear_master(pdev);
	dma_free_coherent(&pdev->dev, PAGE_SIZE, edu->memory, edu->handle);
	pci_iounmap(pdev, edu->regs);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = kzalloc(sizeof(*edu), GFP_KERNEL);
	int err = -EBUSY;

	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->copied);
	mutex_lock(&edu_lock);
	if (edu_found)
		goto unlock;
	err = edu_map(edu);
	if (err)
		goto unlock;
	err = edu_start(edu);
	if (err) {
		edu_unmap(edu);
		goto unlock;
	}
	pci_set_drvdata(pdev, edu);
	edu_found = edu;
unlock:
	mutex_unlock(&edu_lock);
	if (err)
		kfree(edu);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	mutex_lock(&edu_lock);
	edu_found = NULL;
	mutex_unlock(&edu_lock);
	edu_stop(edu);
	edu_unmap(edu);
	kfree(edu);
}

static struct pci_driver edu_driver = {
	.name	= "mmapper_lab",
	.probe	= edu_probe,
	.remove	= edu_remove,
};

/**
 * lab_edu_init() - take the device
 *
 * Return: 0; -errno.
 */
int lab_edu_init(void)
{
	return pci_register_driver(&edu_driver);
}

/** lab_edu_exit() - give it back */
void lab_edu_exit(void)
{
	pci_unregister_driver(&edu_driver);
}
