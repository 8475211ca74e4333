// SPDX-License-Identifier: GPL-2.0-or-later
/* Buffers made at run time: their names, their life, what is refused (C53). */
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime.h"

#define SIZE	5000

/* Can such buffers be made of this row? */
static bool creatable(const struct row *row)
{
	return !(row->flags & MMAPPER_BACKEND_F_PER_OPEN);
}

/* Zero everywhere, and the same bytes by every way. */
static void check_bytes(int fd, size_t size)
{
	size_t len = (size_t)rt_info(fd).map_size, i;
	char *map = rt_map(fd, PROT_READ | PROT_WRITE), c = 0;

	for (i = 0; i < len; i++)
		if (!EXPECT_EQ(map[i], 0))
			break;
	EXPECT_EQ(pwrite(fd, "w", 1, (off_t)size - 1), 1);
	EXPECT_EQ(map[size - 1], 'w');
	map[0] = 'm';
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'm');
	EXPECT_EQ(munmap(map, len), 0);
}

/* What it is and what was done with it, in sysfs as by the ioctls. */
static void check_sysfs(const char *name, int fd)
{
	struct mmapper_info info = rt_info(fd);
	struct stat st;
	const struct {
		const char	*name;
		const char	*value;
	} words[] = {
		{ "backend", info.backend },
		{ "store", info.store },
		{ "mapper", info.mapper },
		{ "cache", "cached" },
		{ "state", "persistent" },
	};
	char path[160], text[128];
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(path, sizeof(path), FOLDER "/buffers/%s/%s", name,
			 words[i].name);
		REQUIRE(file_read(path, text, sizeof(text)));
		text[strcspn(text, "\n")] = '\0';
		ktap_expect(strcmp(text, words[i].value) == 0, __FILE__,
			    __LINE__, "%s is %s, not %s", path, text,
			    words[i].value);
	}
	snprintf(path, sizeof(path), FOLDER "/buffers/%s", name);
	sysfs_agrees(path, fd);
	REQUIRE(fstat(fd, &st) == 0);
	snprintf(path, sizeof(path), "buffers/%s/mode", name);
	EXPECT_EQ(rt_number(path), st.st_mode & 0777);
	snprintf(path, sizeof(path), "buffers/%s/owner", name);
	EXPECT_EQ(rt_number(path), st.st_uid);
	snprintf(path, sizeof(path), "buffers/%s/group", name);
	EXPECT_EQ(rt_number(path), st.st_gid);
	snprintf(path, sizeof(path), "buffers/%s/seals", name);
	EXPECT_EQ(rt_number(path), info.seals);
	snprintf(path, sizeof(path), FOLDER "/buffers/%s/description", name);
	REQUIRE(file_read(path, text, sizeof(text)));
	EXPECT(strlen(text) > 10);
}

static void check_told(int fd, const struct row *row)
{
	struct mmapper_info info = rt_info(fd);
	struct stat st;

	EXPECT(strcmp(info.name, "one") == 0);
	EXPECT(strcmp(info.backend, row->name) == 0);
	EXPECT_EQ(info.size, SIZE);
	EXPECT_EQ(info.pattern, MMAPPER_PATTERN_ZERO);
	EXPECT_EQ(info.buffer_flags, 0);
	EXPECT_EQ(info.seals, 0);
	REQUIRE(fstat(fd, &st) == 0);
	EXPECT_EQ(st.st_size, SIZE);
	EXPECT_EQ(st.st_mode, S_IFREG | 0640);
	EXPECT_EQ(st.st_uid, 0);
	EXPECT_EQ(rt_number("buffers/one/size"), SIZE);
	EXPECT_EQ(rt_number("buffers/one/mode"), 0640);
	EXPECT_EQ(rt_number("buffers/one/owner"), 0);
	EXPECT_EQ(rt_number("buffers/one/files"), 1);
	EXPECT_EQ(rt_number("count"), 1);
	EXPECT_EQ(rt_number("used"), info.map_size);
}

