// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of arguments: drawn at random, near the edges that matter. */
#include <linux/ioctl.h>

#include "fuzz.h"

static uint64_t draw_word(struct rng *rng, const struct word *words, bool tame)
{
	const struct word *w;
	uint64_t sum = 0, n;

	for (w = words; w->name; w++)
		sum += tame ? w->tame : w->weight;
	n = rng_below(rng, sum);
	for (w = words; n >= (tame ? w->tame : w->weight); w++)
		n -= tame ? w->tame : w->weight;
	return w->value;
}

static uint64_t draw_bits(struct rng *rng, const struct arg *arg, bool tame)
{
	const struct word *w;
	uint64_t bits = 0, one;

	for (w = arg->words; w->name; w++)
		if (rng_chance(rng, tame ? w->tame : w->weight))
			bits |= w->value;
	one = bits & arg->max;
	if (tame && arg->max && (!one || one == arg->max))
		bits = (bits & ~arg->max) | arg->words->value;
	return bits;
}

/* Few pages are drawn often, so that operations meet. */
static uint64_t draw_at(struct rng *rng)
{
	static const uint8_t odd[] = { AT_NULL, AT_NULL, AT_LOW, AT_KERNEL,
				       AT_WILD };
	uint64_t page = rng_chance(rng, 70) ? 4 * rng_below(rng, 4) :
		rng_below(rng, ARENA_PAGES);

	if (rng_chance(rng, 6))
		return AT(odd[rng_below(rng, sizeof(odd))],
			  PAGE * rng_below(rng, 2));
	if (rng_chance(rng, 25))
		page = (page + rng_below(rng, 5)) % ARENA_PAGES;
	if (rng_chance(rng, 5))
		return AT(AT_ARENA, page * PAGE + rng_below(rng, PAGE));
	return AT(AT_ARENA, page * PAGE);
}

static uint64_t draw_ptr(struct rng *rng)
{
	static const uint8_t kinds[] = {
		AT_BUF, AT_BUF, AT_BUF, AT_BUF, AT_BUF, AT_BUF, AT_BUF, AT_BUF,
		AT_EDGE, AT_EDGE, AT_EDGE, AT_ARENA, AT_ARENA, AT_ARENA, AT_RO,
		AT_NULL, AT_KERNEL, AT_WILD, AT_LOW,
	};
	unsigned int kind = kinds[rng_below(rng, sizeof(kinds))];

	switch (kind) {
	case AT_ARENA:
		return draw_at(rng);
	case AT_EDGE:
		return AT(kind, rng_below(rng, rng_chance(rng, 50) ? 300 :
						3 * PAGE));
	case AT_BUF:
		return AT(kind, rng_chance(rng, 80) ? 0 : rng_below(rng, PAGE));
	default:
		return AT(kind, rng_below(rng, PAGE));
	}
}

static uint64_t near_size(struct rng *rng, uint32_t size)
{
	uint64_t rounded = (uint64_t)SPLIT(size) * PAGE;
	const uint64_t edges[] = { size, size - 1, size + 1, rounded,
				   rounded - 1, rounded + 1, rounded + PAGE };

	return edges[rng_below(rng, sizeof(edges) / sizeof(edges[0]))];
}

static uint64_t draw_huge(struct rng *rng)
{
	static const uint64_t huge[] = {
		1ULL << 31, 1ULL << 32, 1ULL << 44, 1ULL << 47,
		(1ULL << 47) - PAGE, (1ULL << 56) - PAGE,
		1ULL << 52, 1ULL << 62, 1ULL << 63, (1ULL << 63) - 1,
		(1ULL << 63) - PAGE, (uint64_t)-PAGE, (uint64_t)-1,
		(uint64_t)-PAGE + 1, (uint64_t)-2 * PAGE, INT32_MAX, UINT32_MAX,
	};

	return huge[rng_below(rng, sizeof(huge) / sizeof(huge[0]))];
}

static uint64_t draw_len(struct rng *rng, uint32_t size)
{
	uint64_t n = rng_below(rng, 100);

	if (n < 65)
		return PAGE * (1 + rng_below(rng, n < 50 ? 3 : 7));
	if (n < 75)
		return near_size(rng, size);
	if (n < 88)
		return 1 + rng_below(rng, 3 * PAGE);
	if (n < 92)
		return rng_below(rng, 2);
	return draw_huge(rng);
}

static uint64_t draw_bytes(struct rng *rng)
{
	return rng_chance(rng, 60) ? 1 + rng_below(rng, 4 * PAGE) :
		PAGE * (1 + rng_below(rng, 4));
}

static uint64_t draw_off(struct rng *rng, uint32_t size)
{
	uint64_t n = rng_below(rng, 100);

	if (n < 45)
		return 0;
	if (n < 80)
		return PAGE * rng_below(rng, n < 65 ? SPLIT(size) : 8);
	if (n < 88)
		return near_size(rng, size);
	if (n < 94)
		return rng_below(rng, 3 * PAGE);
	return draw_huge(rng);
}

