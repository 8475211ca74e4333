// SPDX-License-Identifier: GPL-2.0-or-later
/* What must not be mapped.  The library would refuse some of it by itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"
#include "evidence.h"

#define WIDTH		60

struct attempt {
	const char	*what;
	uint64_t	offset;
	uint64_t	length;
	int		prot;
	int		mode;
	int		error;
};

/* What was refused with the same error stands together. */
struct group {
	int		error;
	char		what[256];
};

static const char *error_name(int error)
{
	switch (error) {
	case EINVAL:
		return "EINVAL";
	case EOVERFLOW:
		return "EOVERFLOW";
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	}
	return strerror(error);
}

static void say_group(struct group *g)
{
	if (*g->what)
		ktap_say("%-10s%s", error_name(g->error), g->what);
	*g->what = '\0';
}

static void judge(struct group *g, const char *what, bool refused, int got,
		  int error)
{
	size_t used = strlen(g->what);

	if (!ktap_expect(refused && got == error, __FILE__, __LINE__,
			 "%s: expected %s, got %s", what, error_name(error),
			 refused ? error_name(got) : "a mapping"))
		return;
	if (used && (g->error != error || used + strlen(what) > WIDTH)) {
		say_group(g);
		used = 0;
	}
	g->error = error;
	snprintf(g->what + used, sizeof(g->what) - used, "%s%s",
		 used ? "; " : "", what);
}

static void try_map(const struct subject *s, struct group *g,
		    const struct attempt *a)
{
	struct mmapper_buffer *buffer = ev_open(s, a->mode);
	void *at;

	errno = 0;
	at = mmap(NULL, (size_t)a->length, a->prot, MAP_SHARED,
		  mmapper_buffer_get_fd(buffer), (off_t)a->offset);
	judge(g, a->what, at == MAP_FAILED, errno, a->error);
	mmapper_buffer_close(buffer);
}

static void try_protect(const struct subject *s, struct group *g,
			const char *what, int mode, int prot)
{
	struct view view;
	int result;

	ev_begin(s, &view);
	mmapper_buffer_close(view.buffer);
	view.buffer = ev_open(s, mode);
	ev_map(&view, PROT_READ, MAP_SHARED);
	errno = 0;
	result = mprotect(view.bytes, view.length, prot);
	judge(g, what, result < 0, errno, EACCES);
	mmapper_mapping_unmap(view.mapping);
	mmapper_buffer_close(view.buffer);
}

void case_bounds(const void *arg)
{
	const struct subject *s = arg;
	const uint64_t page = s->info.page_size, end = s->info.map_size;
	const struct attempt attempts[] = {
		{ "length 0", 0, 0, PROT_READ, O_RDWR, EINVAL },
		{ "one page more than there is", 0, end + page, PROT_READ,
		  O_RDWR, EINVAL },
		{ "the page behind the end", end, page, PROT_READ, O_RDWR,
		  EINVAL },
		{ "the last page and one more", end - page, 2 * page, PROT_READ,
		  O_RDWR, EINVAL },
		{ "offset + length that wraps", -page, 2 * page, PROT_READ,
		  O_RDWR, EOVERFLOW },
		{ "PROT_EXEC", 0, page, PROT_READ | PROT_EXEC, O_RDWR,
		  EPERM },
		{ "PROT_WRITE on a read-only descriptor", 0, page,
		  PROT_READ | PROT_WRITE, O_RDONLY, EACCES },
		{ "any on a write-only one", 0, page,
		  PROT_READ, O_WRONLY, EACCES },
	};
	struct group g = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		try_map(s, &g, &attempts[i]);
	try_protect(s, &g, "mprotect() of a read-only mapping to PROT_WRITE",
		    O_RDONLY, PROT_READ | PROT_WRITE);
	try_protect(s, &g, "mprotect() to PROT_EXEC", O_RDWR,
		    PROT_READ | PROT_EXEC);
	say_group(&g);
}
