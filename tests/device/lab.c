// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The node of mmapper_lab.ko: who may open it, what it refuses, how long its pages
 * live.  What the experiments find is what `mmapper-cli lab --validate` checks.
 */
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lab.h"
#include "runtime.h"

#define PAGES	4

const char *lab_path;

int lab_unload(void)
{
	return syscall(SYS_delete_module, "mmapper_lab", O_NONBLOCK) < 0 ?
	       -errno : 0;
}

void lab_begin(void)
{
	int fd, err;

	if (!lab_path)
		ktap_skip("needs --lab FILE");
	need_root();
	err = lab_unload();
	REQUIRE(!err || err == -ENOENT);
	/* Of which it is a user. */
	if (!module_loaded())
		REQUIRE(module_load("") == 0);
	fd = open(lab_path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	REQUIRE(syscall(SYS_finit_module, fd, "", 0) == 0);
	close(fd);
}

int lab_open(void)
{
	int fd = open(MMAPPER_LAB_PATH, O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

void publish_begin(void)
{
	lab_begin();
	REQUIRE(chmod(CONTROL, 0666) == 0);
}

void publish_end(void)
{
	EXPECT_EQ(lab_unload(), 0);
	EXPECT_EQ(rt_number("count"), 0);
	EXPECT_EQ(module_unload(), 0);
}

static int lab_ram(int fd, uint32_t flags, uint32_t count)
{
	struct mmapper_lab_ram ram = { .flags = flags, .count = count };

	return ioctl(fd, MMAPPER_LAB_IOC_RAM, &ram);
}

static int lab_frame(int fd, struct mmapper_lab_frame frame)
{
	return ioctl(fd, MMAPPER_LAB_IOC_FRAME, &frame);
}

static void *lab_map(int fd, int flags, size_t pages, size_t first)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return mmap(NULL, pages * page, PROT_READ | PROT_WRITE, flags, fd,
		    (off_t)(first * page));
}

/* Root without the capability may not, nor may anybody else. */
static void rights(const void *arg)
{
	struct stat st;
	pid_t pid;
	int status;

	(void)arg;
	lab_begin();
	REQUIRE(stat(MMAPPER_LAB_PATH, &st) == 0);
	EXPECT_EQ(st.st_mode & 07777, 0600);
	EXPECT_EQ(st.st_uid, 0);
	pid = fork();
	if (pid == 0) {
		struct __user_cap_header_struct head = {
			.version = _LINUX_CAPABILITY_VERSION_3,
		};
		struct __user_cap_data_struct caps[2];
		int fd;

		if (syscall(SYS_capget, &head, caps) < 0)
			_exit(1);
		caps[0].effective &= ~(1u << CAP_SYS_ADMIN);
		if (syscall(SYS_capset, &head, caps) < 0)
			_exit(2);
		fd = open(MMAPPER_LAB_PATH, O_RDWR);
		_exit(fd < 0 && errno == EPERM ? 0 : 3);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(lab_unload(), 0);
	lab_begin();
	drop_rights();
	EXPECT_ERRNO(open(MMAPPER_LAB_PATH, O_RDWR), EACCES);
}

static void bad_input(const void *arg)
{
	const uint32_t too_many = MMAPPER_LAB_PAGES_MAX + 1;
	void *nowhere = (void *)1;
	int fd;

	(void)arg;
	lab_begin();
	fd = lab_open();
	EXPECT_ERRNO(ioctl(fd, MMAPPER_LAB_IOC_RAM, nowhere), EFAULT);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_LAB_IOC_FRAME, nowhere), EFAULT);
	EXPECT_ERRNO(ioctl(fd, _IO('M', 0xff), nowhere), ENOTTY);
	/* Nothing is there yet. */
	EXPECT_ERRNO(lab_frame(fd, (struct mmapper_lab_frame){ 0 }), EINVAL);
	EXPECT_ERRNO((intptr_t)lab_map(fd, MAP_SHARED, 1, 0), EINVAL);
	EXPECT_ERRNO(lab_ram(fd, 0, 0), EINVAL);
	EXPECT_ERRNO(lab_ram(fd, 0, too_many), EINVAL);
	EXPECT_ERRNO(lab_ram(fd, 0, UINT32_MAX), EINVAL);
	EXPECT_ERRNO(lab_ram(fd, MMAPPER_LAB_RAM_ALL + 1, 1), EINVAL);

	REQUIRE(lab_ram(fd, 0, PAGES) == 0);
	EXPECT_ERRNO(lab_ram(fd, 0, PAGES), EBUSY);
	EXPECT_ERRNO(lab_frame(fd, (struct mmapper_lab_frame){ .index = PAGES }),
		     EINVAL);
	EXPECT_ERRNO(lab_frame(fd, (struct mmapper_lab_frame){ .reserved = 1 }),
		     EINVAL);
	EXPECT_ERRNO((intptr_t)lab_map(fd, MAP_PRIVATE, 1, 0), EINVAL);
	EXPECT_ERRNO((intptr_t)lab_map(fd, MAP_SHARED, PAGES + 1, 0), EINVAL);
	EXPECT_ERRNO((intptr_t)lab_map(fd, MAP_SHARED, PAGES, 1), EINVAL);
	EXPECT_ERRNO((intptr_t)lab_map(fd, MAP_SHARED, 1, PAGES), EINVAL);
	close(fd);
	EXPECT_EQ(lab_unload(), 0);
}

/* The pages go with the last of descriptor and mapping, the child's included. */
static void life_of(uint32_t flags)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i;
	int fd = lab_open(), status;
	char *map;
	pid_t pid;

	REQUIRE(lab_ram(fd, flags, PAGES) == 0);
	map = lab_map(fd, MAP_SHARED, PAGES, 0);
	REQUIRE(map != MAP_FAILED);
	close(fd);
	for (i = 0; i < PAGES * page; i++)
		if (!EXPECT_EQ(map[i], 0))
			break;
	map[page] = 'a';
	/* In pieces, and the child has the last of them. */
	EXPECT_EQ(munmap(map, page), 0);
	EXPECT_EQ(lab_unload(), -EAGAIN);
	pid = fork();
	if (pid == 0) {
		map[page]++;
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(map[page], 'b');
	EXPECT_EQ(munmap(map + page, (PAGES - 1) * page), 0);
}

static void life(const void *arg)
{
	uint32_t flags;

	(void)arg;
	lab_begin();
	/* To forget the bit is for `mmapper-cli lab reserved-forget` alone. */
	for (flags = 0; flags < MMAPPER_LAB_RAM_FORGET; flags++)
		life_of(flags);
	EXPECT_EQ(lab_unload(), 0);
}

static int lab_pin(int fd, uint64_t address, uint64_t length,
		   struct mmapper_lab_pin *pin)
{
	*pin = (struct mmapper_lab_pin){
		.address = address, .length = length, .pin.ns = 1ull << 50,
	};
	return ioctl(fd, MMAPPER_LAB_IOC_PIN, pin);
}

/* One page of the module's, mapped so; its reference count is as before. */
static void pin_ram(uint32_t flags, int error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct mmapper_lab_frame before = { 0 }, after = { 0 };
	struct mmapper_lab_pin got;
	int fd = lab_open();
	void *map;

	REQUIRE(lab_ram(fd, flags, 1) == 0);
	map = lab_map(fd, MAP_SHARED, 1, 0);
	REQUIRE(map != MAP_FAILED);
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_FRAME, &before) == 0);
	if (error)
		EXPECT_ERRNO(lab_pin(fd, (uintptr_t)map, page, &got), error);
	else
		EXPECT_EQ(lab_pin(fd, (uintptr_t)map, page, &got), 0);
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_FRAME, &after) == 0);
	EXPECT_EQ(after.refs, before.refs);
	munmap(map, page);
	close(fd);
}

