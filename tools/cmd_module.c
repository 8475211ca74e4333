// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"
#include "holders.h"

static const char module_name[] = "mmapper";
static const char size_file[] = "/sys/module/mmapper/parameters/size";

#define AS_ROOT	"sudo mmapper-cli %s"

/* What may keep the kernel from loading a module where doctor finds no cause. */
static const struct {
	int		error;
	const char	*what;
	const char	*hint;
} reasons[] = {
	{ -EPERM, "only root may do this, and only where the kernel is not locked down",
	  AS_ROOT },
	{ -EACCES, "the module file may not be read by this user", AS_ROOT },
	{ -EBADMSG, "the module's signature is damaged",
	  "mmapper-cli doctor" },
	{ -ENOEXEC, "the module was built for another kernel than the running one, or is no module",
	  "mmapper-cli doctor" },
	{ -EINVAL, "the file is no module, or a parameter set in /etc/modprobe.d is refused",
	  "modprobe --show-config | grep mmapper" },
	{ -ESRCH, "the module was built for another kernel than the running one",
	  "mmapper-cli doctor" },
	{ -ENOMEM, "the kernel has no memory for it", NULL },
	{ -ENOSYS, "this kernel takes no modules", NULL },
};

static int explain(const char *verb, int error)
{
	const char *what = strerror(-error), *hint = NULL;
	char text[512], as_root[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i].error != error)
			continue;
		what = reasons[i].what;
		hint = reasons[i].hint;
	}
	snprintf(text, sizeof(text), "%s: %s", verb, what);
	snprintf(as_root, sizeof(as_root), AS_ROOT, verb);
	return cli_complain(text, hint && strcmp(hint, AS_ROOT) == 0 ?
			    as_root : hint);
}

/* These errors are what comes of a stage that fails: the doctor knows more. */
static bool ask_doctor(const struct cli_args *args, int error)
{
	struct doctor_row row = { 0 };
	struct doctor doctor;
	char text[1200];
	size_t i;

	if (error == -EINVAL || error == -ENOMEM || error == -ENOSYS ||
	    doctor_begin(&doctor, args->module) < 0)
		return false;
	doctor.is_loaded = false;
	for (i = args->module ? 1 : 0; i < 3; i++) {
		doctor_stages[i].run(&doctor, &row);
		if (row.status == DOCTOR_FAILED)
			break;
	}
	if (i == 3 && error != -EKEYREJECTED && error != -ENOKEY)
		return false;
	if (i == 3) {
		/* A key of this name, but not this one. */
		doctor_set(&row, DOCTOR_FAILED, "the kernel rejects the key that the module is signed with, \"%s\"",
			   doctor.module.signer);
		doctor_enrol(&doctor, &row);
	}
	snprintf(text, sizeof(text), "load: %s", row.found);
	cli_complain(text, *row.command ? row.command : NULL);
	return true;
}

static int explain_load(const struct cli_args *args, int error)
{
	char text[512];

	if (error == -ENOENT && args->module &&
	    access(args->module, F_OK) < 0) {
		snprintf(text, sizeof(text), "load: there is no file %s",
			 args->module);
		return cli_complain(text, NULL);
	}
	if (error == -EINVAL && args->given & CLI_SIZE) {
		snprintf(text, sizeof(text), "load: the driver refuses a size of %" PRIu64 " bytes",
			 args->size);
		return cli_complain(text, "modinfo mmapper");
	}
	if ((error != -EPERM && error != -EACCES) || geteuid() == 0) {
		if (ask_doctor(args, error))
			return CLI_FAILED;
	}
	return explain("load", error);
}

