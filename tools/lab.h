/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Experiments with mmapper_lab.ko: a question about memory, and cases whose
 * evidence answers it.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence.h"

/**
 * struct lab_experiment - one row of the table in cmd_lab.c
 * @name: what the user types
 * @question: what it answers
 * @harms: it makes the kernel complain, or lose memory: done only when named
 * @checks: its checks
 * @count: how many
 */
struct lab_experiment {
	const char			*name;
	const char			*question;
	bool				harms;
	const struct evidence_case	*checks;
	size_t				count;
};

/* lab_*.c */
extern const struct lab_experiment lab_reserved;
extern const struct lab_experiment lab_reserved_access;
extern const struct lab_experiment lab_reserved_forget;

#endif /* LAB_H */
