// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmapper-attack --module FILE [--seconds N] sweep|races [CASE...]: what breaks
 * drivers, done to this one, as KTAP.  sweep makes every allocation and copy of
 * every call fail, and needs a kernel built for it; races sets calls against
 * each other on two processors, N seconds of every row's and some of those that
 * are the same for all rows.  A CASE picks cases by name.
 */
#include <getopt.h>

#include "attack.h"

const char *module_path;
unsigned int race_ms;
static unsigned int race_seconds = 30;

#define RACE_MS_MIN	150

struct size {
	const char	*name;
	size_t		pages;
	size_t		bytes;
};

static const struct size last_page_in_part = { "last_page_in_part", 3, 1808 };
static const struct size one_byte = { "one_byte", 0, 1 };

#define SUITES_MAX	256

static struct ktap_suite plan[SUITES_MAX];
static size_t planned;
static char **wanted;

static void load_case(const void *arg)
{
	const struct size *size = arg;

	module_begin();
	REQUIRE(module_load_size(size->pages, size->bytes) == 0);
}

static void unload_case(const void *arg)
{
	(void)arg;
	REQUIRE(module_unload() == 0);
}

static const struct ktap_case load[] = { { "load", load_case, 0 } };
static const struct ktap_case unload[] = { { "unload", unload_case, 0 } };
static const struct ktap_case sweep_first[] = { { "setup", sweep_setup, 0 } };
static const struct ktap_case sweep_last[] = { { "total", sweep_total, 0 } };
static const struct ktap_case race_last[] = { { "total", race_total, 0 } };

static bool is_wanted(const char *name)
{
	char **one;

	for (one = wanted; *one; one++)
		if (strcmp(*one, name) == 0)
			return true;
	return !*wanted;
}

static bool add(const char *name, const char *of, const struct ktap_case *cases,
		size_t count, const void *arg)
{
	struct ktap_suite *suite = &plan[planned++];
	char *full = NULL;

	if (planned == SUITES_MAX ||
	    asprintf(&full, "%s%s%s", name, *of ? "." : "", of) < 0) {
		fprintf(stderr, "there is no room for suite %s\n", name);
		exit(1);
	}
	*suite = (struct ktap_suite){
		.name = full, .cases = cases, .count = count, .arg = arg,
	};
	return true;
}

/* The cases of a suite that are wanted; false: none is. */
static bool add_suite(const struct suite *suite, const char *of,
		      const struct row *row)
{
	struct ktap_case *cases = calloc(suite->count, sizeof(*cases));
	size_t i, n = 0;

	if (!cases)
		exit(1);
	for (i = 0; i < suite->count; i++)
		if (is_wanted(suite->cases[i].name))
			cases[n++] = suite->cases[i];
	return n && add(suite->name, of, cases, n, row);
}

static bool add_rows(const struct suite *suite, const char *of)
{
	bool any = false;
	size_t r;

	for (r = 0; r < row_count; r++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s%s", rows[r].name,
			 *of ? "." : "", of);
		any |= add_suite(suite, name, &rows[r]);
	}
	return any;
}

/* What a module with buffers of this size is loaded for. */
static bool plan_size(const struct size *size, const struct row *one)
{
	size_t before = planned;
	bool any;

	add("load", size->name, load, 1, size);
	any = add_suite(&suite_sweep_file, size->name, one) |
	      add_rows(&suite_sweep_store, size->name) |
	      add_rows(&suite_sweep_map, size->name) |
	      add_suite(&suite_sweep_fork, size->name, NULL);
	if (any)
		add("unload", size->name, unload, 1, NULL);
	else
		planned = before;
	return any;
}

/* Buffers made at run time, beside nodes that nobody opens. */
static bool plan_made(void)
{
	size_t before = planned;
	bool any;

	add("load", "made", load, 1, &one_byte);
	any = add_rows(&suite_sweep_made, "") |
	      add_suite(&suite_sweep_control, "", NULL);
	if (any)
		add("unload", "made", unload, 1, NULL);
	else
		planned = before;
	return any;
}

