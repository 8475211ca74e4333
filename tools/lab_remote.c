// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another process's memory (C26): with its consent, by a descriptor that it has
 * passed over a socket; by its number, for CAP_SYS_PTRACE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mmapper/lab.h>

#include "cli.h"
#include "evidence.h"
#include "lab.h"

#define STRANGER	1002

/* What the owner tells about itself. */
struct told {
	uint64_t	pages;		/* anonymous memory */
	uint64_t	special;	/* a driver's special mapping */
	uint64_t	readonly;
};

struct owner {
	pid_t		pid;
	int		socket;
	int		handle;
	bool		sleeps;
	struct told	told;
};

static void send_fd(int socket, const struct told *told, int fd)
{
	struct iovec data = { (void *)told, sizeof(*told) };
	union {
		char		room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	align;
	} control = { { 0 } };
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	REQUIRE(sendmsg(socket, &msg, 0) == sizeof(*told));
}

static int receive_fd(int socket, struct told *told)
{
	struct iovec data = { told, sizeof(*told) };
	union {
		char		room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	align;
	} control;
	struct msghdr msg = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	int fd = -1;

	REQUIRE(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) == sizeof(*told));
	REQUIRE(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

/* The owner: says where its memory is, then does what it is told to. */
static void live(int socket)
{
	struct lab_buffer special = lab_buffer("kmalloc", 1);
	char *pages = lab_memory(1), *readonly = lab_memory(1), command = 0;
	struct told told = {
		(uintptr_t)pages, (uintptr_t)special.bytes, (uintptr_t)readonly,
	};
	int fd = lab_open();

	memcpy(pages, "anonymous", 10);
	memcpy(special.bytes, "special", 8);
	REQUIRE(mprotect(readonly, lab_page(), PROT_READ) == 0);
	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_CONSENT) == 0);
	EXPECT_ERRNO(ioctl(fd, MMAPPER_LAB_IOC_CONSENT), EBUSY);
	send_fd(socket, &told, fd);
	close(fd);
	while (read(socket, &command, 1) == 1) {
		if (command == 'e')
			execlp("sleep", "sleep", "1000", NULL);
		if (command == 'w')
			REQUIRE(write(socket, pages, 4) == 4);
	}
	_exit(0);
}

