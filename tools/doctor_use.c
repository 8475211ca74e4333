// SPDX-License-Identifier: GPL-2.0-or-later
/* Stages loaded, version, nodes and permission: can this user use it? */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"

#define GROUP	"mmapper"

static void help_reload(const struct doctor *doctor, struct doctor_row *row)
{
	const char *sudo = doctor_sudo(doctor);

	doctor_help(row, "%smmapper-cli unload && %smmapper-cli load", sudo,
		    sudo);
}

static bool differs(const struct doctor *doctor, const char *attribute,
		    const char *installed)
{
	char path[64], loaded[64];

	snprintf(path, sizeof(path), "/sys/module/mmapper/%s", attribute);
	return *installed &&
	       doctor_read(doctor, path, "", loaded, sizeof(loaded)) &&
	       strcmp(loaded, installed) != 0;
}

/* The driver that runs is not the one that is installed. */
static bool is_stale(const struct doctor *doctor)
{
	return differs(doctor, "version", doctor->module.version) ||
	       differs(doctor, "srcversion", doctor->module.srcversion);
}

void doctor_loaded(const struct doctor *doctor, struct doctor_row *row)
{
	const struct doctor_module *module = &doctor->module;
	const char *sudo = doctor_sudo(doctor);

	if (doctor->is_loaded && is_stale(doctor)) {
		doctor_set(row, DOCTOR_NOTE, "loaded, but another build than %.512s, version %s; to change over: %smmapper-cli unload && %smmapper-cli load",
			   module->path, module->version, sudo, sudo);
	} else if (doctor->is_loaded) {
		doctor_set(row, DOCTOR_OK, "loaded");
	} else if (*module->install) {
		doctor_set(row, DOCTOR_FAILED, "not loaded; modprobe's configuration has \"%s\" run instead",
			   module->install);
		doctor_help(row, "grep -rw mmapper /etc/modprobe.d /run/modprobe.d /lib/modprobe.d");
	} else {
		doctor_set(row, DOCTOR_FAILED, "not loaded%s",
			   module->is_blacklisted ?
			   " (it is blacklisted, and so never loaded by itself)" :
			   "");
		doctor_help(row, "%smmapper-cli load", sudo);
	}
}

static void driver_too_old(const struct doctor *doctor, struct doctor_row *row)
{
	doctor_add(row, ": the driver is too old");
	if (is_stale(doctor)) {
		doctor_add(row, "; the installed one, version %s, only has to be loaded",
			   doctor->module.version);
		help_reload(doctor, row);
	} else if (doctor_has_package(doctor, "mmapper-dkms")) {
		doctor_help(row, "%sapt install mmapper-dkms",
			    doctor_sudo(doctor));
	} else {
		doctor_add(row, " (make works in mmapper's source tree)");
		doctor_help(row, "%smake dkms-install", doctor_sudo(doctor));
	}
}

static void library_too_old(const struct doctor *doctor,
			    struct doctor_row *row)
{
	doctor_add(row, ": command and library are too old");
	if (doctor_has_package(doctor, "mmapper-tools")) {
		doctor_help(row, "%sapt install mmapper-tools",
			    doctor_sudo(doctor));
	} else {
		doctor_add(row, " (make works in mmapper's source tree)");
		doctor_help(row, "%smake install", doctor_sudo(doctor));
	}
}

void doctor_judge_abi(const struct doctor *doctor, int abi,
		      const char *version, struct doctor_row *row)
{
	const char *library = mmapper_version_get();

	if (abi <= 0) {
		doctor_set(row, DOCTOR_FAILED, "the module mmapper that is loaded is not this driver: it does not tell its ABI (%s)",
			   mmapper_strerror(abi));
		help_reload(doctor, row);
	} else if (abi == MMAPPER_ABI_VERSION) {
		doctor_set(row, strcmp(version, library) ? DOCTOR_NOTE :
							   DOCTOR_OK,
			   "driver %s, library %s; both speak ABI %d", version,
			   library, abi);
	} else {
		doctor_set(row, DOCTOR_FAILED, "driver %s speaks ABI %d, library %s ABI %d",
			   version, abi, library, MMAPPER_ABI_VERSION);
		if (abi < MMAPPER_ABI_VERSION)
			driver_too_old(doctor, row);
		else
			library_too_old(doctor, row);
	}
}

