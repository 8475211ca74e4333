// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: fopen opendir stat readlink mmapper_nodes_count mmapper_nodes_get */
/* What the command makes of /proc: its own mappings, and who holds a node. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli.h"
#include "evidence.h"
#include "holders.h"
#include "said.h"

/* How /proc answers; NULL: there is no such file. */
static struct {
	const char	*smaps;
	const char	*maps;
	const char	*comm;
	bool		hides_proc;
	bool		hides_files;
	const char	*link;
	size_t		count;
} proc;

static struct mmapper_node node = {
	.name = "mmapper/kmalloc", .path = "/dev/mmapper/kmalloc",
	.backend = "kmalloc", .major = 240, .minor = 1,
};

FILE *__wrap_fopen(const char *path, const char *mode);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __wrap_stat(const char *path, struct stat *st);
ssize_t __wrap_readlink(const char *path, char *text, size_t len);
size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes);
const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index);

static FILE *give(const char *text)
{
	return text ? fmemopen((char *)text, strlen(text), "r") : NULL;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	char own[32];

	assert_string_equal(mode, "re");
	if (strcmp(path, "/proc/self/smaps") == 0)
		return give(proc.smaps);
	snprintf(own, sizeof(own), "/proc/%d/", getpid());
	if (strncmp(path, own, strlen(own)) != 0)
		return NULL;
	return give(strcmp(path + strlen(own), "maps") ? proc.comm :
							proc.maps);
}

DIR *__wrap_opendir(const char *path)
{
	if (strcmp(path, "/proc") ? proc.hides_files : proc.hides_proc)
		return NULL;
	return __real_opendir(path);
}

/* Of this process, descriptors 1 and 2 are of the node. */
int __wrap_stat(const char *path, struct stat *st)
{
	char own[32];

	memset(st, 0, sizeof(*st));
	snprintf(own, sizeof(own), "/proc/%d/fd/", getpid());
	if (strncmp(path, own, strlen(own)) != 0)
		return -1;
	st->st_mode = S_IFCHR;
	st->st_rdev = strcmp(path + strlen(own), "1") &&
		      strcmp(path + strlen(own), "2") ? makedev(240, 2) :
							makedev(240, 1);
	return 0;
}

/* Descriptor 1 leads to this. */
ssize_t __wrap_readlink(const char *path, char *text, size_t len)
{
	char own[32];

	snprintf(own, sizeof(own), "/proc/%d/fd/1", getpid());
	if (!proc.link || strcmp(path, own))
		return -1;
	assert_in_range(strlen(proc.link), 1, len);
	memcpy(text, proc.link, strlen(proc.link));
	return (ssize_t)strlen(proc.link);
}

size_t __wrap_mmapper_nodes_count(const struct mmapper_nodes *nodes)
{
	(void)nodes;
	return proc.count;
}

const struct mmapper_node *
__wrap_mmapper_nodes_get(const struct mmapper_nodes *nodes, size_t index)
{
	(void)nodes;
	assert_true(index < proc.count);
	return &node;
}

static int setup(void **state)
{
	(void)state;
	memset(&proc, 0, sizeof(proc));
	proc.count = 1;
	node.files = 0;
	return 0;
}

static void *at(unsigned long address)
{
	return (void *)address;
}

static void test_vma(void **state)
{
	struct vma vma;

	(void)state;
	proc.smaps =
		"1000-2000 rw-p 00000000 00:00 0\nRss:  4 kB\nVmFlags: rd wr\x20\n"
		"2000-5000 rw-s 00001000 00:06 99                /dev/mmapper_k\n"
		"Size: 12 kB\nRss: 8 kB\nPss: 1 kB\nVmFlags: rd wr sh pf io de\x20\n"
		"6000-7000 r--p 00000000 00:00 0\nRss: 77 kB\nVmFlags: rd\n";
	assert_true(vma_find(at(0x2000), &vma));
	assert_string_equal(vma.line,
			    "2000-5000 rw-s 00001000 00:06 99 /dev/mmapper_k");
	assert_int_equal(vma.offset, 0x1000);
	assert_int_equal(vma.rss, 8);
	assert_string_equal(vma.flags, "rd wr sh pf io de");
	assert_true(vma_has(&vma, "pf") && vma_has(&vma, "de"));
	assert_false(vma_has(&vma, "mm") || vma_has(&vma, "r "));
	/* Begins there, or is not it. */
	assert_false(vma_find(at(0x3000), &vma));
	assert_true(vma_find(at(0x6000), &vma));
	assert_int_equal(vma.rss, 77);
	proc.smaps = NULL;
	assert_false(vma_find(at(0x2000), &vma));
}

