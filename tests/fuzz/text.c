// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sequences as text, an operation a line:
 *
 *	size 10000
 *	a0 open fd=1 node=kmalloc mode=rw flags=sync
 *	a0 mmap fd=1 at=arena+0x3000 len=0x1000 off=0x0 prot=r|w flags=shared
 *
 * The first word is the actor, the thread 0 of process a.  "nth=2" makes the
 * operation's second allocation or copy fail.  "size" is the module's and
 * begins a sequence; "#" begins a comment.  What is left out is 0.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static const char *const at_names[AT_KINDS] = {
	"arena", "null", "low", "kernel", "wild", "buf", "edge", "ro", "raw",
};

static size_t put(char *text, size_t len, size_t at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static size_t put(char *text, size_t len, size_t at, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + at, len - at, format, args);
	va_end(args);
	at += n > 0 ? (size_t)n : 0;
	return at < len ? at : len - 1;
}

static size_t put_bits(char *text, size_t len, size_t at,
		       const struct word *words, uint64_t value)
{
	const char *between = "";

	for (; words->name; words++) {
		if (!(value & words->value))
			continue;
		at = put(text, len, at, "%s%s", between, words->name);
		value &= ~words->value;
		between = "|";
	}
	if (value || !*between)
		at = put(text, len, at, "%s0x%llx", between,
			 (unsigned long long)value);
	return at;
}

static size_t put_value(char *text, size_t len, size_t at,
			const struct arg *arg, uint64_t value)
{
	const struct word *w = arg->words;

	switch (arg->type) {
	case ARG_WORD:
	case ARG_COMMAND:
		for (; w->name; w++)
			if (w->value == value)
				return put(text, len, at, "%s", w->name);
		break;
	case ARG_BITS:
		return put_bits(text, len, at, w, value);
	case ARG_AT:
	case ARG_PTR:
	case ARG_WHERE:
		if (AT_KIND(value) < AT_KINDS)
			return put(text, len, at, "%s+0x%llx",
				   at_names[AT_KIND(value)],
				   (unsigned long long)AT_OFF(value));
		break;
	case ARG_SLOT:
	case ARG_NUM:
	case ARG_SIZE:
		return put(text, len, at, "%llu", (unsigned long long)value);
	default:
		break;
	}
	return put(text, len, at, "0x%llx", (unsigned long long)value);
}

/**
 * op_text() - an operation's line, without its end
 * @op: the operation
 * @text: where to
 * @len: bytes there
 *
 * Return: characters written.
 */
int op_text(const struct op *op, char *text, size_t len)
{
	const struct op_desc *desc = &op_descs[op->kind];
	const struct arg *arg;
	size_t at = 0;

	at = put(text, len, at, "%c%u %s", 'a' + op->actor / THREADS,
		 op->actor % THREADS, desc->name);
	for (arg = desc->args; arg < desc->args + OP_ARGS && arg->name; arg++) {
		at = put(text, len, at, " %s=", arg->name);
		at = put_value(text, len, at, arg, op->arg[arg - desc->args]);
	}
	if (op->nth)
		at = put(text, len, at, " nth=%u", op->nth);
	return (int)at;
}

/* In one piece, so that what else is printed does not come between. */
void seq_print(const struct seq *seq, int fd)
{
	static char text[SEQ_OPS * 200];
	size_t at = 0;
	uint32_t i;

	at = put(text, sizeof(text), at, "size %u\n", seq->size);
	for (i = 0; i < seq->count; i++) {
		at += (size_t)op_text(&seq->ops[i], text + at,
				      sizeof(text) - at - 1);
		text[at++] = '\n';
	}
	if (write(fd, text, at) < 0)
		perror("write");
}

static bool read_word(const struct word *words, const char *text, size_t len,
		      uint64_t *value)
{
	const struct word *w;
	char *end;

	for (w = words; w && w->name; w++) {
		if (strlen(w->name) == len && !memcmp(w->name, text, len)) {
			*value = w->value;
			return true;
		}
	}
	*value = strtoull(text, &end, 0);
	return end == text + len && len;
}

