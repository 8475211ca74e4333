// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What another driver publishes through mmapper/publish.h: memory of each kind.  That
 * driver is mmapper_lab.ko.
 */
#include <sched.h>
#include <sys/wait.h>

#include "lab.h"
#include "runtime.h"

#define PAGES	3

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static struct mmapper_lab_publish memory_of(uint32_t kind, const char *name)
{
	struct mmapper_lab_publish p = {
		.kind = kind, .mode = 0600, .size = PAGES * page_size(),
	};

	memcpy(p.name, name, strlen(name));
	return p;
}

static int publish(int lab, struct mmapper_lab_publish p)
{
	return ioctl(lab, MMAPPER_LAB_IOC_PUBLISH, &p);
}

static char letter(size_t i)
{
	return (char)('a' + i % 26);
}

static void check_letters(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!EXPECT_EQ(bytes[i], letter(i)))
			break;
}

/* What nobody may but the driver. */
static void check_refused(int fd, const char *name)
{
	struct mmapper_reset reset = { 0 };

	EXPECT_ERRNO(rt_revoke(fd), EOPNOTSUPP);
	EXPECT_ERRNO(rt_delete(name), EPERM);
	EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), EOPNOTSUPP);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_RESET, &reset), EOPNOTSUPP);
	EXPECT_ERRNO(ftruncate(fd, 1), EOPNOTSUPP);
}

static void memory_of_kind(uint32_t kind, uint32_t flags)
{
	struct mmapper_lab_publish p = memory_of(kind, "shown");
	bool pages = flags & MMAPPER_LAB_PUBLISH_PAGES;
	size_t len = PAGES * page_size();
	int lab = lab_open(), fd, pipe;
	char *map, c;

	p.flags = flags;
	REQUIRE(publish(lab, p) == 0);
	EXPECT_ERRNO(publish(lab, p), EBUSY);
	fd = rt_open("shown", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_EQ(rt_info(fd).buffer_flags, MMAPPER_BUFFER_F_DRIVER);
	EXPECT(strcmp(rt_info(fd).backend,
		      pages ? "driver-pages" : "driver-pfn") == 0);
	EXPECT_EQ(rt_info(fd).size, len);
	/* A driver's memory is nobody's quota. */
	EXPECT_EQ(rt_number("count"), 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	check_letters(map, len);
	map[len - 1] = 'W';
	EXPECT_EQ(pread(fd, &c, 1, (off_t)len - 1), 1);
	EXPECT_EQ(c, 'W');
	EXPECT_EQ(pwrite(fd, "V", 1, 0), 1);
	EXPECT_EQ(map[0], 'V');
	check_refused(fd, "shown");
	EXPECT_EQ(lab_unload(), -EAGAIN);
	pipe = pin_in_pipe(map, 1);
	EXPECT_EQ(pipe >= 0, pages);
	EXPECT_EQ(ioctl(lab, MMAPPER_LAB_IOC_UNPUBLISH), 0);
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_UNPUBLISH), ENODATA);
	EXPECT_EQ(touch(map, false), SIGBUS);
	EXPECT_EQ(touch(map + len - 1, true), SIGBUS);
	EXPECT_ERRNO(pread(fd, &c, 1, 0), ESTALE);
	EXPECT_ERRNO(rt_open("shown", O_RDONLY), ENOENT);
	if (pipe >= 0)
		close(pipe);
	munmap(map, len);
	close(fd);
	close(lab);
}

static void memory(const void *arg)
{
	uint32_t kind;

	(void)arg;
	publish_begin();
	for (kind = 0; kind <= MMAPPER_LAB_VMALLOC; kind++)
		memory_of_kind(kind, 0);
	memory_of_kind(MMAPPER_LAB_VMALLOC, MMAPPER_LAB_PUBLISH_PAGES);
	publish_end();
}

static void as_stranger(void *arg)
{
	(void)arg;
	become(STRANGER, STRANGER);
	EXPECT_ERRNO(rt_open("shown", O_RDONLY), EACCES);
}

static void as_owner(void *arg)
{
	size_t page = page_size();
	char *map;
	int fd;

	(void)arg;
	become(OWNER, OWNER);
	EXPECT_ERRNO(rt_open("shown", O_RDWR), EACCES);
	fd = rt_open("shown", O_RDONLY);
	REQUIRE(fd >= 0);
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(map != MAP_FAILED);
	check_letters(map, page);
	EXPECT_ERRNO(mprotect(map, page, PROT_READ | PROT_WRITE), EACCES);
}

/* Owner and mode decide; read-only holds for root as well. */
static void rights(const void *arg)
{
	struct mmapper_lab_publish p = memory_of(MMAPPER_LAB_PAGES, "shown");
	int lab, fd;

	(void)arg;
	publish_begin();
	lab = lab_open();
	p.uid = OWNER;
	p.gid = SHARED;
	p.mode = 0400;
	p.flags = MMAPPER_LAB_PUBLISH_READONLY;
	REQUIRE(publish(lab, p) == 0);
	EXPECT_EQ(rt_number("buffers/shown/owner"), OWNER);
	EXPECT_EQ(rt_number("buffers/shown/group"), SHARED);
	EXPECT_EQ(rt_number("buffers/shown/mode"), 0400);
	EXPECT(child_ok(as_stranger, NULL));
	EXPECT(child_ok(as_owner, NULL));
	fd = rt_open("shown", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_ERRNO(pwrite(fd, "x", 1, 0), EPERM);
	EXPECT_REFUSED(mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, 0), EPERM);
	close(fd);
	close(lab);
	publish_end();
}

