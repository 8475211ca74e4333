/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of buffers made at run time share. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <sys/stat.h>

#include "device.h"

#define CONTROL	"/dev/mmapper/control"
#define FOLDER	"/sys/class/mmapper/control"

/* Users and groups of the tests; they need no entry anywhere. */
enum { OWNER = 1000, FRIEND = 1001, STRANGER = 1002, SHARED = 2000 };

/** runtime_begin() - a case begins with the module just loaded */
void runtime_begin(void);

/** runtime_end() - nothing is left: no buffer is counted, and the module goes */
void runtime_end(void);

/** rt_call() - a command of the control node; 0, or -1 and errno */
int rt_call(unsigned int command, void *arg);

/** rt_params() - what most cases ask for; all else may be changed */
struct mmapper_create rt_params(const char *name, uint64_t size);

/** rt_params_of() - likewise, of another row than theirs */
struct mmapper_create rt_params_of(const char *row, const char *name,
				   uint64_t size);

/** rt_create() - create it; the descriptor, or -1 and errno */
int rt_create(struct mmapper_create params);

/** rt_make() - likewise, with all else as rt_params(); the case ends if not */
int rt_make(const char *name, uint64_t size);

/** rt_open() - open by name; the descriptor, or -1 and errno */
int rt_open(const char *name, int access);

/** rt_delete() - delete a name */
int rt_delete(const char *name);

int rt_seal(int fd, uint32_t seals);
int rt_revoke(int fd);
struct mmapper_info rt_info(int fd);

/** rt_number() - a number from a file below FOLDER, in any base */
long long rt_number(const char *file);

/** rt_set() - a parameter of the module */
void rt_set(const char *parameter, unsigned long long value);

/** become() - be another user, for good; CAP_* are lost */
void become(unsigned int uid, unsigned int gid);

/** rt_map() - map all of it, shared; the case ends if not */
char *rt_map(int fd, int prot);

/**
 * struct rt_use - what is done with a buffer that is taken back
 * @row: its backend
 * @len: bytes of it
 * @stride: from one byte that is touched to the next
 * @rounds: how often it is made and taken back
 * @split: each mapping gets a page with another protection
 */
struct rt_use {
	const char	*row;
	size_t		len;
	size_t		stride;
	unsigned int	rounds;
	bool		split;
};

/** struct rt_used - accesses that went well, SIGBUS, and calls that gave ESTALE */
struct rt_used {
	unsigned long	good;
	unsigned long	buses;
	unsigned long	stales;
};

/**
 * rt_revoke_in_use() - take a buffer back while 8 processes use it
 *
 * In them nothing may end otherwise than well, by SIGBUS or by ESTALE.
 */
struct rt_used rt_revoke_in_use(const struct rt_use *use);

#endif /* RUNTIME_H */
