// SPDX-License-Identifier: GPL-2.0-or-later
/* How the kernel describes a mapping, and what its faults cost. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"
#include "evidence.h"

static void keep_flags(const struct vma *vma, char *text, size_t len)
{
	static const char *const telling[] = { "pf", "mm", "io", "de", "dd",
					       "dc" };
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(telling) && used < len; i++)
		if (vma_has(vma, telling[i]))
			used += (size_t)snprintf(text + used, len - used,
						 "%s%s", used ? " " : "",
						 telling[i]);
}

static void second_page(const struct view *view)
{
	struct mmapper_mapping *mapping;
	struct vma vma;

	if (view->pages < 2)
		return;
	REQUIRE(mmapper_buffer_map(view->buffer, view->page, view->page,
				   PROT_READ, MAP_SHARED, &mapping) == 0);
	REQUIRE(vma_find(mmapper_mapping_get_address(mapping), &vma));
	ktap_say("mapped from the second page on, its offset is %" PRIx64,
		 vma.offset);
	EXPECT_EQ(vma.offset, view->page);
}

/* Memory that is made when it is touched, and not before. */
static void say_lazy(const struct view *view)
{
	const volatile unsigned char *at = view->bytes;
	struct vma before, after;

	REQUIRE(vma_find(view->bytes, &before));
	(void)at[0];
	REQUIRE(vma_find(view->bytes, &after));
	ktap_say("Rss before the first touch: %" PRIu64 " kB, after it: %" PRIu64 " kB",
		 before.rss, after.rss);
	EXPECT_EQ(before.rss, 0);
	EXPECT(after.rss > 0);
}

void case_vma(const void *arg)
{
	const struct subject *s = arg;
	struct finding *f = s->finding;
	bool pages = s->info.backend_flags & MMAPPER_BACKEND_F_PAGES;
	struct view view;
	struct vma vma;

	ev_begin(s, &view);
	ev_map(&view, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (pages && s->info.backend_flags & MMAPPER_BACKEND_F_LAZY)
		say_lazy(&view);
	EXPECT_EQ(ev_intact(&s->info, view.bytes, view.length), view.length);
	REQUIRE(vma_find(view.bytes, &vma));

	ktap_say("%s", vma.line);
	ktap_say("Rss: %" PRIu64 " kB of %zu kB%s", vma.rss,
		 view.length / 1024, vma_has(&vma, "pf") ?
		 ": page frames without pages are not counted" : "");
	ktap_say("VmFlags: %s", vma.flags);
	vma_say_flags(&vma);

	EXPECT_EQ(vma_has(&vma, "pf"), !pages);
	EXPECT_EQ(vma_has(&vma, "io"), !pages);
	EXPECT(!vma_has(&vma, "ex"));
	EXPECT(!vma_has(&vma, "me"));
	EXPECT_EQ(vma.offset, 0);
	EXPECT_EQ(vma.rss, pages ? view.length / 1024 : 0);

	f->special = vma_has(&vma, "pf");
	f->rss = vma.rss;
	keep_flags(&vma, f->flags, sizeof(f->flags));
	f->found |= FOUND_VMA;
	second_page(&view);
}

/*
 * Read one byte of each page; the faults it took.  A sanitizer's shadow of
 * these pages would be faulted in too.
 */
__attribute__((noinline, no_sanitize_address))
static uint64_t touch(const unsigned char *bytes, size_t pages, size_t page)
{
	const volatile unsigned char *at = bytes;
	uint64_t before = ev_faults();
	size_t i;

	for (i = 0; i < pages; i++)
		(void)at[i * page];
	return ev_faults() - before;
}

/* The same loop over memory of which is known that each page takes one. */
static uint64_t control(size_t pages, size_t page)
{
	size_t length = pages * page;
	uint64_t faults;
	void *fresh;

	fresh = mmap(NULL, length, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(fresh != MAP_FAILED);
	/* Fails where the kernel knows no huge pages: then all is well too. */
	madvise(fresh, length, MADV_NOHUGEPAGE);
	faults = touch(fresh, pages, page);
	munmap(fresh, length);
	return faults;
}

struct tally {
	uint64_t	kernel[2];
	uint64_t	driver[2];
};

static void measure(struct view *view, struct tally *tally)
{
	struct mmapper_stats stats[3];
	uint64_t before;

	/* All that the measured way needs is touched by going it once. */
	ev_stats(view, &stats[2]);
	ev_map(view, PROT_READ, MAP_SHARED);
	touch(view->bytes, view->pages, view->page);
	REQUIRE(mmapper_mapping_unmap(view->mapping) == 0);
	ev_stats(view, &stats[1]);
	ev_stats(view, &stats[0]);

	before = ev_faults();
	ev_map(view, PROT_READ, MAP_SHARED);
	tally->kernel[0] = ev_faults() - before;
	ev_stats(view, &stats[1]);
	tally->kernel[1] = touch(view->bytes, view->pages, view->page);
	ev_stats(view, &stats[2]);
	tally->driver[0] = stats[1].faults - stats[0].faults;
	tally->driver[1] = stats[2].faults - stats[1].faults;
}

/* How many faults it takes to touch all of it, where it was mapped last. */
static uint64_t wanted(const struct view *view, uint32_t flags)
{
	size_t table = view->page * (view->page / 8);
	uintptr_t first = (uintptr_t)view->bytes;

	if (flags & MMAPPER_BACKEND_F_EAGER)
		return 0;
	if (!(flags & MMAPPER_BACKEND_F_AROUND))
		return view->pages;
	return (first + view->length - 1) / table - first / table + 1;
}

/* Mapped by blocks, what is less than a block may come page by page. */
static uint64_t more(const struct view *view, uint32_t flags)
{
	const uint32_t blocks = MMAPPER_BACKEND_F_PAGES |
				MMAPPER_BACKEND_F_HUGE;
	size_t block = view->page / 8;

	if ((flags & blocks) != blocks || view->pages < block)
		return 0;
	return view->pages % block;
}

void case_faults(const void *arg)
{
	const struct subject *s = arg;
	struct finding *f = s->finding;
	struct tally tally = { 0 };
	uint64_t known, least, most;
	struct view view;

	ev_begin(s, &view);
	control(view.pages, view.page);
	known = control(view.pages, view.page);
	measure(&view, &tally);
	least = wanted(&view, s->info.backend_flags);
	most = least + more(&view, s->info.backend_flags);

	ktap_say("%-38s kernel  driver", "counted by");
	ktap_say("%-38s %6" PRIu64 "  %6" PRIu64, "during mmap()",
		 tally.kernel[0], tally.driver[0]);
	ktap_say("first touch of %5zu %-17s %6" PRIu64 "  %6" PRIu64,
		 view.pages, "pages", tally.kernel[1], tally.driver[1]);
	ktap_say("as a control, %6zu %-17s %6" PRIu64 "       -", view.pages,
		 "anonymous pages", known);

	EXPECT_EQ(known, view.pages);
	EXPECT_EQ(tally.kernel[0], 0);
	EXPECT_EQ(tally.driver[0], 0);
	EXPECT_EQ(tally.kernel[1], tally.driver[1]);
	EXPECT(tally.driver[1] >= least && tally.driver[1] <= most);
	f->pages = view.pages;
	f->faults_mmap = tally.kernel[0];
	f->faults_touch = tally.kernel[1];
	f->found |= FOUND_FAULTS;
}