static void of_row(const struct row *row)
{
	struct mmapper_create params = rt_params_of(row->name, "one", SIZE);
	int fd, other;
	char c = 0;

	params.mode = 0640;
	fd = rt_create(params);
	if (!creatable(row)) {
		EXPECT_EQ(fd, -1);
		EXPECT_EQ(errno, EOPNOTSUPP);
		return;
	}
	REQUIRE(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	check_told(fd, row);
	check_bytes(fd, SIZE);
	check_sysfs("one", fd);

	other = rt_open("one", O_RDONLY);
	REQUIRE(other >= 0);
	EXPECT_EQ(pread(other, &c, 1, 0), 1);
	EXPECT_EQ(c, 'm');
	EXPECT_ERRNO(pwrite(other, "x", 1, 0), EBADF);
	EXPECT_EQ(rt_number("buffers/one/files"), 2);
	EXPECT_EQ(module_unload(), -EAGAIN);

	/* Who has it keeps it. */
	EXPECT_EQ(rt_delete("one"), 0);
	EXPECT_ERRNO(rt_open("one", O_RDONLY), ENOENT);
	EXPECT_ERRNO(rt_delete("one"), ENOENT);
	EXPECT_EQ(access(FOLDER "/buffers/one", F_OK), -1);
	EXPECT_EQ(pread(other, &c, 1, SIZE - 1), 1);
	EXPECT_EQ(c, 'w');
	EXPECT_EQ(rt_number("count"), 1);
	close(fd);
	close(other);
}

static void create(const void *arg)
{
	size_t r;

	(void)arg;
	runtime_begin();
	for (r = 0; r < row_count; r++)
		of_row(&rows[r]);
	runtime_end();
}

/* Whichever comes first, one protection is not the other's. */
static void protections_of(const struct row *row, bool read_first)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = rt_create(rt_params_of(row->name, "", 2 * page));
	char *first, *second, *ro, *rw;

	REQUIRE(fd >= 0);
	first = rt_map(fd, read_first ? PROT_READ : PROT_READ | PROT_WRITE);
	EXPECT_EQ(touch(first, false), 0);
	second = rt_map(fd, read_first ? PROT_READ | PROT_WRITE : PROT_READ);
	EXPECT_EQ(touch(second, false), 0);
	ro = read_first ? first : second;
	rw = read_first ? second : first;
	EXPECT_EQ(touch(ro, true), SIGSEGV);
	EXPECT_EQ(touch(ro + page, true), SIGSEGV);
	EXPECT_EQ(touch(rw + page, true), 0);
	rw[page + 1] = 'p';
	EXPECT_EQ(ro[page + 1], 'p');
	munmap(first, 2 * page);
	munmap(second, 2 * page);
	close(fd);
}

static void protections(const void *arg)
{
	size_t r;

	(void)arg;
	runtime_begin();
	for (r = 0; r < row_count; r++) {
		if (!creatable(&rows[r]))
			continue;
		protections_of(&rows[r], false);
		protections_of(&rows[r], true);
	}
	runtime_end();
}

/* Where memory can be cached in other ways, its bytes are the same. */
static void caches(const void *arg)
{
	struct mmapper_create p;
	int cache, fd;

	(void)arg;
	runtime_begin();
	for (cache = MMAPPER_CACHE_WC; cache <= MMAPPER_CACHE_UC; cache++) {
		p = rt_params("cache", SIZE);
		p.cache = (uint32_t)cache;
		fd = rt_create(p);
		if (fd < 0 && errno == EOPNOTSUPP) {
			runtime_end();
			ktap_skip("a module cannot do that on this machine");
		}
		REQUIRE(fd >= 0);
		EXPECT_EQ(rt_info(fd).cache, cache);
		check_bytes(fd, SIZE);
		EXPECT_REFUSED(mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0),
			       EINVAL);
		EXPECT_ERRNO(ftruncate(fd, 3 * SIZE), EOPNOTSUPP);
		EXPECT_ERRNO(ftruncate(fd, 1), EOPNOTSUPP);
		EXPECT_EQ(rt_info(fd).size, SIZE);
		close(fd);
		EXPECT_EQ(rt_delete("cache"), 0);
	}
	runtime_end();
}

