// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl read malloc calloc reallocarray */
#include <limits.h>
#include <string.h>

#include "mock.h"

#define KMALLOC		"/dev/mmapper/kmalloc"
#define CLASS		"/sys/class/mmapper"
#define DIRECTORY	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* Where it points to does not matter: a failure leaves it alone. */
static struct mmapper_buffer *const untouched =
	(struct mmapper_buffer *)&mock_info;

static void fails(const char *name, int flags, int error)
{
	struct mmapper_buffer *buffer = untouched;

	assert_returns(error, mmapper_buffer_open(name, flags, &buffer));
	assert_ptr_equal(buffer, untouched);
}

static void expect_open(const char *path, int flags, int error)
{
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = path,
	       .flags = flags | O_CLOEXEC, .ret = MOCK_FD, .error = error);
}

static void opens(const char *name, const char *path, int flags)
{
	struct mmapper_buffer *buffer = NULL;

	expect_open(path, flags, 0);
	mock_expect_identify(MOCK_FD, &mock_info);
	EXPECT(.call = "close", .fd = MOCK_FD);

	assert_returns(0, mmapper_buffer_open(name, flags, &buffer));
	assert_returns(MOCK_FD, mmapper_buffer_get_fd(buffer));
	KEEPS_ERRNO((mmapper_buffer_close(buffer), 0));
}

static void test_name(void **state)
{
	(void)state;
	opens("kmalloc", KMALLOC, O_RDWR);
	opens("...", "/dev/mmapper/...", O_RDWR);
}

static void test_path(void **state)
{
	(void)state;
	opens("/dev/mmapper_k", "/dev/mmapper_k", O_RDWR);
	opens("./kmalloc", "./kmalloc", O_RDWR);
}

static void test_longest(void **state)
{
	char name[PATH_MAX + 1];
	char path[PATH_MAX];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[MMAPPER_NAME_MAX - 1] = '\0';
	strcpy(path, "/dev/mmapper/");
	strcat(path, name);
	opens(name, path, O_RDWR);

	memset(name, 'n', sizeof(name));
	name[MMAPPER_NAME_MAX] = '\0';
	fails(name, O_RDWR, -EINVAL);

	memset(name, '/', sizeof(name));
	name[PATH_MAX - 1] = '\0';
	opens(name, name, O_RDWR);

	name[PATH_MAX - 1] = '/';
	name[PATH_MAX] = '\0';
	fails(name, O_RDWR, -EINVAL);
}

static void test_bad_name(void **state)
{
	(void)state;
	fails(NULL, O_RDWR, -EINVAL);
	fails("", O_RDWR, -EINVAL);
	fails(".", O_RDWR, -EINVAL);
	fails("..", O_RDWR, -EINVAL);
	assert_returns(-EINVAL, mmapper_buffer_open("kmalloc", O_RDWR, NULL));
}

static void test_flags(void **state)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	static const int more[] = { 0, O_SYNC, O_NONBLOCK,
				    O_SYNC | O_NONBLOCK };
	size_t i, j;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(modes); i++)
		for (j = 0; j < MM_ARRAY_SIZE(more); j++)
			opens("kmalloc", KMALLOC, modes[i] | more[j]);
}

static void test_bad_flags(void **state)
{
	const unsigned int good = O_ACCMODE | O_NONBLOCK;
	unsigned int bit;

	(void)state;
	fails("kmalloc", O_ACCMODE, -EINVAL);
	for (bit = 1; bit; bit <<= 1)
		if (!(bit & good))
			fails("kmalloc", (int)(O_RDWR | bit), -EINVAL);
	fails("kmalloc", O_RDWR | O_SYNC | O_TRUNC, -EINVAL);
	fails("kmalloc", -1, -EINVAL);
}

static void test_interrupted(void **state)
{
	static const struct mmapper_info zero;
	struct mmapper_buffer *buffer;

	(void)state;
	expect_open(KMALLOC, O_RDWR, EINTR);
	expect_open(KMALLOC, O_RDWR, EINTR);
	expect_open(KMALLOC, O_RDWR, 0);
	EXPECT(.call = "fstat", .fd = MOCK_FD, .mode = S_IFCHR);
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = MMAPPER_IOC_INFO,
	       .in = &zero, .error = EINTR);
	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = MMAPPER_IOC_INFO,
	       .in = &zero, .out = &mock_info, .out_len = sizeof(mock_info));
	/* Linux has closed the descriptor even so; once is enough. */
	EXPECT(.call = "close", .fd = MOCK_FD, .error = EINTR);

	assert_returns(0, mmapper_buffer_open("kmalloc", O_RDWR, &buffer));
	KEEPS_ERRNO((mmapper_buffer_close(buffer), 0));
}

