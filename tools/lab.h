/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Experiments with mmapper_lab.ko: a question about memory, and cases whose
 * evidence answers it.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/** struct lab_buffer - a buffer of the experiment's own, mapped */
struct lab_buffer {
	struct mmapper_buffer	*buffer;
	struct mmapper_mapping	*mapping;
	char			*bytes;
};

/* lab.c; each ends the check where it fails. */
/** lab_page() - bytes of a page */
size_t lab_page(void);
/** lab_open() - a descriptor of the module's node */
int lab_open(void);
/** lab_memory() - private anonymous memory that nobody has touched */
char *lab_memory(size_t pages);
/** lab_buffer() - make and map a buffer that has no name */
struct lab_buffer lab_buffer(const char *backend, size_t pages);
/** lab_faults() - what the driver says of its faults */
uint64_t lab_faults(const struct lab_buffer *made);
/** lab_present() - is a page of it in this process's page tables? */
bool lab_present(const struct lab_buffer *made, size_t page);

/* lab_*.c */
extern const struct lab_experiment lab_usercopy;
extern const struct lab_experiment lab_fault;
extern const struct lab_experiment lab_kmap;
extern const struct lab_experiment lab_signal;
extern const struct lab_experiment lab_pin;
extern const struct lab_experiment lab_remote;
extern const struct lab_experiment lab_counters;
extern const struct lab_experiment lab_edu;
extern const struct lab_experiment lab_reserved;
extern const struct lab_experiment lab_reserved_access;
extern const struct lab_experiment lab_reserved_forget;

#endif /* LAB_H */
