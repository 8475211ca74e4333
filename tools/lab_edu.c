// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device's interrupts and its DMA, seen by a process without a system call: QEMU's
 * device "edu", where there is one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

#define DEVICES	"/sys/bus/pci/devices"
#define SOON	20000	/* ms */

static bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static bool is_edu(const char *name)
{
	char path[PATH_MAX], text[128];
	FILE *file;
	bool edu = false;

	snprintf(path, sizeof(path), DEVICES "/%s/uevent", name);
	file = fopen(path, "r");
	while (file && fgets(text, sizeof(text), file))
		edu |= strcmp(text, "PCI_ID=1234:11E8\n") == 0;
	if (file)
		fclose(file);
	return edu;
}

/* Gives the device to the module, unless it has it already. */
static int edu_open(void)
{
	struct mmapper_lab_edu none = { .op = UINT32_MAX };
	char path[PATH_MAX], name[NAME_MAX + 1] = "";
	DIR *folder = opendir(DEVICES);
	struct dirent *entry;
	int fd = lab_open();

	while (folder && !*name) {
		entry = readdir(folder);
		if (!entry)
			break;
		if (is_edu(entry->d_name))
			strcpy(name, entry->d_name);
	}
	if (folder)
		closedir(folder);
	if (!*name)
		ktap_skip("needs QEMU's device: -device edu");
	if (ioctl(fd, MMAPPER_LAB_IOC_EDU, &none) < 0 && errno == EINVAL)
		return fd;
	snprintf(path, sizeof(path), DEVICES "/%s/driver_override", name);
	REQUIRE(put_text(path, "mmapper_lab"));
	REQUIRE(put_text("/sys/bus/pci/drivers_probe", name));
	if (ioctl(fd, MMAPPER_LAB_IOC_EDU, &none) < 0 && errno == ENODEV)
		ktap_skip("the device reaches no memory of this machine: its addresses have 28 bits");
	return fd;
}

static int edu(int fd, uint32_t op, uint32_t value, uint32_t offset,
	       uint32_t length)
{
	struct mmapper_lab_edu e = {
		.op = op, .value = value, .offset = offset, .length = length,
	};

	return ioctl(fd, MMAPPER_LAB_IOC_EDU, &e);
}

static struct mmapper_reader *counters_open(void)
{
	struct mmapper_reader *reader;

	REQUIRE(mmapper_counters_open(MMAPPER_LAB_EDU_COUNTERS, &reader) == 0);
	return reader;
}

static uint64_t counted(const struct mmapper_reader *reader, unsigned int index)
{
	struct mmapper_counters c;

	REQUIRE(mmapper_counters_read(reader, &c) == 0);
	return c.values[index];
}

/* The device is at work only once this process waits. */
static pid_t raise_later(int fd, uint32_t value)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid)
		return pid;
	usleep(50000);
	REQUIRE(edu(fd, MMAPPER_LAB_EDU_RAISE, value, 0, 0) == 0);
	ktap_end();
}

static void ended(pid_t pid)
{
	int status;

	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
}

/* It does nothing meanwhile but read memory. */
static void spun(const void *arg)
{
	int fd = edu_open();
	struct mmapper_reader *reader = counters_open();
	uint64_t before = counted(reader, MMAPPER_LAB_EDU_INTERRUPTS), loops = 0;
	uint64_t sum = counted(reader, MMAPPER_LAB_EDU_VALUES);
	pid_t pid = raise_later(fd, 5);

	(void)arg;
	while (counted(reader, MMAPPER_LAB_EDU_INTERRUPTS) == before ||
	       counted(reader, MMAPPER_LAB_EDU_VALUES) == sum)
		loops++;
	ktap_say("after %" PRIu64 " looks at the counters' page: an interrupt, number %" PRIu64,
		 loops, counted(reader, MMAPPER_LAB_EDU_INTERRUPTS));
	ended(pid);
	EXPECT(loops > 0);
	EXPECT_EQ(counted(reader, MMAPPER_LAB_EDU_INTERRUPTS), before + 1);
	EXPECT_EQ(counted(reader, MMAPPER_LAB_EDU_VALUES), sum + 5);
	mmapper_counters_close(reader);
}