static struct owner owner_start(void)
{
	struct owner o = { 0 };
	int sockets[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
	fflush(stdout);
	o.pid = fork();
	REQUIRE(o.pid >= 0);
	if (o.pid == 0) {
		close(sockets[0]);
		live(sockets[1]);
	}
	close(sockets[1]);
	o.socket = sockets[0];
	o.handle = receive_fd(o.socket, &o.told);
	return o;
}

/* One that has executed another program has left its socket. */
static void owner_end(const struct owner *o)
{
	if (close(o->socket) || o->sleeps)
		kill(o->pid, SIGKILL);
	waitpid(o->pid, NULL, 0);
}

/* Bytes that came, or -errno; *by_driver: through vm_ops->access. */
static int reach(int fd, pid_t pid, uint32_t flags, uint64_t address, void *bytes,
		 uint64_t length, bool *by_driver)
{
	struct mmapper_lab_remote r = {
		.pid = pid, .flags = flags, .address = address,
		.length = length, .buffer = (uintptr_t)bytes,
	};

	if (ioctl(fd, MMAPPER_LAB_IOC_REMOTE, &r) < 0)
		return -errno;
	if (by_driver)
		*by_driver = r.by_driver;
	return (int)r.done;
}

static const char *words(int result, char text[32])
{
	if (result >= 0)
		snprintf(text, 32, "%d bytes", result);
	else
		snprintf(text, 32, "%s", strerrorname_np(-result));
	return text;
}

static void ways(const void *arg)
{
	struct owner o = owner_start();
	char bytes[16] = "";
	bool driver = false;

	(void)arg;
	EXPECT_EQ(reach(o.handle, 0, 0, o.told.pages, bytes, 10, &driver), 10);
	EXPECT(strcmp(bytes, "anonymous") == 0 && !driver);
	ktap_say("anonymous memory: \"%s\", from its pages", bytes);
	EXPECT_EQ(reach(o.handle, 0, 0, o.told.special, bytes, 8, &driver), 8);
	EXPECT(strcmp(bytes, "special") == 0 && driver);
	ktap_say("a special mapping: \"%s\", by its driver's vm_operations_struct.access, for there are no pages",
		 bytes);
	memcpy(bytes, "BYTE", 4);
	EXPECT_EQ(reach(o.handle, 0, MMAPPER_LAB_REMOTE_WRITE, o.told.pages,
			bytes, 4, NULL), 4);
	REQUIRE(write(o.socket, "w", 1) == 1 && read(o.socket, bytes, 4) == 4);
	EXPECT(memcmp(bytes, "BYTE", 4) == 0);
	ktap_say("written, and found by the process itself: \"%.4s\"", bytes);
	EXPECT_EQ(reach(o.handle, 0, MMAPPER_LAB_REMOTE_WRITE, o.told.readonly,
			bytes, 4, NULL), -EFAULT);
	EXPECT_EQ(reach(o.handle, 0, 0, 0, bytes, 4, NULL), -EFAULT);
	EXPECT_EQ(reach(o.handle, 0, 0, ~0ull << 47, bytes, 4, NULL), -EFAULT);
	EXPECT_EQ(reach(o.handle, 0, 0, -4ull, bytes, 8, NULL), -EINVAL);
	EXPECT_EQ(reach(o.handle, 0, 0, o.told.pages, bytes, 0, NULL), -EINVAL);
	EXPECT_EQ(reach(o.handle, 0, 0, o.told.pages, NULL, 4, NULL), -EFAULT);
	EXPECT_EQ(reach(lab_open(), 0, 0, o.told.pages, bytes, 4, NULL),
		  -ENODATA);
	ktap_say("EFAULT: read-only memory for a write, null, a kernel address; EINVAL: what wraps, nothing; ENODATA: nobody's consent");
	owner_end(&o);
}

enum who { SELF, ROOT_HANDLE, ROOT_PID, STRANGER_HANDLE, STRANGER_PID,
	   STRANGER_ALONE, WHOS };

static const char *const who_names[WHOS] = {
	"the process itself", "root, with the handle", "root, by number",
	"another user, with the handle", "another user, by number",
	"another user, without",
};

static const char *const when_names[] = { "alive", "after exec", "after death" };

/* What each may, and when. */
static const int matrix[WHOS][3] = {
	[SELF]			= { 4, 4, 4 },
	[ROOT_HANDLE]		= { 4, -ESRCH, -ESRCH },
	/* By number it is the new program that is reached: there, nothing. */
	[ROOT_PID]		= { 4, -EFAULT, -ESRCH },
	[STRANGER_HANDLE]	= { 4, -ESRCH, -ESRCH },
	[STRANGER_PID]		= { -EPERM, -EPERM, -EPERM },
	[STRANGER_ALONE]	= { -EACCES, -EACCES, -EACCES },
};

struct cell {
	const struct owner	*owner;
	enum who		who;
	int			got;
};

static int by_self(void)
{
	char own[4] = "self", bytes[4] = "";
	int fd = lab_open();

	REQUIRE(ioctl(fd, MMAPPER_LAB_IOC_CONSENT) == 0);
	return reach(fd, 0, 0, (uintptr_t)own, bytes, 4, NULL);
}

static int ask(const struct cell *c)
{
	const struct owner *o = c->owner;
	char bytes[4];

	if (c->who >= STRANGER_HANDLE) {
		REQUIRE(setgroups(0, NULL) == 0);
		REQUIRE(setresgid(STRANGER, STRANGER, STRANGER) == 0);
		REQUIRE(setresuid(STRANGER, STRANGER, STRANGER) == 0);
	}
	switch (c->who) {
	case SELF:
		return by_self();
	case STRANGER_ALONE:
		return open(MMAPPER_LAB_PATH, O_RDWR) < 0 ? -errno : 4;
	case ROOT_PID:
	case STRANGER_PID:
		return reach(o->handle, o->pid, 0, o->told.pages, bytes, 4,
			     NULL);
	default:
		return reach(o->handle, 0, 0, o->told.pages, bytes, 4, NULL);
	}
}

static void ask_cell(void *arg)
{
	struct cell *c = arg;

	c->got = ask(c);
}

static void row(const struct owner *o, int when)
{
	struct cell *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char text[32];

	REQUIRE(c != MAP_FAILED);
	c->owner = o;
	for (c->who = 0; c->who < WHOS; c->who++) {
		EXPECT_EQ(ktap_child(ask_cell, c), 0);
		ktap_say("%-12s %-30s %s", when_names[when], who_names[c->who],
			 words(c->got, text));
		EXPECT_EQ(c->got, matrix[c->who][when]);
	}
}

/* Until the process has another program: its old memory is gone by then. */
static void wait_for_exec(struct owner *o)
{
	char line[16] = "", path[64];
	int i, fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)o->pid);
	for (i = 0; i < 3000 && strncmp(line, "sleep", 5) != 0; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		REQUIRE(fd >= 0 && read(fd, line, sizeof(line) - 1) > 0);
		close(fd);
		usleep(10000);
	}
	REQUIRE(strncmp(line, "sleep", 5) == 0);
	o->sleeps = true;
}

static void who_may(const void *arg)
{
	struct owner o = owner_start();

	(void)arg;
	row(&o, 0);
	REQUIRE(write(o.socket, "e", 1) == 1);
	wait_for_exec(&o);
	row(&o, 1);
	owner_end(&o);
	row(&o, 2);
}

/* What /proc/PID/cmdline does, done again; and what it says. */
static void command_line(const void *arg)
{
	struct owner o = owner_start();
	char ours[256] = "", theirs[256] = "", path[64];
	int got, fd;
	ssize_t n;

	(void)arg;
	REQUIRE(write(o.socket, "e", 1) == 1);
	wait_for_exec(&o);
	got = reach(o.handle, o.pid, MMAPPER_LAB_REMOTE_CMDLINE, 0, ours,
		    sizeof(ours), NULL);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)o.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	n = read(fd, theirs, sizeof(theirs));
	ktap_say("%d bytes between mm_struct.arg_start and arg_end: \"%s\", \"%s\"",
		 got, ours, ours + strlen(ours) + 1);
	EXPECT_EQ(got, n);
	EXPECT(n > 0 && memcmp(ours, theirs, (size_t)n) == 0);
	owner_end(&o);
}

static const struct evidence_case checks[] = {
	{ { "ways", ways, 0 }, "By a handle that the process has given away" },
	{ { "who_may", who_may, 60 }, "Who may, and for how long" },
	{ { "command_line", command_line, 60 }, "What /proc/PID/cmdline does" },
};

const struct lab_experiment lab_remote = {
	.name		= "remote",
	.question	= "how does a driver reach another process's memory, and when may it?",
	.checks		= checks,
	.count		= ARRAY_SIZE(checks),
};
