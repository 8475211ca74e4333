// SPDX-License-Identifier: LGPL-2.1-or-later
/* Apart from mock.c, for who wraps one of these has to wrap them all. */
#include "mock.h"

static int allocs_left = -1;

void mock_fail_alloc(int after)
{
	allocs_left = after;
}

static int alloc_fails(void)
{
	if (allocs_left < 0 || allocs_left--)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *__wrap_malloc(size_t size)
{
	return alloc_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return alloc_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return alloc_fails() ? NULL : __real_reallocarray(old, count, size);
}