static void test_no_device(void **state)
{
	static const mode_t modes[] = {
		S_IFREG, S_IFDIR, S_IFBLK, S_IFIFO, S_IFSOCK, S_IFLNK, 0
	};
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(modes); i++) {
		expect_open("/tmp/x", O_RDONLY, 0);
		EXPECT(.call = "fstat", .fd = MOCK_FD, .mode = modes[i]);
		EXPECT(.call = "close", .fd = MOCK_FD);
		fails("/tmp/x", O_RDONLY, -EPROTO);
	}
	expect_open("/tmp/x", O_RDONLY, 0);
	EXPECT(.call = "fstat", .fd = MOCK_FD, .error = EOVERFLOW);
	EXPECT(.call = "close", .fd = MOCK_FD);
	fails("/tmp/x", O_RDONLY, -EOVERFLOW);
}

static void test_foreign_device(void **state)
{
	static const int errors[] = { ENOTTY, EINVAL, E2BIG, EFAULT, EPERM };
	static const struct mmapper_info zero;
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_open("/dev/null", O_RDWR, 0);
		EXPECT(.call = "fstat", .fd = MOCK_FD, .mode = S_IFCHR);
		EXPECT(.call = "ioctl", .fd = MOCK_FD,
		       .request = MMAPPER_IOC_INFO, .in = &zero,
		       .error = errors[i]);
		EXPECT(.call = "close", .fd = MOCK_FD);
		fails("/dev/null", O_RDWR, -EPROTO);
	}
}

static void refuses(const struct mmapper_info *info, int error)
{
	expect_open(KMALLOC, O_RDWR, 0);
	mock_expect_identify(MOCK_FD, info);
	EXPECT(.call = "close", .fd = MOCK_FD);
	fails("kmalloc", O_RDWR, error);
}

static void test_wrong_answer(void **state)
{
	struct mmapper_info info;

	(void)state;
	memset(&info, 0, sizeof(info));
	refuses(&info, -EPROTO);

	/* Of another ABI, nothing else of the answer is judged. */
	memset(&info, 0xff, sizeof(info));
	refuses(&info, -EPROTOTYPE);
	info = mock_info;
	info.abi_version = MMAPPER_ABI_VERSION + 1;
	refuses(&info, -EPROTOTYPE);
	info.abi_version = MMAPPER_ABI_VERSION - 1;
	refuses(&info, info.abi_version ? -EPROTONOSUPPORT : -EPROTO);

	info = mock_info;
	info.page_size = 0;
	refuses(&info, -EPROTO);
	/* Not a power of two, though map_size has none of the bits below. */
	info.page_size = 5 * 4096;
	refuses(&info, -EPROTO);
	info = mock_info;
	info.page_size = 0;
	info.size = 0;
	info.map_size = 0;
	refuses(&info, -EPROTO);

	info = mock_info;
	info.map_size = info.size;
	refuses(&info, -EPROTO);
	info.map_size = 2 * 4096;
	refuses(&info, -EPROTO);
	info.map_size = 0;
	refuses(&info, -EPROTO);
}

/* Descriptor 0, a buffer that fills its pages, and bits of a later driver. */
static void test_right_answer(void **state)
{
	struct mmapper_info info = mock_info;
	struct mmapper_buffer *buffer;

	(void)state;
	info.size = info.map_size;
	info.flags = UINT32_MAX;
	info.features = UINT64_MAX;
	info.backend_flags = UINT32_MAX;
	info.pattern = UINT32_MAX;
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = KMALLOC,
	       .flags = O_RDWR | O_CLOEXEC, .ret = 0);
	mock_expect_identify(0, &info);
	EXPECT(.call = "close", .fd = 0);

	assert_returns(0, mmapper_buffer_open("kmalloc", O_RDWR, &buffer));
	assert_returns(0, mmapper_buffer_get_fd(buffer));
	mmapper_buffer_close(buffer);
}

static void test_not_loaded(void **state)
{
	(void)state;
	expect_open(KMALLOC, O_RDWR, ENOENT);
	expect_open(CLASS, DIRECTORY, ENOENT);
	mock_expect_index("updates/dkms/mmapper.ko:\n");
	fails("kmalloc", O_RDWR, -ENODEV);

	expect_open(KMALLOC, O_RDWR, ENOENT);
	expect_open(CLASS, DIRECTORY, ENOENT);
	mock_expect_index("kernel/other.ko:\n");
	fails("kmalloc", O_RDWR, -ENOPKG);
}

static void test_stale_node(void **state)
{
	(void)state;
	expect_open(KMALLOC, O_RDWR, ENXIO);
	mock_expect_index("updates/dkms/mmapper.ko:\n");
	fails("kmalloc", O_RDWR, -ENODEV);
	expect_open(KMALLOC, O_RDWR, ENODEV);
	mock_expect_index(NULL);
	fails("kmalloc", O_RDWR, -ENOPKG);
}

