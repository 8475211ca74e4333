// SPDX-License-Identifier: GPL-2.0-or-later
/* Stages headers and module: can it be built, was it, and where is it? */
#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"

/* How far DKMS has come with the module, for the running kernel. */
enum dkms_state {
	DKMS_UNKNOWN,
	DKMS_BROKEN,
	DKMS_ADDED,
	DKMS_FAILED,
	DKMS_BUILT,
};

/**
 * struct dkms - what DKMS knows of the module
 * @state: how far it has come
 * @version: the newest version that it knows
 * @log: what a build that failed has said
 */
struct dkms {
	enum dkms_state	state;
	char		version[64];
	char		log[128];
};

/* Debian has the release the headers are for in one of these. */
static bool headers_release(const struct doctor *doctor, char release[128])
{
	char path[PATH_MAX], line[256];
	char *begin, *end;

	snprintf(path, sizeof(path), "/lib/modules/%s/build/include/config/kernel.release",
		 doctor->host.release);
	if (doctor_read(doctor, path, "", release, 128))
		return true;
	snprintf(path, sizeof(path), "/lib/modules/%s/build/include/generated/utsrelease.h",
		 doctor->host.release);
	if (!doctor_read(doctor, path, "UTS_RELEASE \"", line, sizeof(line)))
		return false;
	begin = strchr(line, '"');
	if (!begin)
		return false;
	begin++;
	end = strchr(begin, '"');
	snprintf(release, 128, "%.*s", end ? (int)(end - begin) : 0, begin);
	return *release;
}

static void help_headers(const struct doctor *doctor, struct doctor_row *row)
{
	const struct utsname *host = &doctor->host;

	if (strstr(host->version, "Debian") || strstr(host->version, "Ubuntu"))
		doctor_help(row, "%sapt install linux-headers-%s",
			    doctor_sudo(doctor), host->release);
	else if (strstr(host->release, ".fc") || strstr(host->release, ".el"))
		doctor_help(row, "%sdnf install kernel-devel-%s",
			    doctor_sudo(doctor), host->release);
	else
		doctor_add(row, "; they are to be had where this kernel came from");
}

/* Up to the first blank, vermagic is the release that the module is for. */
static bool is_for_kernel(const struct doctor *doctor)
{
	const struct doctor_module *module = &doctor->module;
	const char *kver = doctor->host.release;
	size_t len = strcspn(module->vermagic, " ");

	return *module->path && !module->error && strlen(kver) == len &&
	       strncmp(module->vermagic, kver, len) == 0;
}

void doctor_headers(const struct doctor *doctor, struct doctor_row *row)
{
	const char *kver = doctor->host.release;
	char path[PATH_MAX], other[128], what[512];

	doctor_path(doctor, path, "/lib/modules/%s/build", kver);
	if (doctor_exists(doctor, "/lib/modules/%s/build/Makefile", kver)) {
		if (!headers_release(doctor, other) ||
		    strcmp(other, kver) == 0) {
			doctor_set(row, DOCTOR_OK, "for %s, in %.200s", kver, path);
			return;
		}
		snprintf(what, sizeof(what), "%.200s holds the headers of %s, and the running kernel is %s",
			 path, other, kver);
	} else if (readlink(path, other, sizeof(other)) >= 0 ||
		   access(path, F_OK) == 0) {
		snprintf(what, sizeof(what), "%.200s leads to no kernel headers", path);
	} else {
		snprintf(what, sizeof(what), "the headers of the running kernel, %s, are not installed",
			 kver);
	}

	if (doctor->is_loaded || is_for_kernel(doctor)) {
		doctor_set(row, DOCTOR_NOTE, "%s; only the next build needs them",
			   what);
		return;
	}
	doctor_set(row, DOCTOR_FAILED, "%s, so that no module can be built for it",
		   what);
	help_headers(doctor, row);
}

/* The first file of a name, below a folder or two. */
static bool find_file(const struct doctor *doctor, const char *pattern,
		      char found[PATH_MAX])
{
	static const char *const below[] = { "", "*/", "*/*/", "*/*/*/" };
	char path[PATH_MAX];
	glob_t list;
	bool any;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(below); i++) {
		doctor_path(doctor, path, "%s/%smmapper.ko*", pattern,
			    below[i]);
		any = glob(path, 0, NULL, &list) == 0;
		if (any)
			snprintf(found, PATH_MAX, "%s", list.gl_pathv[0]);
		globfree(&list);
		if (any)
			return true;
	}
	return false;
}

