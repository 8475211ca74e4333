// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Failures, one after the other: the first allocation or copy from or to user
 * memory that a call makes fails, then the second, until the call comes to its
 * end without meeting the failure.  The kernel counts them down in
 * /proc/thread-self/fail-nth, in the calling thread alone; what the rest of the
 * kernel allocates on behalf of the call counts as well.
 */
#include <dirent.h>

#include "attack.h"

#define NTH_MAX	5000
#define DEBUGFS	"/sys/kernel/debug/"

struct attack_totals *totals;

static int fail_fd = -1;

static void fail_set(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	/* What is left of the last countdown may hit this very write. */
	while (pwrite(fail_fd, text, (size_t)n, 0) != n)
		REQUIRE(errno == EFAULT);
}

/* Did the failure come?  Ends the countdown if it did not. */
static bool fail_came(void)
{
	char text[16] = "";
	ssize_t n = pread(fail_fd, text, sizeof(text) - 1, 0);

	if (n > 0 && strcmp(text, "0\n") == 0)
		return true;
	/* The read copies too, and is what failed if just one was left. */
	REQUIRE(n > 0 || errno == EFAULT);
	fail_set(0);
	return false;
}

static bool put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return ok;
}

/*
 * kmemleak's own objects say nothing.  They are left alone if the kernel was
 * started with "slub_debug=A;-,kmemleak_object", which marks all other caches.
 */
static void pick_caches(void)
{
	static const char marked[] = "/sys/kernel/slab/filp/failslab";
	char text[8];

	REQUIRE(file_read(marked, text, sizeof(text)));
	REQUIRE(put(DEBUGFS "failslab/cache-filter",
		    text[0] == '1' ? "Y" : "N"));
}

