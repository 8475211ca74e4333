// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an actor of a race does, over and over.  Others do the same or worse to
 * the same mappings, descriptors and bytes, so each call may succeed or fail in
 * the ways named here; what it gives must be right in either case.
 */
#include <sys/wait.h>

#include "races.h"

#define WRITTEN	'W'

static char *some_slot(struct actor *a)
{
	return a->race->slot[race_random(a, SLOTS)];
}

static size_t some_page(struct actor *a)
{
	return race_random(a, (unsigned int)a->race->dev.pages);
}

/* What a byte may hold while others write and reset. */
static bool byte_ok(const struct race *race, size_t at, char byte)
{
	if (at >= race->dev.info.size)
		return byte == 0 || byte == WRITTEN;
	return byte == row_byte(race->row, at) || byte == WRITTEN;
}

static bool failed_with(int error1, int error2)
{
	return errno == error1 || errno == error2;
}

void step_map(struct actor *a)
{
	struct race *race = a->race;
	char *at = some_slot(a);

	if (mmap(at, race->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 race->dev.fd, 0) == at)
		a->met++;
	else
		RACE_EXPECT(race, errno == ENOMEM);
	if (race_random(a, 2))
		RACE_EXPECT(race, munmap(at, race->len) == 0);
}

/* Nothing of a mapping that is there may raise SIGBUS. */
void step_touch(struct actor *a)
{
	struct race *race = a->race;
	size_t page = some_page(a);
	char *at = some_slot(a) + page * race->dev.page;
	int sig;
	char byte;

	sig = race_touch(at, race_random(a, 2), &byte);
	RACE_EXPECT(race, sig == 0 || sig == SIGSEGV);
	if (sig == 0) {
		a->met++;
		RACE_EXPECT(race, byte_ok(race, page * race->dev.page, byte));
	}
}

void step_fork(struct actor *a)
{
	struct race *race = a->race;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		char *at = some_slot(a);
		int sig;
		char byte;

		sig = race_touch(at, false, &byte);
		if (sig == 0)
			munmap(at, race->dev.page);
		_exit(sig == SIGBUS || (sig == 0 && !byte_ok(race, 0, byte)));
	}
	if (pid < 0) {
		RACE_EXPECT(race, failed_with(EAGAIN, ENOMEM));
		return;
	}
	a->met++;
	RACE_EXPECT(race, waitpid(pid, &status, 0) == pid);
	RACE_EXPECT(race, status == 0);
}

void step_split(struct actor *a)
{
	struct race *race = a->race;
	char *at = some_slot(a) + some_page(a) * race->dev.page;

	if (race_random(a, 2))
		RACE_EXPECT(race, munmap(at, race->dev.page) == 0);
	else if (mprotect(at, race->dev.page, PROT_READ) == 0)
		a->met++;
	else
		RACE_EXPECT(race, errno == ENOMEM);
}

void step_move(struct actor *a)
{
	struct race *race = a->race;
	unsigned int from = race_random(a, SLOTS);

	if (mremap(race->slot[from], race->len, race->len,
		   MREMAP_MAYMOVE | MREMAP_FIXED,
		   race->slot[(from + 1) % SLOTS]) != MAP_FAILED)
		a->met++;
	else
		RACE_EXPECT(race, failed_with(EFAULT, ENOMEM));
}

/* Refused for special mappings; the fault brings other pages back. */
void step_forget(struct actor *a)
{
	struct race *race = a->race;

	if (madvise(some_slot(a), race->len, MADV_DONTNEED) == 0)
		a->met++;
	else
		RACE_EXPECT(race, failed_with(EINVAL, ENOMEM));
}

/* Wherever a page of the buffer is mapped, it is that page. */
void step_translate(struct actor *a)
{
	struct race *race = a->race;
	size_t page = some_page(a);
	char *at = some_slot(a) + page * race->dev.page;
	struct mmapper_phys phys = { .where = (uintptr_t)at };

	if (ioctl(race->dev.fd, MMAPPER_IOC_TRANSLATE, &phys) == 0) {
		a->met++;
		RACE_EXPECT(race, phys.phys == race->phys[page]);
	} else {
		RACE_EXPECT(race, failed_with(EINVAL, ENODATA));
	}
}

