// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: kmod_new kmod_module_new_from_name kmod_module_get_path */
/* wrap: kmod_module_get_initstate kmod_module_insert_module */
/* wrap: kmod_module_probe_insert_module kmod_module_remove_module */
/* wrap: mmapper_nodes_list mmapper_nodes_count mmapper_nodes_get doctor_begin */
/* wrap: mmapper_buffers_list mmapper_buffers_count mmapper_buffers_get */
/* wrap: fopen access nanosleep geteuid uname */
/* load and unload, and what they make of each answer of the kernel. */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "said.h"

/* How the machine answers. */
static struct {
	bool		no_kmod;
	bool		no_name;
	bool		no_uname;
	bool		is_user;
	int		state;
	const char	*path;
	int		insert;
	int		remove;
	int		list;
	size_t		nodes;
	size_t		buffers;
	int		missing;
	const char	*size;
	const char	*signer;
	bool		enforces;
} machine;

static char options[64];
static int slept;

static const struct cli_command command = { .name = "load" };

struct kmod_ctx *__real_kmod_new(const char *dir, const char *const *paths);
struct kmod_ctx *__wrap_kmod_new(const char *dir, const char *const *paths);
int __real_kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name,
				     struct kmod_module **module);
int __wrap_kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name,
				     struct kmod_module **module);
const char *__wrap_kmod_module_get_path(const struct kmod_module *module);
int __wrap_kmod_module_get_initstate(const struct kmod_module *module);
int __wrap_kmod_module_insert_module(struct kmod_module *module,
				     unsigned int flags, const char *words);
int __wrap_kmod_module_probe_insert_module(struct kmod_module *module,
					   unsigned int flags,
					   const char *words,
					   const void *run, const void *data,
					   const void *print);
int __wrap_kmod_module_remove_module(struct kmod_module *module,
				     unsigned int flags);
int __wrap_mmapper_nodes_list(struct mmapper_nodes **nodes);
size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes);
const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index);
int __wrap_mmapper_buffers_list(struct mmapper_buffers **buffers);
size_t __wrap_mmapper_buffers_count(const struct mmapper_buffers *buffers);
const struct mmapper_buffer_entry *
__wrap_mmapper_buffers_get(const struct mmapper_buffers *buffers, size_t index);
int __real_doctor_begin(struct doctor *doctor, const char *file);
int __wrap_doctor_begin(struct doctor *doctor, const char *file);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_access(const char *path, int mode);
int __wrap_nanosleep(const struct timespec *time, struct timespec *rest);
uid_t __wrap_geteuid(void);
int __real_uname(struct utsname *host);
int __wrap_uname(struct utsname *host);

struct kmod_ctx *__wrap_kmod_new(const char *dir, const char *const *paths)
{
	return machine.no_kmod ? NULL : __real_kmod_new(dir, paths);
}

int __wrap_kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name,
				     struct kmod_module **module)
{
	assert_string_equal(name, "mmapper");
	return machine.no_name ? -ENOMEM :
	       __real_kmod_module_new_from_name(ctx, name, module);
}

const char *__wrap_kmod_module_get_path(const struct kmod_module *module)
{
	(void)module;
	return machine.path;
}

int __wrap_kmod_module_get_initstate(const struct kmod_module *module)
{
	(void)module;
	return machine.state;
}

int __wrap_kmod_module_insert_module(struct kmod_module *module,
				     unsigned int flags, const char *words)
{
	(void)module;
	assert_int_equal(flags, 0);
	strcpy(options, words);
	return machine.insert;
}

int __wrap_kmod_module_probe_insert_module(struct kmod_module *module,
					   unsigned int flags,
					   const char *words,
					   const void *run, const void *data,
					   const void *print)
{
	assert_true(!run && !data && !print);
	return __wrap_kmod_module_insert_module(module, flags, words);
}

int __wrap_kmod_module_remove_module(struct kmod_module *module,
				     unsigned int flags)
{
	(void)module;
	assert_int_equal(flags, 0);
	return machine.remove;
}

int __wrap_mmapper_nodes_list(struct mmapper_nodes **nodes)
{
	*nodes = NULL;
	return machine.list;
}

size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes)
{
	(void)nodes;
	return machine.nodes;
}

const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index)
{
	static const struct mmapper_node node = { .path = "/dev/mmapper_k" };

	(void)nodes;
	assert_true(index < machine.nodes);
	return &node;
}

int __wrap_mmapper_buffers_list(struct mmapper_buffers **buffers)
{
	*buffers = NULL;
	return 0;
}

size_t __wrap_mmapper_buffers_count(const struct mmapper_buffers *buffers)
{
	(void)buffers;
	return machine.buffers;
}

