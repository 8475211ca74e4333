/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOLDERS_H
#define HOLDERS_H

#include <mmapper.h>

/**
 * holders_print() - say on stderr which processes hold a node, a line each
 *
 * By their descriptors and mappings, as far as the caller may look into /proc.
 */
void holders_print(const struct mmapper_nodes *nodes);

#endif /* HOLDERS_H */