/* What does the same for every row is swept on one. */
static bool plan_sweep(void)
{
	bool any;

	add("sweep", "begin", sweep_first, 1, NULL);
	any = plan_size(&last_page_in_part, &rows[0]) |
	      plan_size(&one_byte, &rows[row_count - 1]) |
	      plan_made() |
	      add_rows(&suite_sweep_open, "") |
	      add_suite(&suite_sweep_module, "", NULL);
	add("sweep", "end", sweep_last, 1, NULL);
	return any;
}

/* One row of each kind: mapped at once, with and without pages, or when touched. */
static bool plan_buffers(void)
{
	static const char * const names[] = {
		"kmalloc", "pages-insert", "lazy-fault", "shmem",
	};
	bool any = false;
	size_t n, r;

	for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		for (r = 0; r < row_count; r++)
			if (strcmp(rows[r].name, names[n]) == 0)
				any |= add_suite(&suite_races_buffers, names[n],
						 &rows[r]);
	return any;
}

/* Rows whose store and mapper are those of others, in another pair. */
static bool is_alike(const struct row *row)
{
	static const char * const names[] = {
		"pages-fault", "blocks-insert", "private-fault", "lazy-dma32",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(row->name, names[i]) == 0)
			return true;
	return false;
}

static bool add_races(void)
{
	bool any = false;
	size_t r;

	for (r = 0; r < row_count; r++)
		if (!is_alike(&rows[r]))
			any |= add_suite(&suite_races, rows[r].name, &rows[r]);
	return any;
}

static bool plan_races(void)
{
	unsigned int count = (unsigned int)(row_count * suite_races.count);
	bool any;

	race_ms = race_seconds * 1000 / count;
	if (race_ms < RACE_MS_MIN)
		race_ms = RACE_MS_MIN;
	any = add_races() |
	      add_suite(&suite_races_node, "", &rows[row_count - 1]) |
	      plan_buffers() |
	      add_suite(&suite_races_open, "", &rows[0]) |
	      add_suite(&suite_races_module, "", NULL);
	add("races", "end", race_last, 1, NULL);
	return any;
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s --module FILE [--seconds N] sweep|races [CASE...]\n",
		name);
	return 2;
}

/*
 * With restartable sequences the kernel writes to a page of the process at the
 * end of any call, and kills it if it finds no memory for that.
 */
static void without_rseq(char **argv)
{
	static const char name[] = "GLIBC_TUNABLES";

	if (getenv(name))
		return;
	setenv(name, "glibc.pthread.rseq=0", 1);
	execv("/proc/self/exe", argv);
	perror("/proc/self/exe");
	exit(1);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "seconds", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	enum ktap_result result;
	bool sweep;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'm')
			module_path = optarg;
		else if (c == 's' && atoi(optarg) > 0)
			race_seconds = (unsigned int)atoi(optarg);
		else
			return usage(argv[0]);
	}
	if (!module_path || optind == argc)
		return usage(argv[0]);
	sweep = strcmp(argv[optind], "sweep") == 0;
	if (!sweep && strcmp(argv[optind], "races") != 0)
		return usage(argv[0]);
	if (sweep)
		without_rseq(argv);
	wanted = argv + optind + 1;
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (totals == MAP_FAILED)
		return 1;
	if (!(sweep ? plan_sweep() : plan_races())) {
		fprintf(stderr, "no case has such a name\n");
		return 2;
	}
	if (sweep)
		log_begin();
	result = ktap_suites_run(plan, planned);
	if (sweep) {
		log_end();
		printf("# the kernel's log: %lu reports of failures it was dealt, %lu bad lines\n",
		       totals->known, totals->bad_lines);
	}
	return totals->bad_lines ? KTAP_FAIL : result;
}
