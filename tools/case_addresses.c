// SPDX-License-Identifier: GPL-2.0-or-later
/* Physical addresses: what the page tables, the store and pagemap say. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "evidence.h"

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_PFN	((1ULL << 55) - 1)

#define RUNS_SHOWN	6

struct walk {
	const struct view	*view;
	int			pagemap;
	size_t			begin;
	uint64_t		start;
	uint64_t		next;
	size_t			runs;
	size_t			agree;
	size_t			shown;
	size_t			same;
};

static void say_run(const struct walk *w, size_t end)
{
	char pages[48];

	if (!w->runs || w->runs > RUNS_SHOWN + 1)
		return;
	if (w->runs == RUNS_SHOWN + 1) {
		ktap_say("...");
		return;
	}
	if (w->begin == end - 1)
		snprintf(pages, sizeof(pages), "page %zu", w->begin);
	else
		snprintf(pages, sizeof(pages), "pages %zu-%zu", w->begin,
			 end - 1);
	ktap_say("%-13s 0x%09" PRIx64 " to 0x%09" PRIx64, pages, w->start,
		 w->next - 1);
}

static void look_at(struct walk *w, size_t index)
{
	const struct view *view = w->view;
	const unsigned char *at = view->bytes + index * view->page;
	uint64_t mapped = 0, stored = 0, entry = 0;

	REQUIRE(mmapper_buffer_translate(view->buffer, at, &mapped) == 0);
	REQUIRE(mmapper_buffer_lookup(view->buffer, index * view->page,
				      &stored) == 0);
	w->agree += mapped == stored;
	if (pread(w->pagemap, &entry, sizeof(entry), (off_t)
		  ((uintptr_t)at / view->page * sizeof(entry))) ==
	    sizeof(entry) && entry & (PAGEMAP_PRESENT | PAGEMAP_PFN)) {
		w->shown++;
		w->same += (entry & PAGEMAP_PFN) * view->page == mapped;
	}
	if (!index || mapped != w->next) {
		say_run(w, index);
		w->runs++;
		w->begin = index;
		w->start = mapped;
	}
	w->next = mapped + view->page;
}

static void untouched(const struct subject *s, const struct view *view)
{
	bool eager = s->info.backend_flags & MMAPPER_BACKEND_F_EAGER;
	size_t i, there = 0;
	uint64_t phys;

	for (i = 0; i < view->pages; i++) {
		int error = mmapper_buffer_translate(view->buffer,
						     view->bytes +
						     i * view->page, &phys);

		EXPECT(error == 0 || error == -ENODATA);
		there += error == 0;
	}
	ktap_say("before the first touch the page tables hold %zu of %zu pages",
		 there, view->pages);
	EXPECT_EQ(there, eager ? view->pages : 0);
}

static void judge(const struct subject *s, const struct walk *w)
{
	bool pages = s->info.backend_flags & MMAPPER_BACKEND_F_PAGES;
	size_t n = w->view->pages;

	ktap_say("page tables and store agree on %zu of %zu pages; %zu %s: %s",
		 w->agree, n, w->runs, w->runs == 1 ? "run" : "runs",
		 w->runs == 1 ? "contiguous" : "scattered");
	ktap_say("/proc/self/pagemap shows %zu of them, %zu the same%s",
		 w->shown, w->same, pages ? "" :
		 ": it walks past VM_PFNMAP");
	EXPECT_EQ(w->agree, n);
	EXPECT_EQ(w->shown, pages ? n : 0);
	EXPECT_EQ(w->same, pages ? n : 0);
	if (s->info.backend_flags & MMAPPER_BACKEND_F_CONTIGUOUS)
		EXPECT_EQ(w->runs, 1);
}

void case_addresses(const void *arg)
{
	const struct subject *s = arg;
	struct view view;
	struct walk w = { .view = &view };
	size_t i;

	ev_begin(s, &view);
	if (!ev_physical(&view))
		ktap_skip("physical addresses are shown to CAP_SYS_ADMIN only");
	ev_map(&view, PROT_READ, MAP_SHARED);
	untouched(s, &view);
	REQUIRE(ev_intact(&s->info, view.bytes, view.length) == view.length);

	w.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	REQUIRE(w.pagemap >= 0);
	for (i = 0; i < view.pages; i++)
		look_at(&w, i);
	say_run(&w, view.pages);
	judge(s, &w);
	s->finding->pages = view.pages;
	s->finding->runs = w.runs;
	s->finding->pagemap = w.shown;
	s->finding->found |= FOUND_PHYS;
}
