/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be known about driver and machine, and what each stage between the
 * kernel's headers and an open node makes of it.  `doctor` walks them all;
 * `load` asks those that a refused module may have failed.
 *
 * Nothing here changes anything, opens a node or loads a module.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/utsname.h>

#include <mmapper.h>

struct kmod_ctx;

/* The number of the first stage is its exit status; enum cli_exit lies below. */
#define DOCTOR_FIRST	11

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_NOTE,
	DOCTOR_FAILED,
	DOCTOR_NOT_REACHED,
};

/**
 * struct doctor_row - what became of a stage
 * @status: the verdict
 * @found: what was found, and what is wrong with it
 * @command: what helps, if the stage has failed and one command does
 */
struct doctor_row {
	enum doctor_status	status;
	char			found[1024];
	char			command[PATH_MAX];
};

/**
 * struct doctor_module - a module's file, as libkmod knows it
 * @path: where it is; empty: there is none
 * @error: of reading it, negative
 * @install: what modprobe.d has run instead of loading it; empty: nothing
 * @is_blacklisted: by modprobe.d
 * @is_signed: has a signature
 * @signer: whom the signature names
 * @vermagic: what it was built for
 * @version: its version
 * @srcversion: the checksum of its sources
 */
struct doctor_module {
	char	path[PATH_MAX];
	int	error;
	char	install[128];
	bool	is_blacklisted;
	bool	is_signed;
	char	signer[128];
	char	vermagic[128];
	char	version[64];
	char	srcversion[64];
};

/**
 * struct doctor - the machine
 * @root: goes before each path: a test's folder, or ""
 * @host: the running kernel
 * @is_root: this process has the rights of root
 * @is_loaded: the module is in the kernel
 * @is_given: @module is a file that the user named
 * @module: the module's file
 */
struct doctor {
	const char		*root;
	struct utsname		host;
	bool			is_root;
	bool			is_loaded;
	bool			is_given;
	struct doctor_module	module;
};

/** struct doctor_stage - one row of the table of stages */
struct doctor_stage {
	const char	*name;
	void		(*run)(const struct doctor *doctor,
			       struct doctor_row *row);
};

extern const struct doctor_stage doctor_stages[];
extern const size_t doctor_stage_count;

/**
 * doctor_begin() - look at the machine
 * @doctor: where to put it
 * @file: the module's file; NULL: the one that its name leads to
 *
 * Return: 0; -errno: libkmod does not start.
 */
int doctor_begin(struct doctor *doctor, const char *file);

/** doctor_kmod() - libkmod, which keeps quiet; NULL where it does not start */
struct kmod_ctx *doctor_kmod(void);
/** doctor_kmod_loaded() - whether the module is in the kernel */
bool doctor_kmod_loaded(struct kmod_ctx *ctx);

/* doctor_file.c */

/** doctor_path() - @format, behind the doctor's root, held by @path */
const char *doctor_path(const struct doctor *doctor, char path[PATH_MAX],
			const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool doctor_exists(const struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** doctor_read() - the first line of a file that has @word in it, or its begin */
bool doctor_read(const struct doctor *doctor, const char *path,
		 const char *word, char *line, size_t size);
/** doctor_has_package() - whether dpkg has unpacked a package of this name */
bool doctor_has_package(const struct doctor *doctor, const char *name);
/** doctor_set() - a verdict, and the words for what was found */
void doctor_set(struct doctor_row *row, enum doctor_status status,
		const char *format, ...) __attribute__((format(printf, 3, 4)));
/** doctor_add() - more words for what was found */
void doctor_add(struct doctor_row *row, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** doctor_help() - the command that helps */
void doctor_help(struct doctor_row *row, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** doctor_sudo() - "sudo ", unless root asks */
const char *doctor_sudo(const struct doctor *doctor);

/* doctor_build.c */
void doctor_headers(const struct doctor *doctor, struct doctor_row *row);
void doctor_module(const struct doctor *doctor, struct doctor_row *row);
/** doctor_rebuild() - the command that builds and installs the module anew */
void doctor_rebuild(const struct doctor *doctor, struct doctor_row *row);

/* doctor_sign.c */
void doctor_signature(const struct doctor *doctor, struct doctor_row *row);
/** doctor_enrol() - the command that makes the kernel trust the module's key */
void doctor_enrol(const struct doctor *doctor, struct doctor_row *row);
/** doctor_enforced() - whether the kernel takes trusted modules only, and why */
bool doctor_enforced(const struct doctor *doctor, char *why, size_t size);
/** doctor_key_matches() - whether a key of the kernel bears the signer's name */
bool doctor_key_matches(const char *description, const char *signer);

/* doctor_use.c */

/**
 * struct doctor_access - a node that this user may not open, and why
 * @path: the node
 * @user: the user's name
 * @group: the name of the node's group
 * @mode: the node's permissions
 * @is_ours: the node is of the group mmapper
 * @has_group: there is a group mmapper
 * @has_rule: udev has a rule about the nodes
 * @in_database: the user is in the group mmapper
 * @in_process: this process is
 */
struct doctor_access {
	const char	*path;
	const char	*user;
	const char	*group;
	unsigned int	mode;
	bool		is_ours;
	bool		has_group;
	bool		has_rule;
	bool		in_database;
	bool		in_process;
};

void doctor_loaded(const struct doctor *doctor, struct doctor_row *row);
void doctor_abi(const struct doctor *doctor, struct doctor_row *row);
void doctor_nodes(const struct doctor *doctor, struct doctor_row *row);
void doctor_permission(const struct doctor *doctor, struct doctor_row *row);
/** doctor_judge_abi() - what the answer of mmapper_driver_get_abi() means */
void doctor_judge_abi(const struct doctor *doctor, int abi,
		      const char *version, struct doctor_row *row);
void doctor_judge_access(const struct doctor *doctor,
			 const struct doctor_access *access,
			 struct doctor_row *row);

#endif /* DOCTOR_H */
