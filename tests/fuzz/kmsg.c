// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's log: not every complaint ends the kernel, and the sequence that
 * it follows must be the last.  What a complaint looks like stands in the
 * file that the runner of the VM goes by.
 */
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define PATTERNS	"/bad-lines"
#define MOST		64

static regex_t patterns[MOST];
static unsigned int count;
static int kmsg = -1;

/** kmsg_open() - watch the log from now on; without patterns, do nothing */
void kmsg_open(void)
{
	FILE *file = fopen(PATTERNS, "r");
	char line[256];

	if (!file)
		return;
	while (count < MOST && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && !regcomp(&patterns[count], line,
				      REG_EXTENDED | REG_NOSUB))
			count++;
	}
	fclose(file);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
}

/** kmsg_check() - has the kernel complained? then this program is over */
void kmsg_check(void)
{
	char line[1024];
	unsigned int i;
	ssize_t len;

	while (kmsg >= 0 && (len = read(kmsg, line, sizeof(line) - 1)) > 0) {
		line[len] = '\0';
		for (i = 0; i < count; i++) {
			if (regexec(&patterns[i], line, 0, NULL, 0))
				continue;
			printf("# the kernel complained: %s\n", line);
			fflush(stdout);
			team_stop();
			exit(1);
		}
	}
}
