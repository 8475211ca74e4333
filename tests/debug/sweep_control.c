// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sweep over buffers made at run time.  Every try has a buffer of its own, and
 * after it none is left: what failed has neither a name nor a count.
 */
#include "attack.h"
#include "runtime.h"

#define NAME	"swept"
#define SIZE	5000		/* two pages, the last one in part */
#define LARGER	(6 * 4096 + 100)
#define SMALLER	100
#define MODE	0640
#define SEALS	(MMAPPER_SEAL_WRITE | MMAPPER_SEAL_RESIZE)

/* Far from everything else, across the border of two entries of the top table. */
#define FAR	((void *)(0x100000000000 - 0x1000))

static int control = -1;

static void open_control(void)
{
	if (control < 0)
		control = open(CONTROL, O_RDWR | O_CLOEXEC);
	REQUIRE(control >= 0);
}

/* The number that the next descriptor gets. */
static int next_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	close(fd);
	return fd;
}

static void expect_counts(long long count, uint64_t used)
{
	EXPECT_EQ(rt_number("count"), count);
	EXPECT_EQ(rt_number("used"), used);
}

static void expect_name(bool there)
{
	EXPECT_EQ(access(FOLDER "/buffers/" NAME, F_OK), there ? 0 : -1);
	if (there)
		EXPECT_EQ(close(rt_open(NAME, O_RDONLY)), 0);
	else
		EXPECT_ERRNO(rt_open(NAME, O_RDONLY), ENOENT);
}

static void expect_zero(int fd)
{
	static char bytes[LARGER + 1];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0), i;

	EXPECT_EQ(n, rt_info(fd).size);
	for (i = 0; i < n; i++)
		if (!EXPECT_EQ(bytes[i], 0))
			break;
}

static void make(struct try *t, const char *row)
{
	open_control();
	t->fd = rt_create(rt_params_of(row, NAME, SIZE));
	REQUIRE(t->fd >= 0);
	t->len = (size_t)rt_info(t->fd).map_size;
	expect_counts(1, t->len);
}

static void before_row(struct try *t)
{
	make(t, t->row->name);
}

static void before_any(struct try *t)
{
	make(t, "pages-fault");
}

static void end(struct try *t)
{
	close(t->fd);
	EXPECT_EQ(rt_delete(NAME), 0);
	expect_counts(0, 0);
}

static const char *made(const struct try *t)
{
	return row_per_open(t->row) ? "no buffer is made of it at run time" : NULL;
}

static const char *resizable(const struct try *t)
{
	return t->row->flags & MMAPPER_BACKEND_F_RESIZE ?
		NULL : "its size cannot change";
}

static const char *lazy(const struct try *t)
{
	return t->row->flags & MMAPPER_BACKEND_F_LAZY ?
		NULL : "its memory is there from the start";
}

static struct mmapper_create created;

static void before_create(struct try *t)
{
	open_control();
	created = rt_params_of(t->row->name, NAME, SIZE);
	t->fd = next_fd();
}

static long call_create(struct try *t)
{
	(void)t;
	return ioctl(control, MMAPPER_IOC_CREATE, &created);
}

static void after_create(struct try *t)
{
	if (t->result == -1) {
		EXPECT_EQ(next_fd(), t->fd);
		expect_name(false);
		expect_counts(0, 0);
		return;
	}
	EXPECT_EQ(created.fd, t->fd);
	expect_name(true);
	expect_counts(1, rt_info(t->fd).map_size);
	expect_zero(t->fd);
	end(t);
}

SWEEP(create) = {
	.before = before_create, .call = call_create, .after = after_create,
	.errors = NO_EITHER, .wanted = made, .alone = true, .again = 8,
};

/* A buffer that nobody has mapped yet has to note who maps it. */
static long call_mmap(struct try *t)
{
	t->map = mmap(FAR, t->len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, t->fd, 0);
	return t->map == MAP_FAILED ? -1 : 0;
}

static void after_mmap(struct try *t)
{
	struct mmapper_stats now = dev_stats(t->fd);
	unsigned int mapped = t->result == 0;

	EXPECT_EQ(now.mmaps, mapped);
	EXPECT_EQ(now.mappings, mapped);
	EXPECT_EQ(now.files, 1);
	if (mapped) {
		EXPECT_EQ(t->map[t->len - 1], 0);
		EXPECT_EQ(munmap(t->map, t->len), 0);
	}
	end(t);
}

SWEEP(mmap_made) = {
	.before = before_row, .call = call_mmap, .after = after_mmap,
	.errors = NO_MEMORY, .wanted = made, .alone = true, .again = 8,
};