static void polled(const void *arg)
{
	int fd = edu_open();
	struct mmapper_reader *reader = counters_open();
	uint64_t before = counted(reader, MMAPPER_LAB_EDU_INTERRUPTS);
	pid_t pid;

	(void)arg;
	EXPECT_EQ(mmapper_counters_wait(reader, MMAPPER_LAB_EDU_INTERRUPTS,
					before + 1, 0), -ETIMEDOUT);
	pid = raise_later(fd, 1);
	EXPECT_EQ(mmapper_counters_wait(reader, MMAPPER_LAB_EDU_INTERRUPTS,
					before + 1, SOON), 0);
	ktap_say("poll() woke the process at %" PRIu64 " interrupts, was %" PRIu64,
		 counted(reader, MMAPPER_LAB_EDU_INTERRUPTS), before);
	ended(pid);
	mmapper_counters_close(reader);
}

#define BYTES	256
#define BACK	1024

static void copied(const void *arg)
{
	struct mmapper_buffer *buffer;
	struct mmapper_mapping *mapping;
	int fd = edu_open(), i;
	char *bytes;

	(void)arg;
	REQUIRE(mmapper_buffer_open_name(MMAPPER_LAB_EDU_MEMORY, O_RDWR,
					 &buffer) == 0);
	REQUIRE(mmapper_buffer_map(buffer, 0, MMAPPER_WHOLE,
				   PROT_READ | PROT_WRITE, MAP_SHARED,
				   &mapping) == 0);
	bytes = mmapper_mapping_get_address(mapping);
	for (i = 0; i < BYTES; i++)
		bytes[i] = (char)('A' + i % 26);
	memset(bytes + BACK, 0, BYTES);
	REQUIRE(edu(fd, MMAPPER_LAB_EDU_TO_DEVICE, 0, 0, BYTES) == 0);
	EXPECT_EQ(bytes[BACK], 0);
	REQUIRE(edu(fd, MMAPPER_LAB_EDU_FROM_DEVICE, 0, BACK, BYTES) == 0);
	ktap_say("the process wrote \"%.8s\"; the device took it, and wrote it elsewhere: \"%.8s\"",
		 bytes, bytes + BACK);
	EXPECT(memcmp(bytes, bytes + BACK, BYTES) == 0);
	EXPECT_EQ(bytes[BACK + BYTES], 0);
	mmapper_mapping_unmap(mapping);
	mmapper_buffer_close(buffer);
}

static void refused(const void *arg)
{
	int fd = edu_open();

	(void)arg;
	EXPECT_ERRNO(edu(fd, 3, 0, 0, 1), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_RAISE, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_RAISE, 0x100, 0, 0), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_TO_DEVICE, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_TO_DEVICE, 1, 0, 1), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_TO_DEVICE, 0, 0,
			 MMAPPER_LAB_EDU_LENGTH_MAX + 1), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_FROM_DEVICE, 0,
			 (uint32_t)lab_page() - 1, 2), EINVAL);
	EXPECT_ERRNO(edu(fd, MMAPPER_LAB_EDU_FROM_DEVICE, 0, UINT32_MAX, 2),
		     EINVAL);
	ktap_say("EINVAL: nothing to raise, nothing to copy, more than a page, a range beyond it");
}

static const struct evidence_case checks[] = {
	{ { "spun", spun, 0 }, "An interrupt, seen by a process that only reads memory" },
	{ { "polled", polled, 60 }, "And by one that sleeps in poll()" },
	{ { "copied", copied, 120 }, "What the device writes is seen in the mapping" },
	{ { "refused", refused, 0 }, "What cannot be asked of it" },
};

const struct lab_experiment lab_edu = {
	.name		= "edu",
	.question	= "how does a process see what a device does?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
