// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "holders.h"

static bool is_number(const char *text)
{
	return isdigit((unsigned char)text[0]);
}

/* Open files of a process, told by their path below /proc, that are what is asked for. */
static size_t count_files(const char *pid,
			  bool (*is)(const char *path, const void *arg),
			  const void *arg)
{
	struct dirent *entry;
	size_t count = 0;
	char path[600];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid,
			 entry->d_name);
		if (is_number(entry->d_name))
			count += is(path, arg);
	}
	closedir(dir);
	return count;
}

/* By device number: a node may have been reached under another path. */
static bool is_node(const char *path, const void *arg)
{
	const struct mmapper_node *node = arg;
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(node->major, node->minor);
}

/* Of this path, or of those that are what is asked for. */
static size_t count_mappings(const char *pid, bool (*is)(const char *path),
			     const char *wanted)
{
	char path[300], *line = NULL, *file;
	size_t size = 0, count = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return 0;
	while (getline(&line, &size, maps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		file = strchr(line, '/');
		if (file && (is ? is(file) : strcmp(file, wanted) == 0))
			count++;
	}
	free(line);
	fclose(maps);
	return count;
}

/* A process calls itself what it likes: the terminal shall not obey it. */
static void process_name(const char *pid, char name[32])
{
	char path[300], *c;
	FILE *comm;

	strcpy(name, "?");
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	comm = fopen(path, "re");
	if (!comm)
		return;
	if (fgets(name, 32, comm))
		name[strcspn(name, "\n")] = '\0';
	fclose(comm);
	for (c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
}

/* How the kernel calls a buffer made at run time: it is in no folder. */
static bool is_made(const char *path)
{
	static const char prefix[] = "/mmapper";
	size_t len = strlen(prefix);

	return strncmp(path, prefix, len) == 0 &&
	       (path[len] == ':' || strcmp(path + len, " (deleted)") == 0);
}

static bool is_control(const char *path)
{
	return strcmp(path, "/dev/mmapper/control") == 0;
}

/* By what the kernel calls it. */
static bool is_link(const char *path, const void *arg)
{
	bool (*const *is)(const char *path) = arg;
	char target[256];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len < 0)
		return false;
	target[len] = '\0';
	return (*is)(target);
}

static size_t count_links(const char *pid, bool (*is)(const char *path))
{
	return count_files(pid, is_link, &is);
}

static void print_one(const char *pid, const char *what, size_t files,
		      size_t mappings)
{
	char name[32];

	process_name(pid, name);
	fprintf(stderr, "  process %s (%s): %s, open files: %zu, mappings: %zu\n",
		pid, name, what, files, mappings);
}

static bool print_made(const char *pid)
{
	size_t files = count_links(pid, is_made);
	size_t mappings = count_mappings(pid, is_made, NULL);
	size_t control = count_links(pid, is_control);

	if (files || mappings)
		print_one(pid, "buffers made at run time", files, mappings);
	if (control)
		print_one(pid, "/dev/mmapper/control", control, 0);
	return files || mappings || control;
}

static bool print_process(const char *pid, const struct mmapper_nodes *nodes)
{
	bool found = print_made(pid);
	size_t i, files, mappings;

	for (i = 0; i < mmapper_nodes_count(nodes); i++) {
		const struct mmapper_node *node = mmapper_nodes_get(nodes, i);

		files = count_files(pid, is_node, node);
		mappings = count_mappings(pid, NULL, node->path);
		if (!files && !mappings)
			continue;
		print_one(pid, node->path, files, mappings);
		found = true;
	}
	return found;
}

void holders_print(const struct mmapper_nodes *nodes)
{
	struct dirent *entry;
	bool found = false;
	size_t i;
	DIR *proc;

	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (is_number(entry->d_name) &&
		    print_process(entry->d_name, nodes))
			found = true;
	if (proc)
		closedir(proc);
	for (i = 0; i < mmapper_nodes_count(nodes) && !found; i++) {
		const struct mmapper_node *node = mmapper_nodes_get(nodes, i);

		if (node->files)
			fprintf(stderr, "  %s: held by what cannot be seen from here\n",
				node->path);
	}
}
