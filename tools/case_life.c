// SPDX-License-Identifier: GPL-2.0-or-later
/* How long a mapping lives, and who inherits it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "evidence.h"

/* Say how the counts differ from what they were. */
static void say_change(const char *when, const struct mmapper_stats *was,
		       const struct mmapper_stats *is)
{
	ktap_say("%-30s files %+" PRId64 ", mappings %+" PRId64, when,
		 (int64_t)(is->files - was->files),
		 (int64_t)(is->mappings - was->mappings));
}

void case_lifetime(const void *arg)
{
	const struct subject *s = arg;
	struct mmapper_stats was, is;
	struct view view, watch;
	size_t intact;

	ev_begin(s, &watch);
	ev_stats(&watch, &was);

	ev_begin(s, &view);
	ev_map(&view, PROT_READ | PROT_WRITE, MAP_SHARED);
	mmapper_buffer_close(view.buffer);
	ev_stats(&watch, &is);
	say_change("after open(), mmap(), close()", &was, &is);
	EXPECT_EQ(is.files, was.files + 1);
	EXPECT_EQ(is.mappings, was.mappings + 1);
	EXPECT_EQ(is.mmaps, was.mmaps + 1);

	intact = ev_intact(&s->info, view.bytes, view.length);
	ktap_say("%zu of %zu bytes are still there", intact, view.length);
	EXPECT_EQ(intact, view.length);

	REQUIRE(mmapper_mapping_unmap(view.mapping) == 0);
	ev_stats(&watch, &is);
	say_change("after munmap()", &was, &is);
	EXPECT_EQ(is.files, was.files);
	EXPECT_EQ(is.mappings, was.mappings);
	EXPECT_EQ(is.vma_closes, was.vma_closes + 1);
}

static const char greeting[] = "from the child";

/* Tells what it sees by its exit status; ends when the parent has looked. */
static void child(const struct subject *s, const struct view *view, int go)
{
	size_t intact = ev_intact(&s->info, view->bytes, view->length);
	char byte;

	memcpy(view->bytes, greeting, sizeof(greeting));
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(intact == view->length ? 0 : 1);
}

void case_fork(const void *arg)
{
	const struct subject *s = arg;
	struct mmapper_stats was, is;
	struct view view;
	int go[2], status;
	pid_t pid;

	ev_begin(s, &view);
	ev_map(&view, PROT_READ | PROT_WRITE, MAP_SHARED);
	ev_stats(&view, &was);
	REQUIRE(pipe(go) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		close(go[1]);
		child(s, &view, go[0]);
	}
	close(go[0]);
	ev_stats(&view, &is);
	ktap_say("%-30s mappings %+" PRId64 ", calls of vm_ops->open %+" PRId64,
		 "after fork()", (int64_t)(is.mappings - was.mappings),
		 (int64_t)(is.vma_opens - was.vma_opens));
	EXPECT_EQ(is.mappings, was.mappings + 1);
	EXPECT_EQ(is.vma_opens, was.vma_opens + 1);
	EXPECT_EQ(is.mmaps, was.mmaps);

	close(go[1]);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	ev_stats(&view, &is);
	ktap_say("the child read %s; it left \"%.*s\"",
		 status ? "something else" : "the same bytes",
		 (int)sizeof(greeting) - 1, (const char *)view.bytes);
	EXPECT_EQ(status, 0);
	EXPECT(memcmp(view.bytes, greeting, sizeof(greeting)) == 0);
	ktap_say("%-30s mappings %+" PRId64, "after its exit",
		 (int64_t)(is.mappings - was.mappings));
	EXPECT_EQ(is.mappings, was.mappings);
}