static bool loaded_size(uint64_t *size)
{
	char text[32] = "";
	FILE *file;

	file = fopen(size_file, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return cli_size_parse(text, size);
}

static int already_loaded(const struct cli_args *args)
{
	uint64_t size;
	char text[256];

	if (!(args->given & CLI_SIZE)) {
		printf("mmapper is loaded already\n");
		return CLI_DONE;
	}
	if (!loaded_size(&size))
		return cli_complain("load: mmapper is loaded already, with a size that cannot be read",
				    "mmapper-cli unload");
	if (size == args->size) {
		printf("mmapper is loaded already, with this size\n");
		return CLI_DONE;
	}
	snprintf(text, sizeof(text), "load: mmapper is loaded already, with a size of %" PRIu64 " bytes",
		 size);
	return cli_complain(text, "mmapper-cli unload");
}

static int insert(struct kmod_ctx *ctx, const struct cli_args *args)
{
	struct kmod_module *module;
	char options[64] = "";
	int error;

	if (args->given & CLI_SIZE)
		snprintf(options, sizeof(options), "size=%" PRIu64, args->size);
	if (args->module) {
		if (access(args->module, F_OK) < 0)
			return -errno;
		error = kmod_module_new_from_path(ctx, args->module, &module);
		if (error < 0)
			return error;
		error = kmod_module_insert_module(module, 0, options);
	} else {
		error = kmod_module_new_from_name(ctx, module_name, &module);
		if (error < 0)
			return error;
		error = kmod_module_get_path(module) ?
			kmod_module_probe_insert_module(module, 0, options,
							NULL, NULL, NULL) :
			-ENOENT;
	}
	kmod_module_unref(module);
	return error;
}

/* The nodes come with the module, but a udev may still be at work on them. */
static int await_nodes(void)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	struct mmapper_nodes *nodes;
	size_t i, missing = 1;
	unsigned int tries;
	int error = 0;

	for (tries = 0; tries < 100 && missing; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		nodes = NULL;
		error = mmapper_nodes_list(&nodes);
		missing = !mmapper_nodes_count(nodes);
		for (i = 0; i < mmapper_nodes_count(nodes); i++)
			missing += access(mmapper_nodes_get(nodes, i)->path,
					  F_OK) < 0;
		mmapper_nodes_free(nodes);
	}
	if (!missing)
		return CLI_DONE;
	return cli_fail("loaded, but", error < 0 ? error : -ENXIO);
}

int cmd_load(const struct cli_args *args)
{
	struct kmod_ctx *ctx = doctor_kmod();
	int status, error;
	uint64_t size;
	char text[32];

	if (!ctx)
		return cli_complain("load: libkmod does not start", NULL);
	if (doctor_kmod_loaded(ctx)) {
		status = already_loaded(args);
	} else {
		error = insert(ctx, args);
		/* Between our look and our load someone else may have come. */
		if (error == -EEXIST)
			status = already_loaded(args);
		else if (error < 0)
			status = explain_load(args, error);
		else
			status = await_nodes();
		if (!error && status == CLI_DONE && loaded_size(&size))
			printf("mmapper is loaded, buffers of %s\n",
			       cli_bytes(size, text));
		else if (!error && status == CLI_DONE)
			printf("mmapper is loaded\n");
	}
	kmod_unref(ctx);
	return status;
}

/* They hold the driver, open or not. */
static void tell_buffers(const struct mmapper_buffers *buffers)
{
	size_t i, count = mmapper_buffers_count(buffers);
	char quoted[CLI_QUOTED];

	if (!count)
		return;
	fprintf(stderr, "  %zu named %s: ", count,
		count == 1 ? "buffer" : "buffers");
	cli_list_names(stderr, buffers);
	if (count > 8) {
		fprintf(stderr, "\ntry: (cd /sys/class/mmapper/control/buffers && mmapper-cli delete -- *)\n");
		return;
	}
	fprintf(stderr, "\ntry: mmapper-cli delete --");
	for (i = 0; i < count; i++)
		fprintf(stderr, " %s",
			cli_quote(mmapper_buffers_get(buffers, i)->name,
				  quoted));
	fputc('\n', stderr);
}

static int in_use(void)
{
	struct mmapper_buffers *buffers = NULL;
	struct mmapper_nodes *nodes = NULL;

	mmapper_nodes_list(&nodes);
	mmapper_buffers_list(&buffers);
	cli_complain("unload: mmapper is in use", NULL);
	holders_print(nodes);
	tell_buffers(buffers);
	mmapper_buffers_free(buffers);
	mmapper_nodes_free(nodes);
	return CLI_FAILED;
}

int cmd_unload(const struct cli_args *args)
{
	struct kmod_ctx *ctx = doctor_kmod();
	struct kmod_module *module;
	int error, status = CLI_DONE;

	(void)args;
	if (!ctx)
		return cli_complain("unload: libkmod does not start", NULL);
	if (!doctor_kmod_loaded(ctx)) {
		printf("mmapper is not loaded\n");
		kmod_unref(ctx);
		return CLI_DONE;
	}
	error = kmod_module_new_from_name(ctx, module_name, &module);
	if (!error) {
		error = kmod_module_remove_module(module, 0);
		kmod_module_unref(module);
	}
	if (error == -EBUSY || error == -EWOULDBLOCK)
		status = in_use();
	else if (error < 0 && error != -ENOENT)
		status = explain("unload", error);
	else
		printf("mmapper is unloaded\n");
	kmod_unref(ctx);
	return status;
}
