// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "evidence.h"
#include "table.h"

struct subjects {
	struct mmapper_nodes	*nodes;
	struct subject		*list;
	struct finding		*findings;
	size_t			count;
	size_t			room;
	int			lock;
};

static void subjects_free(struct subjects *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		mmapper_buffer_close(all->list[i].buffer);
	if (all->findings)
		munmap(all->findings, all->room * sizeof(*all->findings));
	free(all->list);
	mmapper_nodes_free(all->nodes);
	if (all->lock >= 0)
		close(all->lock);
}

static const struct mmapper_node *find_node(const struct mmapper_nodes *nodes,
					    const char *name)
{
	size_t i;

	for (i = 0; i < mmapper_nodes_count(nodes); i++) {
		const struct mmapper_node *node = mmapper_nodes_get(nodes, i);

		if (cli_is_row(node) && strcmp(name, node->backend) == 0)
			return node;
	}
	return NULL;
}

static int subject_add(struct subjects *all, const char *name)
{
	struct subject *s = &all->list[all->count];
	int status;
	size_t i;

	status = cli_open_node(name, O_RDWR, &s->buffer, &s->info);
	if (status != CLI_DONE)
		return status;
	/* Once is enough. */
	for (i = 0; i < all->count; i++) {
		if (strcmp(all->list[i].info.backend, s->info.backend) == 0) {
			mmapper_buffer_close(s->buffer);
			return CLI_DONE;
		}
	}
	s->name = name;
	s->node = find_node(all->nodes, s->info.backend);
	s->finding = &all->findings[all->count++];
	if (!s->node)
		return cli_complain("the driver does not list this backend",
				    NULL);
	return CLI_DONE;
}

/*
 * A size that one backend cannot give is no reason to leave out the others, but
 * whoever names that one wants to know.
 */
static int row_add(struct subjects *all, const struct mmapper_node *node)
{
	struct subject *s = &all->list[all->count];
	struct mmapper_buffer *buffer = NULL;
	int error;

	error = mmapper_buffer_open(node->backend, O_RDWR, &buffer);
	mmapper_buffer_close(buffer);
	if (error != -EFBIG)
		return subject_add(all, node->backend);
	s->name = node->backend;
	s->node = node;
	s->skip = mmapper_strerror(-EFBIG);
	s->finding = &all->findings[all->count++];
	return CLI_DONE;
}

/*
 * Two demonstrations at once would see each other's bytes and counts.  Not one
 * of the nodes is locked: their open files are counted.
 */
static void lock_out_others(struct subjects *all)
{
	all->lock = open("/sys/class/mmapper", O_RDONLY | O_CLOEXEC);
	if (all->lock < 0 || flock(all->lock, LOCK_EX | LOCK_NB) == 0)
		return;
	fprintf(stderr, "mmapper-cli: waiting for another mmapper-cli to be done\n");
	flock(all->lock, LOCK_EX);
}

/* Those that were named, or every backend there is. */
static int subjects_open(const struct cli_args *args, struct subjects *all)
{
	int status;
	size_t i;

	memset(all, 0, sizeof(*all));
	lock_out_others(all);
	status = cli_nodes(&all->nodes);
	if (status != CLI_DONE)
		return status;
	all->room = args->count ? args->count : mmapper_nodes_count(all->nodes);
	if (!all->room)
		return cli_complain("the driver lists no nodes",
				    "mmapper-cli doctor");
	all->list = calloc(all->room, sizeof(*all->list));
	all->findings = mmap(NULL, all->room * sizeof(*all->findings),
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!all->list || all->findings == MAP_FAILED) {
		all->findings = NULL;
		return cli_complain("out of memory", NULL);
	}
	for (i = 0; i < all->room && status == CLI_DONE; i++) {
		const struct mmapper_node *node;

		node = mmapper_nodes_get(all->nodes, i);
		if (args->count)
			status = subject_add(all, args->names[i]);
		else if (cli_is_row(node))
			status = row_add(all, node);
	}
	return status;
}

int cmd_validate(const struct cli_args *args)
{
	struct ktap_suite *suites = NULL;
	struct ktap_case *cases = NULL;
	struct subjects all;
	int status;
	size_t i;

	status = subjects_open(args, &all);
	if (status != CLI_DONE)
		goto out;
	suites = calloc(all.count, sizeof(*suites));
	cases = ev_tests(evidence_cases, evidence_count);
	if (!suites || !cases) {
		status = cli_complain("out of memory", NULL);
		goto out;
	}
	for (i = 0; i < all.count; i++) {
		suites[i].name = all.list[i].node->backend;
		suites[i].skip = all.list[i].skip;
		suites[i].cases = cases;
		suites[i].count = evidence_count;
		suites[i].arg = &all.list[i];
	}
	if (ktap_suites_run(suites, all.count) != KTAP_PASS)
		status = CLI_FAILED;
out:
	free(suites);
	free(cases);
	subjects_free(&all);
	return status;
}

