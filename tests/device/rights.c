// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may do what with a buffer made at run time; seals (C53, K6). */
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runtime.h"

#define SIZE	8192

/* What is tried, each with a descriptor of its own where it takes one. */
enum op { OPEN_R, OPEN_W, OPEN_RW, MAP_W, RESIZE, SEAL, DELETE, REVOKE, CHMOD, OPS };

static const char * const op_names[OPS] = {
	"open r", "open w", "open rw", "map w", "resize", "seal", "delete",
	"revoke", "chmod",
};

static const struct user {
	const char	*name;
	unsigned int	uid;
	unsigned int	gid;
} users[] = {
	{ "owner", OWNER, SHARED },
	{ "group", FRIEND, SHARED },
	{ "other", STRANGER, STRANGER },
	{ "root", 0, 0 },
};

#define USERS	(sizeof(users) / sizeof(users[0]))

/* With the best descriptor that the user can have; errno, or 0. */
static int try_op(enum op op)
{
	static const int access[OPS] = {
		[OPEN_R] = O_RDONLY, [OPEN_W] = O_WRONLY, [OPEN_RW] = O_RDWR,
		[MAP_W] = O_RDWR, [RESIZE] = O_WRONLY, [SEAL] = O_RDONLY,
		[REVOKE] = O_RDONLY, [CHMOD] = O_RDONLY,
	};
	int fd, r = 0;

	if (op == DELETE)
		return rt_delete("it") < 0 ? errno : 0;
	fd = rt_open("it", access[op]);
	if (fd < 0)
		return errno;
	if (op == MAP_W)
		r = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0) == MAP_FAILED ? -1 : 0;
	else if (op == RESIZE)
		r = ftruncate(fd, 100);
	else if (op == SEAL)
		r = rt_seal(fd, MMAPPER_SEAL_RESIZE);
	else if (op == REVOKE)
		r = rt_revoke(fd);
	else if (op == CHMOD)
		r = fchmod(fd, 0600);
	return r < 0 ? errno : 0;
}

/* A fresh buffer for each cell; what the user's process ends with. */
static int cell(const struct user *user, enum op op, unsigned int mode)
{
	int fd = rt_make("it", SIZE), status;
	pid_t pid;

	REQUIRE(fchown(fd, OWNER, SHARED) == 0);
	REQUIRE(fchmod(fd, mode) == 0);
	close(fd);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		if (user->uid)
			become(user->uid, user->gid);
		_exit(try_op(op));
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFEXITED(status));
	rt_delete("it");
	return WEXITSTATUS(status);
}

/* Written down by hand: A is EACCES, P is EPERM, "." is done. */
static const struct {
	unsigned int	mode;
	const char	*user[USERS];
} matrix[] = {
	/*	  r w rw map resize seal delete revoke chmod */
	{ 0640, { ".........", ".AAAAPPPP", "AAAAAAPAA", "........." } },
	{ 0660, { ".........", ".....PPPP", "AAAAAAPAA", "........." } },
	{ 0666, { ".........", ".....PPPP", ".....PPPP", "........." } },
	{ 0604, { ".........", "AAAAAAPAA", ".AAAAPPPP", "........." } },
	{ 0200, { "A.AA.A.AA", "AAAAAAPAA", "AAAAAAPAA", "........." } },
	{ 0000, { "AAAAAA.AA", "AAAAAAPAA", "AAAAAAPAA", "........." } },
};

static void permissions(const void *arg)
{
	size_t m, u;
	int op;

	(void)arg;
	runtime_begin();
	for (m = 0; m < sizeof(matrix) / sizeof(matrix[0]); m++) {
		for (u = 0; u < USERS; u++) {
			ktap_say("%04o %s: %s", matrix[m].mode, users[u].name,
				 matrix[m].user[u]);
			for (op = 0; op < OPS; op++) {
				char want = matrix[m].user[u][op];
				int got = cell(&users[u], op, matrix[m].mode);

				ktap_expect(got == (want == 'A' ? EACCES :
						    want == 'P' ? EPERM : 0),
					    __FILE__, __LINE__, "%s %s: %s",
					    users[u].name, op_names[op],
					    strerror(got));
			}
		}
	}
	runtime_end();
}

