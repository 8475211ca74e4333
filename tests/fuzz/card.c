// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A PCI device for the module: QEMU's pci-testdev, whose third BAR is as large as
 * it was told and has nothing behind it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define DEVICES	"/sys/bus/pci/devices/"
#define DRIVER	"/sys/bus/pci/drivers/mmapper/"
#define TESTDEV	"pci:v00001B36d00000005"

char card[32];

static bool is_card(const char *name)
{
	char path[300], text[sizeof(TESTDEV)] = "";
	int fd;

	snprintf(path, sizeof(path), DEVICES "%s/modalias", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)!read(fd, text, sizeof(text) - 1);
	close(fd);
	return !strcmp(text, TESTDEV);
}

static long put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long done = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return done;
}

/** card_give() - let the module have it, whenever it is loaded */
void card_give(void)
{
	DIR *dir = opendir(DEVICES);
	struct dirent *entry;
	char path[300];

	while (dir && !*card && (entry = readdir(dir)) != NULL)
		if (is_card(entry->d_name))
			snprintf(card, sizeof(card), "%.31s", entry->d_name);
	if (dir)
		closedir(dir);
	if (!*card)
		return;
	snprintf(path, sizeof(path), DEVICES "%s/driver_override", card);
	put(path, "mmapper");
}

/** card_back() - give it back, if it was taken away; that it was not is no error */
void card_back(void)
{
	put(DRIVER "bind", card);
}

/* It is taken away, whatever is made of it, or given back. */
void op_card(struct ctx *c, const uint64_t *v)
{
	CALL(c, put(v[0] ? DRIVER "bind" : DRIVER "unbind", card));
	judge_loosely(c);
}