/* What is known of a backend before anything is measured. */
static void print_header(const struct subject *s)
{
	char size[32], most[32];
	int width;

	width = printf("%s: %s\n", s->node->backend, s->node->description) - 1;
	while (width-- > 0)
		putchar('=');
	putchar('\n');
	if (s->skip)
		return;
	printf("memory   %s, %s (%s at most), %s\n", s->info.store,
	       cli_bytes(s->info.size, size),
	       cli_bytes(s->info.max_size, most),
	       s->info.backend_flags & MMAPPER_BACKEND_F_CONTIGUOUS ?
	       "contiguous" : "may be scattered");
	if (s->info.backend_flags & MMAPPER_BACKEND_F_LAZY)
		printf("         each page is made when it is first touched\n");
	if (s->info.backend_flags & MMAPPER_BACKEND_F_PER_OPEN)
		printf("         each open() has a buffer of its own\n");
	printf("mapping  %s, %s, %s; MAP_PRIVATE: %s\n", s->info.mapper,
	       cli_kind(s->info.backend_flags),
	       s->info.backend_flags & MMAPPER_BACKEND_F_EAGER ?
	       "all at once" :
	       s->info.backend_flags & MMAPPER_BACKEND_F_AROUND ?
	       "up to 2 MiB at a time on fault" : "page by page on fault",
	       cli_private(s->info.backend_flags));
}

static void tell(const struct subject *s, size_t tally[3])
{
	print_header(s);
	if (s->skip) {
		printf("(skipped: %s: %" PRIu64 " bytes, at most %" PRIu64 ")\n\n",
		       s->skip, s->node->size, s->node->max_size);
		tally[1]++;
		return;
	}
	ev_tell(evidence_cases, evidence_count, s, tally);
	putchar('\n');
}

static const struct table_column columns[] = {
	{ "backend", TABLE_TEXT },
	{ "kind", TABLE_TEXT },
	{ "vm_flags", TABLE_TEXT },
	{ "pages", TABLE_NUMBER },
	{ "mmap", TABLE_NUMBER },
	{ "touch", TABLE_NUMBER },
	{ "rss", TABLE_NUMBER },
	{ "runs", TABLE_NUMBER },
	{ "pagemap", TABLE_NUMBER },
	{ "private", TABLE_TEXT },
};

static const char legend[] =
	"MMAP, TOUCH: page faults during mmap() and during the first touch of all pages.\n"
	"RSS: kB counted as resident. RUNS: pieces of contiguous physical memory.\n"
	"PAGEMAP: pages for which /proc/self/pagemap shows a frame. PRIVATE: MAP_PRIVATE.\n";

static void number_if(struct table *table, bool found, uint64_t number)
{
	if (found)
		table_number(table, number);
	else
		table_text(table, "-");
}

static void add_finding(struct table *table, const struct subject *s)
{
	const struct finding *f = s->finding;
	bool vma = f->found & FOUND_VMA, faults = f->found & FOUND_FAULTS;
	bool phys = f->found & FOUND_PHYS;

	table_row(table);
	table_text(table, s->node->backend);
	table_text(table, !vma ? "-" : f->special ? "special" : "page-backed");
	table_text(table, vma ? f->flags : "-");
	number_if(table, faults || phys, f->pages);
	number_if(table, faults, f->faults_mmap);
	number_if(table, faults, f->faults_touch);
	number_if(table, vma, f->rss);
	number_if(table, phys, f->runs);
	number_if(table, phys, f->pagemap);
	table_text(table, !(f->found & FOUND_PRIVATE) ? "-" :
		   f->copies ? "copies" : "refused");
}

int cmd_demo(const struct cli_args *args)
{
	char driver[MMAPPER_NAME_MAX] = "?";
	size_t i, tally[3] = { 0 };
	struct utsname host;
	struct subjects all;
	struct table *table;
	int status;

	status = subjects_open(args, &all);
	if (status != CLI_DONE)
		goto out;
	mmapper_driver_get_version(driver, sizeof(driver));
	if (uname(&host) == 0)
		printf("mmapper %s on Linux %s (%s)\n\n", driver,
		       host.release, host.machine);
	for (i = 0; i < all.count; i++)
		tell(&all.list[i], tally);

	printf("What was measured\n=================\n%s\n", legend);
	table = table_new("demo", false, columns, ARRAY_SIZE(columns));
	for (i = 0; i < all.count; i++)
		add_finding(table, &all.list[i]);
	status = table_print(table);
	putchar('\n');
	ev_sum(tally);
	if (tally[2])
		status = CLI_FAILED;
out:
	subjects_free(&all);
	return status;
}
