// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what the machine has lying about; words for a verdict. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

static const char *path_of(const struct doctor *doctor, char path[PATH_MAX],
			   const char *format, va_list list)
{
	size_t len = strlen(doctor->root);

	if (len >= PATH_MAX)
		len = 0;
	memcpy(path, doctor->root, len);
	vsnprintf(path + len, PATH_MAX - len, format, list);
	return path;
}

const char *doctor_path(const struct doctor *doctor, char path[PATH_MAX],
			const char *format, ...)
{
	va_list list;

	va_start(list, format);
	path_of(doctor, path, format, list);
	va_end(list);
	return path;
}

bool doctor_exists(const struct doctor *doctor, const char *format, ...)
{
	char path[PATH_MAX];
	va_list list;

	va_start(list, format);
	path_of(doctor, path, format, list);
	va_end(list);
	return access(path, F_OK) == 0;
}

bool doctor_read(const struct doctor *doctor, const char *path,
		 const char *word, char *line, size_t size)
{
	char whole[PATH_MAX], *text = NULL;
	bool found = false;
	size_t room = 0;
	FILE *file;

	file = fopen(doctor_path(doctor, whole, "%s", path), "re");
	if (!file)
		return false;
	while (!found && getline(&text, &room, file) > 0) {
		text[strcspn(text, "\n")] = '\0';
		found = strstr(text, word);
	}
	if (found)
		snprintf(line, size, "%s", text);
	free(text);
	fclose(file);
	return found;
}

/* dpkg takes this folder away with the package's other files. */
bool doctor_has_package(const struct doctor *doctor, const char *name)
{
	return doctor_exists(doctor, "/usr/share/doc/%s", name);
}

void doctor_set(struct doctor_row *row, enum doctor_status status,
		const char *format, ...)
{
	va_list list;

	row->status = status;
	va_start(list, format);
	vsnprintf(row->found, sizeof(row->found), format, list);
	va_end(list);
}

void doctor_add(struct doctor_row *row, const char *format, ...)
{
	size_t used = strlen(row->found);
	va_list list;

	va_start(list, format);
	vsnprintf(row->found + used, sizeof(row->found) - used, format, list);
	va_end(list);
}

void doctor_help(struct doctor_row *row, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(row->command, sizeof(row->command), format, list);
	va_end(list);
}

const char *doctor_sudo(const struct doctor *doctor)
{
	return doctor->is_root ? "" : "sudo ";
}