static void before_touch(struct try *t)
{
	before_row(t);
	t->map = rt_map(t->fd, PROT_READ | PROT_WRITE);
}

/* A program cannot be told that there is no memory: it gets SIGBUS. */
static long call_touch(struct try *t)
{
	int sig = touch(t->map, true);

	errno = sig == SIGBUS ? ENOMEM : 0;
	return sig ? -1 : 0;
}

static void after_touch(struct try *t)
{
	EXPECT_EQ(touch(t->map, true), 0);
	expect_zero(t->fd);
	EXPECT_EQ(munmap(t->map, t->len), 0);
	end(t);
}

SWEEP(first_touch) = {
	.before = before_touch, .call = call_touch, .after = after_touch,
	.errors = NO_MEMORY, .wanted = lazy, .alone = true,
};

static long call_enlarge(struct try *t)
{
	return ftruncate(t->fd, LARGER);
}

static long call_shrink(struct try *t)
{
	return ftruncate(t->fd, SMALLER);
}

static void check_size(struct try *t, size_t size)
{
	struct mmapper_info info = rt_info(t->fd);
	struct stat st;

	REQUIRE(fstat(t->fd, &st) == 0);
	EXPECT_EQ(st.st_size, size);
	EXPECT_EQ(info.size, size);
	expect_counts(1, info.map_size);
	expect_zero(t->fd);
	EXPECT_EQ(munmap(t->map, t->len), 0);
	end(t);
}

static void after_enlarge(struct try *t)
{
	EXPECT_EQ(touch(t->map + t->len - 1, true), 0);
	check_size(t, t->result == 0 ? LARGER : SIZE);
}

static void after_shrink(struct try *t)
{
	EXPECT_EQ(touch(t->map + t->len - 1, true),
		  t->result == 0 ? SIGBUS : 0);
	check_size(t, t->result == 0 ? SMALLER : SIZE);
}

SWEEP(enlarge) = {
	.before = before_touch, .call = call_enlarge, .after = after_enlarge,
	.errors = NO_MEMORY, .wanted = resizable, .alone = true,
};

SWEEP(shrink) = {
	.before = before_touch, .call = call_shrink, .after = after_shrink,
	.errors = NO_MEMORY, .wanted = resizable, .alone = true,
	.takes_nothing = true,
};

static void before_revoke(struct try *t)
{
	before_touch(t);
	EXPECT_EQ(touch(t->map, true), 0);
}

static long call_revoke(struct try *t)
{
	return rt_revoke(t->fd);
}

static void after_revoke(struct try *t)
{
	bool gone = t->result == 0;
	char byte;

	EXPECT_EQ(touch(t->map, true), gone ? SIGBUS : 0);
	expect_name(!gone);
	if (gone)
		EXPECT_ERRNO(pread(t->fd, &byte, 1, 0), ESTALE);
	else
		EXPECT_EQ(rt_revoke(t->fd), 0);
	expect_counts(0, 0);
	EXPECT_EQ(munmap(t->map, t->len), 0);
	close(t->fd);
}

SWEEP(revoke) = {
	.before = before_revoke, .call = call_revoke, .after = after_revoke,
	.errors = NO_COPY, .wanted = made, .alone = true,
};

static const struct ktap_case row_cases[] = {
	SWEEP_CASE(create), SWEEP_CASE(mmap_made), SWEEP_CASE(first_touch),
	SWEEP_CASE(enlarge), SWEEP_CASE(shrink), SWEEP_CASE(revoke),
};

SUITE(sweep_made, row_cases, true);

static struct mmapper_open opened;
static int lowest;

static void before_open_name(struct try *t)
{
	before_any(t);
	opened = (struct mmapper_open){ .access = O_RDWR, .name = NAME };
	lowest = next_fd();
}

static long call_open_name(struct try *t)
{
	(void)t;
	return ioctl(control, MMAPPER_IOC_OPEN, &opened);
}

static void after_open_name(struct try *t)
{
	unsigned int more = t->result == 0;

	EXPECT_EQ(dev_stats(t->fd).files, 1 + more);
	EXPECT_EQ(rt_number("buffers/" NAME "/files"), 1 + more);
	if (more) {
		EXPECT_EQ(opened.fd, lowest);
		expect_zero(opened.fd);
		close(opened.fd);
	}
	EXPECT_EQ(next_fd(), lowest);
	end(t);
}

SWEEP(open_name) = {
	.before = before_open_name, .call = call_open_name,
	.after = after_open_name, .errors = NO_EITHER, .alone = true,
};

