// SPDX-License-Identifier: GPL-2.0-or-later
/* Options of mmapper-fuzz; see tests/fuzz/run for who gives them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define RACES		20	/* attempts where actors race */
#define SHRINK_SECONDS	120

static const char usage[] =
	"usage: mmapper-fuzz [--module FILE] [--channel pci|FILE] [ACTION]\n"
	"  --ops N, --seconds N   stop after as much; the default is 10000 operations\n"
	"  --seed N               where the random numbers begin\n"
	"  --procs N, --threads N actors that a sequence may have\n"
	"  --blocks N             of the module, for the figures\n"
	"  --replay FILE...       run files of sequences, --repeat N times each\n"
	"  --shrink FILE          drop what its failure does not need, in --seconds N\n"
	"  --last N               print the last N sequences of a channel; 0: program\n"
	"  --seen                 print the blocks that a channel says were reached\n";

struct options {
	struct campaign	campaign;
	const char	*channel;
	const char	*action;
	unsigned int	repeat;
	unsigned int	last;
};

static void die(const char *what, const char *name)
{
	fprintf(stderr, "mmapper-fuzz: %s: %s\n", what, name);
	exit(2);
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{ "module", 1, NULL, 'm' }, { "channel", 1, NULL, 'c' },
		{ "ops", 1, NULL, 'o' }, { "seconds", 1, NULL, 's' },
		{ "seed", 1, NULL, 'S' }, { "procs", 1, NULL, 'p' },
		{ "threads", 1, NULL, 't' }, { "blocks", 1, NULL, 'b' },
		{ "repeat", 1, NULL, 'r' }, { "last", 1, NULL, 'l' },
		{ "replay", 0, NULL, 'R' }, { "shrink", 0, NULL, 'x' },
		{ "seen", 0, NULL, 'n' }, { NULL, 0, NULL, 0 }
	};
	struct campaign *k = &o->campaign;
	unsigned long long n;
	int c, at;

	while ((c = getopt_long(argc, argv, "", names, &at)) != -1) {
		n = optarg ? strtoull(optarg, NULL, 0) : 0;
		switch (c) {
		case 'm':
			module_path = optarg;
			break;
		case 'c':
			o->channel = optarg;
			break;
		case 'o':
			k->ops = n;
			break;
		case 's':
			k->seconds = (unsigned int)n;
			break;
		case 'S':
			k->seed = n;
			break;
		case 'p':
			k->procs = n < PROCS ? (unsigned int)n : PROCS;
			break;
		case 't':
			k->threads = n < THREADS ? (unsigned int)n : THREADS;
			break;
		case 'b':
			k->blocks = (unsigned int)n;
			break;
		case 'r':
			o->repeat = (unsigned int)n;
			break;
		case 'l':
			o->last = (unsigned int)n;
			o->action = "last";
			break;
		case 'R':
		case 'x':
		case 'n':
			o->action = names[at].name;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (!k->ops && !k->seconds)
		k->ops = 10000;
	if (!k->procs || !k->threads)
		die("--procs and --threads", "at least 1");
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

/* Failures are asked for by number: of every kind of memory, without a word. */
static void allow_failures(void)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc",
					     "fail_usercopy" };
	static const char *const settings[][2] = {
		{ "verbose", "0" }, { "ignore-gfp-wait", "N" },
		{ "ignore-gfp-highmem", "N" }, { "min-order", "0" },
	};
	char path[96];
	size_t i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < 4; k++) {
			snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s",
				 kinds[i], settings[k][0]);
			write_file(path, settings[k][1]);
		}
	}
}

static void read_prog(struct prog *prog, const char *path)
{
	char where[300];
	int n = prog_read(prog, path);

	if (n < 0)
		die("cannot be read", path);
	snprintf(where, sizeof(where), "%s:%d", path, n);
	if (n)
		die("is no sequence", where);
}

/* A line for each file, for the runner to count. */
static int replay(char **paths, unsigned int repeat)
{
	static struct prog prog;
	int status = 0;

	for (; *paths; paths++) {
		const char *name = strrchr(*paths, '/');

		read_prog(&prog, *paths);
		name = name ? name + 1 : *paths;
		if (prog_run(&prog, repeat)) {
			printf("replayed %s\n", name);
		} else {
			failure_print();
			printf("replay FAILED %s\n", name);
			status = 1;
		}
		fflush(stdout);
	}
	team_stop();
	memset(&team->failure, 0, sizeof(team->failure));
	if (!module_unload()) {
		failure_print();
		status = 1;
	}
	return status;
}

static int shrink(const char *path, unsigned int repeat, unsigned int seconds)
{
	static struct prog prog;
	bool failed;

	if (!path)
		die("--shrink", "which file?");
	read_prog(&prog, path);
	failed = prog_shrink(&prog, repeat, seconds ? seconds : SHRINK_SECONDS);
	prog_print(&prog, "shrunk");
	return failed;
}

/* The kernel is alive: the failing sequence is made smaller at once. */
static int fuzz(const struct campaign *k, unsigned int repeat)
{
	static struct prog prog, again, before;

	printf("# seed %llu\n", (unsigned long long)k->seed);
	fflush(stdout);
	if (campaign_run(k, &prog))
		return 0;
	failure_print();
	printf("# %llu operations done\n", (unsigned long long)channel->ops);
	if (!prog.seqs[0].count)
		return 1;
	prog_print(&prog, "failing");
	channel_recall(&before, PROG_SEQS);
	again = prog;
	if (prog_shrink(&again, repeat, SHRINK_SECONDS)) {
		prog_print(&again, "shrunk");
		return 1;
	}
	printf("# alone it does not fail again: with those before it\n");
	if (prog_shrink(&before, repeat, SHRINK_SECONDS))
		prog_print(&before, "shrunk");
	return 1;
}

int main(int argc, char **argv)
{
	struct options o = {
		.campaign = { .procs = 2, .threads = 2 }, .repeat = RACES,
	};
	bool show;

	read_options(argc, argv, &o);
	show = o.action && (!strcmp(o.action, "last") ||
			    !strcmp(o.action, "seen"));
	if (!channel_open(o.channel, !show))
		die("no channel", o.channel);
	if (show) {
		if (!strcmp(o.action, "last"))
			channel_print(o.last);
		else
			channel_show_seen();
		return 0;
	}
	team = mmap(NULL, sizeof(*team), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (team == MAP_FAILED)
		die("mmap", strerror(errno));
	channel->seed = o.campaign.seed;
	place_setup();
	allow_failures();
	kmsg_open();
	card_give();
	if (o.action && !strcmp(o.action, "replay"))
		return replay(argv + optind, o.repeat);
	if (o.action)
		return shrink(argv[optind], o.repeat, o.campaign.seconds);
	return fuzz(&o.campaign, o.repeat);
}
