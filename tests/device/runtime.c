// SPDX-License-Identifier: GPL-2.0-or-later
#include <grp.h>

#include "runtime.h"

void runtime_begin(void)
{
	need_root();
	module_begin();
	REQUIRE(module_load("") == 0);
	/* Who may reach the node at all is of no matter here. */
	REQUIRE(chmod("/dev/mmapper/control", 0666) == 0);
}

void runtime_end(void)
{
	EXPECT_EQ(rt_number("count"), 0);
	EXPECT_EQ(rt_number("used"), 0);
	EXPECT_EQ(module_unload(), 0);
}

struct mmapper_create rt_params_of(const char *row, const char *name,
				   uint64_t size)
{
	struct mmapper_create params = {
		.size = size, .mode = 0600, .numa_node = -1,
	};

	memcpy(params.backend, row, strlen(row));
	memcpy(params.name, name, strlen(name));
	return params;
}

struct mmapper_create rt_params(const char *name, uint64_t size)
{
	return rt_params_of("pages-fault", name, size);
}

/* A descriptor of the control node that is held makes the module stay. */
int rt_call(unsigned int command, void *arg)
{
	int control = open(CONTROL, O_RDWR | O_CLOEXEC), r, error;

	REQUIRE(control >= 0);
	r = ioctl(control, command, arg);
	error = errno;
	close(control);
	errno = error;
	return r;
}

int rt_create(struct mmapper_create params)
{
	return rt_call(MMAPPER_IOC_CREATE, &params) < 0 ? -1 : params.fd;
}

int rt_make(const char *name, uint64_t size)
{
	int fd = rt_create(rt_params(name, size));

	if (fd < 0)
		ktap_say("create %s: %s", name, strerror(errno));
	REQUIRE(fd >= 0);
	return fd;
}

int rt_open(const char *name, int access)
{
	struct mmapper_open o = { .access = (uint32_t)access };

	memcpy(o.name, name, strlen(name));
	return rt_call(MMAPPER_IOC_OPEN, &o) < 0 ? -1 : o.fd;
}

int rt_delete(const char *name)
{
	struct mmapper_delete d = { 0 };

	memcpy(d.name, name, strlen(name));
	return rt_call(MMAPPER_IOC_DELETE, &d);
}

int rt_seal(int fd, uint32_t seals)
{
	struct mmapper_seal seal = { .seals = seals };

	return ioctl(fd, MMAPPER_IOC_SEAL, &seal);
}

int rt_revoke(int fd)
{
	struct mmapper_revoke revoke = { 0 };

	return ioctl(fd, MMAPPER_IOC_REVOKE, &revoke);
}

struct mmapper_info rt_info(int fd)
{
	struct mmapper_info info = { 0 };

	REQUIRE(ioctl(fd, MMAPPER_IOC_INFO, &info) == 0);
	return info;
}

long long rt_number(const char *file)
{
	char path[160], text[64];

	snprintf(path, sizeof(path), FOLDER "/%s", file);
	REQUIRE(file_read(path, text, sizeof(text)));
	return strtoll(text, NULL, 0);
}

void rt_set(const char *parameter, unsigned long long value)
{
	char path[96], text[32];
	int n = snprintf(text, sizeof(text), "%llu", value), fd;

	snprintf(path, sizeof(path), "/sys/module/mmapper/parameters/%s",
		 parameter);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, (size_t)n) == n);
	close(fd);
}

void become(unsigned int uid, unsigned int gid)
{
	REQUIRE(setgroups(0, NULL) == 0);
	REQUIRE(setresgid(gid, gid, gid) == 0);
	REQUIRE(setresuid(uid, uid, uid) == 0);
}

char *rt_map(int fd, int prot)
{
	char *map = mmap(NULL, (size_t)rt_info(fd).map_size, prot, MAP_SHARED,
			 fd, 0);

	if (map == MAP_FAILED)
		ktap_say("mmap: %s", strerror(errno));
	REQUIRE(map != MAP_FAILED);
	return map;
}