void doctor_abi(const struct doctor *doctor, struct doctor_row *row)
{
	char version[64] = "unknown";

	mmapper_driver_get_version(version, sizeof(version));
	doctor_judge_abi(doctor, mmapper_driver_get_abi(), version, row);
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "an ordinary file";
	case S_IFDIR:
		return "a directory";
	case S_IFCHR:
		return "another device";
	}
	return "something else";
}

/* Whether one node is what the driver says that it is. */
static bool check_node(const struct doctor *doctor,
		       const struct mmapper_node *node, struct doctor_row *row)
{
	const char *sudo = doctor_sudo(doctor);
	struct stat st;

	if (stat(node->path, &st) < 0) {
		doctor_set(row, DOCTOR_FAILED, "%s: %s; the kernel makes the nodes when the driver is loaded",
			   node->path, errno == ENOENT ? "not there" :
			   strerror(errno));
		help_reload(doctor, row);
		return false;
	}
	if (S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(node->major, node->minor))
		return true;
	doctor_set(row, DOCTOR_FAILED, "%s is %s, not the driver's node (a character device, %u:%u)",
		   node->path, kind_of(st.st_mode), node->major, node->minor);
	doctor_help(row, "%srm -r %s && %smmapper-cli unload && %smmapper-cli load",
		    sudo, node->path, sudo, sudo);
	return false;
}

/* The node that makes buffers serves no backend, and is in no list. */
static bool find_control(const struct doctor *doctor, struct mmapper_node *node)
{
	char text[64];

	memset(node, 0, sizeof(*node));
	node->path = "/dev/mmapper/control";
	return doctor_read(doctor, "/sys/class/mmapper/control/dev", "", text,
			   sizeof(text)) &&
	       sscanf(text, "%u:%u", &node->major, &node->minor) == 2;
}

void doctor_nodes(const struct doctor *doctor, struct doctor_row *row)
{
	struct mmapper_nodes *nodes = NULL;
	struct mmapper_node control;
	size_t i, count;
	int error;

	error = mmapper_nodes_list(&nodes);
	count = mmapper_nodes_count(nodes);
	if (error < 0 || !count) {
		doctor_set(row, DOCTOR_FAILED, "the driver lists no nodes: %s",
			   error < 0 ? mmapper_strerror(error) : "not one");
		help_reload(doctor, row);
		return;
	}
	doctor_set(row, DOCTOR_OK, "all %zu are in /dev", count);
	for (i = 0; i < count; i++)
		if (!check_node(doctor, mmapper_nodes_get(nodes, i), row))
			break;
	if (i == count && find_control(doctor, &control))
		check_node(doctor, &control, row);
	mmapper_nodes_free(nodes);
}

static bool in_process(gid_t wanted)
{
	gid_t groups[1024];
	int i, count;

	if (getegid() == wanted)
		return true;
	count = getgroups(ARRAY_SIZE(groups), groups);
	for (i = 0; i < count; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool in_database(const struct group *group, const char *user)
{
	char **member;

	for (member = group->gr_mem; *member; member++)
		if (strcmp(*member, user) == 0)
			return true;
	return false;
}

static bool has_rule(const struct doctor *doctor)
{
	static const char *const folders[] = {
		"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib",
	};
	char path[PATH_MAX];
	bool found = false;
	glob_t list;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders) && !found; i++) {
		doctor_path(doctor, path, "%s/udev/rules.d/*mmapper*.rules",
			    folders[i]);
		found = glob(path, 0, NULL, &list) == 0;
		globfree(&list);
	}
	return found;
}

/* The node is not of the group; udev has to see to that, at every load. */
static void wrong_group(const struct doctor *doctor,
			const struct doctor_access *access,
			struct doctor_row *row)
{
	const char *sudo = doctor_sudo(doctor);

