// SPDX-License-Identifier: GPL-2.0-or-later
/* Stage signature: does the kernel insist on one, and does it trust this one? */
#include <glob.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"
#include "doctor.h"

#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Where the keys for modules are, and Debian's kernels look in the last too. */
static const char *const keyrings[] = {
	".builtin_trusted_keys", ".secondary_trusted_keys", ".machine",
	".platform",
};

/* The file lists the modes, the one that holds in brackets. */
static bool lockdown_mode(const struct doctor *doctor, char mode[32])
{
	char line[128];
	char *begin, *end;

	if (!doctor_read(doctor, "/sys/kernel/security/lockdown", "[", line,
			 sizeof(line)))
		return false;
	begin = strchr(line, '[');
	if (!begin)
		return false;
	begin++;
	end = strchr(begin, ']');
	snprintf(mode, 32, "%.*s", end ? (int)(end - begin) : 0, begin);
	return *mode && strcmp(mode, "none") != 0;
}

/* 1 or 0; -1: not to be seen.  Four bytes of attributes precede the value. */
static int secure_boot(const struct doctor *doctor)
{
	unsigned char value[5];
	char path[PATH_MAX];
	FILE *file;
	size_t n;

	file = fopen(doctor_path(doctor, path, SECURE_BOOT), "re");
	if (!file)
		return -1;
	n = fread(value, 1, sizeof(value), file);
	fclose(file);
	return n == sizeof(value) ? value[4] == 1 : -1;
}

bool doctor_enforced(const struct doctor *doctor, char *why, size_t size)
{
	char mode[32], line[8];
	bool enforced, locked;

	enforced = doctor_read(doctor,
			       "/sys/module/module/parameters/sig_enforce",
			       "Y", line, sizeof(line));
	locked = lockdown_mode(doctor, mode);
	snprintf(why, size, "%s%s%s%s%s", enforced ? "module.sig_enforce" : "",
		 enforced && locked ? ", " : "", locked ? "lockdown=" : "",
		 locked ? mode : "",
		 secure_boot(doctor) == 1 ? ", Secure Boot is on" : "");
	return enforced || locked;
}

/* "Name: number", or "Organisation: Name: number". */
bool doctor_key_matches(const char *description, const char *signer)
{
	size_t len = strlen(signer);
	const char *at = description;

	while (len && (at = strstr(at, signer))) {
		if ((at == description || (at - description >= 2 &&
					   strncmp(at - 2, ": ", 2) == 0)) &&
		    strncmp(at + len, ": ", 2) == 0)
			return true;
		at++;
	}
	return false;
}

/* The number of a keyring that belongs to the kernel; only root sees them. */
static bool find_keyring(const struct doctor *doctor, const char *name,
			 int32_t *serial)
{
	char line[256], word[64];
	unsigned int number;

	snprintf(word, sizeof(word), " %s:", name);
	if (!doctor_read(doctor, "/proc/keys", word, line, sizeof(line)) ||
	    sscanf(line, "%x", &number) != 1)
		return false;
	*serial = (int32_t)number;
	return true;
}

/* Type, owner, group and rights come first, each with a semicolon. */
static bool key_is(int32_t key, const char *signer)
{
	char text[512] = "";
	const char *name;

	if (syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text,
		    sizeof(text) - 1) < 0)
		return false;
	name = strrchr(text, ';');
	return name && doctor_key_matches(name + 1, signer);
}

/* The keyring that holds a key of this name, or NULL; *seen: could look. */
static const char *find_key(const struct doctor *doctor, const char *signer,
			    bool *seen)
{
	int32_t serial, keys[256];
	size_t i, k, count;
	long bytes;

	*seen = false;
	for (i = 0; i < ARRAY_SIZE(keyrings); i++) {
		if (!find_keyring(doctor, keyrings[i], &serial))
			continue;
		bytes = syscall(SYS_keyctl, KEYCTL_READ, serial, keys,
				sizeof(keys));
		if (bytes < 0)
			continue;
		*seen = true;
		count = (size_t)bytes / sizeof(keys[0]);
		for (k = 0; k < count && k < ARRAY_SIZE(keys); k++)
			if (key_is(keys[k], signer))
				return keyrings[i];
	}
	return NULL;
}

/* NAME=VALUE in a file for the shell; the last one counts. */
static void read_setting(const char *path, const char *name, char value[256])
{
	char *line = NULL, *begin;
	size_t room = 0;
	FILE *file;

	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		begin = line + strlen(name);
		begin += strspn(begin, "\"'");
		begin[strcspn(begin, "\"'")] = '\0';
		snprintf(value, 256, "%s", begin);
	}
	free(line);
	if (file)
		fclose(file);
}

