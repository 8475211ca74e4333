// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"

const struct doctor_stage doctor_stages[] = {
	{ "headers", doctor_headers },
	{ "module", doctor_module },
	{ "signature", doctor_signature },
	{ "loaded", doctor_loaded },
	{ "version", doctor_abi },
	{ "nodes", doctor_nodes },
	{ "permission", doctor_permission },
};

const size_t doctor_stage_count = ARRAY_SIZE(doctor_stages);

/* What libkmod would print is said with a remedy. */
static void no_log(void *data, int priority, const char *file, int line,
		   const char *function, const char *format, va_list list)
{
	(void)data;
	(void)priority;
	(void)file;
	(void)line;
	(void)function;
	(void)format;
	(void)list;
}

struct kmod_ctx *doctor_kmod(void)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);

	if (ctx)
		kmod_set_log_fn(ctx, no_log, NULL);
	return ctx;
}

bool doctor_kmod_loaded(struct kmod_ctx *ctx)
{
	struct kmod_module *module;
	int state;

	if (kmod_module_new_from_name(ctx, "mmapper", &module) < 0)
		return false;
	state = kmod_module_get_initstate(module);
	kmod_module_unref(module);
	return state >= 0;
}

static void read_info(struct kmod_module *from, struct doctor_module *module)
{
	const struct {
		const char	*key;
		char		*to;
		size_t		size;
	} fields[] = {
		{ "vermagic", module->vermagic, sizeof(module->vermagic) },
		{ "version", module->version, sizeof(module->version) },
		{ "srcversion", module->srcversion, sizeof(module->srcversion) },
		{ "signer", module->signer, sizeof(module->signer) },
	};
	struct kmod_list *list = NULL, *entry;
	size_t i;

	module->error = kmod_module_get_info(from, &list);
	if (module->error > 0)
		module->error = 0;
	kmod_list_foreach(entry, list) {
		const char *key = kmod_module_info_get_key(entry);
		const char *value = kmod_module_info_get_value(entry);

		if (strcmp(key, "sig_id") == 0)
			module->is_signed = true;
		for (i = 0; i < ARRAY_SIZE(fields); i++)
			if (strcmp(key, fields[i].key) == 0)
				snprintf(fields[i].to, fields[i].size, "%s",
					 value);
	}
	kmod_module_info_free_list(list);
}

static bool is_blacklisted(struct kmod_ctx *ctx)
{
	struct kmod_config_iter *iter = kmod_config_get_blacklists(ctx);
	bool found = false;

	while (iter && !found && kmod_config_iter_next(iter))
		found = strcmp(kmod_config_iter_get_key(iter), "mmapper") == 0;
	if (iter)
		kmod_config_iter_free_iter(iter);
	return found;
}

static void look(struct kmod_ctx *ctx, struct kmod_module *from,
		 struct doctor *doctor)
{
	struct doctor_module *module = &doctor->module;
	const char *path = kmod_module_get_path(from);
	const char *install = kmod_module_get_install_commands(from);

	if (path) {
		snprintf(module->path, sizeof(module->path), "%s", path);
		read_info(from, module);
	}
	if (install && !doctor->is_given)
		snprintf(module->install, sizeof(module->install), "%s",
			 install);
	module->is_blacklisted = is_blacklisted(ctx);
}

int doctor_begin(struct doctor *doctor, const char *file)
{
	struct kmod_module *module;
	struct kmod_ctx *ctx;
	int error;

	memset(doctor, 0, sizeof(*doctor));
	doctor->root = "";
	doctor->is_root = geteuid() == 0;
	doctor->is_given = file;
	if (uname(&doctor->host) < 0)
		return -errno;
	ctx = doctor_kmod();
	if (!ctx)
		return -ENOMEM;
	doctor->is_loaded = doctor_kmod_loaded(ctx);
	error = file ? kmod_module_new_from_path(ctx, file, &module) :
		       kmod_module_new_from_name(ctx, "mmapper", &module);
	if (!error) {
		look(ctx, module, doctor);
		kmod_module_unref(module);
	} else if (file) {
		/* No module at all, says libkmod. */
		snprintf(doctor->module.path, sizeof(doctor->module.path),
			 "%s", file);
		doctor->module.error = error;
	}
	kmod_unref(ctx);
	return 0;
}
