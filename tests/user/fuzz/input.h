/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer's input, taken apart: pieces between '|' or lines, so that the seeds
 * can be read.  What is missing is empty.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const char	*at;
	size_t		left;
};

/* A piece in memory of its own, a zero behind it; its length. */
struct piece {
	char	*text;
	size_t	len;
};

static inline char *input_copy(const char *from, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len)
		memcpy(text, from, len);
	text[len] = '\0';
	return text;
}

static inline struct piece input_next(struct input *in, char between)
{
	const char *end = in->left ? memchr(in->at, between, in->left) : NULL;
	struct piece piece;

	piece.len = end ? (size_t)(end - in->at) : in->left;
	piece.text = input_copy(in->at, piece.len);
	in->at += piece.len + !!end;
	in->left -= piece.len + !!end;
	return piece;
}

/* What must hold whatever the input was. */
static inline void always(bool held)
{
	if (!held)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* INPUT_H */
