// SPDX-License-Identifier: GPL-2.0-or-later
/* The sweep over mappings: made, touched, moved, split, ended. */
#include "attack.h"

/*
 * Far from everything else and from each other, across the border of two
 * entries of the page tables' top: every level has to be made twice, the second
 * time when the first pages are mapped.
 */
#define FAR	((void *)(0x100000000000 - 0x2000))
#define FARTHER	((void *)(0x200000000000 - 0x2000))

static const char *private(const struct try *t)
{
	if (t->row->flags & MMAPPER_BACKEND_F_PRIVATE)
		return NULL;
	return "MAP_PRIVATE is refused here";
}

static const char *lazy(const struct try *t)
{
	return row_eager(t->row) ? "mapped at once, takes no fault" : NULL;
}

static const char *lazy_private(const struct try *t)
{
	const char *why = private(t);

	return why ? why : lazy(t);
}

static const char *has_middle(const struct try *t)
{
	return t->dev.pages < 4 ? "the buffer is too small" : NULL;
}

static long map_far(struct try *t, int prot, int flags)
{
	t->map = mmap(FAR, t->len, prot, flags | MAP_FIXED_NOREPLACE, t->dev.fd,
		      0);
	return t->map == MAP_FAILED ? -1 : 0;
}

static void expect_mappings(const struct try *t, size_t count)
{
	EXPECT_EQ(dev_stats(t->dev.fd).mappings, t->before.mappings + count);
	EXPECT_EQ(maps_count(row_maps(t->row)), count);
}

/* The bytes below it are looked at without any failure. */
static void look_and_unmap(struct try *t)
{
	try_check(t, t->map, 0, t->len);
	EXPECT_EQ(munmap(t->map, t->len), 0);
}

static long call_mmap_ro(struct try *t)
{
	return map_far(t, PROT_READ, MAP_SHARED);
}