/* "dr" stands across two flags, and then is one of its own. */
static void test_flags(void **state)
{
	struct vma vma = { .flags = "rd rw wd dr" };

	(void)state;
	assert_true(vma_has(&vma, "dr"));
	strcpy(vma.flags, "xd ra");
	assert_false(vma_has(&vma, "d "));
	strcpy(vma.flags, "rd wr zz pf mm de dd dc");
	said_begin();
	vma_say_flags(&vma);
	said_end();
	said_has(said_out, "  rd readable, wr writable, zz see proc(5),\n  pf ");
	said_has(said_out, "dc not inherited by fork() (VM_DONTCOPY)\n");
	vma.flags[0] = '\0';
	said_begin();
	vma_say_flags(&vma);
	said_end();
	assert_string_equal(said_out, "\x20\x20\n");
}

/* As long as a kernel could make them, and longer. */
static void test_long_smaps(void **state)
{
	static char text[8192];
	struct vma vma;
	size_t used;

	(void)state;
	used = (size_t)sprintf(text, "2000-5000 rw-s 00001000 00:06 99 /");
	memset(text + used, 'x', 4096);
	used += 4096;
	used += (size_t)sprintf(text + used, "\nRss: 4 kB\nVmFlags: ");
	memset(text + used, 'f', 3000);
	text[used + 3000] = '\n';
	proc.smaps = text;
	assert_true(vma_find(at(0x2000), &vma));
	assert_int_equal(strlen(vma.line), sizeof(vma.line) - 1);
	assert_int_equal(strlen(vma.flags), sizeof(vma.flags) - 1);
	said_begin();
	vma_say_flags(&vma);
	said_end();
	said_has(said_out, "ff see proc(5)");
}

static void holders(void)
{
	said_begin();
	holders_print(NULL);
	said_end();
	assert_string_equal(said_out, "");
}

static void test_holders(void **state)
{
	char want[128];

	(void)state;
	proc.comm = "a program\n";
	proc.maps = "1000-2000 rw-s 0 00:06 99 /dev/mmapper/kmalloc\n"
		    "3000-4000 rw-s 0 00:06 99 /dev/mmapper/kmalloc2\n"
		    "5000-6000 rw-s 0 00:06 99\n"
		    "7000-8000 rw-s 0 00:06 99   /dev/mmapper/kmalloc\n";
	holders();
	snprintf(want, sizeof(want),
		 "  process %d (a program): /dev/mmapper/kmalloc, open files: 2, mappings: 2\n",
		 getpid());
	assert_string_equal(said_err, want);
	proc.comm = NULL;
	proc.hides_files = true;
	holders();
	said_has(said_err, " (?): /dev/mmapper/kmalloc, open files: 0, mappings: 2\n");
	proc.comm = "";
	proc.maps = NULL;
	proc.hides_files = false;
	holders();
	said_has(said_err, " (?): /dev/mmapper/kmalloc, open files: 2, mappings: 0\n");
	proc.count = 0;
	holders();
	assert_string_equal(said_err, "");
}

/* Buffers made at run time, with a name or none, and who could make some. */
static void test_made(void **state)
{
	char want[256];

	(void)state;
	proc.count = 0;
	proc.comm = "maker\n";
	proc.link = "/mmapper:frames (deleted)";
	proc.maps = "1000-2000 rw-s 0 00:06 99 /mmapper (deleted)\n"
		    "3000-4000 rw-s 0 00:06 99 /mmapper.conf\n"
		    "5000-6000 rw-s 0 00:06 99 /mmapper:frames (deleted)\n";
	holders();
	snprintf(want, sizeof(want),
		 "  process %d (maker): buffers made at run time, open files: 1, mappings: 2\n",
		 getpid());
	assert_string_equal(said_err, want);
	proc.maps = NULL;
	proc.link = "/mmapper";
	holders();
	assert_string_equal(said_err, "");
	proc.link = "/dev/mmapper/control";
	holders();
	snprintf(want, sizeof(want),
		 "  process %d (maker): /dev/mmapper/control, open files: 1, mappings: 0\n",
		 getpid());
	assert_string_equal(said_err, want);
}

/* A process calls itself what it likes; root's terminal must not obey it. */
static void test_hostile_name(void **state)
{
	(void)state;
	proc.comm = "\033[2J\200x\n";
	holders();
	said_has(said_err, " (?[2J?x): ");
}

static void test_unseen(void **state)
{
	(void)state;
	proc.hides_proc = true;
	holders();
	assert_string_equal(said_err, "");
	node.files = 1;
	holders();
	assert_string_equal(said_err,
			    "  /dev/mmapper/kmalloc: held by what cannot be seen from here\n");
}

#define proc_test(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		proc_test(test_vma),
		proc_test(test_flags),
		proc_test(test_long_smaps),
		proc_test(test_holders),
		proc_test(test_made),
		proc_test(test_hostile_name),
		proc_test(test_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