/* Unknown numbers, other directions, other magics. */
static uint64_t draw_command(struct rng *rng, const struct word *words)
{
	static const uint8_t magics[] = { MMAPPER_IOC_MAGIC, MMAPPER_IOC_MAGIC,
					  MMAPPER_IOC_MAGIC, 0, 0xff, 'T' };

	if (rng_chance(rng, 92))
		return draw_word(rng, words, false);
	return _IOC(rng_below(rng, 4),
		    magics[rng_below(rng, sizeof(magics))],
		    rng_below(rng, 24), 0);
}

static uint64_t draw_size(struct rng *rng)
{
	static const uint16_t sizes[] = {
		8, 16, 24, 72, 184, sizeof(struct mmapper_info),
		sizeof(struct mmapper_stats), sizeof(struct mmapper_phys),
		sizeof(struct mmapper_reset),
	};
	uint64_t size = sizes[rng_below(rng, sizeof(sizes) / sizeof(sizes[0]))];

	if (rng_chance(rng, 70))
		return size;
	if (rng_chance(rng, 60))
		return size + rng_below(rng, 17) - 8;
	return rng_below(rng, rng_chance(rng, 80) ? 512 : _IOC_SIZEMASK + 1);
}

/* As a program would do it. */
static uint64_t draw_tame(struct rng *rng, const struct arg *arg,
			  uint32_t size)
{
	uint64_t pages = SPLIT(size);

	switch (arg->type) {
	case ARG_AT:
	case ARG_WHERE:
		return AT(AT_ARENA, PAGE * (4 * rng_below(rng, 5) +
				rng_below(rng, 2) * rng_below(rng, 4)));
	case ARG_PTR:
		return AT(AT_BUF, 8 * rng_below(rng, 64));
	case ARG_LEN:
		return PAGE * (1 + rng_below(rng, pages));
	case ARG_BYTES:
		return draw_bytes(rng);
	case ARG_OFF:
		return rng_chance(rng, 65) ? 0 : PAGE * rng_below(rng, pages);
	case ARG_COMMAND:
		return draw_word(rng, arg->words, true);
	default:
		return 0;
	}
}

static uint64_t draw_where(struct rng *rng, uint32_t size)
{
	if (rng_chance(rng, 55))
		return draw_at(rng) | rng_below(rng, 2) * rng_below(rng, PAGE);
	/* Eight bytes of which the top one would be read as a kind. */
	return AT(AT_RAW, AT_OFF(draw_off(rng, size)));
}

/**
 * value_draw() - a value for an argument
 * @rng: numbers
 * @arg: the argument
 * @size: bytes of the buffers
 * @tame: one with which the operation is likely to succeed
 *
 * Return: the value.
 */
uint64_t value_draw(struct rng *rng, const struct arg *arg, uint32_t size,
		    bool tame)
{
	switch (arg->type) {
	case ARG_SLOT:
		return rng_below(rng, rng_chance(rng, 75) ? 3 : SLOTS);
	case ARG_WORD:
		return draw_word(rng, arg->words, tame);
	case ARG_BITS:
		return draw_bits(rng, arg, tame);
	case ARG_NUM:
		return rng_below(rng, arg->max);
	default:
		break;
	}
	if (tame)
		return draw_tame(rng, arg, size);
	switch (arg->type) {
	case ARG_AT:
		return draw_at(rng);
	case ARG_PTR:
		return draw_ptr(rng);
	case ARG_WHERE:
		return draw_where(rng, size);
	case ARG_LEN:
	case ARG_BYTES:
		return draw_len(rng, size);
	case ARG_OFF:
		return draw_off(rng, size);
	case ARG_COMMAND:
		return draw_command(rng, arg->words);
	case ARG_SIZE:
		return draw_size(rng);
	default:
		return 0;
	}
}

/**
 * value_mutate() - another value in place of one
 * @rng: numbers
 * @arg: the argument
 * @old: its value
 * @size: bytes of the buffers
 *
 * Return: the value.
 */
uint64_t value_mutate(struct rng *rng, const struct arg *arg, uint64_t old,
		      uint32_t size)
{
	static const int64_t steps[] = { 1, -1, PAGE, -PAGE };
	uint64_t step = (uint64_t)steps[rng_below(rng, 4)];

	if (rng_chance(rng, 60))
		return value_draw(rng, arg, size, rng_chance(rng, 50));
	switch (arg->type) {
	case ARG_BITS: {
		unsigned int n = 0;

		while (arg->words[n].name)
			n++;
		return old ^ arg->words[rng_below(rng, n)].value;
	}
	case ARG_AT:
		return AT(AT_KIND(old),
			  (AT_OFF(old) + step) % (ARENA_PAGES * PAGE));
	case ARG_LEN:
	case ARG_BYTES:
	case ARG_OFF:
		return old + step;
	default:
		return value_draw(rng, arg, size, rng_chance(rng, 50));
	}
}
