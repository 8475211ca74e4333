// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked where lines are counted: the checks of the command end by _exit() or a
 * signal, which would lose their counters.
 */
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
int __real_raise(int number);
int __wrap_raise(int number);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

int __wrap_raise(int number)
{
	__gcov_dump();
	return __real_raise(number);
}