/* What is done through a descriptor is done by who holds it, not who opened it. */
static void handed_over(void *arg)
{
	int fd = *(int *)arg;

	become(STRANGER, STRANGER);
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	EXPECT_EQ(ftruncate(fd, SIZE / 2), 0);
	EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), EPERM);
	EXPECT_ERRNO(rt_revoke(fd), EPERM);
	EXPECT_ERRNO(fchmod(fd, 0666), EPERM);
	EXPECT_ERRNO(fchown(fd, STRANGER, STRANGER), EPERM);
	EXPECT_EQ(rt_seal(fd, 0), 0);
}

static void descriptors(const void *arg)
{
	int fd;

	(void)arg;
	runtime_begin();
	fd = rt_make("", SIZE);
	EXPECT(child_ok(handed_over, &fd));
	EXPECT_EQ(rt_info(fd).size, SIZE / 2);
	EXPECT_EQ(rt_info(fd).seals, 0);
	close(fd);
	runtime_end();
}

/* A user's buffer is the user's, with the user's group and the mode as given. */
static void as_user(void *arg)
{
	struct stat st;
	int fd;

	(void)arg;
	become(OWNER, SHARED);
	umask(0777);
	fd = rt_make("mine", SIZE);
	REQUIRE(fstat(fd, &st) == 0);
	REQUIRE(st.st_uid == OWNER && st.st_gid == SHARED);
	REQUIRE(st.st_mode == (S_IFREG | 0600));
	REQUIRE(fchown(fd, STRANGER, (gid_t)-1) == -1 && errno == EPERM);
	REQUIRE(fchmod(fd, 0644) == 0);
	REQUIRE(rt_number("buffers/mine/mode") == 0644);
	REQUIRE(rt_number("buffers/mine/owner") == OWNER);
	REQUIRE(rt_number("buffers/mine/group") == SHARED);
	REQUIRE(rt_delete("mine") == 0);
}

static void owner(const void *arg)
{
	(void)arg;
	runtime_begin();
	EXPECT(child_ok(as_user, NULL));
	runtime_end();
}

static void seal_write(const void *arg)
{
	static const char * const of[] = { "pages-insert", "kmalloc", "shmem" };
	char *map, c = 0;
	int fd, ro;
	size_t i;

	(void)arg;
	runtime_begin();
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		fd = rt_create(rt_params_of(of[i], "s", SIZE));
		REQUIRE(fd >= 0);
		EXPECT_EQ(pwrite(fd, "s", 1, 0), 1);
		map = rt_map(fd, PROT_READ | PROT_WRITE);
		EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), EBUSY);
		munmap(map, SIZE);
		/* It can be made writable later: it counts as well. */
		map = rt_map(fd, PROT_READ);
		EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), EBUSY);
		munmap(map, SIZE);
		ro = rt_open("s", O_RDONLY);
		map = rt_map(ro, PROT_READ);
		EXPECT_EQ(rt_seal(fd, MMAPPER_SEAL_WRITE), 0);
		EXPECT_EQ(rt_info(fd).seals, MMAPPER_SEAL_WRITE);

		EXPECT_EQ(map[0], 's');
		EXPECT_ERRNO(mprotect(map, SIZE, PROT_READ | PROT_WRITE), EACCES);
		EXPECT_ERRNO(pwrite(fd, "x", 1, 0), EPERM);
		EXPECT_ERRNO(ioctl(fd, MMAPPER_IOC_RESET,
				   &(struct mmapper_reset){ 0 }), EPERM);
		EXPECT_REFUSED(mmap(NULL, SIZE, PROT_WRITE, MAP_SHARED, fd, 0),
			       EPERM);
		EXPECT_REFUSED(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0),
			       EPERM);
		EXPECT_EQ(pread(fd, &c, 1, 0), 1);
		EXPECT_EQ(c, 's');
		munmap(map, SIZE);
		map = rt_map(ro, PROT_READ);
		EXPECT_EQ(map[0], 's');
		munmap(map, SIZE);
		/* Sealed once more is no change. */
		EXPECT_EQ(rt_seal(fd, MMAPPER_SEAL_WRITE), 0);
		close(ro);
		close(fd);
		EXPECT_EQ(rt_delete("s"), 0);
	}
	runtime_end();
}

/* A write() that waits for its bytes, which userfaultfd holds back. */
struct slow {
	int	fd;
	char	*bytes;
	ssize_t	written;
};

static void *slow_write(void *arg)
{
	struct slow *slow = arg;

	slow->written = pwrite(slow->fd, slow->bytes, 1, 0);
	return NULL;
}

