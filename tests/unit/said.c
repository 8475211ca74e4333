// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "said.h"

char *said_out, *said_err;

static int caught[2], kept[2];

static void divert(int fd)
{
	fflush(fd == STDOUT_FILENO ? stdout : stderr);
	kept[fd - 1] = dup(fd);
	caught[fd - 1] = memfd_create("said", MFD_CLOEXEC);
	assert_true(kept[fd - 1] >= 0 && caught[fd - 1] >= 0);
	assert_int_equal(dup2(caught[fd - 1], fd), fd);
}

static char *restore(int fd)
{
	off_t size;
	char *text;

	fflush(fd == STDOUT_FILENO ? stdout : stderr);
	assert_int_equal(dup2(kept[fd - 1], fd), fd);
	size = lseek(caught[fd - 1], 0, SEEK_END);
	assert_true(size >= 0);
	text = calloc(1, (size_t)size + 1);
	assert_int_equal(pread(caught[fd - 1], text, (size_t)size, 0), size);
	close(kept[fd - 1]);
	close(caught[fd - 1]);
	return text;
}

void said_begin(void)
{
	divert(STDOUT_FILENO);
	divert(STDERR_FILENO);
}

void said_end(void)
{
	free(said_out);
	free(said_err);
	said_out = restore(STDOUT_FILENO);
	said_err = restore(STDERR_FILENO);
}

void said_has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}