	doctor_add(row, ", not of the group " GROUP);
	if (!access->has_rule && doctor_has_package(doctor, "mmapper-dkms")) {
		doctor_add(row, ": the package's rule for udev is gone");
		doctor_help(row, "%sapt install --reinstall mmapper-dkms", sudo);
	} else if (!access->has_group) {
		doctor_add(row, ": there is no such group");
		doctor_help(row, "%sgroupadd --system " GROUP, sudo);
	} else if (!access->has_rule) {
		doctor_add(row, ": udev has no rule for it (mmapper-dkms brings one)");
		doctor_help(row, "%schgrp " GROUP " /dev/mmapper/* /dev/mmapper_?",
			    sudo);
	} else {
		doctor_add(row, ": udev has a rule for it that was not applied");
		doctor_help(row, "%sudevadm trigger --action=change --subsystem-match=mmapper",
			    sudo);
	}
}

void doctor_judge_access(const struct doctor *doctor,
			 const struct doctor_access *access,
			 struct doctor_row *row)
{
	const char *sudo = doctor_sudo(doctor);

	doctor_set(row, DOCTOR_FAILED, "%s may not read and write %s: it is of the group %s, mode %04o",
		   access->user, access->path, access->group, access->mode);
	if (!access->is_ours) {
		wrong_group(doctor, access, row);
	} else if (access->in_process) {
		doctor_add(row, ", which gives the group nothing, or not enough");
		doctor_help(row, "%schmod 660 %s", sudo, access->path);
	} else if (access->in_database) {
		doctor_add(row, "; %s is in that group by now, but was not at log-in: log in again, or for a shell",
			   access->user);
		doctor_help(row, "newgrp " GROUP);
	} else {
		doctor_add(row, "; %s is not in that group: join it and log in again",
			   access->user);
		doctor_help(row, "%sadduser %s " GROUP, sudo, access->user);
	}
}

static void explain_access(const struct doctor *doctor, const char *path,
			   struct doctor_row *row)
{
	struct doctor_access access = { .path = path };
	char user[64], group[64];
	struct passwd *passwd;
	struct group *entry;
	struct stat st;

	if (stat(path, &st) < 0) {
		doctor_set(row, DOCTOR_FAILED, "%s: %s", path,
			   strerror(errno));
		return;
	}
	passwd = getpwuid(geteuid());
	if (passwd)
		snprintf(user, sizeof(user), "%s", passwd->pw_name);
	else
		snprintf(user, sizeof(user), "%u", geteuid());
	entry = getgrgid(st.st_gid);
	if (entry)
		snprintf(group, sizeof(group), "%s", entry->gr_name);
	else
		snprintf(group, sizeof(group), "%u", st.st_gid);
	entry = getgrnam(GROUP);
	access.user = user;
	access.group = group;
	access.mode = st.st_mode & 07777;
	access.has_group = entry;
	access.has_rule = has_rule(doctor);
	access.is_ours = entry && entry->gr_gid == st.st_gid;
	access.in_database = entry && in_database(entry, user);
	access.in_process = in_process(st.st_gid);
	doctor_judge_access(doctor, &access, row);
}

static bool check_access(const struct doctor *doctor, const char *path,
			 struct doctor_row *row)
{
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0)
		return true;
	explain_access(doctor, path, row);
	return false;
}

void doctor_permission(const struct doctor *doctor, struct doctor_row *row)
{
	struct mmapper_nodes *nodes = NULL;
	struct mmapper_node control;
	bool good = true;
	size_t i;

	mmapper_nodes_list(&nodes);
	doctor_set(row, DOCTOR_OK, "this user may read and write all nodes");
	for (i = 0; i < mmapper_nodes_count(nodes) && good; i++)
		good = check_access(doctor, mmapper_nodes_get(nodes, i)->path,
				    row);
	if (good && find_control(doctor, &control))
		check_access(doctor, control.path, row);
	mmapper_nodes_free(nodes);
}
