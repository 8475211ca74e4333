// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "cli.h"
#include "evidence.h"

const struct evidence_case evidence_cases[] = {
	{ { "pattern", case_pattern, 0 },
	  "The mapping shows what the driver wrote" },
	{ { "vma", case_vma, 0 },
	  "What the kernel says about the mapping, in /proc/self/smaps" },
	{ { "faults", case_faults, 0 },
	  "How many page faults mmap() and the first touch of each page take" },
	{ { "addresses", case_addresses, 0 },
	  "Where the pages are in physical memory" },
	{ { "mapping-to-read", case_write_read, 0 },
	  "What is written through the mapping is what read() gives" },
	{ { "write-to-mapping", case_read_write, 0 },
	  "What write() takes is what the mapping shows" },
	{ { "two-mappings", case_two_mappings, 0 },
	  "Two mappings are two views of the same memory" },
	{ { "private", case_private, 0 },
	  "What MAP_PRIVATE gives" },
	{ { "lifetime", case_lifetime, 0 },
	  "The mapping outlives the descriptor that it was made from" },
	{ { "fork", case_fork, 0 },
	  "A child inherits the mapping" },
	{ { "bounds", case_bounds, 0 },
	  "What must not be mapped is refused" },
};

const size_t evidence_count = ARRAY_SIZE(evidence_cases);

void ev_tell(const struct evidence_case *cases, size_t count, const void *arg,
	     size_t tally[3])
{
	size_t i;

	for (i = 0; i < count; i++) {
		enum ktap_result result;

		printf("\n  %s\n", cases[i].title);
		result = ktap_case_run(&cases[i].test, arg, "    ");
		if (result == KTAP_SKIP)
			printf("    (skipped: %s)\n", ktap_skip_reason());
		tally[result == KTAP_PASS ? 0 : result == KTAP_SKIP ? 1 : 2]++;
	}
}

void ev_sum(const size_t tally[3])
{
	printf("%zu passed, %zu failed", tally[0], tally[2]);
	if (tally[1])
		printf(", %zu skipped", tally[1]);
	putchar('\n');
}

struct ktap_case *ev_tests(const struct evidence_case *cases, size_t count)
{
	struct ktap_case *tests = calloc(count, sizeof(*tests));
	size_t i;

	for (i = 0; tests && i < count; i++)
		tests[i] = cases[i].test;
	return tests;
}

uint64_t ev_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_minflt;
}

static void require(int error, const char *what)
{
	if (ktap_expect(error >= 0, __FILE__, __LINE__, "%s: %s", what,
			mmapper_strerror(error)))
		return;
	ktap_abort();
}

struct mmapper_buffer *ev_open(const struct subject *s, int flags)
{
	struct mmapper_buffer *buffer;

	require(mmapper_buffer_open(s->name, flags, &buffer), "open");
	return buffer;
}

void ev_begin(const struct subject *s, struct view *view)
{
	view->buffer = ev_open(s, O_RDWR);
	require(mmapper_buffer_reset(view->buffer), "reset");
	view->page = s->info.page_size;
	view->pages = EV_PAGES_MAX;
	if (s->info.map_size / view->page < EV_PAGES_MAX)
		view->pages = (size_t)(s->info.map_size / view->page);
	view->length = view->pages * view->page;
}

void ev_map(struct view *view, int prot, int flags)
{
	require(mmapper_buffer_map(view->buffer, 0, view->length, prot, flags,
				   &view->mapping), "mmap");
	view->bytes = mmapper_mapping_get_address(view->mapping);
}

void ev_stats(const struct view *view, struct mmapper_stats *stats)
{
	require(mmapper_buffer_get_stats(view->buffer, stats, sizeof(*stats)),
		"statistics");
}

bool ev_physical(const struct view *view)
{
	uint64_t phys;

	return mmapper_buffer_lookup(view->buffer, 0, &phys) != -EPERM;
}

unsigned char ev_pattern(const struct mmapper_info *info, uint64_t index)
{
	if (index >= info->size)
		return 0;
	switch (info->pattern) {
	case MMAPPER_PATTERN_DIGITS:
		return (unsigned char)('0' + index % 10);
	case MMAPPER_PATTERN_LETTERS:
		return (unsigned char)('a' + index % 26);
	}
	return 0;
}

size_t ev_intact(const struct mmapper_info *info, const unsigned char *bytes,
		 size_t length)
{
	size_t i, intact = 0;

	for (i = 0; i < length; i++)
		intact += bytes[i] == ev_pattern(info, i);
	return intact;
}
