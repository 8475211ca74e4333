// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor makes of files like a machine's; tests/doctor has real ones. */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor.h"

#define KVER	"6.1.0-9-amd64"
#define DKMS	"/var/lib/dkms/mmapper/"
#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static char root[256];
static struct doctor doctor;
static struct doctor_row row;

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof(root), "%s/doctor.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(root))
		return -1;
	memset(&doctor, 0, sizeof(doctor));
	memset(&row, 0, sizeof(row));
	doctor.root = root;
	strcpy(doctor.host.release, KVER);
	strcpy(doctor.host.version, "#1 SMP Debian 6.1.1-1 (2026-01-01)");
	strcpy(doctor.host.machine, "x86_64");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A file, with the folders on its way. */
static void put(const char *path, const char *text)
{
	char full[512], *slash;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void module_is(const char *vermagic)
{
	strcpy(doctor.module.path, "/lib/modules/" KVER "/updates/mmapper.ko");
	strcpy(doctor.module.vermagic, vermagic);
	strcpy(doctor.module.version, "0.1.0");
}

/* The verdict, words of what was found, and the whole command. */
static void gives(void (*stage)(const struct doctor *, struct doctor_row *),
		  enum doctor_status status, const char *words,
		  const char *command)
{
	memset(&row, 0, sizeof(row));
	stage(&doctor, &row);
	if (!strstr(row.found, words))
		fail_msg("\"%s\" does not say \"%s\"", row.found, words);
	assert_int_equal(row.status, status);
	assert_string_equal(row.command, command);
}

static void test_headers(void **state)
{
	static const char release[] =
		"/lib/modules/" KVER "/build/include/config/kernel.release";
	static const char utsrelease[] =
		"/lib/modules/" KVER "/build/include/generated/utsrelease.h";

	(void)state;
	gives(doctor_headers, DOCTOR_FAILED, KVER ", are not installed",
	      "sudo apt install linux-headers-" KVER);
	doctor.is_root = true;
	gives(doctor_headers, DOCTOR_FAILED, "",
	      "apt install linux-headers-" KVER);
	strcpy(doctor.host.version, "#1 SMP of my own");
	gives(doctor_headers, DOCTOR_FAILED, "where this kernel came from", "");
	strcpy(doctor.host.release, "6.1.9-200.fc37.x86_64");
	gives(doctor_headers, DOCTOR_FAILED, "",
	      "dnf install kernel-devel-6.1.9-200.fc37.x86_64");
	strcpy(doctor.host.release, KVER);

	put("/lib/modules/" KVER "/build/nothing", "");
	gives(doctor_headers, DOCTOR_FAILED, "leads to no kernel headers", "");
	put("/lib/modules/" KVER "/build/Makefile", "");
	gives(doctor_headers, DOCTOR_OK, KVER, "");
	put(utsrelease, "#define UTS_RELEASE \"6.9\"\n");
	gives(doctor_headers, DOCTOR_FAILED, "headers of 6.9", "");
	put(utsrelease, "#define UTS_RELEASE \"" KVER "\"\n");
	gives(doctor_headers, DOCTOR_OK, KVER, "");
	put(release, "6.8\n");
	gives(doctor_headers, DOCTOR_FAILED, "headers of 6.8", "");
	/* A module that has to be built anew is none to do without them for. */
	module_is("6.9 SMP");
	gives(doctor_headers, DOCTOR_FAILED, "headers of 6.8", "");
	module_is(KVER " SMP");
	gives(doctor_headers, DOCTOR_NOTE, "headers of 6.8", "");
	*doctor.module.path = '\0';
	doctor.is_loaded = true;
	gives(doctor_headers, DOCTOR_NOTE, "headers of 6.8", "");
}

static void test_module_file(void **state)
{
	(void)state;
	module_is(KVER " SMP preempt");
	gives(doctor_module, DOCTOR_OK, "version 0.1.0", "");
	module_is(KVER);
	gives(doctor_module, DOCTOR_OK, "version 0.1.0", "");
	module_is(KVER "-rt SMP");
	gives(doctor_module, DOCTOR_FAILED, "another kernel, " KVER "-rt; ",
	      "sudo make dkms-install");
	module_is("6.1.0-9 SMP");
	gives(doctor_module, DOCTOR_FAILED, "another kernel, 6.1.0-9; ",
	      "sudo make dkms-install");
	module_is("");
	gives(doctor_module, DOCTOR_FAILED, "another kernel", "sudo make dkms-install");
	doctor.is_loaded = true;
	gives(doctor_module, DOCTOR_NOTE, "another kernel", "");
	doctor.is_loaded = false;
	doctor.module.error = -ENOEXEC;
	gives(doctor_module, DOCTOR_FAILED, "cannot be read as a module",
	      "sudo make dkms-install");
}

static void test_no_module(void **state)
{
	(void)state;
	gives(doctor_module, DOCTOR_FAILED, "no module mmapper is installed for " KVER,
	      "sudo make dkms-install");
	put("/usr/share/doc/mmapper-tools/README", "");
	gives(doctor_module, DOCTOR_FAILED, "", "sudo apt install mmapper-dkms");
	put("/usr/share/doc/mmapper-dkms/README", "");
	gives(doctor_module, DOCTOR_FAILED, "",
	      "sudo apt install --reinstall mmapper-dkms");
	put("/lib/modules/6.1.0-8-amd64/updates/dkms/mmapper.ko.xz", "");
	gives(doctor_module, DOCTOR_FAILED, "for another kernel, ",
	      "sudo apt install --reinstall mmapper-dkms");
	put("/lib/modules/" KVER "/extra/mmapper.ko", "");
	gives(doctor_module, DOCTOR_FAILED, "index does not have it",
	      "sudo depmod " KVER);
	doctor.is_loaded = true;
	gives(doctor_module, DOCTOR_NOTE, "loaded all the same", "");
}

/* The newest version counts: 0.10.0 comes after 0.9.0. */
static void test_dkms(void **state)
{
	static const char install[] =
		"sudo dkms install --force mmapper/0.10.0 -k " KVER;

	(void)state;
	put(DKMS "kernel-" KVER "-x86_64", "");
	gives(doctor_module, DOCTOR_FAILED, "no module mmapper is installed",
	      "sudo make dkms-install");
	put(DKMS "0.9.0/source/dkms.conf", "");
	put(DKMS "0.10.0/build/Kbuild", "");
	gives(doctor_module, DOCTOR_FAILED, "mmapper/0.10.0, but its source is gone",
	      "sudo make dkms-install");
	put(DKMS "0.10.0/source/dkms.conf", "");
	gives(doctor_module, DOCTOR_FAILED, "has not built it for " KVER, install);
	put(DKMS "0.10.0/build/make.log", "DKMS make.log for kernel 6.9 (x86_64)\n");
	gives(doctor_module, DOCTOR_FAILED, "has not built it", install);
	put(DKMS "0.10.0/build/make.log", "DKMS make.log for kernel " KVER "\n");
	gives(doctor_module, DOCTOR_FAILED, KVER ": its log names no error",
	      "sudo less " DKMS "0.10.0/build/make.log");
	put(DKMS "0.10.0/build/make.log",
	    "DKMS make.log for kernel " KVER " (x86_64)\nCC main.o\nmain.c:1:2: error: no\n");
	gives(doctor_module, DOCTOR_FAILED, KVER ": main.c:1:2: error: no",
	      "sudo less " DKMS "0.10.0/build/make.log");
	put(DKMS "0.10.0/" KVER "/x86_64/module/mmapper.ko.zst", "");
	gives(doctor_module, DOCTOR_FAILED, "but it is not installed", install);
}

static void test_enforced(void **state)
{
	static const char sig[] = "/sys/module/module/parameters/sig_enforce";
	static const char lockdown[] = "/sys/kernel/security/lockdown";
	char why[128];

	(void)state;
	assert_false(doctor_enforced(&doctor, why, sizeof(why)));
	put(sig, "N\n");
	put(lockdown, "[none] integrity confidentiality\n");
	assert_false(doctor_enforced(&doctor, why, sizeof(why)));
	put(lockdown, "none [integrity] confidentiality\n");
	assert_true(doctor_enforced(&doctor, why, sizeof(why)));
	assert_string_equal(why, "lockdown=integrity");
	put(sig, "Y\n");
	put(lockdown, "none integrity [confidentiality]\n");
	assert_true(doctor_enforced(&doctor, why, sizeof(why)));
	assert_string_equal(why, "module.sig_enforce, lockdown=confidentiality");
	put(lockdown, "nonsense [\n");
	put(SECURE_BOOT, "abcd\1");
	assert_true(doctor_enforced(&doctor, why, sizeof(why)));
	assert_string_equal(why, "module.sig_enforce, Secure Boot is on");
}

static void test_signature(void **state)
{
	(void)state;
	module_is(KVER);
	gives(doctor_signature, DOCTOR_NOTE, "not signed", "");
	doctor.module.is_signed = true;
	strcpy(doctor.module.signer, "me");
	gives(doctor_signature, DOCTOR_OK, "signed by \"me\"", "");
	put("/sys/module/module/parameters/sig_enforce", "Y\n");
	gives(doctor_signature, DOCTOR_NOTE, "shows only root which", "");
	doctor.module.is_signed = false;
	gives(doctor_signature, DOCTOR_FAILED, "not signed", "sudo make dkms-install");
	put(DKMS "0.1.0/source/dkms.conf", "");
	gives(doctor_signature, DOCTOR_FAILED, "not signed",
	      "sudo dkms install --force mmapper/0.1.0 -k " KVER);
	doctor.is_loaded = true;
	gives(doctor_signature, DOCTOR_OK, "has taken", "");
	put("/sys/module/mmapper/taint", "OE\n");
	gives(doctor_signature, DOCTOR_NOTE, "tainted", "");
	put("/sys/module/mmapper/taint", "O\n");
	gives(doctor_signature, DOCTOR_OK, "has taken", "");
}

static void test_enrol(void **state)
{
	(void)state;
	gives(doctor_enrol, DOCTOR_OK, "not booted by UEFI",
	      "sudo update-grub && sudo reboot");
	put(SECURE_BOOT, "abcd0");
	gives(doctor_enrol, DOCTOR_OK, "Secure Boot is off",
	      "sudo update-grub && sudo reboot");
	put(SECURE_BOOT, "abcd\1");
	gives(doctor_enrol, DOCTOR_OK, "enrol it",
	      "sudo apt install mokutil && sudo mokutil --import /var/lib/dkms/mok.pub");
	put("/usr/bin/mokutil", "");
	gives(doctor_enrol, DOCTOR_OK, "", "sudo mokutil --import /var/lib/dkms/mok.pub");
	put("/var/lib/shim-signed/mok/MOK.der", "");
	gives(doctor_enrol, DOCTOR_OK, "",
	      "sudo mokutil --import /var/lib/shim-signed/mok/MOK.der");
	put("/var/lib/dkms/mok.pub", "");
	gives(doctor_enrol, DOCTOR_OK, "", "sudo mokutil --import /var/lib/dkms/mok.pub");
	put("/etc/dkms/framework.conf", "# mok_certificate=/not/this\n");
	gives(doctor_enrol, DOCTOR_OK, "", "sudo mokutil --import /var/lib/dkms/mok.pub");
	put("/etc/dkms/framework.conf",
	    "# mok_certificate=/not/this\nmok_certificate=\"/a/b.der\"\n");
	gives(doctor_enrol, DOCTOR_OK, "", "sudo mokutil --import /a/b.der");
	put("/etc/dkms/framework.conf.d/own.conf", "mok_certificate=/c.der\n");
	gives(doctor_enrol, DOCTOR_OK, "", "sudo mokutil --import /c.der");
}

static void test_loaded(void **state)
{
	(void)state;
	module_is(KVER);
	strcpy(doctor.module.srcversion, "AB");
	gives(doctor_loaded, DOCTOR_FAILED, "not loaded", "sudo mmapper-cli load");
	doctor.module.is_blacklisted = true;
	gives(doctor_loaded, DOCTOR_FAILED, "blacklisted", "sudo mmapper-cli load");
	strcpy(doctor.module.install, "/bin/false");
	gives(doctor_loaded, DOCTOR_FAILED, "has \"/bin/false\" run",
	      "grep -rw mmapper /etc/modprobe.d /run/modprobe.d /lib/modprobe.d");
	doctor.is_loaded = true;
	put("/sys/module/mmapper/version", "0.1.0\n");
	put("/sys/module/mmapper/srcversion", "AB\n");
	gives(doctor_loaded, DOCTOR_OK, "loaded", "");
	put("/sys/module/mmapper/srcversion", "CD\n");
	gives(doctor_loaded, DOCTOR_NOTE, "another build", "");
	put("/sys/module/mmapper/srcversion", "AB\n");
	put("/sys/module/mmapper/version", "0.0.9\n");
	gives(doctor_loaded, DOCTOR_NOTE, "another build", "");
}

static void judge_access(const struct doctor_access *access, const char *words,
			 const char *command)
{
	memset(&row, 0, sizeof(row));
	doctor_judge_access(&doctor, access, &row);
	assert_int_equal(row.status, DOCTOR_FAILED);
	assert_non_null(strstr(row.found, words));
	assert_string_equal(row.command, command);
}

static void test_access(void **state)
{
	struct doctor_access access = {
		.path = "/dev/mmapper/x", .user = "me", .group = "root",
		.mode = 0660,
	};

	(void)state;
	judge_access(&access, "no such group", "sudo groupadd --system mmapper");
	access.has_group = true;
	judge_access(&access, "no rule",
		     "sudo chgrp mmapper /dev/mmapper/* /dev/mmapper_?");
	put("/usr/share/doc/mmapper-dkms/README", "");
	judge_access(&access, "rule for udev is gone",
		     "sudo apt install --reinstall mmapper-dkms");
	access.has_rule = true;
	judge_access(&access, "not applied",
		     "sudo udevadm trigger --action=change --subsystem-match=mmapper");
	access.group = "mmapper";
	access.is_ours = true;
	judge_access(&access, "me is not in that group", "sudo adduser me mmapper");
	access.in_database = true;
	judge_access(&access, "log in again", "newgrp mmapper");
	access.in_process = true;
	access.mode = 0600;
	judge_access(&access, "mode 0600", "sudo chmod 660 /dev/mmapper/x");
}

/* No text is longer than its place, and none is missing. */
static void test_long(void **state)
{
	size_t i;

	(void)state;
	memset(doctor.module.path, 'p', sizeof(doctor.module.path) - 1);
	memset(doctor.module.vermagic, 'v', sizeof(doctor.module.vermagic) - 1);
	memset(doctor.module.install, 'i', sizeof(doctor.module.install) - 1);
	for (i = 0; i < 4; i++) {
		memset(&row, 0, sizeof(row));
		doctor_stages[i].run(&doctor, &row);
		assert_true(*row.found);
		doctor_add(&row, "%2000d", 1);
		assert_int_equal(strlen(row.found), sizeof(row.found) - 1);
	}
}

#define doctor_test(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		doctor_test(test_headers),
		doctor_test(test_module_file),
		doctor_test(test_no_module),
		doctor_test(test_dkms),
		doctor_test(test_enforced),
		doctor_test(test_signature),
		doctor_test(test_enrol),
		doctor_test(test_loaded),
		doctor_test(test_access),
		doctor_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
