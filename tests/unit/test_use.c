// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: mmapper_nodes_list mmapper_nodes_count mmapper_nodes_get */
/* wrap: mmapper_nodes_free mmapper_driver_get_version mmapper_driver_get_abi */
/* wrap: stat faccessat getpwuid getgrgid getgrnam getgroups getegid geteuid */
/* wrap: fopen access */
/* What doctor makes of the nodes, and of who may open them. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cli.h"
#include "doctor.h"
#include "said.h"

#define OURS	900

/* How the machine answers. */
static struct {
	int		list;
	size_t		count;
	int		stat_error;
	mode_t		mode;
	dev_t		dev;
	gid_t		gid;
	bool		allowed;
	bool		has_group;
	bool		has_name;
	gid_t		egid;
	gid_t		more;
	int		abi;
	const char	*version;
	const char	*package;
	const char	*loaded;
	const char	*control;
} machine;

static char *members[] = { "other", "me", NULL };
static struct group group = { .gr_name = "mmapper", .gr_gid = OURS };
static struct passwd passwd = { .pw_name = "me" };
static struct doctor doctor;
static struct doctor_row row;

static const struct mmapper_node node = {
	.name = "mmapper/kmalloc", .path = "/dev/mmapper/kmalloc",
	.backend = "kmalloc", .major = 240, .minor = 1,
};

int __wrap_mmapper_nodes_list(struct mmapper_nodes **nodes);
size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes);
const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index);
void __wrap_mmapper_nodes_free(struct mmapper_nodes *nodes);
int __wrap_mmapper_driver_get_version(char *text, size_t len);
int __wrap_mmapper_driver_get_abi(void);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_faccessat(int dir, const char *path, int mode, int flags);
struct passwd *__wrap_getpwuid(uid_t uid);
struct group *__wrap_getgrgid(gid_t gid);
struct group *__wrap_getgrnam(const char *name);
int __wrap_getgroups(int room, gid_t *list);
gid_t __wrap_getegid(void);
uid_t __wrap_geteuid(void);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_access(const char *path, int mode);

int __wrap_mmapper_nodes_list(struct mmapper_nodes **nodes)
{
	*nodes = NULL;
	return machine.list;
}

size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes)
{
	(void)nodes;
	return machine.count;
}

const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index)
{
	(void)nodes;
	assert_true(index < machine.count);
	return &node;
}

void __wrap_mmapper_nodes_free(struct mmapper_nodes *nodes)
{
	(void)nodes;
}

int __wrap_mmapper_driver_get_version(char *text, size_t len)
{
	assert_true(len > strlen(machine.version));
	strcpy(text, machine.version);
	return 0;
}

int __wrap_mmapper_driver_get_abi(void)
{
	return machine.abi;
}

int __wrap_stat(const char *path, struct stat *st)
{
	bool control = machine.control && strcmp(path, "/dev/mmapper/control") == 0;

	if (!control)
		assert_string_equal(path, node.path);
	memset(st, 0, sizeof(*st));
	st->st_mode = machine.mode;
	st->st_rdev = control ? makedev(240, 0) : machine.dev;
	st->st_gid = machine.gid;
	errno = machine.stat_error;
	return machine.stat_error ? -1 : 0;
}

int __wrap_faccessat(int dir, const char *path, int mode, int flags)
{
	(void)dir;
	assert_true(mode & 2 && mode & 4 && flags == AT_EACCESS);
	if (machine.control && strcmp(path, "/dev/mmapper/control") == 0)
		return -1;
	assert_string_equal(path, node.path);
	return machine.allowed ? 0 : -1;
}

struct passwd *__wrap_getpwuid(uid_t uid)
{
	assert_int_equal(uid, 1000);
	return machine.has_name ? &passwd : NULL;
}

struct group *__wrap_getgrgid(gid_t gid)
{
	return machine.has_group && gid == OURS ? &group : NULL;
}

struct group *__wrap_getgrnam(const char *name)
{
	assert_string_equal(name, "mmapper");
	return machine.has_group ? &group : NULL;
}