static void bad_publication(const void *arg)
{
	struct mmapper_lab_publish p;
	size_t page = page_size();
	int lab, own;

	(void)arg;
	publish_begin();
	lab = lab_open();
#define BAD(_kind, _set, _error)				\
	do {							\
		p = memory_of(_kind, "bad");			\
		_set;						\
		EXPECT_ERRNO(publish(lab, p), _error);		\
	} while (0)
	BAD(MMAPPER_LAB_VMALLOC + 1, (void)0, EINVAL);
	BAD(MMAPPER_LAB_KMALLOC, p.size = 0, EINVAL);
	BAD(MMAPPER_LAB_KMALLOC, p.size = page + 1, EINVAL);
	BAD(MMAPPER_LAB_KMALLOC, p.size = 1ull << 40, EINVAL);
	/* And what the other driver would do wrong. */
	BAD(MMAPPER_LAB_KMALLOC, p.mode = 01000, EINVAL);
	BAD(MMAPPER_LAB_KMALLOC, p.flags = 4, EINVAL);
	BAD(MMAPPER_LAB_KMALLOC, p.flags = MMAPPER_LAB_PUBLISH_PAGES, EINVAL);
	BAD(MMAPPER_LAB_PAGES, p.flags = MMAPPER_LAB_PUBLISH_PAGES, EINVAL);
	BAD(MMAPPER_LAB_PAGES, p.part = page - 1, EINVAL);
	BAD(MMAPPER_LAB_PAGES, (p.offset = 8, p.part = page), EINVAL);
	BAD(MMAPPER_LAB_VMALLOC, (p.offset = 8, p.part = page), EINVAL);
	BAD(MMAPPER_LAB_PAGES, p.name[0] = '\0', EINVAL);
	BAD(MMAPPER_LAB_PAGES, p.name[0] = '.', EINVAL);
	BAD(MMAPPER_LAB_PAGES, p.name[1] = '/', EINVAL);
	BAD(MMAPPER_LAB_PAGES, memset(p.name, 'n', MMAPPER_BUFFER_NAME_MAX),
	    ENAMETOOLONG);
#undef BAD
	own = rt_make("taken", page);
	EXPECT_ERRNO(publish(lab, memory_of(MMAPPER_LAB_PAGES, "taken")), EEXIST);
	EXPECT_EQ(rt_delete("taken"), 0);
	close(own);
	EXPECT_ERRNO(ioctl(lab, MMAPPER_LAB_IOC_PUBLISH, (void *)1), EFAULT);
	/* A part that is whole pages can be. */
	p = memory_of(MMAPPER_LAB_PAGES, "part");
	p.offset = page;
	p.part = page;
	EXPECT_EQ(publish(lab, p), 0);
	EXPECT_EQ(rt_number("buffers/part/size"), (long long)page);
	close(lab);
	publish_end();
}

struct load {
	volatile bool	stop;
	unsigned long	good;
	unsigned long	gone;
};

static void user_of(struct load *load)
{
	size_t len = PAGES * page_size(), i;
	char *map, c;
	int fd;

	while (!load->stop) {
		fd = rt_open("shown", O_RDWR);
		if (fd < 0) {
			usleep(100);
			continue;
		}
		map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map != MAP_FAILED) {
			for (i = 0; i < len; i += page_size()) {
				int sig = touch(map + i, i & 1);

				if (sig && sig != SIGBUS)
					_exit(1);
				__atomic_add_fetch(sig ? &load->gone : &load->good,
						   1, __ATOMIC_RELAXED);
			}
			munmap(map, len);
		}
		(void)!pread(fd, &c, 1, 0);
		close(fd);
	}
	_exit(0);
}

#define USERS	4

/* Published and taken back while processes use it: then the memory is freed. */
static void under_load_of(uint32_t kind, uint32_t flags)
{
	struct mmapper_lab_publish p = memory_of(kind, "shown");
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rounds = debug_kernel() ? 25 : 100;
	int lab = lab_open(), i, status;

	REQUIRE(load != MAP_FAILED);
	p.mode = 0666;
	p.flags = flags;
	for (i = 0; i < USERS; i++) {
		fflush(stdout);
		if (fork() == 0)
			user_of(load);
	}
	for (i = 0; i < rounds; i++) {
		unsigned long before = __atomic_load_n(&load->good,
						       __ATOMIC_RELAXED);

		REQUIRE(publish(lab, p) == 0);
		while (__atomic_load_n(&load->good, __ATOMIC_RELAXED) == before)
			sched_yield();
		REQUIRE(ioctl(lab, MMAPPER_LAB_IOC_UNPUBLISH) == 0);
	}
	load->stop = true;
	for (i = 0; i < USERS; i++) {
		REQUIRE(wait(&status) > 0);
		EXPECT_EQ(status, 0);
	}
	ktap_say("%lu accesses, %lu found it gone", load->good, load->gone);
	close(lab);
	munmap(load, sizeof(*load));
}

static void under_load(const void *arg)
{
	uint32_t kind;

	(void)arg;
	publish_begin();
	for (kind = 0; kind <= MMAPPER_LAB_VMALLOC; kind++)
		under_load_of(kind, 0);
	under_load_of(MMAPPER_LAB_VMALLOC, MMAPPER_LAB_PUBLISH_PAGES);
	publish_end();
}

static const struct ktap_case cases[] = {
	{ "memory", memory, 0 },
	{ "rights", rights, 0 },
	{ "bad_publication", bad_publication, 0 },
	{ "under_load", under_load, 120 },
};

SUITE(publish, cases, false);
