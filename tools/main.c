// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define OVERWRITES \
	"This overwrites the buffers of the backends that it looks at. They\n" \
	"are there to be demonstrated on; without BACKEND all are looked at.\n" \
	"Other programs that use them meanwhile disturb what is counted.\n"

static const char range_help[] =
	"N is a number of bytes, decimal or 0x hexadecimal; K, M and G after\n"
	"it stand for KiB, MiB and GiB.";

static const struct cli_command commands[] = {
	{ "demo", "[BACKEND...]",
	  "show with evidence how each backend behaves",
	  OVERWRITES "Physical addresses are shown to CAP_SYS_ADMIN only.",
	  0, 0, -1, cmd_demo },
	{ "validate", "[BACKEND...]",
	  "check the same; KTAP on standard output",
	  OVERWRITES "Checks that need CAP_SYS_ADMIN are skipped without it.",
	  0, 0, -1, cmd_validate },
	{ "bench", "[TARGET...]",
	  "measure what mapping costs",
	  "TARGET is a backend, or one of what else Linux has; without it all are\n"
	  "measured, in four sizes, up to 256 MiB. For people figures are for each\n"
	  "page of memory; JSON has totals. `again` is another process that maps the\n"
	  "same memory. What the machine lacks is left out, with the reason.\n"
	  "With --growth: what a mapping of 4 MiB costs, in all, beside other buffers\n"
	  "and other mappings.\n"
	  "Under QEMU's -icount the time stamp counter counts instructions.",
	  CLI_JSON | CLI_EACH_SIZE | CLI_CLOCK | CLI_GROWTH, 0, -1, cmd_bench },
	{ "backends", "", "list the backends: what memory, how mapped",
	  NULL, CLI_JSON, 0, 0, cmd_backends },
	{ "list", "", "list nodes and buffers, and their use",
	  NULL, CLI_JSON, 0, 0, cmd_list },
	{ "info", "NAME|--memory", "all that the driver tells about one of them",
	  "It is opened for this, and that open is counted. With --memory: how\n"
	  "much memory the buffers made at run time have and may have, and how\n"
	  "much the machine could give now.",
	  CLI_JSON | CLI_MEMORY, 0, 1, cmd_info },
	{ "create", "NAME --size=BYTES", "make a buffer",
	  "It stays until it is deleted, whoever has it open or not.\n"
	  "Not every backend can do --cache and --numa.",
	  CLI_BYTES | CLI_BACKEND | CLI_MODE | CLI_OWNER | CLI_CACHE |
	  CLI_NUMA | CLI_DEVICE | CLI_JSON, 1, 1, cmd_create },
	{ "delete", "NAME...", "delete buffers",
	  "Who has one open or mapped keeps it; see revoke.",
	  0, 1, -1, cmd_delete },
	{ "resize", "NAME --size=BYTES", "change the size of a buffer",
	  "What is added is zero. What is taken away vanishes from all mappings.",
	  CLI_BYTES, 1, 1, cmd_resize },
	{ "seal", "NAME [SEAL...]", "forbid changes for good, or show what is",
	  "SEAL is what can no longer be done, by anybody:\n"
	  "  resize: change the size\n"
	  "  write: change the bytes; not while it is mapped for writing\n"
	  "  delete: delete the name\n"
	  "  seal: set further seals",
	  CLI_JSON, 1, -1, cmd_seal },
	{ "revoke", "NAME", "take a buffer's memory back from all",
	  "Its name is deleted. Programs that have it mapped get SIGBUS.",
	  0, 1, 1, cmd_revoke },
	{ "read", "NAME", "copy bytes to standard output",
	  range_help, CLI_OFFSET | CLI_LENGTH, 1, 1, cmd_read },
	{ "write", "NAME", "copy bytes from standard input",
	  range_help, CLI_OFFSET | CLI_LENGTH, 1, 1, cmd_write },
	{ "dump", "NAME", "show bytes, in hexadecimal and as text",
	  range_help,
	  CLI_OFFSET | CLI_LENGTH | CLI_VIA_READ | CLI_RAW, 1, 1, cmd_dump },
	{ "fill", "NAME BYTE|--pattern", "set bytes",
	  "BYTE is a number from 0 to 255, decimal or 0x hexadecimal, or a\n"
	  "character, 'c', quotes or not. Without --offset and --length the\n"
	  "whole buffer is filled.\n"
	  "N is a number of bytes, written in the same ways; K, M and G after\n"
	  "it stand for KiB, MiB and GiB.",
	  CLI_OFFSET | CLI_LENGTH | CLI_VIA_WRITE | CLI_PATTERN, 1, 2,
	  cmd_fill },
	{ "sum", "NAME", "add up all bytes; prints sum, size and name",
	  NULL, CLI_JSON | CLI_VIA_READ, 1, 1, cmd_sum },
	{ "watch-counters", "NAME", "show the counters that a driver keeps",
	  "Once a second, until the driver ends them; read from their page, without\n"
	  "a system call. With --json one object in each line.",
	  CLI_JSON | CLI_ONCE, 1, 1, cmd_watch_counters },
	{ "lab", "[EXPERIMENT...]", "experiments with memory, for learning",
	  "They need mmapper_lab.ko, a module of its own, and root. Without\n"
	  "EXPERIMENT all are done but those that harm:\n"
	  "  usercopy: the ways to copy to and from a process, and their dangers\n"
	  "  self-fault: the kernel touches a page that is not there yet\n"
	  "  kmap: short mappings of a page\n"
	  "  signal: what the kernel writes to a signal's stack\n"
	  "  pin: how pinned pages can be told, and what pinning changes\n"
	  "  remote: another process's memory, and who may reach it\n"
	  "  counters: what an interrupt handler counts, read in three ways\n"
	  "  edu: interrupts and DMA of QEMU's device edu, where there is one\n"
	  "  reserved: what SetPageReserved() changes for RAM that is mapped\n"
	  "  reserved-access: generic_access_phys() without it; the kernel may\n"
	  "    warn\n"
	  "  reserved-forget: pages freed with the bit; the kernel may complain\n"
	  "    and lose 16 MiB until the next boot",
	  CLI_VALIDATE, 0, -1, cmd_lab },
	{ "load", "", "load the driver",
	  "Without --module it is looked for below /lib/modules, for the\n"
	  "running kernel. A driver that is loaded already is left alone.",
	  CLI_MODULE | CLI_SIZE, 0, 0, cmd_load },
	{ "unload", "", "unload the driver, or say who uses it",
	  NULL, 0, 0, 0, cmd_unload },
	{ "doctor", "", "find out why the driver cannot be used",
	  "Walks the stages up to the first that fails, says what is wrong and\n"
	  "names the command that helps. Nothing is changed or loaded, no node\n"
	  "is opened. Exit status: 0, or the number of that stage:\n"
	  "  11 headers: the running kernel's are installed\n"
	  "  12 module: built for it, and where modprobe finds it\n"
	  "  13 signature: the kernel insists on none, or trusts this one\n"
	  "  14 loaded: the module is in the kernel\n"
	  "  15 version: driver and library speak the same ABI\n"
	  "  16 nodes: /dev has what the driver says\n"
	  "  17 permission: this user may read and write them",
	  CLI_JSON, 0, 0, cmd_doctor },
};

