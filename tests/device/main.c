// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmapper-test [--module FILE] [--fail FILE] [--lab FILE] [--slow N] [--peer 0|1]
 * [--row NAME]... [--sizes N] [--except] [SUITE[.CASE]...]: the device tests, as KTAP;
 * --slow gives each case N times its time, --row takes the rows that begin with
 * NAME, --sizes tests them with N of the three sizes, --except runs all but what is
 * named, --peer is for the suite "pci" on two machines.
 */
#include <getopt.h>

#include "device.h"

static const struct suite *const suites[] = {
	&suite_data, &suite_mmap, &suite_vma, &suite_life, &suite_fault,
	&suite_reach, &suite_phys, &suite_ioctl, &suite_security,
	&suite_library, &suite_module, &suite_together, &suite_rounds,
	&suite_failure, &suite_control, &suite_rights, &suite_revoke,
	&suite_limits, &suite_pci,
	&suite_lazy, &suite_huge, &suite_huge_life, &suite_large, &suite_ways,
	&suite_user, &suite_publish, &suite_counters, &suite_lab,
};

#define SUITES	(sizeof(suites) / sizeof(suites[0]))

/*
 * Every row is tested with whole pages, with a last page that is not full,
 * and with a single byte.
 */
static const struct size {
	const char	*name;
	size_t		pages;
	size_t		bytes;
} sizes[] = {
	{ "", 4, 0 },
	{ "last_page_in_part", 2, 1808 },
	{ "one_byte", 0, 1 },
};

#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

static size_t sizes_used = SIZES;

const char *module_path;
const char *fail_path;

static const char *only_rows[ROWS_MAX];
static size_t only;
static bool except;

static bool wanted_row(const struct row *row)
{
	size_t i;

	for (i = 0; i < only; i++)
		if (strncmp(row->name, only_rows[i], strlen(only_rows[i])) == 0)
			return true;
	return !only;
}

/* Does @name mean this case, by SUITE or SUITE.CASE? */
static bool names_case(const char *name, const struct suite *suite,
		       const struct ktap_case *test)
{
	size_t len = strlen(suite->name);

	return strncmp(name, suite->name, len) == 0 &&
	       (!name[len] ||
		(name[len] == '.' && strcmp(name + len + 1, test->name) == 0));
}

static bool wanted(const struct suite *suite, const struct ktap_case *test,
		   char **names)
{
	char **name;

	for (name = names; *name; name++)
		if (names_case(*name, suite, test))
			return !except;
	return except || !*names;
}

static bool known(const char *name)
{
	size_t s, i;

	for (s = 0; s < SUITES; s++)
		for (i = 0; i < suites[s]->count; i++)
			if (names_case(name, suites[s], &suites[s]->cases[i]))
				return true;
	return false;
}

/* Loading is a case too, so that it is seen when it fails. */
static void load_case(const void *arg)
{
	const struct size *size = arg;

	if (module_loaded())
		REQUIRE(module_unload() == 0);
	REQUIRE(module_load_size(size->pages, size->bytes) == 0);
}

static void unload_case(const void *arg)
{
	(void)arg;
	REQUIRE(module_unload() == 0);
}

static const struct ktap_case load[] = { { "load", load_case, 0 } };
static const struct ktap_case unload[] = { { "unload", unload_case, 0 } };

static void add(struct ktap_suite *list, size_t *n, const char *prefix,
		const char *name, const char *size,
		const struct ktap_case *cases, size_t count, const void *arg)
{
	char *full = NULL;

	if (asprintf(&full, "%s%s%s%s%s", prefix, *prefix ? "." : "", name,
		     *size ? "." : "", size) < 0)
		exit(1);
	list[(*n)++] = (struct ktap_suite){
		.name = full, .cases = cases, .count = count, .arg = arg,
	};
}

/* Those cases of a suite that are wanted, if any is. */
static void add_suite(struct ktap_suite *list, size_t *n, const char *prefix,
		      const char *size, const struct suite *suite,
		      const void *arg, char **names)
{
	struct ktap_case *cases = calloc(suite->count, sizeof(*cases));
	size_t count = 0, i;

	if (!cases)
		exit(1);
	for (i = 0; i < suite->count; i++)
		if (wanted(suite, &suite->cases[i], names))
			cases[count++] = suite->cases[i];
	if (count)
		add(list, n, prefix, suite->name, size, cases, count, arg);
}

/* The whole plan: load, each row's suites, unload, for each size; the rest. */
static size_t plan(struct ktap_suite *list, char **names)
{
	size_t i, r, s, n = 0;

	for (i = 0; i < (module_path ? sizes_used : 1); i++) {
		if (module_path)
			add(list, &n, "module", "load", sizes[i].name,
			    load, 1, &sizes[i]);
		for (r = 0; r < row_count; r++)
			for (s = 0; s < SUITES && wanted_row(&rows[r]); s++)
				if (suites[s]->per_row)
					add_suite(list, &n, rows[r].name,
						  sizes[i].name, suites[s],
						  &rows[r], names);
		if (module_path)
			add(list, &n, "module", "unload", sizes[i].name,
			    unload, 1, NULL);
	}
	for (s = 0; s < SUITES; s++)
		if (!suites[s]->per_row)
			add_suite(list, &n, "", "", suites[s], NULL, names);
	return n;
}

static int usage(const char *name)
{
	fprintf(stderr,
		"usage: %s [--module FILE] [--fail FILE] [--lab FILE]\n"
		"       [--slow N] [--peer 0|1] [--row NAME]... [--sizes N]\n"
		"       [--except] [SUITE[.CASE]...]\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "fail", required_argument, NULL, 'f' },
		{ "lab", required_argument, NULL, 'l' },
		{ "sizes", required_argument, NULL, 'z' },
		{ "row", required_argument, NULL, 'r' },
		{ "except", no_argument, NULL, 'x' },
		{ "slow", required_argument, NULL, 's' },
		{ "peer", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	static struct ktap_suite list[SIZES * (ROWS_MAX * SUITES + 2) + SUITES];
	size_t i, n;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'm')
			module_path = optarg;
		else if (c == 'f')
			fail_path = optarg;
		else if (c == 'z' && atoi(optarg) > 0 &&
			 (size_t)atoi(optarg) <= SIZES)
			sizes_used = (size_t)atoi(optarg);
		else if (c == 'x')
			except = true;
		else if (c == 'l')
			lab_path = optarg;
		else if (c == 'p')
			pci_peer = atoi(optarg);
		else if (c == 'r' && only < ROWS_MAX)
			only_rows[only++] = optarg;
		else if (c == 's' && atoi(optarg) > 0)
			ktap_slow((unsigned int)atoi(optarg));
		else
			return usage(argv[0]);
	}
	for (i = (size_t)optind; i < (size_t)argc; i++)
		if (!known(argv[i])) {
			fprintf(stderr, "no suite or case is called %s\n",
				argv[i]);
			return 2;
		}
	n = plan(list, argv + optind);
	return ktap_suites_run(list, n);
}