/* More than a batch; the costs are of this call alone. */
static void pin(const void *arg)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t len = (MMAPPER_LAB_PIN_BATCH + 3) * page;
	struct mmapper_lab_pin got;
	uint64_t at;
	char *own;
	int fd;

	(void)arg;
	lab_begin();
	fd = lab_open();
	own = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(own != MAP_FAILED);
	at = (uintptr_t)own;
	REQUIRE(lab_pin(fd, at, len, &got) == 0);
	EXPECT(got.pin.ns > 0 && got.pin.ns < 1ull << 50);
	EXPECT(got.unpin.ns > 0 && got.unpin.ns < 1ull << 50);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_LAB_IOC_PIN, (void *)1), EFAULT);
	EXPECT_ERRNO(lab_pin(fd, at, 0, &got), EINVAL);
	EXPECT_ERRNO(lab_pin(fd, at, page / 2, &got), EINVAL);
	EXPECT_ERRNO(lab_pin(fd, at + 1, page, &got), EINVAL);
	EXPECT_ERRNO(lab_pin(fd, at, -(uint64_t)page, &got), EINVAL);
	EXPECT_ERRNO(lab_pin(fd, -2 * (uint64_t)page, page, &got), EFAULT);
	/* What may only be read, and a hole: after what could be pinned. */
	REQUIRE(mprotect(own + len - page, page, PROT_READ) == 0);
	EXPECT_ERRNO(lab_pin(fd, at, len, &got), EFAULT);
	REQUIRE(munmap(own + len - page, page) == 0);
	EXPECT_ERRNO(lab_pin(fd, at, len, &got), EFAULT);
	munmap(own, len);
	close(fd);
	pin_ram(MMAPPER_LAB_RAM_INSERT, 0);
	pin_ram(0, EFAULT);
	EXPECT_EQ(lab_unload(), 0);
}

static const struct ktap_case cases[] = {
	{ "rights", rights, 0 },
	{ "bad_input", bad_input, 0 },
	{ "life", life, 0 },
	{ "pin", pin, 0 },
};

SUITE(lab, cases, false);