static int hold_back(char *bytes, size_t len)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = {
		.range = { (uintptr_t)bytes, len },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	REQUIRE(uffd >= 0);
	REQUIRE(ioctl(uffd, UFFDIO_API, &api) == 0);
	REQUIRE(ioctl(uffd, UFFDIO_REGISTER, &missing) == 0);
	return uffd;
}

/* Bytes that are being written are not sealed half-way. */
static void seal_writing(const void *arg)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct slow slow = { 0 };
	struct uffdio_zeropage come;
	struct uffd_msg msg;
	pthread_t thread;
	int uffd;

	(void)arg;
	runtime_begin();
	slow.fd = rt_make("s", SIZE);
	slow.bytes = mmap(NULL, page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(slow.bytes != MAP_FAILED);
	uffd = hold_back(slow.bytes, page);
	REQUIRE(pthread_create(&thread, NULL, slow_write, &slow) == 0);
	REQUIRE(read(uffd, &msg, sizeof(msg)) == sizeof(msg));
	REQUIRE(msg.event == UFFD_EVENT_PAGEFAULT);
	EXPECT_ERRNO(rt_seal(slow.fd, MMAPPER_SEAL_WRITE), EBUSY);
	EXPECT_EQ(rt_info(slow.fd).seals, 0);
	come = (struct uffdio_zeropage){
		.range = { (uintptr_t)slow.bytes, page },
	};
	REQUIRE(ioctl(uffd, UFFDIO_ZEROPAGE, &come) == 0);
	REQUIRE(pthread_join(thread, NULL) == 0);
	EXPECT_EQ(slow.written, 1);
	EXPECT_EQ(rt_seal(slow.fd, MMAPPER_SEAL_WRITE), 0);
	close(uffd);
	close(slow.fd);
	EXPECT_EQ(rt_delete("s"), 0);
	runtime_end();
}

static void seals(const void *arg)
{
	struct mmapper_seal more = { .seals = MMAPPER_SEAL_DELETE };
	int fd;

	(void)arg;
	runtime_begin();
	fd = rt_make("s", SIZE);
	EXPECT_ERRNO(rt_seal(fd, 1 << 4), EINVAL);
	EXPECT_ERRNO(rt_seal(fd, 1u << 31), EINVAL);
	EXPECT_EQ(rt_info(fd).seals, 0);
	/* They add up, and none can be taken off. */
	EXPECT_EQ(rt_seal(fd, MMAPPER_SEAL_RESIZE), 0);
	EXPECT_EQ(rt_number("buffers/s/seals"), MMAPPER_SEAL_RESIZE);
	EXPECT_EQ(ioctl(fd, MMAPPER_IOC_SEAL, &more), 0);
	EXPECT_EQ(more.seals, MMAPPER_SEAL_RESIZE | MMAPPER_SEAL_DELETE);
	EXPECT_EQ(rt_info(fd).seals, MMAPPER_SEAL_RESIZE | MMAPPER_SEAL_DELETE);
	EXPECT_EQ(rt_number("buffers/s/seals"),
		  MMAPPER_SEAL_RESIZE | MMAPPER_SEAL_DELETE);
	EXPECT_ERRNO(ftruncate(fd, SIZE * 2), EPERM);
	EXPECT_ERRNO(ftruncate(fd, 1), EPERM);
	EXPECT_ERRNO(rt_delete("s"), EPERM);
	EXPECT_EQ(rt_info(fd).size, SIZE);
	EXPECT_EQ(rt_seal(fd, MMAPPER_SEAL_SEAL), 0);
	EXPECT_ERRNO(rt_seal(fd, MMAPPER_SEAL_WRITE), EPERM);
	EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
	EXPECT_EQ(rt_seal(fd, 0), 0);
	/* The owner's last word. */
	EXPECT_EQ(rt_revoke(fd), 0);
	EXPECT_ERRNO(rt_open("s", O_RDONLY), ENOENT);
	close(fd);
	runtime_end();
}

static const struct ktap_case cases[] = {
	{ "permissions", permissions, 120 },
	{ "descriptors", descriptors, 0 },
	{ "owner", owner, 0 },
	{ "seal_write", seal_write, 0 },
	{ "seal_writing", seal_writing, 0 },
	{ "seals", seals, 0 },
};

SUITE(rights, cases, false);
