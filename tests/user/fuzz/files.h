/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, folders and patterns that an input stands for.  For a program's own
 * file; it wraps fopen, opendir, readdir, closedir, access, stat and fclose.
 */
#ifndef FILES_H
#define FILES_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "input.h"

/* A file or a folder is known by how its path ends; its piece may be missing. */
struct file {
	const char	*end;
	struct piece	piece;
	bool		is_there;
};

/* NULL: not within an input, where these calls are libFuzzer's own. */
static const struct file *all_files;
static int files_open;

static void files_take(struct file *list, struct input *in)
{
	all_files = list;
	for (; list->end; list++) {
		list->is_there = in->left;
		list->piece = input_next(in, '|');
	}
	files_open = 0;
}

/* What was opened is closed again. */
static void files_drop(struct file *list)
{
	for (; list->end; list++)
		free(list->piece.text);
	all_files = NULL;
	always(files_open == 0);
}

static const struct file *files_find(const char *path)
{
	size_t len = strlen(path), end;
	const struct file *file;

	for (file = all_files; file->end; file++) {
		end = strlen(file->end);
		if (file->is_there && len >= end &&
		    strcmp(path + len - end, file->end) == 0)
			return file;
	}
	return NULL;
}

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
	const struct file *file;

	if (!all_files)
		return __real_fopen(path, mode);
	file = files_find(path);
	always(!strcmp(mode, "re") && strlen(path) < 4096);
	if (!file)
		return NULL;
	files_open++;
	return fmemopen(file->piece.text, file->piece.len, "r");
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
	files_open--;
	return __real_fclose(file);
}

/* A folder holds a name a line.  One is read at a time, or one within another. */
static struct {
	const char	*at;
	struct dirent	entry;
} folders[2];

static int folders_open;

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_opendir(const char *path)
{
	const struct file *file;

	if (!all_files)
		return __real_opendir(path);
	file = files_find(path);
	if (!file)
		return NULL;
	always(folders_open < 2);
	files_open++;
	folders[folders_open].at = file->piece.text;
	return (DIR *)&folders[folders_open++];
}

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir)
{
	const char **at = (void *)dir;
	struct dirent *entry = (void *)(at + 1);
	size_t len;

	if (!all_files)
		return __real_readdir(dir);
	len = strcspn(*at, "\n");
	if (!len)
		return NULL;
	snprintf(entry->d_name, sizeof(entry->d_name), "%.*s", (int)len, *at);
	*at += len + ((*at)[len] != '\0');
	return entry;
}

int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);
int __wrap_closedir(DIR *dir)
{
	if (!all_files)
		return __real_closedir(dir);
	always(dir == (DIR *)&folders[--folders_open]);
	files_open--;
	return 0;
}

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __wrap_access(const char *path, int mode)
{
	if (!all_files)
		return __real_access(path, mode);
	return files_find(path) ? 0 : -1;
}

/* The numbers of the device hang on the last letter of its name. */
int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st)
{
	size_t len = strlen(path);

	if (!all_files)
		return __real_stat(path, st);
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR;
	st->st_rdev = makedev(240, path[len - 1] & 1);
	return 0;
}

#endif /* FILES_H */
