// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: openat fstat ioctl pread pwrite kmod_new ktap_case_run ktap_suites_run */
/*
 * The whole command with a driver in user space.  The first letter of the input
 * chooses the call that fails, if any; each line of the rest is an argument.
 */
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "fake_calls.h"
#include "input.h"
#include "ktap.h"

#define ARGS_MAX	12

int cli_main(int argc, char **argv);

struct kmod_ctx *__wrap_kmod_new(const char *dir, const char *const *paths);
enum ktap_result __wrap_ktap_case_run(const struct ktap_case *test,
				      const void *arg, const char *prefix);
enum ktap_result __wrap_ktap_suites_run(const struct ktap_suite *suites,
					size_t count);

/* Nothing of this machine's is loaded or looked at, and nothing is forked. */
struct kmod_ctx *__wrap_kmod_new(const char *dir, const char *const *paths)
{
	(void)dir;
	(void)paths;
	return NULL;
}

enum ktap_result __wrap_ktap_case_run(const struct ktap_case *test,
				      const void *arg, const char *prefix)
{
	(void)arg;
	always(*test->name && *prefix);
	return KTAP_PASS;
}

enum ktap_result __wrap_ktap_suites_run(const struct ktap_suite *suites,
					size_t count)
{
	always(count && *suites->name);
	return KTAP_PASS;
}

static void choose_failure(char letter)
{
	static const char *const calls[] = { "openat", "ioctl", "pread",
					     "pwrite" };
	static const int errors[] = { EIO, ENOMEM, EACCES, ENXIO, EFBIG, 0 };
	unsigned int n = (unsigned char)letter - 'A', call = n % 4;

	fake_reset();
	/* Only of a transfer is it an answer that nothing was done. */
	if (n < 4 * ARRAY_SIZE(errors) && (errors[n / 4] || call > 1))
		fake_fail(calls[call], n % 3, errors[n / 4]);
}

/* Only fill writes, and nothing writes behind the end by write(). */
static void check_bytes(const char *command)
{
	static unsigned char bytes[FAKE_MAP_SIZE];
	size_t i;

	if (command && strcmp(command, "fill") == 0)
		return;
	fake_bytes("kmalloc", bytes);
	for (i = 0; i < FAKE_SIZE; i++)
		always(bytes[i] == '0' + i % 10);
	always(bytes[FAKE_SIZE] == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fake_load();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data + 1, size - 1 };
	char *words[ARGS_MAX + 1] = { NULL }, *argv[ARGS_MAX + 2] = { NULL };
	int i, argc = 1, status;

	if (!size)
		return 0;
	/* Each in memory of its own: looking beyond its ends is found. */
	words[0] = input_copy("mmapper-cli", 11);
	while (argc <= ARGS_MAX && in.left)
		words[argc++] = input_next(&in, '\n').text;
	/* argp turns the words around. */
	memcpy(argv, words, sizeof(words));
	choose_failure((char)data[0]);
	status = cli_main(argc, argv);
	always(status >= CLI_DONE && status <= CLI_NO_DRIVER);
	always(argc > 1 || status == CLI_USAGE);
	check_bytes(words[1]);
	for (i = 0; i < argc; i++)
		free(words[i]);
	return 0;
}
