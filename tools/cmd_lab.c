// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "lab.h"

static const struct lab_experiment *const experiments[] = {
	&lab_usercopy,
	&lab_fault,
	&lab_kmap,
	&lab_signal,
	&lab_pin,
	&lab_remote,
	&lab_counters,
	&lab_edu,
	&lab_reserved,
	&lab_reserved_access,
	&lab_reserved_forget,
};

static const struct lab_experiment *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(experiments); i++)
		if (strcmp(experiments[i]->name, name) == 0)
			return experiments[i];
	fprintf(stderr, "mmapper-cli: no experiment '%s'; there are:", name);
	for (i = 0; i < ARRAY_SIZE(experiments); i++)
		fprintf(stderr, " %s", experiments[i]->name);
	fputc('\n', stderr);
	return NULL;
}

/* Whether the module is there, and lets this user in. */
static int lab_ready(void)
{
	int fd = open(MMAPPER_LAB_PATH, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return CLI_DONE;
	}
	if (errno == EACCES || errno == EPERM)
		cli_complain("the experiments need root", "sudo mmapper-cli lab");
	else if (errno == ENOENT)
		cli_complain("mmapper_lab, the module of the experiments, is not loaded",
			     "insmod mmapper_lab.ko");
	else
		cli_complain(MMAPPER_LAB_PATH " cannot be opened",
			     "mmapper-cli doctor");
	return CLI_NO_DRIVER;
}

static int validate(const struct lab_experiment *const *list, size_t count)
{
	struct ktap_suite *suites = calloc(count, sizeof(*suites));
	int status = CLI_FAILED;
	size_t i;

	for (i = 0; suites && i < count; i++) {
		suites[i].cases = ev_tests(list[i]->checks, list[i]->count);
		if (!suites[i].cases)
			break;
		suites[i].name = list[i]->name;
		suites[i].count = list[i]->count;
	}
	if (!suites || i < count)
		cli_complain("out of memory", NULL);
	else if (ktap_suites_run(suites, count) == KTAP_PASS)
		status = CLI_DONE;
	for (i = 0; suites && i < count; i++)
		free((void *)suites[i].cases);
	free(suites);
	return status;
}

static int tell(const struct lab_experiment *const *list, size_t count)
{
	size_t i, tally[3] = { 0 };

	for (i = 0; i < count; i++) {
		printf("%s: %s\n", list[i]->name, list[i]->question);
		ev_tell(list[i]->checks, list[i]->count, NULL, tally);
		putchar('\n');
	}
	ev_sum(tally);
	return tally[2] ? CLI_FAILED : CLI_DONE;
}

int cmd_lab(const struct cli_args *args)
{
	const struct lab_experiment **list;
	size_t i, count = 0;
	int status;

	list = calloc(args->count + ARRAY_SIZE(experiments), sizeof(*list));
	if (!list)
		return cli_complain("out of memory", NULL);
	for (i = 0; i < args->count; i++) {
		list[count] = find(args->names[i]);
		if (!list[count++]) {
			free(list);
			return CLI_USAGE;
		}
	}
	for (i = 0; !args->count && i < ARRAY_SIZE(experiments); i++)
		if (!experiments[i]->harms)
			list[count++] = experiments[i];
	status = lab_ready();
	if (status == CLI_DONE)
		status = args->given & CLI_VALIDATE ? validate(list, count) :
						      tell(list, count);
	free(list);
	return status;
}
