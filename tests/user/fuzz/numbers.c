// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sizes on the command line and numbers in sysfs, against parsers that count
 * digit by digit: both have to agree about every text.
 */
#include <ctype.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "internal.h"

/* Value of the digits at @text, as wide as it needs; where they end. */
static unsigned __int128 digits(const char *text, unsigned int base,
				const char **end)
{
	const unsigned __int128 most = (unsigned __int128)1 << 90;
	unsigned __int128 value = 0;
	int c;

	for (; isxdigit((unsigned char)*text); text++) {
		c = tolower((unsigned char)*text);
		c -= isdigit(c) ? '0' : 'a' - 10;
		if ((unsigned int)c >= base)
			break;
		if (value < most)
			value = value * base + (unsigned int)c;
	}
	*end = text;
	return value;
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static bool size_of(const char *text, uint64_t *value)
{
	static const char units[] = "kmg";
	unsigned __int128 wide;
	const char *begin, *end, *unit;

	begin = is_hex(text) ? text + 2 : text;
	wide = digits(begin, begin == text ? 10 : 16, &end);
	if (end == begin)
		return false;
	if (*end) {
		unit = strchr(units, tolower((unsigned char)*end));
		if (!unit || end[1])
			return false;
		wide <<= 10 * (unit - units + 1);
	}
	*value = (uint64_t)wide;
	return wide <= UINT64_MAX;
}

static bool number_of(const char *text, unsigned int base, uint64_t max,
		      uint64_t *value)
{
	unsigned __int128 wide;
	const char *begin, *end;

	begin = base == 16 && is_hex(text) ? text + 2 : text;
	if (!isdigit((unsigned char)*text))
		return false;
	wide = digits(begin, base, &end);
	*value = (uint64_t)wide;
	return end != begin && !*end && wide <= max;
}

/* What people read says no more than is true. */
static void check_words(uint64_t value)
{
	char text[32];

	always(cli_bytes(value, text) == text && strlen(text) < sizeof(text));
	always(isdigit((unsigned char)*text));
	always(strchr(text, ' '));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t most[] = { UINT32_MAX, INT32_MAX, UINT64_MAX };
	struct input in = { (const char *)data, size };
	struct piece text = input_next(&in, '|');
	uint64_t value = 0, wanted = 0;
	unsigned int base;
	size_t i;

	always(cli_size_parse(text.text, &value) ==
	       size_of(text.text, &wanted));
	if (size_of(text.text, &wanted)) {
		always(value == wanted);
		check_words(value);
	}
	for (i = 0; i < 2 * ARRAY_SIZE(most); i++) {
		base = i % 2 ? 16 : 10;
		always((mm_sysfs_parse(text.text, (int)base, most[i / 2],
				       &value) == 0) ==
		       number_of(text.text, base, most[i / 2], &wanted));
		always(!number_of(text.text, base, most[i / 2], &wanted) ||
		       value == wanted);
	}
	free(text.text);
	return 0;
}