/* A name keeps a buffer when nobody has it open, and the module as well. */
static void named(const void *arg)
{
	char c = 0;
	int fd;

	(void)arg;
	runtime_begin();
	fd = rt_make("kept", SIZE);
	EXPECT_EQ(pwrite(fd, "k", 1, 4999), 1);
	close(fd);
	EXPECT_EQ(module_unload(), -EAGAIN);
	fd = rt_open("kept", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_EQ(pread(fd, &c, 1, 4999), 1);
	EXPECT_EQ(c, 'k');
	close(fd);
	EXPECT_EQ(rt_delete("kept"), 0);
	runtime_end();
}

static void without_name(const void *arg)
{
	int fd;

	(void)arg;
	runtime_begin();
	fd = rt_make("", SIZE);
	EXPECT_EQ(rt_number("count"), 1);
	check_bytes(fd, SIZE);
	close(fd);
	runtime_end();
}

static void bad_names(const void *arg)
{
	static const struct {
		const char *name;
		int error;
	} bad[] = {
		{ "a/b", EINVAL }, { "/", EINVAL }, { ".", EINVAL },
		{ "..", EINVAL }, { ".hidden", EINVAL }, { "a\n", EINVAL },
		{ "\x7f", EINVAL }, { "a\x01", EINVAL }, { "\xc3\xa4", EINVAL },
		{ "0123456789012345678901234567890123456789012345678901234567890123",
		  ENAMETOOLONG },
	};
	struct mmapper_create good;
	size_t i;
	int fd;

	(void)arg;
	runtime_begin();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERRNO(rt_create(rt_params(bad[i].name, SIZE)),
			     bad[i].error);
		EXPECT_ERRNO(rt_open(bad[i].name, O_RDONLY), bad[i].error);
		EXPECT_ERRNO(rt_delete(bad[i].name), bad[i].error);
	}
	EXPECT_ERRNO(rt_open("", O_RDONLY), EINVAL);
	EXPECT_ERRNO(rt_delete(""), EINVAL);
	EXPECT_ERRNO(rt_call(MMAPPER_IOC_OPEN,
			     &(struct mmapper_open){ .name = "o\0n" }), EINVAL);
	EXPECT_ERRNO(rt_call(MMAPPER_IOC_DELETE,
			     &(struct mmapper_delete){ .name = "d\0l" }), EINVAL);

	/* The longest, and one with all that is allowed. */
	good = rt_params("012345678901234567890123456789012345678901234567890123456789012",
			 SIZE);
	fd = rt_create(good);
	EXPECT(fd >= 0);
	close(fd);
	EXPECT_EQ(rt_delete(good.name), 0);
	fd = rt_make("a b.c:d-e_f~!%s", SIZE);
	EXPECT_ERRNO(rt_create(rt_params("a b.c:d-e_f~!%s", SIZE)), EEXIST);
	close(fd);
	EXPECT_EQ(rt_delete("a b.c:d-e_f~!%s"), 0);
	runtime_end();
}

