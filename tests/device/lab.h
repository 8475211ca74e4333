/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of mmapper_lab.ko share. */
#ifndef LAB_H
#define LAB_H

#include <mmapper/lab.h>

#include "device.h"

/** lab_begin() - the module just loaded, which nobody has used yet */
void lab_begin(void);

/** lab_unload() - 0 or -errno */
int lab_unload(void);

/** lab_open() - an experiment; the case ends if not */
int lab_open(void);

/** publish_begin(), publish_end() - with mmapper, in which nothing is left */
void publish_begin(void);
void publish_end(void);

#endif /* LAB_H */
