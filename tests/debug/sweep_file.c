// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sweep over what is done with an open node, and over its attributes.  Most
 * of it comes no nearer to the row than a pointer to its bytes.
 */
#include <poll.h>
#include <sys/uio.h>

#include "attack.h"

#define SPAN	16	/* bytes that a transfer asks for */
#define PARTS	10	/* of a vector: more than the kernel keeps on its stack */
#define UNSEEN	((char)0xee)

static char bytes[SPAN];
static struct iovec parts[PARTS];
static off_t start;

static long call_open(struct try *t)
{
	return t->fd = open(t->row->path, O_RDWR | O_CLOEXEC);
}

static void after_open(struct try *t)
{
	struct mmapper_stats now = dev_stats(t->dev.fd);
	unsigned int made = t->fd >= 0;

	EXPECT_EQ(now.opens, t->before.opens + made);
	EXPECT_EQ(now.files, t->before.files + made);
	if (made)
		EXPECT_EQ(close(t->fd), 0);
}

static void before_close(struct try *t)
{
	t->fd = open(t->row->path, O_RDWR | O_CLOEXEC);
	REQUIRE(t->fd >= 0);
}

static long call_close(struct try *t)
{
	return close(t->fd);
}

static void after_close(struct try *t)
{
	EXPECT_EQ(t->result, 0);
	EXPECT_EQ(fcntl(t->fd, F_GETFD), -1);
}

SWEEP(open) = {
	.call = call_open, .after = after_open, .errors = NO_EITHER,
};

SWEEP(close) = {
	.before = before_close, .call = call_close, .after = after_close,
	.takes_nothing = true,
};

/* How many bytes there are for a transfer of @want. */
static long there(const struct try *t, long want)
{
	long rest = (long)((off_t)t->dev.info.size - start);

	return rest < want ? rest : want;
}

/* Across the border of two pages where there is one; they are there. */
static void before_transfer(struct try *t)
{
	size_t i;

	start = t->dev.pages > 1 ? (off_t)t->dev.page - SPAN / 2 : 0;
	REQUIRE(pwrite(t->dev.fd, t->fresh + start, (size_t)there(t, SPAN),
		       start) == there(t, SPAN));
	REQUIRE(lseek(t->dev.fd, start, SEEK_SET) == start);
	memset(bytes, UNSEEN, sizeof(bytes));
	for (i = 0; i < PARTS; i++) {
		parts[i].iov_base = bytes + i;
		parts[i].iov_len = 1;
	}
}

static void before_write(struct try *t)
{
	before_transfer(t);
	memset(bytes, 'W', sizeof(bytes));
}

static long done(struct try *t, long want)
{
	EXPECT(t->result == -1 || (t->result > 0 && t->result <= want));
	t->cut = t->result > 0 && t->result < want;
	return t->result > 0 ? t->result : 0;
}

static void check_read(struct try *t, long want, off_t position)
{
	long n = done(t, there(t, want)), i;

	try_check(t, bytes, (size_t)start, (size_t)n);
	for (i = n; i < SPAN; i++)
		EXPECT_EQ(bytes[i], UNSEEN);
	EXPECT_EQ(lseek(t->dev.fd, 0, SEEK_CUR), position);
}

static void check_write(struct try *t, long want, off_t position)
{
	long n = done(t, there(t, want)), i;
	char now[SPAN];

	EXPECT_EQ(lseek(t->dev.fd, 0, SEEK_CUR), position);
	REQUIRE(pread(t->dev.fd, now, sizeof(now), start) == there(t, SPAN));
	for (i = 0; i < n; i++)
		EXPECT_EQ(now[i], 'W');
	try_check(t, now + n, (size_t)(start + n),
		  (size_t)(there(t, SPAN) - n));
}

static off_t moved(const struct try *t)
{
	return start + (t->result > 0 ? t->result : 0);
}

static long call_read(struct try *t)
{
	return read(t->dev.fd, bytes, sizeof(bytes));
}

static void after_read(struct try *t)
{
	check_read(t, SPAN, moved(t));
}

static long call_pread(struct try *t)
{
	return pread(t->dev.fd, bytes, sizeof(bytes), start);
}