int __wrap_getgroups(int room, gid_t *list)
{
	assert_true(room >= 2);
	list[0] = 1000;
	list[1] = machine.more;
	return 2;
}

gid_t __wrap_getegid(void)
{
	return machine.egid;
}

uid_t __wrap_geteuid(void)
{
	return 1000;
}

/* The version of the driver that is loaded is in the only file there is. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (strncmp(path, "/nothing/", 9) != 0)
		return __real_fopen(path, mode);
	if (machine.control && strstr(path, "/sys/class/mmapper/control/dev"))
		return fmemopen((char *)machine.control,
				strlen(machine.control), "r");
	return machine.loaded && strstr(path, "/sys/module/mmapper/version") ?
	       fmemopen((char *)machine.loaded, strlen(machine.loaded), "r") :
	       NULL;
}

int __wrap_access(const char *path, int mode)
{
	const char *base = strrchr(path, '/');

	assert_int_equal(mode, 0);
	return machine.package && base &&
	       strcmp(base + 1, machine.package) == 0 ? 0 : -1;
}

/* One node, as it should be, and a user who is not in its group. */
static int setup(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	memset(&doctor, 0, sizeof(doctor));
	doctor.root = "/nothing";
	machine.count = 1;
	machine.mode = S_IFCHR | 0660;
	machine.dev = makedev(240, 1);
	machine.gid = OURS;
	machine.has_group = true;
	machine.has_name = true;
	machine.egid = 1000;
	machine.abi = MMAPPER_ABI_VERSION;
	machine.version = "0.0.9";
	group.gr_mem = &members[2];
	return 0;
}

static void gives(void (*stage)(const struct doctor *, struct doctor_row *),
		  enum doctor_status status, const char *words,
		  const char *command)
{
	memset(&row, 0, sizeof(row));
	stage(&doctor, &row);
	said_has(row.found, words);
	assert_int_equal(row.status, status);
	assert_string_equal(row.command, command);
}

static void test_nodes(void **state)
{
	static const char reload[] =
		"sudo mmapper-cli unload && sudo mmapper-cli load";
	static const char replace[] =
	"sudo rm -r /dev/mmapper/kmalloc && sudo mmapper-cli unload && sudo mmapper-cli load";

	(void)state;
	gives(doctor_nodes, DOCTOR_OK, "all 1 are in /dev", "");
	machine.dev = makedev(240, 2);
	gives(doctor_nodes, DOCTOR_FAILED, "another device, not the driver's", replace);
	machine.mode = S_IFREG;
	gives(doctor_nodes, DOCTOR_FAILED, "an ordinary file", replace);
	machine.mode = S_IFDIR;
	gives(doctor_nodes, DOCTOR_FAILED, "a directory", replace);
	machine.mode = S_IFSOCK;
	gives(doctor_nodes, DOCTOR_FAILED, "something else", replace);
	machine.stat_error = ENOENT;
	gives(doctor_nodes, DOCTOR_FAILED, ": not there; ", reload);
	machine.stat_error = ELOOP;
	gives(doctor_nodes, DOCTOR_FAILED, "Too many levels", reload);
	machine.count = 0;
	gives(doctor_nodes, DOCTOR_FAILED, "lists no nodes: not one", reload);
	machine.list = -EPROTO;
	gives(doctor_nodes, DOCTOR_FAILED, "lists no nodes: this is no node of", reload);
}