static void bad_arguments(const void *arg)
{
	struct mmapper_create p;

	(void)arg;
	runtime_begin();
#define REFUSED_OF(row, change, error)					\
	do {								\
		p = rt_params_of(row, "bad", SIZE);			\
		change;							\
		EXPECT_ERRNO(rt_create(p), error);			\
	} while (0)
#define REFUSED(change, error)	REFUSED_OF("pages-fault", change, error)
#define REFUSED_BAR(change)						\
	REFUSED_OF("bar-remap", (p.cache = MMAPPER_CACHE_UC, change), ENODEV)
	REFUSED(p.flags = 1 << 1, EINVAL);
	REFUSED(p.flags = 1u << 31, EINVAL);
	REFUSED(p.reserved = 1, EINVAL);
	REFUSED(p.size = 0, EINVAL);
	REFUSED(p.size = UINT64_MAX, EFBIG);
	REFUSED(p.size = UINT64_MAX - 4094, EFBIG);
	REFUSED(p.size = 1ull << 63, EFBIG);
	REFUSED(p.size = 1ull << 46, ENOMEM);
	REFUSED(p.mode = 01000, EINVAL);
	REFUSED(p.mode = 04777, EINVAL);
	REFUSED(p.mode = 0100600, EINVAL);
	REFUSED(p.cache = 3, EINVAL);
	REFUSED_OF("kmalloc", p.cache = MMAPPER_CACHE_WC, EOPNOTSUPP);
	REFUSED(strcpy(p.device, "0000:00:00.0/0"), EINVAL);
	EXPECT_ERRNO(rt_create(rt_params_of("bar-remap", "bad", SIZE)),
		     EOPNOTSUPP);
	REFUSED_BAR(strcpy(p.device, "0000:00:00.0/0"));
	REFUSED_BAR(memset(p.device, '0', sizeof(p.device)));
	REFUSED(p.numa_node = -2, EINVAL);
	REFUSED(p.numa_node = 1 << 20, EINVAL);
	REFUSED(p.fd = 1, EINVAL);
	EXPECT_ERRNO(rt_create(rt_params_of("nothing", "bad", SIZE)), ENOENT);
	EXPECT_ERRNO(rt_create(rt_params_of("", "bad", SIZE)), ENOENT);
	REFUSED(memset(p.backend, 'a', sizeof(p.backend)), ENOENT);
	REFUSED_OF("kmalloc", p.numa_node = 0, EOPNOTSUPP);
	REFUSED_OF("kmalloc", p.size = 64 << 20, EFBIG);
	/* What follows the zero of a text is zero. */
	REFUSED(p.name[sizeof(p.name) - 1] = 'x', EINVAL);
	REFUSED((p.name[0] = 0), EINVAL);
	REFUSED(p.backend[sizeof(p.backend) - 1] = 'x', ENOENT);
	REFUSED_BAR(p.device[sizeof(p.device) - 1] = 'x');
	EXPECT_ERRNO(rt_open("bad", 3), EINVAL);
	EXPECT_ERRNO(rt_open("bad", O_RDONLY | O_CREAT), EINVAL);
	EXPECT_ERRNO(rt_open("bad", O_RDONLY), ENOENT);
	EXPECT_EQ(rt_number("count"), 0);
	runtime_end();
}