static void after_pread(struct try *t)
{
	check_read(t, SPAN, start);
}

static long call_readv(struct try *t)
{
	return readv(t->dev.fd, parts, PARTS);
}

static void after_readv(struct try *t)
{
	check_read(t, PARTS, moved(t));
}

static long call_write(struct try *t)
{
	return write(t->dev.fd, bytes, sizeof(bytes));
}

static void after_write(struct try *t)
{
	check_write(t, SPAN, moved(t));
}

static long call_pwrite(struct try *t)
{
	return pwrite(t->dev.fd, bytes, sizeof(bytes), start);
}

static void after_pwrite(struct try *t)
{
	check_write(t, SPAN, start);
}

static long call_writev(struct try *t)
{
	return writev(t->dev.fd, parts, PARTS);
}

static void after_writev(struct try *t)
{
	check_write(t, PARTS, moved(t));
}

SWEEP(read) = {
	.before = before_transfer, .call = call_read, .after = after_read,
	.errors = NO_COPY,
};

SWEEP(pread) = {
	.before = before_transfer, .call = call_pread, .after = after_pread,
	.errors = NO_COPY,
};

SWEEP(readv) = {
	.before = before_transfer, .call = call_readv, .after = after_readv,
	.errors = NO_EITHER,
};

SWEEP(write) = {
	.before = before_write, .call = call_write, .after = after_write,
	.errors = NO_COPY, .writes = true,
};

SWEEP(pwrite) = {
	.before = before_write, .call = call_pwrite, .after = after_pwrite,
	.errors = NO_COPY, .writes = true,
};

SWEEP(writev) = {
	.before = before_write, .call = call_writev, .after = after_writev,
	.errors = NO_EITHER, .writes = true,
};

static long call_lseek(struct try *t)
{
	return (long)lseek(t->dev.fd, 0, SEEK_END);
}

static void after_lseek(struct try *t)
{
	EXPECT_EQ(t->result, t->dev.info.size);
}

static struct pollfd polled;

static long call_poll(struct try *t)
{
	polled = (struct pollfd){ .fd = t->dev.fd, .events = POLLIN | POLLOUT };
	return poll(&polled, 1, 0);
}

static void after_poll(struct try *t)
{
	if (t->result == -1)
		return;
	EXPECT_EQ(t->result, 1);
	EXPECT_EQ(polled.revents, POLLIN | POLLOUT);
}

SWEEP(lseek) = {
	.call = call_lseek, .after = after_lseek, .takes_nothing = true,
};

SWEEP(poll) = {
	.call = call_poll, .after = after_poll, .errors = NO_EITHER,
};

static struct mmapper_info info;
static struct mmapper_stats stats;
static struct mmapper_reset reset;
static struct mmapper_phys phys;

static long call_info(struct try *t)
{
	info = (struct mmapper_info){ 0 };
	return ioctl(t->dev.fd, MMAPPER_IOC_INFO, &info);
}

static void after_info(struct try *t)
{
	if (t->result == 0)
		EXPECT(memcmp(&info, &t->dev.info, sizeof(info)) == 0);
}

static long call_stats(struct try *t)
{
	stats = (struct mmapper_stats){ 0 };
	return ioctl(t->dev.fd, MMAPPER_IOC_STATS, &stats);
}

static void after_stats(struct try *t)
{
	if (t->result == 0)
		EXPECT(memcmp(&stats, &t->before, sizeof(stats)) == 0);
}

static void before_reset(struct try *t)
{
	REQUIRE(pwrite(t->dev.fd, "R", 1, 0) == 1);
}

static long call_reset(struct try *t)
{
	return ioctl(t->dev.fd, MMAPPER_IOC_RESET, &reset);
}

static void after_reset(struct try *t)
{
	char byte = 0;

	REQUIRE(pread(t->dev.fd, &byte, 1, 0) == 1);
	EXPECT_EQ(byte, t->result == 0 ? t->row->first : 'R');
}

static void before_phys(struct try *t)
{
	t->map = dev_map(&t->dev, PROT_READ, 0, t->dev.pages);
	EXPECT_EQ(touch(t->map, false), 0);
}

