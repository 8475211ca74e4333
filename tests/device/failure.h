/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures of the kernel on demand, by mmapper_fail.ko. */
#ifndef FAILURE_H
#define FAILURE_H

#include "device.h"

/**
 * struct target - a function to fail
 * @symbols: its names, of which the kernel has the first or a later one
 * @value: what it returns when it fails
 * @caller: the module whose calls alone are meant, or NULL
 * @optional: some kernels have none of these
 * @lasting: so do all calls after the one that fails
 * @anyone: calls made by other processes are counted as well
 */
struct target {
	const char	*symbols[4];
	long		value;
	const char	*caller;
	bool		optional;
	bool		lasting;
	bool		anyone;
};

/** fail_needed() - the case is skipped where there is no such module */
void fail_needed(void);

/** fail_begin() - choose the function; false: this kernel has none of these */
bool fail_begin(const struct target *target);

/** fail_call() - the @nth call from now on is to fail, from 1 */
void fail_call(unsigned int nth);

/** fail_came() - did that call come?  From now on none fails */
bool fail_came(void);

/** fail_end() - another function may be chosen */
void fail_end(void);

#endif /* FAILURE_H */
