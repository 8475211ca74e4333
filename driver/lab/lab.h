/* SPDX-License-Identifier: GPL-2.0-only */
/* What the experiments share. */
#ifndef MM_LAB_H
#define MM_LAB_H

#include <linux/compiler_types.h>

long lab_pin(void __user *arg);

#endif /* MM_LAB_H */