static long call_lookup(struct try *t)
{
	phys = (struct mmapper_phys){ .where = 0 };
	return ioctl(t->dev.fd, MMAPPER_IOC_LOOKUP, &phys);
}

static long call_translate(struct try *t)
{
	phys = (struct mmapper_phys){ .where = (uintptr_t)t->map };
	return ioctl(t->dev.fd, MMAPPER_IOC_TRANSLATE, &phys);
}

/* Both commands say the same of one page. */
static void after_phys(struct try *t)
{
	struct mmapper_phys other = { .where = 0 };

	EXPECT_EQ(ioctl(t->dev.fd, MMAPPER_IOC_LOOKUP, &other), 0);
	EXPECT_EQ(phys.phys, t->result == 0 ? other.phys : 0);
	EXPECT_EQ(munmap(t->map, t->len), 0);
}

SWEEP(info) = {
	.call = call_info, .after = after_info, .errors = NO_COPY,
};

SWEEP(stats) = {
	.call = call_stats, .after = after_stats, .errors = NO_COPY,
};

SWEEP(reset) = {
	.before = before_reset, .call = call_reset, .after = after_reset,
	.errors = NO_COPY, .writes = true,
};

SWEEP(lookup) = {
	.before = before_phys, .call = call_lookup, .after = after_phys,
	.errors = NO_COPY,
};

SWEEP(translate) = {
	.before = before_phys, .call = call_translate, .after = after_phys,
	.errors = NO_COPY,
};

static const char * const attributes[] = {
	"backend", "store", "mapper", "description", "flags", "size",
	"max_size", "opens", "files", "mappings", "mappings_total", "faults",
};

#define ATTRIBUTES	(sizeof(attributes) / sizeof(attributes[0]))

static char attribute_paths[ATTRIBUTES][128];
static char attribute_text[ATTRIBUTES][128];

static void before_sysfs(struct try *t)
{
	size_t i;

	memset(attribute_text, 0, sizeof(attribute_text));
	for (i = 0; i < ATTRIBUTES; i++)
		snprintf(attribute_paths[i], sizeof(attribute_paths[i]),
			 "/sys/class/mmapper/%s/%s", t->row->name,
			 attributes[i]);
}

/* All of them, up to the first that cannot be read. */
static long call_sysfs(struct try *t)
{
	ssize_t n = 0;
	size_t i;

	(void)t;
	for (i = 0; i < ATTRIBUTES && n >= 0; i++) {
		int fd = open(attribute_paths[i], O_RDONLY | O_CLOEXEC);
		int error;

		if (fd < 0)
			return -1;
		n = read(fd, attribute_text[i], sizeof(attribute_text[i]) - 1);
		error = errno;
		close(fd);
		errno = error;
	}
	return n < 0 ? -1 : 0;
}

static void after_sysfs(struct try *t)
{
	char files[32];
	size_t i;

	if (t->result == -1)
		return;
	for (i = 0; i < ATTRIBUTES; i++)
		EXPECT(strchr(attribute_text[i], '\n') != NULL);
	snprintf(files, sizeof(files), "%llu\n",
		 (unsigned long long)t->before.files);
	EXPECT(strcmp(attribute_text[8], files) == 0);
	EXPECT(strncmp(attribute_text[0], t->row->name,
		       strlen(t->row->name)) == 0);
}

SWEEP(sysfs) = {
	.before = before_sysfs, .call = call_sysfs, .after = after_sysfs,
	.errors = NO_EITHER, .again = 8,
};

static const struct ktap_case cases[] = {
	SWEEP_CASE(open), SWEEP_CASE(close), SWEEP_CASE(pread),
	SWEEP_CASE(readv), SWEEP_CASE(pwrite), SWEEP_CASE(writev),
	SWEEP_CASE(lseek), SWEEP_CASE(poll), SWEEP_CASE(info),
	SWEEP_CASE(stats), SWEEP_CASE(reset), SWEEP_CASE(sysfs),
};

SUITE(sweep_file, cases, false);

/* What asks for the row's bytes or pages. */
static const struct ktap_case store_cases[] = {
	SWEEP_CASE(read), SWEEP_CASE(write), SWEEP_CASE(lookup),
	SWEEP_CASE(translate),
};

SUITE(sweep_store, store_cases, true);