const struct mmapper_buffer_entry *
__wrap_mmapper_buffers_get(const struct mmapper_buffers *buffers, size_t index)
{
	static const struct mmapper_buffer_entry entry = { .name = "it's" };

	(void)buffers;
	assert_true(index < machine.buffers);
	return &entry;
}

int __wrap_doctor_begin(struct doctor *doctor, const char *file)
{
	if (!machine.signer)
		return __real_doctor_begin(doctor, file);
	memset(doctor, 0, sizeof(*doctor));
	/* For the files that are asked for, any folder without them will do. */
	doctor->root = machine.enforces ? "" : "/nothing";
	doctor->is_given = file;
	strcpy(doctor->host.release, "6.1.0");
	strcpy(doctor->module.path, "/mmapper.ko");
	strcpy(doctor->module.vermagic, "6.1.0 SMP");
	strcpy(doctor->module.signer, machine.signer);
	doctor->module.is_signed = *machine.signer;
	return 0;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (strcmp(path, "/sys/module/mmapper/parameters/size") == 0)
		return !machine.size ? NULL : !*machine.size ?
		       __real_fopen("/dev/null", mode) :
		       fmemopen((char *)machine.size, strlen(machine.size), "r");
	if (machine.enforces &&
	    strcmp(path, "/sys/module/module/parameters/sig_enforce") == 0)
		return fmemopen((char *)"Y\n", 2, "r");
	return strncmp(path, "/sys/", 5) ? __real_fopen(path, mode) : NULL;
}

int __wrap_access(const char *path, int mode)
{
	(void)mode;
	errno = ENOENT;
	return machine.missing || strncmp(path, "/sys/", 5) == 0 ||
	       strncmp(path, "/nothing/", 9) == 0 ? -1 : 0;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *rest)
{
	assert_null(rest);
	assert_in_range(time->tv_nsec, 1, 999999999);
	slept++;
	return 0;
}

uid_t __wrap_geteuid(void)
{
	return machine.is_user ? 1000 : 0;
}

int __wrap_uname(struct utsname *host)
{
	errno = EFAULT;
	return machine.no_uname ? -1 : __real_uname(host);
}

/* Root, a driver that is not loaded, and a module that loads without nodes. */
static int setup(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.state = -ENOENT;
	machine.path = "/lib/modules/mmapper.ko";
	machine.size = "16384\n";
	machine.signer = "";
	options[0] = '\0';
	slept = 0;
	return 0;
}

static int load(uint64_t size, const char *file)
{
	const struct cli_args args = {
		.command = &command, .size = size, .module = file,
		.given = size ? CLI_SIZE : 0,
	};

	return SAYS(cmd_load(&args));
}

static int unload(void)
{
	return SAYS(cmd_unload(NULL));
}

static void fails(int status, const char *words)
{
	assert_int_equal(status, CLI_FAILED);
	said_has(said_err, words);
	assert_string_equal(said_out, "");
}

static void test_already(void **state)
{
	(void)state;
	machine.state = KMOD_MODULE_LIVE;
	assert_int_equal(load(0, NULL), CLI_DONE);
	assert_string_equal(said_out, "mmapper is loaded already\n");
	assert_int_equal(load(16384, NULL), CLI_DONE);
	assert_string_equal(said_out,
			    "mmapper is loaded already, with this size\n");
	fails(load(16385, NULL), "with a size of 16384 bytes\n");
	machine.size = "";
	fails(load(16384, NULL), "size that cannot be read");
	machine.size = "x\n";
	fails(load(16384, NULL), "size that cannot be read");
	machine.size = NULL;
	fails(load(16384, NULL), "size that cannot be read");
	/* Someone else was faster. */
	machine.state = -ENOENT;
	machine.insert = -EEXIST;
	assert_int_equal(load(0, NULL), CLI_DONE);
	assert_string_equal(said_out, "mmapper is loaded already\n");
}

static void test_load(void **state)
{
	(void)state;
	machine.nodes = 2;
	assert_int_equal(load(4096, NULL), CLI_DONE);
	assert_string_equal(said_out, "mmapper is loaded, buffers of 16 KiB\n");
	assert_string_equal(options, "size=4096");
	assert_int_equal(slept, 0);
	machine.size = NULL;
	assert_int_equal(load(0, "/etc/passwd"), CLI_DONE);
	assert_string_equal(said_out, "mmapper is loaded\n");
	assert_string_equal(options, "");
	machine.missing = 1;
	assert_int_equal(load(0, NULL), CLI_NO_DRIVER);
	said_has(said_err, "its node is missing");
}

/* The driver lists no node at all, or says why it does not. */
static void test_no_nodes(void **state)
{
	(void)state;
	assert_int_equal(load(4096, NULL), CLI_NO_DRIVER);
	said_has(said_err, "loaded, but: the driver is loaded but its node is missing");
	assert_string_equal(options, "size=4096");
	assert_in_range(slept, 50, 1000);
	machine.list = -EPROTO;
	assert_int_equal(load(0, "/etc/passwd"), CLI_NO_DRIVER);
	said_has(said_err, "loaded, but: this is no node of mmapper");
	assert_string_equal(options, "");
}

