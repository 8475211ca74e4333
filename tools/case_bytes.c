// SPDX-License-Identifier: GPL-2.0-or-later
/* The same bytes, whichever way they are reached. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cli.h"
#include "evidence.h"

/* As many bytes as the classic program for this kind of driver prints. */
#define SHOWN	78

static const char *pattern_name(uint32_t pattern)
{
	switch (pattern) {
	case MMAPPER_PATTERN_DIGITS:
		return "digits";
	case MMAPPER_PATTERN_LETTERS:
		return "letters";
	}
	return "zeros";
}

void case_pattern(const void *arg)
{
	const struct subject *s = arg;
	struct mmapper_mapping *mapping;
	const unsigned char *bytes;
	size_t length, intact;
	struct view view;

	ev_begin(s, &view);
	REQUIRE(mmapper_buffer_map(view.buffer, 0, MMAPPER_WHOLE, PROT_READ,
				   MAP_SHARED, &mapping) == 0);
	bytes = mmapper_mapping_get_address(mapping);
	length = mmapper_mapping_get_length(mapping);
	EXPECT_EQ(length, s->info.map_size);

	if (s->info.pattern != MMAPPER_PATTERN_ZERO)
		ktap_say("%.*s", s->info.size < SHOWN ? (int)s->info.size :
			 SHOWN, (const char *)bytes);
	intact = ev_intact(&s->info, bytes, length);
	ktap_say("%zu of %zu bytes are right: %" PRIu64 " %s%s",
		 intact, length, (uint64_t)s->info.size,
		 pattern_name(s->info.pattern), s->info.size == s->info.map_size ? "" :
		 ", then zero to the page's end");
	EXPECT_EQ(intact, length);
}

/* Places where a copy may go wrong: the ends, and across a page's border. */
struct places {
	uint64_t	at[3];
	size_t		count;
	char		text[80];
};

static void choose_places(const struct subject *s, const struct view *view,
			  size_t len, struct places *p)
{
	uint64_t size = s->info.size;
	size_t i, used = 0;

	if (size > view->length)
		size = view->length;
	if (size < 3 * len)
		ktap_skip("the buffer is too small");
	p->count = 0;
	p->at[p->count++] = 0;
	if (size > view->page + len)
		p->at[p->count++] = view->page - len / 2;
	p->at[p->count++] = size - len;
	for (i = 0; i < p->count; i++)
		used += (size_t)snprintf(p->text + used,
					 sizeof(p->text) - used,
					 "%s%" PRIu64, !i ? "" :
					 i + 1 < p->count ? ", " : " and ",
					 p->at[i]);
}

void case_write_read(const void *arg)
{
	static const char text[] = "by the mapping";
	const size_t len = sizeof(text) - 1;
	const struct subject *s = arg;
	char back[sizeof(text)];
	unsigned char next;
	size_t i, right = 0;
	struct places p;
	struct view view;

	ev_begin(s, &view);
	ev_map(&view, PROT_READ | PROT_WRITE, MAP_SHARED);
	choose_places(s, &view, len, &p);
	for (i = 0; i < p.count; i++) {
		memset(back, 0, sizeof(back));
		memcpy(view.bytes + p.at[i], text, len);
		EXPECT_EQ(mmapper_buffer_read(view.buffer, back, len, p.at[i]),
			  len);
		right += memcmp(back, text, len) == 0;
		if (mmapper_buffer_read(view.buffer, &next, 1, p.at[i] + len) == 1)
			EXPECT_EQ(next, ev_pattern(&s->info, p.at[i] + len));
	}
	ktap_say("stored \"%s\" at bytes %s", text, p.text);
	ktap_say("read() gave it back in %zu of %zu places, last \"%s\"", right,
		 p.count, back);
	EXPECT_EQ(right, p.count);
}

void case_read_write(const void *arg)
{
	static const char text[] = "by write()";
	const size_t len = sizeof(text) - 1;
	const struct subject *s = arg;
	const unsigned char *at = NULL;
	size_t i, right = 0;
	struct places p;
	struct view view;

	ev_begin(s, &view);
	ev_map(&view, PROT_READ, MAP_SHARED);
	choose_places(s, &view, len, &p);
	for (i = 0; i < p.count; i++) {
		EXPECT_EQ(mmapper_buffer_write(view.buffer, text, len, p.at[i]),
			  len);
		at = view.bytes + p.at[i];
		right += memcmp(at, text, len) == 0;
		if (p.at[i] + len < view.length)
			EXPECT_EQ(at[len], ev_pattern(&s->info, p.at[i] + len));
	}
	ktap_say("wrote \"%s\" at bytes %s", text, p.text);
	ktap_say("the mapping shows it in %zu of %zu places, last \"%.*s\"",
		 right, p.count, (int)len, (const char *)at);
	EXPECT_EQ(right, p.count);
}

/* In how many pages they are the same, all or none. */
static void compare_pages(const struct view *one, const struct view *two,
			  size_t wanted)
{
	uint64_t first = 0, second = 0;
	size_t i, same = 0;

	for (i = 0; i < one->pages; i++) {
		size_t at = i * one->page;

		if (EXPECT(mmapper_buffer_translate(one->buffer,
						    one->bytes + at,
						    &first) == 0) &&
		    EXPECT(mmapper_buffer_translate(two->buffer,
						    two->bytes + at,
						    &second) == 0))
			same += first == second;
	}
	ktap_say("physical: the same in %zu of %zu pages", same, one->pages);
	EXPECT_EQ(same, wanted);
}