static bool newest_version(const struct doctor *doctor, char version[64])
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *dir;

	*version = '\0';
	dir = opendir(doctor_path(doctor, path, "/var/lib/dkms/mmapper"));
	while (dir && (entry = readdir(dir))) {
		/* Beside the versions lie links, kernel-RELEASE-ARCH. */
		if (entry->d_name[0] == '.' ||
		    strncmp(entry->d_name, "kernel-", 7) == 0 ||
		    strlen(entry->d_name) >= 64)
			continue;
		if (strverscmp(entry->d_name, version) > 0)
			strcpy(version, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return *version;
}

static bool build_failed(const struct doctor *doctor, struct dkms *dkms)
{
	char line[256];

	snprintf(dkms->log, sizeof(dkms->log), "/var/lib/dkms/mmapper/%s/build/make.log",
		 dkms->version);
	return doctor_read(doctor, dkms->log, doctor->host.release, line,
			   sizeof(line));
}

static void dkms_look(const struct doctor *doctor, struct dkms *dkms)
{
	char path[PATH_MAX], found[PATH_MAX];

	memset(dkms, 0, sizeof(*dkms));
	if (!newest_version(doctor, dkms->version))
		return;
	snprintf(path, sizeof(path), "/var/lib/dkms/mmapper/%s/%s/%s/module",
		 dkms->version, doctor->host.release, doctor->host.machine);
	if (!doctor_exists(doctor, "/var/lib/dkms/mmapper/%s/source/dkms.conf",
			   dkms->version))
		dkms->state = DKMS_BROKEN;
	else if (find_file(doctor, path, found))
		dkms->state = DKMS_BUILT;
	else if (build_failed(doctor, dkms))
		dkms->state = DKMS_FAILED;
	else
		dkms->state = DKMS_ADDED;
}

/* From nothing, or from what DKMS cannot use. */
static void help_install(const struct doctor *doctor, const struct dkms *dkms,
			 struct doctor_row *row)
{
	const char *sudo = doctor_sudo(doctor);

	if (doctor_has_package(doctor, "mmapper-dkms")) {
		doctor_help(row, "%sapt install --reinstall mmapper-dkms", sudo);
	} else if (dkms->state == DKMS_UNKNOWN &&
		   doctor_has_package(doctor, "mmapper-tools")) {
		doctor_help(row, "%sapt install mmapper-dkms", sudo);
	} else {
		doctor_help(row, "%smake dkms-install", sudo);
		doctor_add(row, " (make works in mmapper's source tree)");
	}
}

void doctor_rebuild(const struct doctor *doctor, struct doctor_row *row)
{
	struct dkms dkms;

	dkms_look(doctor, &dkms);
	if (dkms.state == DKMS_UNKNOWN || dkms.state == DKMS_BROKEN)
		help_install(doctor, &dkms, row);
	else
		doctor_help(row, "%sdkms install --force mmapper/%s -k %s",
			    doctor_sudo(doctor), dkms.version,
			    doctor->host.release);
}

static void judge_dkms(const struct doctor *doctor, const struct dkms *dkms,
		       struct doctor_row *row)
{
	const char *kver = doctor->host.release;
	char line[256];

	switch (dkms->state) {
	case DKMS_UNKNOWN:
		doctor_set(row, DOCTOR_FAILED, "no module mmapper is installed for %s",
			   kver);
		help_install(doctor, dkms, row);
		return;
	case DKMS_BROKEN:
		doctor_set(row, DOCTOR_FAILED, "DKMS knows mmapper/%s, but its source is gone: it is half installed",
			   dkms->version);
		help_install(doctor, dkms, row);
		return;
	case DKMS_FAILED:
		if (!doctor_read(doctor, dkms->log, "rror", line, sizeof(line)))
			strcpy(line, "its log names no error");
		doctor_set(row, DOCTOR_FAILED, "DKMS could not build mmapper/%s for %s: %s",
			   dkms->version, kver, line);
		doctor_help(row, "%sless %s", doctor_sudo(doctor), dkms->log);
		return;
	case DKMS_ADDED:
		doctor_set(row, DOCTOR_FAILED, "DKMS knows mmapper/%s, but has not built it for %s",
			   dkms->version, kver);
		break;
	case DKMS_BUILT:
		doctor_set(row, DOCTOR_FAILED, "DKMS has built mmapper/%s for %s, but it is not installed",
			   dkms->version, kver);
		break;
	}
	doctor_help(row, "%sdkms install --force mmapper/%s -k %s",
		    doctor_sudo(doctor), dkms->version, kver);
}

static void no_module(const struct doctor *doctor, struct doctor_row *row)
{
	char path[PATH_MAX], found[PATH_MAX];
	const char *kver = doctor->host.release;
	struct dkms dkms;

	if (doctor->is_loaded) {
		doctor_set(row, DOCTOR_NOTE, "no module file for %s; the driver is loaded all the same",
			   kver);
		return;
	}
	snprintf(path, sizeof(path), "/lib/modules/%s", kver);
	if (find_file(doctor, path, found)) {
		doctor_set(row, DOCTOR_FAILED, "%s is there, but modprobe's index does not have it",
			   found);
		doctor_help(row, "%sdepmod %s", doctor_sudo(doctor), kver);
		return;
	}
	dkms_look(doctor, &dkms);
	judge_dkms(doctor, &dkms, row);
	if (find_file(doctor, "/lib/modules/*", found))
		doctor_add(row, "; there is one for another kernel, %s",
			   found);
}

void doctor_module(const struct doctor *doctor, struct doctor_row *row)
{
	const struct doctor_module *module = &doctor->module;
	enum doctor_status status = doctor->is_loaded ? DOCTOR_NOTE :
							DOCTOR_FAILED;
	const char *kver = doctor->host.release;

	if (!*module->path) {
		no_module(doctor, row);
		return;
	}
	if (module->error)
		doctor_set(row, status, "%.512s cannot be read as a module: %s",
			   module->path, strerror(-module->error));
	else if (!is_for_kernel(doctor))
		doctor_set(row, status, "%.512s was built for another kernel, %.*s; the running one is %s",
			   module->path, (int)strcspn(module->vermagic, " "),
			   module->vermagic, kver);
	else
		doctor_set(row, DOCTOR_OK, "%.512s, version %s", module->path,
			   *module->version ? module->version : "unknown");
	if (row->status == DOCTOR_FAILED)
		doctor_rebuild(doctor, row);
}
