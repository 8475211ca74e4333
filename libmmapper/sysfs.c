// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bounded reading of what the driver shows in sysfs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Returns a descriptor of the class directory; -ENODEV where there is none. */
int mm_sysfs_open_class(const char *sysfs)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/class/mmapper", sysfs);
	fd = mm_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	return fd == -ENOENT ? -ENODEV : fd;
}

/* Returns what was read; @size means that there may be more. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, text + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/*
 * Reads a whole file, without its last newline, as a string.  -EPROTO: it does
 * not fit @size, or is no text.
 */
int mm_sysfs_read(int dir, const char *path, char *text, size_t size)
{
	ssize_t n;
	int fd;

	fd = mm_open(dir, path, O_RDONLY);
	if (fd < 0)
		return fd;
	n = read_all(fd, text, size);
	close(fd);
	if (n < 0)
		return (int)n;
	if ((size_t)n == size || memchr(text, '\0', (size_t)n))
		return -EPROTO;
	if (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return 0;
}

/* The digits alone, though strtoull() takes blanks and signs. */
int mm_sysfs_parse(const char *text, int base, uint64_t max, uint64_t *value)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return -EPROTO;
	errno = 0;
	number = strtoull(text, &end, base);
	if (errno || *end || number > max)
		return -EPROTO;
	*value = number;
	return 0;
}

int mm_sysfs_read_number(int dir, const char *file, int base, uint64_t max,
			 uint64_t *value)
{
	char text[32];
	int ret;

	ret = mm_sysfs_read(dir, file, text, sizeof(text));
	return ret ? ret : mm_sysfs_parse(text, base, max, value);
}

int mm_sysfs_read_u32(int dir, const char *file, int base, uint32_t *value)
{
	uint64_t wide;
	int ret;

	ret = mm_sysfs_read_number(dir, file, base, UINT32_MAX, &wide);
	if (!ret)
		*value = (uint32_t)wide;
	return ret;
}

static void *field(void *object, const struct mm_attribute *attribute)
{
	return (char *)object + attribute->offset;
}

/* The texts go into @words, and the object's pointers lead there. */
int mm_sysfs_read_words(int dir, const struct mm_attribute *attributes,
			size_t count, void *object, char words[][MM_WORD_MAX])
{
	const char **word;
	int ret = 0;
	size_t i;

	for (i = 0; i < count && !ret; i++) {
		word = field(object, &attributes[i]);
		*word = words[i];
		ret = mm_sysfs_read(dir, attributes[i].file, words[i],
				    MM_WORD_MAX);
	}
	return ret;
}

int mm_sysfs_read_numbers(int dir, const struct mm_attribute *attributes,
			  size_t count, void *object)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < count && !ret; i++)
		ret = mm_sysfs_read_number(dir, attributes[i].file, 10,
					   UINT64_MAX,
					   field(object, &attributes[i]));
	return ret;
}

static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) ? NULL : line + len;
}

static int parse_number(const char *value, uint32_t *number)
{
	uint64_t wide;
	int ret;

	ret = mm_sysfs_parse(value, 10, UINT32_MAX, &wide);
	if (!ret)
		*number = (uint32_t)wide;
	return ret;
}

static int parse_line(const char *line, struct mm_uevent *uevent)
{
	const char *value;

	value = value_of(line, "MAJOR=");
	if (value)
		return parse_number(value, &uevent->major);
	value = value_of(line, "MINOR=");
	if (value)
		return parse_number(value, &uevent->minor);
	value = value_of(line, "DEVNAME=");
	if (!value)
		return 0;
	if (!*value || *value == '/' ||
	    strlen(value) >= sizeof(uevent->path) - strlen(MM_DEV))
		return -EPROTO;
	sprintf(uevent->path, MM_DEV "%s", value);
	return 0;
}

int mm_sysfs_read_uevent(int dir, struct mm_uevent *uevent)
{
	char text[4096];
	char *line, *rest = text;
	int ret;

	ret = mm_sysfs_read(dir, "uevent", text, sizeof(text));
	if (ret)
		return ret;
	memset(uevent, 0, sizeof(*uevent));
	while ((line = strsep(&rest, "\n"))) {
		ret = parse_line(line, uevent);
		if (ret)
			return ret;
	}
	/* A device without a node in /dev is none of ours. */
	return uevent->path[0] && uevent->major ? 0 : -EPROTO;
}