static struct mmapper_delete deleted = { .name = NAME };

static long call_delete(struct try *t)
{
	(void)t;
	return ioctl(control, MMAPPER_IOC_DELETE, &deleted);
}

/* Who has it open keeps it. */
static void after_delete(struct try *t)
{
	expect_name(t->result == -1);
	expect_counts(1, t->len);
	expect_zero(t->fd);
	if (t->result == -1)
		EXPECT_EQ(rt_delete(NAME), 0);
	close(t->fd);
	expect_counts(0, 0);
}

SWEEP(delete) = {
	.before = before_any, .call = call_delete, .after = after_delete,
	.errors = NO_COPY, .alone = true,
};

static struct mmapper_seal sealed;

static long call_seal(struct try *t)
{
	sealed = (struct mmapper_seal){ .seals = SEALS };
	return ioctl(t->fd, MMAPPER_IOC_SEAL, &sealed);
}

static void after_seal(struct try *t)
{
	bool set = t->result == 0;

	EXPECT_EQ(rt_info(t->fd).seals, set ? SEALS : 0);
	if (set) {
		EXPECT_EQ(sealed.seals, SEALS);
		EXPECT_ERRNO(pwrite(t->fd, "x", 1, 0), EPERM);
	} else {
		EXPECT_EQ(pwrite(t->fd, "x", 1, 0), 1);
	}
	end(t);
}

SWEEP(seal) = {
	.before = before_any, .call = call_seal, .after = after_seal,
	.errors = NO_COPY, .alone = true,
};

static struct stat told;

static long call_fstat(struct try *t)
{
	return fstat(t->fd, &told);
}

static void after_fstat(struct try *t)
{
	if (t->result == 0) {
		EXPECT_EQ(told.st_size, SIZE);
		EXPECT_EQ(told.st_mode, S_IFREG | 0600);
	}
	end(t);
}

SWEEP(fstat) = {
	.before = before_any, .call = call_fstat, .after = after_fstat,
	.errors = NO_EITHER, .alone = true,
};

static long call_fchmod(struct try *t)
{
	return fchmod(t->fd, MODE);
}

static void after_fchmod(struct try *t)
{
	EXPECT_EQ(t->result, 0);
	EXPECT_EQ(rt_number("buffers/" NAME "/mode"), MODE);
	end(t);
}

SWEEP(fchmod) = {
	.before = before_any, .call = call_fchmod, .after = after_fchmod,
	.alone = true, .takes_nothing = true,
};

static const struct {
	const char *path;
	const char *text;
} attributes[] = {
	{ FOLDER "/count", "1\n" },
	{ FOLDER "/used", "8192\n" },
	{ FOLDER "/buffers/" NAME "/backend", "pages-fault\n" },
	{ FOLDER "/buffers/" NAME "/size", "5000\n" },
	{ FOLDER "/buffers/" NAME "/files", "1\n" },
	{ FOLDER "/buffers/" NAME "/owner", "0\n" },
	{ FOLDER "/buffers/" NAME "/group", "0\n" },
	{ FOLDER "/buffers/" NAME "/mode", "0600\n" },
	{ FOLDER "/buffers/" NAME "/seals", "0x0\n" },
	{ FOLDER "/buffers/" NAME "/cache", "cached\n" },
	{ FOLDER "/buffers/" NAME "/state", "persistent\n" },
};

#define ATTRIBUTES	(sizeof(attributes) / sizeof(attributes[0]))

static char texts[ATTRIBUTES][32];

/* All of them, up to the first that cannot be read. */
static long call_sysfs(struct try *t)
{
	size_t i;

	(void)t;
	for (i = 0; i < ATTRIBUTES; i++)
		if (!file_read(attributes[i].path, texts[i], sizeof(texts[i])))
			return -1;
	return 0;
}

static void after_sysfs(struct try *t)
{
	size_t i;

	for (i = 0; t->result == 0 && i < ATTRIBUTES; i++)
		EXPECT(strcmp(texts[i], attributes[i].text) == 0);
	end(t);
}

SWEEP(sysfs_made) = {
	.before = before_any, .call = call_sysfs, .after = after_sysfs,
	.errors = NO_EITHER, .alone = true, .again = 8,
};

static const struct ktap_case cases[] = {
	SWEEP_CASE(open_name), SWEEP_CASE(delete), SWEEP_CASE(seal),
	SWEEP_CASE(fstat), SWEEP_CASE(fchmod), SWEEP_CASE(sysfs_made),
};

SUITE(sweep_control, cases, false);
