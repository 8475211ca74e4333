// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: fopen fclose opendir readdir closedir access stat */
/* wrap: readlink glob globfree syscall */
/*
 * The doctor in a machine made of the input: what the module's file says of
 * itself, then the files that the stages read, then keys.
 */
#include <glob.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "doctor.h"
#include "files.h"

static struct file files[] = {
	{ .end = "/config/kernel.release" },
	{ .end = "/utsrelease.h" },
	{ .end = "/build/Makefile" },
	{ .end = "/parameters/sig_enforce" },
	{ .end = "/security/lockdown" },
	{ .end = "c" },		/* SecureBoot-...b8c */
	{ .end = "/sys/firmware/efi" },
	{ .end = "/proc/keys" },
	{ .end = "/dkms/framework.conf" },
	{ .end = "/own.conf" },
	{ .end = "/dkms/mmapper" },
	{ .end = "/source/dkms.conf" },
	{ .end = "/build/make.log" },
	{ .end = "/mmapper/taint" },
	{ .end = "/mmapper/version" },
	{ .end = "/mmapper/srcversion" },
	{ .end = "/doc/mmapper-dkms" },
	{ .end = "/doc/mmapper-tools" },
	{ .end = "/mmapper.ko*" },
	{ 0 },
};

static struct piece key;

ssize_t __wrap_readlink(const char *path, char *to, size_t room);
int __wrap_glob(const char *pattern, int flags,
		int (*error)(const char *path, int number), glob_t *list);
void __wrap_globfree(glob_t *list);
long __wrap_syscall(long number, ...);

ssize_t __wrap_readlink(const char *path, char *to, size_t room)
{
	always(room && *path);
	memset(to, 'l', room);
	return files_find("/own.conf") ? (ssize_t)room : -1;
}

/* A pattern matches one file: its own name, or what stands for it. */
int __wrap_glob(const char *pattern, int flags,
		int (*error)(const char *path, int number), glob_t *list)
{
	static char *found[2] = { (char *)"/etc/own.conf", NULL };
	const struct file *file;

	always(!flags && !error && strlen(pattern) < 4096);
	memset(list, 0, sizeof(*list));
	file = files_find(strstr(pattern, ".conf") ? "/own.conf" : pattern);
	if (!file)
		return GLOB_NOMATCH;
	files_open++;
	if (!strstr(pattern, ".conf"))
		found[0] = file->piece.text;
	else
		found[0] = (char *)"/etc/own.conf";
	list->gl_pathc = 1;
	list->gl_pathv = found;
	return 0;
}

void __wrap_globfree(glob_t *list)
{
	files_open -= (int)list->gl_pathc;
}

/* Every keyring holds as many keys as the description is long. */
long __wrap_syscall(long number, ...)
{
	long operation, room;
	va_list args;
	void *to;

	va_start(args, number);
	operation = va_arg(args, int);
	va_arg(args, int);
	to = va_arg(args, void *);
	room = va_arg(args, long);
	va_end(args);
	always(number == SYS_keyctl && room > 0);
	memset(to, 1, (size_t)room);
	if (operation == KEYCTL_READ)
		return (long)key.len * 4;
	if (key.len >= (size_t)room)
		return -1;
	memcpy(to, key.text, key.len + 1);
	return (long)key.len + 1;
}

static void take(struct input *in, char *to, size_t size)
{
	struct piece piece = input_next(in, '|');

	snprintf(to, size, "%s", piece.text);
	free(piece.text);
}

static void take_module(struct input *in, struct doctor *doctor)
{
	struct doctor_module *module = &doctor->module;
	char bits[8];

	take(in, bits, sizeof(bits));
	doctor->root = "";
	doctor->is_root = strchr(bits, 'r');
	doctor->is_loaded = strchr(bits, 'l');
	module->is_signed = strchr(bits, 's');
	module->is_blacklisted = strchr(bits, 'b');
	module->error = strchr(bits, 'e') ? -8 : 0;
	strcpy(doctor->host.machine, "x86_64");
	take(in, doctor->host.release, sizeof(doctor->host.release));
	take(in, doctor->host.version, sizeof(doctor->host.version));
	take(in, module->path, sizeof(module->path));
	take(in, module->vermagic, sizeof(module->vermagic));
	take(in, module->version, sizeof(module->version));
	take(in, module->srcversion, sizeof(module->srcversion));
	take(in, module->signer, sizeof(module->signer));
	take(in, module->install, sizeof(module->install));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	static struct doctor doctor;
	static struct doctor_row row;
	size_t i;

	memset(&doctor, 0, sizeof(doctor));
	take_module(&in, &doctor);
	key = input_next(&in, '|');
	files_take(files, &in);
	for (i = 0; i < 4; i++) {
		memset(&row, 0, sizeof(row));
		doctor_stages[i].run(&doctor, &row);
		always(row.status <= DOCTOR_FAILED && *row.found);
		always(memchr(row.found, 0, sizeof(row.found)));
		always(memchr(row.command, 0, sizeof(row.command)));
		/* Whoever is told what is wrong is told what helps. */
		always(row.status != DOCTOR_FAILED || *row.command || !i);
	}
	memset(&row, 0, sizeof(row));
	doctor_enrol(&doctor, &row);
	always(*row.command);
	doctor_rebuild(&doctor, &row);
	doctor_key_matches(key.text, doctor.module.signer);
	files_drop(files);
	free(key.text);
	return 0;
}