static void test_permission(void **state)
{
	static const char join[] = "sudo adduser me mmapper";

	(void)state;
	gives(doctor_permission, DOCTOR_FAILED,
	      "me may not read and write /dev/mmapper/kmalloc: it is of the group mmapper, mode 0660; me is not in",
	      join);
	machine.allowed = true;
	gives(doctor_permission, DOCTOR_OK, "all nodes", "");
	machine.allowed = false;
	group.gr_mem = members;
	gives(doctor_permission, DOCTOR_FAILED, "log in again", "newgrp mmapper");
	machine.more = OURS;
	gives(doctor_permission, DOCTOR_FAILED, "gives the group nothing",
	      "sudo chmod 660 /dev/mmapper/kmalloc");
	machine.more = 0;
	machine.egid = OURS;
	gives(doctor_permission, DOCTOR_FAILED, "gives the group nothing",
	      "sudo chmod 660 /dev/mmapper/kmalloc");
	machine.stat_error = ENOENT;
	gives(doctor_permission, DOCTOR_FAILED, "kmalloc: No such file", "");
}

/* The node that makes buffers is in no list. */
static void test_control(void **state)
{
	(void)state;
	machine.control = "240:0\n";
	machine.allowed = true;
	gives(doctor_nodes, DOCTOR_OK, "all 1 are in /dev", "");
	gives(doctor_permission, DOCTOR_FAILED,
	      "me may not read and write /dev/mmapper/control",
	      "sudo adduser me mmapper");
	machine.control = "240:7\n";
	gives(doctor_nodes, DOCTOR_FAILED,
	      "/dev/mmapper/control is another device, not the driver's node",
	      "sudo rm -r /dev/mmapper/control && sudo mmapper-cli unload && sudo mmapper-cli load");
	machine.control = "x\n";
	gives(doctor_nodes, DOCTOR_OK, "all 1 are in /dev", "");
	gives(doctor_permission, DOCTOR_OK, "all nodes", "");
}

/* Numbers stand for users and groups without a name. */
static void test_nameless(void **state)
{
	(void)state;
	machine.has_name = false;
	gives(doctor_permission, DOCTOR_FAILED, "1000 may not read",
	      "sudo adduser 1000 mmapper");
	machine.gid = 4321;
	gives(doctor_permission, DOCTOR_FAILED, "of the group 4321",
	      "sudo chgrp mmapper /dev/mmapper/* /dev/mmapper_?");
	machine.has_group = false;
	gives(doctor_permission, DOCTOR_FAILED, "no such group",
	      "sudo groupadd --system mmapper");
}

static void test_abi(void **state)
{
	static const char reload[] =
		"sudo mmapper-cli unload && sudo mmapper-cli load";

	(void)state;
	gives(doctor_abi, DOCTOR_NOTE, "driver 0.0.9, ", "");
	machine.version = mmapper_version_get();
	gives(doctor_abi, DOCTOR_OK, "both speak", "");
	machine.abi = -EPROTO;
	gives(doctor_abi, DOCTOR_FAILED, "is not this driver", reload);
	machine.abi = 0;
	gives(doctor_abi, DOCTOR_FAILED, "is not this driver", reload);
	machine.abi = MMAPPER_ABI_VERSION + 1;
	gives(doctor_abi, DOCTOR_FAILED, "library are too old", "sudo make install");
	machine.package = "mmapper-tools";
	gives(doctor_abi, DOCTOR_FAILED, "library are too old",
	      "sudo apt install mmapper-tools");
}

/* There is none yet; tests/user/coverage builds this with a later one. */
static void test_older_abi(void **state)
{
	(void)state;
	machine.abi = MMAPPER_ABI_VERSION - 1;
	if (!machine.abi)
		return;
	gives(doctor_abi, DOCTOR_FAILED, "the driver is too old",
	      "sudo make dkms-install");
	machine.package = "mmapper-dkms";
	gives(doctor_abi, DOCTOR_FAILED, "the driver is too old",
	      "sudo apt install mmapper-dkms");
	strcpy(doctor.module.version, "0.2.0");
	machine.loaded = "0.1.0\n";
	gives(doctor_abi, DOCTOR_FAILED, "version 0.2.0, only has to be loaded",
	      "sudo mmapper-cli unload && sudo mmapper-cli load");
}

#define use_test(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		use_test(test_nodes),
		use_test(test_permission),
		use_test(test_control),
		use_test(test_nameless),
		use_test(test_abi),
		use_test(test_older_abi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