static bool read_bits(const struct word *words, const char *text,
		      uint64_t *value)
{
	uint64_t bit;

	for (*value = 0;; text++) {
		size_t len = strcspn(text, "|");

		if (!read_word(words, text, len, &bit))
			return false;
		*value |= bit;
		text += len;
		if (!*text)
			return true;
	}
}

static bool read_at(const char *text, uint64_t *value)
{
	size_t len = strcspn(text, "+");
	unsigned int kind;
	uint64_t off = 0;

	for (kind = 0; kind < AT_KINDS; kind++)
		if (strlen(at_names[kind]) == len &&
		    !memcmp(at_names[kind], text, len))
			break;
	if (kind == AT_KINDS)
		return read_word(NULL, text, strlen(text), value);
	if (text[len] &&
	    !read_word(NULL, text + len + 1, strlen(text + len + 1), &off))
		return false;
	*value = AT(kind, off);
	return true;
}

static bool read_value(const struct arg *arg, const char *text, uint64_t *value)
{
	switch (arg->type) {
	case ARG_BITS:
		return read_bits(arg->words, text, value);
	case ARG_AT:
	case ARG_PTR:
	case ARG_WHERE:
		return read_at(text, value);
	default:
		return read_word(arg->words, text, strlen(text), value);
	}
}

static bool read_arg(struct op *op, char *text)
{
	const struct op_desc *desc = &op_descs[op->kind];
	char *value = strchr(text, '=');
	uint64_t number;
	unsigned int i;

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(text, "nth")) {
		if (!read_word(NULL, value, strlen(value), &number))
			return false;
		op->nth = (uint8_t)number;
		return true;
	}
	for (i = 0; i < OP_ARGS && desc->args[i].name; i++)
		if (!strcmp(desc->args[i].name, text))
			return read_value(&desc->args[i], value, &op->arg[i]);
	return false;
}

static bool read_op(struct op *op, char *line)
{
	char *save, *word = strtok_r(line, " \t", &save);
	unsigned int proc, thread, kind;

	*op = (struct op){ 0 };
	if (!word || strlen(word) != 2)
		return false;
	proc = (unsigned int)(word[0] - 'a');
	thread = (unsigned int)(word[1] - '0');
	if (proc >= PROCS || thread >= THREADS)
		return false;
	op->actor = (uint8_t)(proc * THREADS + thread);
	word = strtok_r(NULL, " \t", &save);
	for (kind = 0; word && kind < OP_KINDS; kind++)
		if (!strcmp(op_descs[kind].name, word))
			break;
	if (!word || kind == OP_KINDS)
		return false;
	op->kind = (uint8_t)kind;
	while ((word = strtok_r(NULL, " \t", &save)) != NULL)
		if (!read_arg(op, word))
			return false;
	return true;
}

static bool read_line(struct prog *prog, char *line)
{
	struct seq *seq = &prog->seqs[prog->count - 1];
	char *end;

	line[strcspn(line, "#\n")] = '\0';
	line += strspn(line, " \t");
	if (!*line)
		return true;
	if (!strncmp(line, "size ", 5)) {
		if (prog->count == PROG_SEQS)
			return false;
		seq = &prog->seqs[prog->count++];
		seq->count = 0;
		seq->size = (uint32_t)strtoul(line + 5, &end, 0);
		return !*end && seq->size && seq->size <= BUF_PAGES * PAGE;
	}
	if (!prog->count || seq->count == SEQ_OPS)
		return false;
	return read_op(&seq->ops[seq->count++], line);
}

/**
 * prog_read() - read a file of sequences
 * @prog: where to
 * @path: the file
 *
 * Return: 0; -1: it cannot be read; or the number of the line that is wrong.
 */
int prog_read(struct prog *prog, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	int n = 0, wrong = 0;

	if (!file)
		return -1;
	prog->count = 0;
	while (!wrong && fgets(line, sizeof(line), file)) {
		n++;
		if (!read_line(prog, line))
			wrong = n;
	}
	fclose(file);
	return wrong ? wrong : prog->count ? 0 : n + 1;
}
