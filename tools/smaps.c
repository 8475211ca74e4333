// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "evidence.h"

#define WIDTH	72

/* As Documentation/filesystems/proc.rst has them, in words for here. */
static const struct {
	const char	*flag;
	const char	*words;
} meanings[] = {
	{ "rd", "readable" },
	{ "wr", "writable" },
	{ "ex", "executable" },
	{ "sh", "shared" },
	{ "mr", "may become readable" },
	{ "mw", "may become writable" },
	{ "me", "may become executable" },
	{ "ms", "may become shared" },
	{ "pf", "page frames only, the kernel sees no pages (VM_PFNMAP)" },
	{ "mm", "pages and bare frames may mix (VM_MIXEDMAP)" },
	{ "io", "treated like device memory (VM_IO)" },
	{ "de", "mremap() cannot grow it (VM_DONTEXPAND)" },
	{ "dd", "left out of core dumps (VM_DONTDUMP)" },
	{ "dc", "not inherited by fork() (VM_DONTCOPY)" },
	{ "lo", "locked in memory" },
	{ "ac", "counted as committed memory" },
	{ "nr", "no swap space reserved" },
	{ "sd", "counted as soft-dirty while new" },
	{ "wf", "wiped by fork()" },
	{ "lf", "locked as it is touched" },
	{ "ar", "the architecture's own flag" },
};

static bool is_header(const char *line, const void *address, struct vma *vma)
{
	unsigned long start, end;
	uint64_t offset;
	char perms[5];

	if (sscanf(line, "%lx-%lx %4s %" SCNx64, &start, &end, perms,
		   &offset) != 4 || start != (unsigned long)address)
		return false;
	vma->offset = offset;
	return true;
}

/* The kernel fills up with blanks before the name. */
static void keep_header(const char *line, struct vma *vma)
{
	size_t i, used = 0;

	for (i = 0; line[i] && used < sizeof(vma->line) - 1; i++)
		if (line[i] != ' ' || line[i + 1] != ' ')
			vma->line[used++] = line[i];
	vma->line[used] = '\0';
}

bool vma_find(const void *address, struct vma *vma)
{
	char *line = NULL;
	bool found = false, done = false;
	size_t size = 0, len;
	FILE *smaps;

	memset(vma, 0, sizeof(*vma));
	smaps = fopen("/proc/self/smaps", "re");
	if (!smaps)
		return false;
	while (!done && getline(&line, &size, smaps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!found) {
			found = is_header(line, address, vma);
			if (found)
				keep_header(line, vma);
			continue;
		}
		sscanf(line, "Rss: %" SCNu64 " kB", &vma->rss);
		done = sscanf(line, "VmFlags: %127[a-z0-9? ]", vma->flags) == 1;
	}
	free(line);
	fclose(smaps);
	/* The kernel ends the flags with a blank. */
	len = strlen(vma->flags);
	if (len && vma->flags[len - 1] == ' ')
		vma->flags[len - 1] = '\0';
	return done;
}

bool vma_has(const struct vma *vma, const char *flag)
{
	const char *at = strstr(vma->flags, flag);

	/* All are two letters and one blank: only aligned hits are hits. */
	while (at && (at - vma->flags) % 3)
		at = strstr(at + 1, flag);
	return at;
}

static const char *meaning(const char *flag)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (strncmp(meanings[i].flag, flag, 2) == 0)
			return meanings[i].words;
	return "see proc(5)";
}

void vma_say_flags(const struct vma *vma)
{
	char line[256] = "", one[96];
	const char *flag;
	size_t len, used = 0;

	for (flag = vma->flags; flag[0] && flag[1]; flag += 3) {
		len = (size_t)snprintf(one, sizeof(one), "%.2s %s", flag,
				       meaning(flag));
		if (used && used + 2 + len > WIDTH) {
			ktap_say("  %s,", line);
			used = 0;
		}
		used += (size_t)snprintf(line + used, sizeof(line) - used,
					 "%s%s", used ? ", " : "", one);
		if (!flag[2])
			break;
	}
	ktap_say("  %s", line);
}