static void test_reasons(void **state)
{
	static const struct {
		int		error;
		bool		is_user;
		const char	*words;
	} reasons[] = {
		{ -EPERM, true, "load: only root may do this, and only where the kernel is not locked down\n"
		  "try: sudo mmapper-cli load\n" },
		{ -EPERM, false, "load: only root" },
		{ -EACCES, true, "may not be read by this user\ntry: sudo mmapper-cli load\n" },
		{ -EBADMSG, false, "the module's signature is damaged\ntry: mmapper-cli doctor\n" },
		{ -ENOEXEC, false, "another kernel than the running one, or is no module" },
		{ -EINVAL, false, "the file is no module, or a parameter" },
		{ -ESRCH, true, "built for another kernel" },
		{ -ENOMEM, false, "no memory for it\n" },
		{ -ENOSYS, false, "takes no modules\n" },
		{ -EIO, false, "load: Input/output error\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		machine.insert = reasons[i].error;
		machine.is_user = reasons[i].is_user;
		fails(load(0, NULL), reasons[i].words);
	}
	machine.insert = -EINVAL;
	fails(load(1ULL << 40, NULL), "refuses a size of 1099511627776 bytes\ntry: modinfo mmapper\n");
	machine.missing = 1;
	fails(load(0, "/etc/passwd"), "there is no file /etc/passwd\n");
}

/* The doctor finds nothing wrong, and yet the kernel rejects the key. */
static void test_rejected(void **state)
{
	(void)state;
	machine.insert = -EKEYREJECTED;
	machine.signer = "a key";
	fails(load(0, "/etc/passwd"), "the kernel rejects the key that the module is signed with, \"a key\"; this machine was not booted by UEFI");
	machine.insert = -ENOKEY;
	fails(load(0, NULL), "the kernel rejects the key");
	/* The doctor's first finding is told in its own words. */
	machine.enforces = true;
	machine.signer = "";
	fails(load(0, "/etc/passwd"), "the module is not signed, and the kernel takes only");
}

static void test_unload(void **state)
{
	(void)state;
	assert_int_equal(unload(), CLI_DONE);
	assert_string_equal(said_out, "mmapper is not loaded\n");
	machine.state = KMOD_MODULE_LIVE;
	assert_int_equal(unload(), CLI_DONE);
	assert_string_equal(said_out, "mmapper is unloaded\n");
	/* Someone else was faster. */
	machine.remove = -ENOENT;
	assert_int_equal(unload(), CLI_DONE);
	machine.remove = -EBUSY;
	fails(unload(), "mmapper is in use\n");
	machine.remove = -EWOULDBLOCK;
	fails(unload(), "mmapper is in use\n");
	/* A name holds the driver, though nobody has it open. */
	machine.buffers = 1;
	fails(unload(), "  1 named buffer: it's\ntry: mmapper-cli delete -- 'it'\\''s'\n");
	machine.buffers = 9;
	fails(unload(), " and 1 more\ntry: (cd /sys/class/mmapper/control/buffers && mmapper-cli delete -- *)\n");
	machine.remove = -EPERM;
	fails(unload(), "try: sudo mmapper-cli unload\n");
}

static void test_no_libkmod(void **state)
{
	const struct cli_args args = { .command = &command };
	struct doctor doctor;

	(void)state;
	machine.signer = NULL;
	machine.no_name = true;
	fails(load(0, NULL), "");
	assert_int_equal(unload(), CLI_DONE);
	assert_int_equal(doctor_begin(&doctor, NULL), 0);
	assert_string_equal(doctor.module.path, "");
	assert_int_equal(doctor_begin(&doctor, "/etc/passwd"), 0);
	assert_int_equal(doctor_begin(&doctor, "/"), 0);
	assert_string_equal(doctor.module.path, "/");
	assert_true(doctor.module.error < 0);
	fails(load(0, "/"), "/ cannot be read as a module");
	machine.no_kmod = true;
	fails(load(0, NULL), "load: libkmod does not start");
	fails(unload(), "unload: libkmod does not start");
	fails(SAYS(cmd_doctor(&args)), "doctor: libkmod does not start");
	machine.no_kmod = false;
	machine.no_uname = true;
	assert_int_equal(doctor_begin(&doctor, NULL), -EFAULT);
}

#define module_test(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		module_test(test_already),
		module_test(test_load),
		module_test(test_no_nodes),
		module_test(test_reasons),
		module_test(test_rejected),
		module_test(test_unload),
		module_test(test_no_libkmod),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