static int help(void)
{
	size_t i;

	printf("Usage: mmapper-cli COMMAND [ARGUMENT...]\n"
	       "       mmapper-cli COMMAND --help\n"
	       "       mmapper-cli --help | --version\n\n"
	       "Memory shared between the kernel and processes, in each of the ways that\n"
	       "Linux offers.\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct cli_command *c = &commands[i];
		int width;

		width = printf("  %s %s", c->name, c->arguments);
		printf("%*s%s\n", width < 31 ? 31 - width : 1, "", c->help);
	}
	printf("\nBACKEND is a name that `mmapper-cli backends` shows, or the path of a node.\n"
	       "NAME is one too, or that of a buffer that create has made; where both have it,\n"
	       "the backend's. create, delete, resize, seal, revoke know buffers only.\n\n"
	       "Exit status: 0 done, or all passed; 1 it failed; 2 the command line is wrong;\n"
	       "3 the driver cannot be used (not loaded, no node, no permission, wrong ABI);\n"
	       "11 to 17 the stage that doctor found failing.\n");
	return CLI_DONE;
}

static int version(void)
{
	char driver[MMAPPER_NAME_MAX];
	int abi;

	printf("mmapper-cli %s\nlibmmapper %s, ABI %d\n", MMAPPER_VERSION,
	       mmapper_version_get(), MMAPPER_ABI_VERSION);
	if (mmapper_driver_get_version(driver, sizeof(driver)) < 0) {
		printf("driver: not loaded\n");
		return CLI_DONE;
	}
	abi = mmapper_driver_get_abi();
	if (abi > 0)
		printf("driver %s, ABI %d\n", driver, abi);
	else
		printf("driver %s, ABI unknown: %s\n", driver,
		       mmapper_strerror(abi));
	return CLI_DONE;
}

static int no_command(const char *word)
{
	size_t i;

	if (!word)
		fprintf(stderr, "mmapper-cli: which command?");
	else if (word[0] == '-')
		fprintf(stderr, "mmapper-cli: no option '%s'; there are --help and --version.",
			word);
	else
		fprintf(stderr, "mmapper-cli: no command '%s'.", word);
	fprintf(stderr, " Commands:");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, "%s %s", i ? "," : "", commands[i].name);
	fprintf(stderr, "\n");
	return CLI_USAGE;
}

static int run(int argc, char **argv)
{
	struct cli_args args;
	int status;
	size_t i;

	if (argc < 2)
		return no_command(NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return version();
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		status = cli_args_parse(&commands[i], argc - 1, argv + 1,
					&args);
		if (status != CLI_DONE || args.given & CLI_HELP)
			return status;
		return commands[i].run(&args);
	}
	return no_command(argv[1]);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* A full disk or a closed pipe must not pass for success. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("mmapper-cli: standard output");
		if (status == CLI_DONE)
			status = CLI_FAILED;
	}
	return status;
}