static long call_mmap_rw(struct try *t)
{
	return map_far(t, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static long call_mmap_private(struct try *t)
{
	return map_far(t, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static void after_mmap(struct try *t)
{
	unsigned int made = t->result == 0;

	expect_mappings(t, made);
	EXPECT_EQ(dev_stats(t->dev.fd).mmaps, t->before.mmaps + made);
	if (made)
		look_and_unmap(t);
}

SWEEP(mmap_ro) = {
	.call = call_mmap_ro, .after = after_mmap, .errors = NO_MEMORY,
};

SWEEP(mmap_rw) = {
	.call = call_mmap_rw, .after = after_mmap, .errors = NO_MEMORY,
};

SWEEP(mmap_private) = {
	.call = call_mmap_private, .after = after_mmap, .errors = NO_MEMORY,
	.wanted = private,
};

static void before_shared(struct try *t)
{
	REQUIRE(map_far(t, PROT_READ | PROT_WRITE, MAP_SHARED) == 0);
}

static void before_private(struct try *t)
{
	REQUIRE(map_far(t, PROT_READ | PROT_WRITE, MAP_PRIVATE) == 0);
}

/* A fault that finds no memory is taken again; there is no signal. */
static long call_read_fault(struct try *t)
{
	size_t i;

	for (i = 0; i < t->len; i += t->dev.page)
		(void)__atomic_load_n(t->map + i, __ATOMIC_RELAXED);
	return 0;
}

static long call_write_fault(struct try *t)
{
	size_t i;

	for (i = 0; i < t->len; i += t->dev.page)
		__atomic_store_n(t->map + i, 'F', __ATOMIC_RELAXED);
	return 0;
}

/* The buffer holds the letters where the mapping is shared, and only there. */
static void check_letters(struct try *t, bool shared)
{
	size_t i;
	char byte;

	for (i = 0; i < t->len; i += t->dev.page) {
		EXPECT_EQ(t->map[i], 'F');
		REQUIRE(pread(t->dev.fd, &byte, 1, (off_t)i) == 1);
		EXPECT_EQ(byte, shared ? 'F' : row_byte(t->row, i));
		t->map[i] = row_byte(t->row, i);
	}
	look_and_unmap(t);
}

static void after_write_shared(struct try *t)
{
	check_letters(t, true);
}

static void after_write_private(struct try *t)
{
	check_letters(t, false);
}

SWEEP(fault_read) = {
	.before = before_shared, .call = call_read_fault,
	.after = look_and_unmap, .wanted = lazy,
};

SWEEP(fault_write) = {
	.before = before_shared, .call = call_write_fault,
	.after = after_write_shared, .wanted = lazy,
};

SWEEP(fault_private_read) = {
	.before = before_private, .call = call_read_fault,
	.after = look_and_unmap, .wanted = lazy_private,
};

SWEEP(fault_private_write) = {
	.before = before_private, .call = call_write_fault,
	.after = after_write_private, .wanted = private,
};

static int zero_fd = -1;

static void before_kernel_fault(struct try *t)
{
	if (zero_fd < 0)
		zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	REQUIRE(zero_fd >= 0);
	before_shared(t);
}

/* The kernel writes to the mapping, and takes the fault. */
static long call_kernel_fault(struct try *t)
{
	return read(zero_fd, t->map, t->len);
}

static void after_kernel_fault(struct try *t)
{
	size_t n = t->result > 0 ? (size_t)t->result : 0, i;

	t->cut = n && n < t->len;
	for (i = 0; i < n; i++)
		if (!EXPECT_EQ(t->map[i], 0))
			break;
	try_check(t, t->map + n, n, t->len - n);
	EXPECT_EQ(munmap(t->map, t->len), 0);
}

SWEEP(fault_by_kernel) = {
	.before = before_kernel_fault, .call = call_kernel_fault,
	.after = after_kernel_fault, .errors = NO_COPY, .wanted = lazy,
	.writes = true,
};

static long call_move(struct try *t)
{
	char *to = mremap(t->map, t->len, t->len, MREMAP_MAYMOVE | MREMAP_FIXED,
			  FARTHER);

	if (to == MAP_FAILED)
		return -1;
	t->map = to;
	return 0;
}

/*
 * The kernel cannot undo a move whose last step, giving up the old place, fails:
 * both places stay mapped, as it sees it.
 */
static void after_move(struct try *t)
{
	size_t n = maps_count(row_maps(t->row));

	EXPECT(n == 1 || (n == 2 && t->came && t->map != FAR));
	expect_mappings(t, n);
	look_and_unmap(t);
	EXPECT_EQ(munmap(FAR, t->len), 0);
}

static long call_shrink(struct try *t)
{
	return mremap(t->map, t->len, t->dev.page, 0) == MAP_FAILED ? -1 : 0;
}

static void after_shrink(struct try *t)
{
	size_t n = maps_count(row_maps(t->row));
	size_t len = t->result == 0 ? t->dev.page : t->len;

	EXPECT(n == 1 || (n == 2 && t->result));
	expect_mappings(t, n);
	try_check(t, t->map, 0, len);
	EXPECT_EQ(munmap(t->map, t->len), 0);
}

SWEEP(mremap_move) = {
	.before = before_shared, .call = call_move, .after = after_move,
	.errors = NO_MEMORY,
};

SWEEP(mremap_shrink) = {
	.before = before_shared, .call = call_shrink, .after = after_shrink,
	.errors = NO_MEMORY, .wanted = has_middle,
};

static long call_munmap(struct try *t)
{
	return munmap(t->map, t->len);
}

static void after_munmap(struct try *t)
{
	expect_mappings(t, t->result == 0 ? 0 : 1);
	if (t->result)
		look_and_unmap(t);
}

static long call_munmap_middle(struct try *t)
{
	return munmap(t->map + t->dev.page, t->dev.page);
}

/* A failure may come when one of the two splits is done; no page is lost. */
static void after_munmap_middle(struct try *t)
{
	size_t gap = t->result == 0 ? 2 * t->dev.page : 0;
	size_t n = maps_count(row_maps(t->row));

	EXPECT(n == 2 || (n == 1 && t->result));
	expect_mappings(t, n);
	if (gap)
		try_check(t, t->map, 0, t->dev.page);
	try_check(t, t->map + gap, gap, t->len - gap);
	EXPECT_EQ(munmap(t->map, t->len), 0);
}

/* Each splits the mapping into three; it stays whole if that fails. */
static long call_mprotect_middle(struct try *t)
{
	return mprotect(t->map + t->dev.page, t->dev.page, PROT_READ);
}

static long call_madvise_middle(struct try *t)
{
	return madvise(t->map + t->dev.page, t->dev.page, MADV_RANDOM);
}

static void after_split(struct try *t)
{
	size_t n = maps_count(row_maps(t->row));

	if (t->result == 0)
		EXPECT_EQ(n, 3);
	else
		EXPECT(n == 1 || n == 2);
	expect_mappings(t, n);
	look_and_unmap(t);
}

SWEEP(munmap) = {
	.before = before_shared, .call = call_munmap, .after = after_munmap,
	.errors = NO_MEMORY,
};

SWEEP(munmap_middle) = {
	.before = before_shared, .call = call_munmap_middle,
	.after = after_munmap_middle, .errors = NO_MEMORY, .wanted = has_middle,
};

SWEEP(mprotect_middle) = {
	.before = before_shared, .call = call_mprotect_middle,
	.after = after_split, .errors = NO_MEMORY, .wanted = has_middle,
};

SWEEP(madvise_middle) = {
	.before = before_shared, .call = call_madvise_middle,
	.after = after_split, .errors = { ENOMEM, EAGAIN },
	.wanted = has_middle,
};

static const struct ktap_case cases[] = {
	SWEEP_CASE(mmap_ro), SWEEP_CASE(mmap_rw), SWEEP_CASE(mmap_private),
	SWEEP_CASE(fault_read), SWEEP_CASE(fault_write),
	SWEEP_CASE(fault_private_read), SWEEP_CASE(fault_private_write),
	SWEEP_CASE(fault_by_kernel), SWEEP_CASE(mremap_move),
	SWEEP_CASE(mremap_shrink), SWEEP_CASE(munmap),
	SWEEP_CASE(munmap_middle), SWEEP_CASE(mprotect_middle),
	SWEEP_CASE(madvise_middle),
};

SUITE(sweep_map, cases, true);