/* The answer cannot be written: nothing was made that anybody could see. */
static void bad_pointers(const void *arg)
{
	struct mmapper_create *p;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int control, fd;

	(void)arg;
	runtime_begin();
	control = open(CONTROL, O_RDWR | O_CLOEXEC);
	REQUIRE(control >= 0);
	p = mmap(NULL, page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	*p = rt_params("unseen", SIZE);
	REQUIRE(mprotect(p, page, PROT_READ) == 0);
	EXPECT_ERRNO(ioctl(control, MMAPPER_IOC_CREATE, p), EFAULT);
	EXPECT_ERRNO(ioctl(control, MMAPPER_IOC_CREATE, NULL), EFAULT);
	EXPECT_ERRNO(rt_open("unseen", O_RDONLY), ENOENT);
	EXPECT_EQ(access(FOLDER "/buffers/unseen", F_OK), -1);
	/* The descriptor that it would have had is free. */
	fd = open("/dev/null", O_RDONLY);
	EXPECT_EQ(fd, control + 1);
	close(fd);
	close(control);
	runtime_end();
}

static void no_descriptor(const void *arg)
{
	const struct rlimit few = { 64, 64 };
	int fds[64], n = 0, control;
	struct mmapper_create p = rt_params("none", SIZE);
	struct mmapper_open o = { .name = "kept" };

	(void)arg;
	runtime_begin();
	close(rt_make("kept", SIZE));
	control = open(CONTROL, O_RDWR | O_CLOEXEC);
	REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
	while (n < 64 && (fds[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	EXPECT_ERRNO(ioctl(control, MMAPPER_IOC_CREATE, &p), EMFILE);
	EXPECT_ERRNO(ioctl(control, MMAPPER_IOC_OPEN, &o), EMFILE);
	while (n)
		close(fds[--n]);
	EXPECT_ERRNO(rt_open("none", O_RDONLY), ENOENT);
	EXPECT_EQ(rt_delete("kept"), 0);
	close(control);
	runtime_end();
}

/* The control node has no bytes and knows no command of a buffer's. */
static void control_node(const void *arg)
{
	int fd, buffer;
	unsigned int nr;
	char c[256] = "";

	(void)arg;
	runtime_begin();
	fd = open(CONTROL, O_RDWR | O_CLOEXEC);
	REQUIRE(fd >= 0);
	EXPECT_ERRNO(read(fd, c, 1), EINVAL);
	EXPECT_ERRNO(write(fd, c, 1), EINVAL);
	EXPECT_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
	EXPECT_REFUSED(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), ENODEV);
	for (nr = 0; nr < 256; nr++)
		if (nr < 16 || nr > 18)
			EXPECT_ERRNO(ioctl(fd, _IOWR(MMAPPER_IOC_MAGIC, nr,
						     char[160]), c), ENOTTY);
	EXPECT_ERRNO(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, MMAPPER_IOC_MAGIC,
				    16, 159), c), EINVAL);
	close(fd);

	buffer = rt_make("", 1);
	EXPECT_ERRNO(ioctl(buffer, MMAPPER_IOC_CREATE, c), ENOTTY);
	EXPECT_ERRNO(ioctl(buffer, MMAPPER_IOC_DELETE, c), ENOTTY);
	close(buffer);
	/* A node's buffer is not made at run time. */
	fd = open(rows[0].path, O_RDWR | O_CLOEXEC);
	EXPECT_ERRNO(rt_seal(fd, 0), EOPNOTSUPP);
	EXPECT_ERRNO(rt_revoke(fd), EOPNOTSUPP);
	close(fd);
	runtime_end();
}

/* Three programs: one stores, one reads and overwrites, one deletes. */
static void program_store(void *arg)
{
	int fd = rt_make("shared", SIZE);

	(void)arg;
	REQUIRE(write(fd, "first", 5) == 5);
}

static void program_overwrite(void *arg)
{
	int fd = rt_open("shared", O_RDWR);
	char text[6] = "", *map;

	(void)arg;
	REQUIRE(fd >= 0 && read(fd, text, 5) == 5);
	REQUIRE(strcmp(text, "first") == 0);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	memcpy(map, "again", 5);
}

static void program_delete(void *arg)
{
	int fd = rt_open("shared", O_RDONLY);
	char text[6] = "";

	(void)arg;
	REQUIRE(fd >= 0 && read(fd, text, 5) == 5);
	REQUIRE(strcmp(text, "again") == 0);
	REQUIRE(rt_delete("shared") == 0);
}

static void three_programs(const void *arg)
{
	(void)arg;
	runtime_begin();
	EXPECT(child_ok(program_store, NULL));
	EXPECT(child_ok(program_overwrite, NULL));
	EXPECT(child_ok(program_delete, NULL));
	EXPECT_ERRNO(rt_open("shared", O_RDONLY), ENOENT);
	runtime_end();
}

static int make_ephemeral(const char *name)
{
	struct mmapper_create p = rt_params(name, SIZE);

	p.flags = MMAPPER_CREATE_F_EPHEMERAL;
	return rt_create(p);
}

/* It goes with its creator, whatever others have of it. */
static void ephemeral(const void *arg)
{
	int ready[2], end[2], fd, status;
	char *map, c = 0;
	pid_t pid;

	(void)arg;
	runtime_begin();
	REQUIRE(pipe(ready) == 0 && pipe(end) == 0);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		fd = make_ephemeral("brief");
		map = fd < 0 ? NULL : mmap(NULL, SIZE, PROT_READ, MAP_SHARED,
					   fd, 0);
		/* A mapping is as good as the descriptor. */
		close(fd);
		(void)!write(ready[1], map ? "y" : "n", 1);
		(void)!read(end[0], &c, 1);
		_exit(0);
	}
	REQUIRE(read(ready[0], &c, 1) == 1 && c == 'y');
	fd = rt_open("brief", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_EQ(rt_info(fd).buffer_flags, MMAPPER_BUFFER_F_EPHEMERAL);
	map = rt_map(fd, PROT_READ | PROT_WRITE);
	EXPECT_EQ(touch(map, true), 0);
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_ERRNO(rt_open("brief", O_RDWR), ENOENT);
	EXPECT_EQ(touch(map, true), SIGBUS);
	EXPECT_ERRNO(pread(fd, &c, 1, 0), ESTALE);
	EXPECT_EQ(rt_number("count"), 0);
	munmap(map, SIZE);
	close(fd);
	runtime_end();
}

static void many(const void *arg)
{
	const unsigned int n = debug_kernel() ? 1000 : 10000;
	unsigned int i;
	char name[32];
	int fd;

	(void)arg;
	runtime_begin();
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "many-%u", i);
		fd = rt_create(rt_params(name, 4096));
		if (!EXPECT(fd >= 0))
			break;
		close(fd);
	}
	EXPECT_EQ(rt_number("count"), n);
	EXPECT_EQ(rt_number("used"), n * sysconf(_SC_PAGESIZE));
	while (i--) {
		snprintf(name, sizeof(name), "many-%u", i);
		if (!EXPECT_EQ(rt_delete(name), 0))
			break;
	}
	runtime_end();
}