/* Where DKMS has the certificate of the key that it signs with. */
static void certificate(const struct doctor *doctor, char value[256])
{
	static const char name[] = "mok_certificate=";
	char path[PATH_MAX];
	glob_t more;
	size_t i;

	*value = '\0';
	read_setting(doctor_path(doctor, path, "/etc/dkms/framework.conf"),
		     name, value);
	doctor_path(doctor, path, "/etc/dkms/framework.conf.d/*.conf");
	if (glob(path, 0, NULL, &more) == 0)
		for (i = 0; i < more.gl_pathc; i++)
			read_setting(more.gl_pathv[i], name, value);
	globfree(&more);
	if (*value)
		return;
	strcpy(value, "/var/lib/dkms/mok.pub");
	if (!doctor_exists(doctor, "%s", value) &&
	    doctor_exists(doctor, "/var/lib/shim-signed/mok/MOK.der"))
		strcpy(value, "/var/lib/shim-signed/mok/MOK.der");
}

void doctor_enrol(const struct doctor *doctor, struct doctor_row *row)
{
	bool uefi = doctor_exists(doctor, "/sys/firmware/efi");
	const char *sudo = doctor_sudo(doctor);
	char path[256];

	/* The kernel takes shim's list of keys only under Secure Boot. */
	if (!uefi || secure_boot(doctor) == 0) {
		doctor_add(row, "; %s, so that no key can be enrolled: take module.sig_enforce and lockdown off the kernel's command line, in /etc/default/grub",
			   uefi ? "Secure Boot is off" :
				  "this machine was not booted by UEFI");
		doctor_help(row, "%supdate-grub && %sreboot", sudo, sudo);
		return;
	}
	certificate(doctor, path);
	doctor_add(row, "; once DKMS's certificate is imported, reboot and enrol it on the screen that comes up");
	if (doctor_exists(doctor, "/usr/bin/mokutil"))
		doctor_help(row, "%smokutil --import %s", sudo, path);
	else
		doctor_help(row, "%sapt install mokutil && %smokutil --import %s",
			    sudo, sudo, path);
}

static void judge_key(const struct doctor *doctor, const char *why,
		      struct doctor_row *row)
{
	const char *signer = doctor->module.signer, *where;
	bool seen;

	where = find_key(doctor, signer, &seen);
	if (where) {
		doctor_set(row, DOCTOR_OK, "signed by \"%s\", a key in %s; the kernel insists (%s)",
			   signer, where, why);
	} else if (!seen) {
		doctor_set(row, DOCTOR_NOTE, "signed by \"%s\"; the kernel insists on a key that it trusts (%s), and %s",
			   signer, why, doctor->is_root ?
			   "does not show which" : "shows only root which");
	} else {
		doctor_set(row, DOCTOR_FAILED, "the kernel takes only modules signed with a key that it trusts (%s), and \"%s\", which signed this one, is none",
			   why, signer);
		doctor_enrol(doctor, row);
	}
}

static void already_loaded(const struct doctor *doctor, const char *why,
			   struct doctor_row *row)
{
	char taint[32];

	if (doctor_read(doctor, "/sys/module/mmapper/taint", "E", taint,
			sizeof(taint)))
		doctor_set(row, DOCTOR_NOTE, "the kernel took the module without a signature that it trusts, and is tainted by that (E)%s%s",
			   *why ? "; it insists by now: " : "", why);
	else
		doctor_set(row, DOCTOR_OK, "the kernel has taken the module");
}

void doctor_signature(const struct doctor *doctor, struct doctor_row *row)
{
	const struct doctor_module *module = &doctor->module;
	bool enforced;
	char why[128];

	enforced = doctor_enforced(doctor, why, sizeof(why));
	if (doctor->is_loaded) {
		already_loaded(doctor, enforced ? why : "", row);
	} else if (enforced && module->is_signed) {
		judge_key(doctor, why, row);
	} else if (enforced) {
		doctor_set(row, DOCTOR_FAILED, "the module is not signed, and the kernel takes only modules signed with a key that it trusts (%s); DKMS signs what it builds",
			   why);
		doctor_rebuild(doctor, row);
	} else if (module->is_signed) {
		doctor_set(row, DOCTOR_OK, "signed by \"%s\"; the kernel does not insist on a key that it trusts",
			   module->signer);
	} else {
		doctor_set(row, DOCTOR_NOTE, "not signed; the kernel takes it all the same, and will be tainted (E)");
	}
}