void step_open(struct actor *a)
{
	int fd = open(a->race->row->path, O_RDWR | O_CLOEXEC);

	RACE_EXPECT(a->race, fd >= 0);
	a->met++;
	close(fd);
}

/* The number is far above those that open() gives. */
void step_come_and_go(struct actor *a)
{
	struct race *race = a->race;
	int fd = open(race->row->path, O_RDWR | O_CLOEXEC), i;
	char bytes[256];

	RACE_EXPECT(race, fd >= 0);
	if (dup2(fd, race->shared) == race->shared)
		a->met++;
	else
		RACE_EXPECT(race, errno == EBUSY);
	close(fd);
	/* It is there for as long as it is not. */
	for (i = 0; i < 4; i++)
		if (pread(race->shared, bytes, sizeof(bytes), 0) < 0)
			RACE_EXPECT(race, errno == EBADF);
	if (close(race->shared) < 0)
		RACE_EXPECT(race, errno == EBADF);
}

void step_map_shared(struct actor *a)
{
	struct race *race = a->race;
	char *map = mmap(NULL, race->len, PROT_READ, MAP_SHARED, race->shared,
			 0);

	if (map == MAP_FAILED) {
		RACE_EXPECT(race, errno == EBADF);
		return;
	}
	a->met++;
	RACE_EXPECT(race, byte_ok(race, 0, *map));
	RACE_EXPECT(race, munmap(map, race->len) == 0);
}

/* A difference that has fallen below zero is huge. */
#define MANY	1000000

void step_stats(struct actor *a)
{
	struct mmapper_stats stats = { 0 };

	RACE_EXPECT(a->race,
		    ioctl(a->race->dev.fd, MMAPPER_IOC_STATS, &stats) == 0);
	RACE_EXPECT(a->race, stats.files >= 1 && stats.files < MANY);
	RACE_EXPECT(a->race, stats.mappings < MANY);
	RACE_EXPECT(a->race,
		    stats.mappings_total == stats.mmaps + stats.vma_opens);
	a->met++;
}

void step_reset(struct actor *a)
{
	struct mmapper_reset reset = { 0 };

	RACE_EXPECT(a->race,
		    ioctl(a->race->dev.fd, MMAPPER_IOC_RESET, &reset) == 0);
	a->met++;
}

void step_write(struct actor *a)
{
	struct race *race = a->race;
	char byte = WRITTEN;
	off_t at = race_random(a, (unsigned int)race->dev.info.size);

	RACE_EXPECT(race, pwrite(race->dev.fd, &byte, 1, at) == 1);
	a->met++;
}

void step_read(struct actor *a)
{
	struct race *race = a->race;
	char bytes[256];
	off_t at = race_random(a, (unsigned int)race->dev.info.size);
	ssize_t n = pread(race->dev.fd, bytes, sizeof(bytes), at), i;

	RACE_EXPECT(race, n > 0);
	for (i = 0; i < n; i++)
		if (!byte_ok(race, (size_t)(at + i), bytes[i]))
			RACE_EXPECT(race, !"a byte that nobody wrote");
	a->met++;
}

/* What does not change. */
void step_tell(struct actor *a)
{
	struct race *race = a->race;
	size_t page = some_page(a);
	struct mmapper_phys phys = { .where = page * race->dev.page };
	struct mmapper_info info = { 0 };

	RACE_EXPECT(race, ioctl(race->dev.fd, MMAPPER_IOC_INFO, &info) == 0);
	RACE_EXPECT(race, memcmp(&info, &race->dev.info, sizeof(info)) == 0);
	RACE_EXPECT(race, ioctl(race->dev.fd, MMAPPER_IOC_LOOKUP, &phys) == 0);
	RACE_EXPECT(race, phys.phys == race->phys[page]);
	a->met++;
}

void step_sysfs(struct actor *a)
{
	static const char * const names[] = {
		"opens", "files", "mappings", "mappings_total", "faults",
		"flags", "max_size", "description",
	};
	unsigned int i = race_random(a, sizeof(names) / sizeof(names[0]));
	char path[128], text[256] = "";

	snprintf(path, sizeof(path), "/sys/class/mmapper/%s/%s",
		 a->race->row->name, names[i]);
	RACE_EXPECT(a->race, file_read(path, text, sizeof(text)));
	if (i == 1 || i == 2)
		RACE_EXPECT(a->race, strtoull(text, NULL, 10) < MANY);
	a->met++;
}