#define CREATORS	100

/* All want one name, which one gets, and each wants one of its own. */
static void at_once(const void *arg)
{
	unsigned int i, won = 0;
	pid_t pids[CREATORS];
	int start[2], status;
	char name[32], c;

	(void)arg;
	runtime_begin();
	REQUIRE(pipe(start) == 0);
	fflush(stdout);
	for (i = 0; i < CREATORS; i++) {
		pids[i] = fork();
		REQUIRE(pids[i] >= 0);
		if (pids[i])
			continue;
		close(start[1]);
		(void)!read(start[0], &c, 1);
		snprintf(name, sizeof(name), "own-%u", i);
		if (rt_create(rt_params(name, SIZE)) < 0)
			_exit(2);
		if (rt_create(rt_params("wanted", SIZE)) >= 0)
			_exit(0);
		_exit(errno == EEXIST ? 1 : 3);
	}
	close(start[0]);
	close(start[1]);
	for (i = 0; i < CREATORS; i++) {
		REQUIRE(waitpid(pids[i], &status, 0) == pids[i]);
		REQUIRE(WIFEXITED(status));
		EXPECT(WEXITSTATUS(status) < 2);
		won += WEXITSTATUS(status) == 0;
	}
	EXPECT_EQ(won, 1);
	EXPECT_EQ(rt_number("count"), CREATORS + 1);
	for (i = 0; i < CREATORS; i++) {
		snprintf(name, sizeof(name), "own-%u", i);
		EXPECT_EQ(rt_delete(name), 0);
	}
	EXPECT_EQ(rt_delete("wanted"), 0);
	runtime_end();
}

/* Killed while it creates: what it has named is whole, and nothing else is there. */
static void killed(const void *arg)
{
	unsigned int round;
	long long named = 0;

	(void)arg;
	runtime_begin();
	for (round = 0; round < 40; round++) {
		int status, fd;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		REQUIRE(pid >= 0);
		if (pid == 0) {
			rt_create(rt_params("half", 8 << 20));
			pause();
		}
		usleep(1000 + round * 500);
		kill(pid, SIGKILL);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		fd = rt_open("half", O_RDWR);
		if (fd >= 0) {
			named++;
			EXPECT_EQ(rt_info(fd).size, 8 << 20);
			EXPECT_EQ(rt_number("used"), 8 << 20);
			close(fd);
			EXPECT_EQ(rt_delete("half"), 0);
		}
		if (!EXPECT_EQ(rt_number("count"), 0))
			break;
	}
	ktap_say("%lld of %u had come to an end", named, round);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "create", create, 0 },
	{ "protections", protections, 0 },
	{ "caches", caches, 0 },
	{ "named", named, 0 },
	{ "without_name", without_name, 0 },
	{ "bad_names", bad_names, 0 },
	{ "bad_arguments", bad_arguments, 0 },
	{ "bad_pointers", bad_pointers, 0 },
	{ "no_descriptor", no_descriptor, 0 },
	{ "control_node", control_node, 0 },
	{ "three_programs", three_programs, 0 },
	{ "ephemeral", ephemeral, 0 },
	{ "killed", killed, 60 },
	{ "at_once", at_once, 60 },
	{ "many", many, 120 },
};

SUITE(control, cases, false);