/* Allocations that may wait fail too, of every order, without a word. */
void sweep_setup(const void *arg)
{
	(void)arg;
	REQUIRE(access("/proc/thread-self/fail-nth", W_OK) == 0);
	REQUIRE(put(DEBUGFS "failslab/verbose", "0"));
	REQUIRE(put(DEBUGFS "fail_page_alloc/verbose", "0"));
	REQUIRE(put(DEBUGFS "fail_usercopy/verbose", "0"));
	REQUIRE(put(DEBUGFS "failslab/ignore-gfp-wait", "N") ||
		put(DEBUGFS "failslab/ignore-gfp-reclaim", "N"));
	REQUIRE(put(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N") ||
		put(DEBUGFS "fail_page_alloc/ignore-gfp-reclaim", "N"));
	REQUIRE(put(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N"));
	REQUIRE(put(DEBUGFS "fail_page_alloc/min-order", "0"));
	pick_caches();
}

static bool may_be(const struct call *call, int error)
{
	size_t i;

	for (i = 0; i < CALL_ERRORS && call->errors[i]; i++)
		if (call->errors[i] == error)
			return true;
	return false;
}

#define FRESH_MAX	16384

/* Byte by byte only to say which one is wrong. */
void try_check(const struct try *t, const char *bytes, size_t offset,
	       size_t len)
{
	REQUIRE(offset + len <= t->len);
	if (memcmp(bytes, t->fresh + offset, len) != 0)
		EXPECT(dev_check(&t->dev, bytes, offset, len));
}

static const char *make_fresh(const struct try *t)
{
	static char fresh[FRESH_MAX];
	size_t i;

	REQUIRE(t->len <= sizeof(fresh));
	for (i = 0; i < t->dev.info.size; i++)
		fresh[i] = row_byte(t->row, i);
	return fresh;
}

/* Nothing may be left of the call, and the buffer is as it was. */
static void check_rest(const struct call *call, struct try *t)
{
	struct mmapper_stats now = dev_stats(t->dev.fd);
	struct mmapper_reset reset = { 0 };
	static char bytes[FRESH_MAX];
	size_t size = (size_t)t->dev.info.size;

	EXPECT_EQ(now.files, t->before.files);
	EXPECT_EQ(now.mappings, t->before.mappings);
	if (call->writes) {
		REQUIRE(ioctl(t->dev.fd, MMAPPER_IOC_RESET, &reset) == 0);
		return;
	}
	EXPECT_EQ(pread(t->dev.fd, bytes, sizeof(bytes), 0), size);
	try_check(t, bytes, 0, size);
}

/* One call, with its @nth allocation failing, or none; did that one come? */
static bool try_once(const struct call *call, struct try *t, unsigned int nth)
{
	t->came = false;
	t->cut = false;
	if (!call->alone)
		t->before = dev_stats(t->dev.fd);
	if (call->before)
		call->before(t);
	fail_set(nth);
	errno = 0;
	t->result = call->call(t);
	t->error = errno;
	if (nth)
		t->came = fail_came();
	if (t->result == -1)
		ktap_expect(t->came && may_be(call, t->error), __FILE__, __LINE__,
			    "%s, failure %u%s: %s", t->name, nth,
			    t->came ? "" : " did not come, yet",
			    strerror(t->error));
	call->after(t);
	if (t->cut)
		EXPECT(t->came);
	if (!call->alone)
		check_rest(call, t);
	log_check(t->name);
	return t->came;
}

static struct call_totals *find_totals(const char *name)
{
	struct call_totals *sum;

	for (sum = totals->calls; sum < totals->calls + totals->count; sum++)
		if (strcmp(sum->name, name) == 0)
			return sum;
	REQUIRE(totals->count < CALLS_MAX);
	totals->count++;
	snprintf(sum->name, sizeof(sum->name), "%s", name);
	return sum;
}

/* @one: of a single sweep. */
static void add_up(const struct call_totals *one)
{
	struct call_totals *sum = find_totals(one->name);

	sum->sweeps++;
	sum->injected += one->injected;
	sum->errors += one->errors;
	sum->cut += one->cut;
	sum->survived += one->injected - one->errors - one->cut;
	if (one->highest > sum->highest)
		sum->highest = one->highest;
}

/**
 * sweep_call() - make every allocation and copy of a call fail
 * @name: of the call, as told in the report
 * @call: the call
 * @row: the node's, or NULL
 *
 * After a failure the call is made once more without one, and must work; where
 * that is done after some failures only, the next try still comes past the place
 * of the last one.
 */
void sweep_call(const char *name, const struct call *call,
		const struct row *row)
{
	struct call_totals counts = { 0 };
	struct try t = { .name = name, .row = row };
	const char *why;
	unsigned int nth;

	need_root();
	fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	REQUIRE(fail_fd >= 0);
	if (!call->alone) {
		t.dev = dev_open(row);
		t.len = t.dev.pages * t.dev.page;
		t.fresh = make_fresh(&t);
	}
	why = call->wanted ? call->wanted(&t) : NULL;
	if (why)
		ktap_skip("%s", why);

	try_once(call, &t, 0);
	for (nth = 1; try_once(call, &t, nth);
	     nth += call->sparse && nth >= call->sparse ? 11 : 1) {
		counts.injected++;
		counts.highest = nth;
		counts.errors += t.result == -1;
		counts.cut += t.cut;
		if (!call->again || counts.injected % call->again == 0)
			try_once(call, &t, 0);
		REQUIRE(nth < NTH_MAX);
	}
	if (!call->alone)
		EXPECT_EQ(maps_count(row_maps(row)), 0);
	snprintf(counts.name, sizeof(counts.name), "%s", name);
	add_up(&counts);
	ktap_say("%u failures up to number %u: %u errors, %u cut short",
		 counts.injected, counts.highest, counts.errors, counts.cut);
	/* A sweep that injects nothing, or nothing that tells, shows nothing. */
	if (!call->takes_nothing)
		EXPECT(counts.injected > 0);
}

void sweep_total(const void *arg)
{
	unsigned int injected = 0, errors = 0;
	size_t i;

	(void)arg;
	ktap_say("%-20s %6s %8s %7s %6s %5s %8s", "call", "sweeps", "injected",
		 "highest", "errors", "cut", "survived");
	for (i = 0; i < totals->count; i++) {
		const struct call_totals *sum = &totals->calls[i];

		ktap_say("%-20s %6u %8u %7u %6u %5u %8u", sum->name,
			 sum->sweeps, sum->injected, sum->highest, sum->errors,
			 sum->cut, sum->survived);
		injected += sum->injected;
		errors += sum->errors;
	}
	ktap_say("%zu calls, %u failures injected, %u of them errors of the call",
		 totals->count, injected, errors);
	EXPECT(injected > 0);
	EXPECT(errors > 0);
}