static void test_no_permission(void **state)
{
	(void)state;
	expect_open(KMALLOC, O_RDWR, EACCES);
	fails("kmalloc", O_RDWR, -EACCES);
	expect_open(KMALLOC, O_RDWR, EPERM);
	fails("kmalloc", O_RDWR, -EACCES);
}

static void test_no_backend(void **state)
{
	(void)state;
	expect_open("/dev/mmapper/nosuch", O_RDWR, ENOENT);
	expect_open(CLASS, DIRECTORY, 0);
	EXPECT(.call = "openat", .fd = MOCK_FD, .path = "nosuch",
	       .flags = DIRECTORY, .error = ENOENT);
	EXPECT(.call = "close", .fd = MOCK_FD);
	fails("nosuch", O_RDWR, -ENOENT);
}

static void expect_uevent(const char *name, const char *uevent)
{
	expect_open(CLASS, DIRECTORY, 0);
	EXPECT(.call = "openat", .fd = MOCK_FD, .path = name,
	       .flags = DIRECTORY, .ret = 0);
	EXPECT(.call = "openat", .fd = 0, .path = "uevent",
	       .flags = O_RDONLY | O_CLOEXEC, .ret = 9);
	EXPECT(.call = "read", .fd = 9, .len = 4096, .error = EINTR);
	EXPECT(.call = "read", .fd = 9, .len = 4096, .out = uevent,
	       .out_len = 5);
	EXPECT(.call = "read", .fd = 9, .len = 4096 - 5, .out = uevent + 5,
	       .out_len = strlen(uevent) - 5);
	EXPECT(.call = "read", .fd = 9);
	EXPECT(.call = "close", .fd = 9);
	EXPECT(.call = "close", .fd = 0);
	EXPECT(.call = "close", .fd = MOCK_FD);
}

static void test_no_node(void **state)
{
	(void)state;
	expect_open(KMALLOC, O_RDWR, ENOENT);
	expect_uevent("kmalloc",
		      "MAJOR=240\nMINOR=1\nDEVNAME=mmapper/kmalloc\n");
	fails("kmalloc", O_RDWR, -ENXIO);

	expect_open("/dev/mmapper_k", O_RDWR, ENOENT);
	expect_uevent("mmapper_k",
		      "MAJOR=240\nMINOR=17\nDEVNAME=mmapper_k\n");
	fails("/dev/mmapper_k", O_RDWR, -ENXIO);
}

/* The driver has this node, but neither name would ever lead to it. */
static void test_node_elsewhere(void **state)
{
	(void)state;
	expect_open("/dev/mmapper/mmapper_k", O_RDWR, ENOENT);
	expect_uevent("mmapper_k",
		      "MAJOR=240\nMINOR=17\nDEVNAME=mmapper_k\n");
	fails("mmapper_k", O_RDWR, -ENOENT);

	expect_open("/tmp/kmalloc", O_RDWR, ENOENT);
	expect_uevent("kmalloc",
		      "MAJOR=240\nMINOR=1\nDEVNAME=mmapper/kmalloc\n");
	fails("/tmp/kmalloc", O_RDWR, -ENOENT);
}

static void test_other_errors(void **state)
{
	static const int errors[] = { EFBIG, ENOMEM, EMFILE, ENOTDIR, EISDIR };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_open(KMALLOC, O_RDWR, errors[i]);
		fails("kmalloc", O_RDWR, -errors[i]);
	}
	expect_open(KMALLOC, O_RDWR, ENOENT);
	expect_open(CLASS, DIRECTORY, EMFILE);
	fails("kmalloc", O_RDWR, -EMFILE);
}

static void test_no_memory(void **state)
{
	(void)state;
	mock_fail_alloc(0);
	fails("kmalloc", O_RDWR, -ENOMEM);
}

static void test_null(void **state)
{
	(void)state;
	KEEPS_ERRNO((mmapper_buffer_close(NULL), 0));
	assert_returns(-EINVAL, mmapper_buffer_get_fd(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_name),
		mock_test(test_path),
		mock_test(test_longest),
		mock_test(test_bad_name),
		mock_test(test_flags),
		mock_test(test_bad_flags),
		mock_test(test_interrupted),
		mock_test(test_no_device),
		mock_test(test_foreign_device),
		mock_test(test_wrong_answer),
		mock_test(test_right_answer),
		mock_test(test_not_loaded),
		mock_test(test_stale_node),
		mock_test(test_no_permission),
		mock_test(test_no_backend),
		mock_test(test_no_node),
		mock_test(test_node_elsewhere),
		mock_test(test_other_errors),
		mock_test(test_no_memory),
		mock_test(test_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