/* Each open has a buffer of its own: what one stores the other never sees. */
static void apart(const struct subject *s, const struct view *one,
		  const struct view *two)
{
	/* Where a page is mapped when it is touched, all of them are now. */
	REQUIRE(ev_intact(&s->info, one->bytes, one->length) == one->length);
	REQUIRE(ev_intact(&s->info, two->bytes, two->length) == two->length);
	ktap_say("each open() has a buffer of its own");
	if (ev_physical(one))
		compare_pages(one, two, 0);
	memset(one->bytes, 'X', one->length);
	ktap_say("the first is full of 'X'; the second is%s as it was",
		 ev_intact(&s->info, two->bytes, two->length) == two->length ?
		 "" : " not");
	EXPECT_EQ(ev_intact(&s->info, two->bytes, two->length), two->length);
}

void case_two_mappings(const void *arg)
{
	static const char text[] = "written through the first";
	const struct subject *s = arg;
	struct view one, two;

	ev_begin(s, &one);
	ev_map(&one, PROT_READ | PROT_WRITE, MAP_SHARED);
	ev_begin(s, &two);
	ev_map(&two, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (s->info.backend_flags & MMAPPER_BACKEND_F_PER_OPEN) {
		apart(s, &one, &two);
		/* From here on, two mappings of one open. */
		REQUIRE(mmapper_buffer_reset(one.buffer) == 0);
		two.buffer = one.buffer;
		ev_map(&two, PROT_READ | PROT_WRITE, MAP_SHARED);
	}
	REQUIRE(ev_intact(&s->info, one.bytes, one.length) == one.length);
	REQUIRE(ev_intact(&s->info, two.bytes, two.length) == two.length);

	ktap_say("virtual: %p and %p, from %s", (void *)one.bytes,
		 (void *)two.bytes, one.buffer == two.buffer ? "one open()" :
		 "two open()s");
	EXPECT(one.bytes != two.bytes);
	if (ev_physical(&one))
		compare_pages(&one, &two, one.pages);
	else
		ktap_say("physical: shown to CAP_SYS_ADMIN only");
	if (s->info.size >= sizeof(text)) {
		memcpy(one.bytes, text, sizeof(text));
		ktap_say("the second shows \"%.*s\"", (int)sizeof(text) - 1,
			 (const char *)two.bytes);
		EXPECT(memcmp(two.bytes, text, sizeof(text)) == 0);
	}
	two.bytes[two.length - 1] = 'X';
	EXPECT_EQ(one.bytes[one.length - 1], 'X');
}

static void refused(const struct subject *s, struct view *view)
{
	int error = mmapper_buffer_map(view->buffer, 0, view->length,
				       PROT_READ | PROT_WRITE, MAP_PRIVATE,
				       &view->mapping);

	if (error == -EINVAL)
		ktap_say("mmap() refuses it (EINVAL): no copy on write here");
	else
		ktap_say("mmap(): %s", strerror(-error));
	EXPECT_EQ(error, -EINVAL);
	s->finding->copies = error == 0;
	s->finding->found |= FOUND_PRIVATE;
}

/* Where the first page of a private mapping is, and where that of the buffer. */
static void say_place(const struct view *view, const char *when, bool same)
{
	uint64_t own = 0, shared = 0;

	REQUIRE(mmapper_buffer_translate(view->buffer, view->bytes, &own) == 0);
	REQUIRE(mmapper_buffer_lookup(view->buffer, 0, &shared) == 0);
	ktap_say("%s its page is at 0x%09" PRIx64 ", the buffer's at 0x%09" PRIx64,
		 when, own, shared);
	EXPECT_EQ(own == shared, same);
}

static char shown(unsigned char byte)
{
	return byte ? (char)byte : '0';
}

void case_private(const void *arg)
{
	const struct subject *s = arg;
	unsigned char pattern = ev_pattern(&s->info, 0), byte = 0;
	struct view shared, private;

	ev_begin(s, &shared);
	private = shared;
	if (!(s->info.backend_flags & MMAPPER_BACKEND_F_PRIVATE)) {
		refused(s, &private);
		return;
	}
	ev_map(&shared, PROT_READ | PROT_WRITE, MAP_SHARED);
	ev_map(&private, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	EXPECT_EQ(ev_intact(&s->info, private.bytes, private.length),
		  private.length);
	if (ev_physical(&private))
		say_place(&private, "before a write", true);
	private.bytes[0] = 'X';
	EXPECT_EQ(mmapper_buffer_read(shared.buffer, &byte, 1, 0), 1);
	ktap_say("stored 'X': the private mapping has '%c', the shared one '%c', read() '%c'",
		 shown(private.bytes[0]), shown(shared.bytes[0]), shown(byte));
	EXPECT_EQ(private.bytes[0], 'X');
	EXPECT_EQ(shared.bytes[0], pattern);
	EXPECT_EQ(byte, pattern);
	s->finding->copies = private.bytes[0] != shared.bytes[0];
	s->finding->found |= FOUND_PRIVATE;
	if (ev_physical(&private))
		say_place(&private, "after the write", false);
	/* What was not written yet still follows the shared memory. */
	shared.bytes[0] = 'Y';
	EXPECT_EQ(private.bytes[0], 'X');
	if (private.pages > 1) {
		shared.bytes[shared.page] = 'Z';
		EXPECT_EQ(private.bytes[private.page], 'Z');
	}
}
