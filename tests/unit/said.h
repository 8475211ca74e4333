/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a piece of the command says, caught in place of the terminal. */
#ifndef SAID_H
#define SAID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* From here on; what an earlier catch holds is forgotten. */
void said_begin(void);
/* Up to here: the texts stay until the next said_begin(). */
void said_end(void);

extern char *said_out;
extern char *said_err;

/* The value of @expr, with what it says caught meanwhile. */
#define SAYS(expr) ({				\
	said_begin();				\
	__auto_type value_ = (expr);		\
	said_end();				\
	value_;					\
})

/* Fails the test unless @text has @words in it. */
void said_has(const char *text, const char *words);

#endif /* SAID_H */
