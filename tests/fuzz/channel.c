// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host finds when the guest has died: the last sequences, and the
 * blocks reached.  The channel is a file, or "pci": the memory of QEMU's
 * ivshmem card, which is a file of the host's.  A store there is all it takes
 * to write a sequence down.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

struct channel *channel;

static bool file_is(const char *dir, const char *name, const char *want)
{
	char path[300], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)!read(fd, text, sizeof(text) - 1);
	close(fd);
	return !strncmp(text, want, strlen(want));
}

/* The card's memory is its third resource. */
static int open_pci(void)
{
	DIR *dir = opendir("/sys/bus/pci/devices");
	char path[300];
	struct dirent *entry;
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir)) != NULL) {
		if (!file_is(entry->d_name, "vendor", "0x1af4") ||
		    !file_is(entry->d_name, "device", "0x1110"))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable",
			 entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		(void)!write(fd, "1", 1);
		close(fd);
		snprintf(path, sizeof(path),
			 "/sys/bus/pci/devices/%s/resource2", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/**
 * channel_open() - find the channel
 * @path: a file, "pci", or NULL: memory of this process
 * @fresh: clear it, else it must be set up
 *
 * Return: false: there is none.
 */
bool channel_open(const char *path, bool fresh)
{
	int fd = -1, flags = MAP_SHARED;
	void *map;

	if (!path)
		flags |= MAP_ANONYMOUS;
	else if (!strcmp(path, "pci"))
		fd = open_pci();
	else
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (path && fd < 0)
		return false;
	/* A card has the size that it has. */
	if (path && fresh && ftruncate(fd, sizeof(*channel)) < 0 &&
	    strcmp(path, "pci"))
		return false;
	map = mmap(NULL, sizeof(*channel), PROT_READ | PROT_WRITE, flags, fd,
		   0);
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return false;
	channel = map;
	if (fresh) {
		memset(channel, 0, sizeof(*channel));
		channel->magic = CHANNEL_MAGIC;
	}
	return channel->magic == CHANNEL_MAGIC;
}

/**
 * channel_note() - write a sequence down: it is about to be run
 * @seq: the sequence
 * @first: it begins a program
 */
void channel_note(const struct seq *seq, bool first)
{
	struct seq *at = &channel->ring[channel->next % RING];

	memset(channel->at, 0, sizeof(channel->at));
	memcpy(at, seq, offsetof(struct seq, ops) +
	       seq->count * sizeof(struct op));
	if (first)
		channel->first = channel->next;
	channel->next++;
}

/** channel_recall() - the last sequences; 0: those of the last program */
void channel_recall(struct prog *prog, unsigned int last)
{
	uint64_t from = channel->first;

	if (last)
		from = channel->next > last ? channel->next - last : 0;
	if (channel->next - from > PROG_SEQS)
		from = channel->next - PROG_SEQS;
	for (prog->count = 0; from < channel->next; from++)
		prog->seqs[prog->count++] = channel->ring[from % RING];
}

/**
 * channel_print() - the last sequences as text, and where their actors were
 * @last: how many; 0: those of the last program
 */
void channel_print(unsigned int last)
{
	static struct prog prog;
	unsigned int actor, i;

	channel_recall(&prog, last);
	printf("# %llu operations done\n", (unsigned long long)channel->ops);
	for (actor = 0; actor < ACTORS; actor++)
		if (channel->at[actor])
			printf("# %c%u was at line %u of the last\n",
			       'a' + actor / THREADS, actor % THREADS,
			       channel->at[actor] + 1);
	fflush(stdout);
	for (i = 0; i < prog.count; i++)
		seq_print(&prog.seqs[i], STDOUT_FILENO);
}

/** channel_show_seen() - the blocks reached, "SECTION OFFSET" each */
void channel_show_seen(void)
{
	unsigned int i;
	uint32_t off;

	for (i = 0; i < SECTIONS; i++)
		for (off = 0; off < SECTION_BYTES; off++)
			if (channel->seen[i][off / 8] & 1u << off % 8)
				printf("%s %x\n", channel->sections[i].name,
				       off);
}
