// SPDX-License-Identifier: LGPL-2.1-or-later
/* wrap: openat close fstat ioctl read ftruncate fchmod fchown fcntl mmap munmap */
/* wrap: malloc calloc reallocarray */
/* Buffers made at run time: each call of the kernel, and each of its answers. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "mock.h"

#define CONTROL		"/dev/mmapper/control"
#define CLASS		"/sys/class/mmapper"
#define CONTROL_FD	11
#define CLASS_FD	12
#define ABI_FD		13
#define PAGE		4096

static struct mmapper_buffer *const untouched =
	(struct mmapper_buffer *)&mock_info;

static struct mmapper_buffer *made;

static void expect_abi(unsigned int version)
{
	static char text[16];

	snprintf(text, sizeof(text), "%u\n", version);
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = CLASS,
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .ret = CLASS_FD);
	EXPECT(.call = "openat", .fd = CLASS_FD, .path = "abi",
	       .flags = O_RDONLY | O_CLOEXEC, .ret = ABI_FD);
	EXPECT(.call = "read", .fd = ABI_FD, .out = text,
	       .out_len = strlen(text));
	EXPECT(.call = "read", .fd = ABI_FD);
	EXPECT(.call = "close", .fd = ABI_FD);
	EXPECT(.call = "close", .fd = CLASS_FD);
}

static void expect_open(int error)
{
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = CONTROL,
	       .flags = O_RDWR | O_CLOEXEC, .ret = CONTROL_FD, .error = error);
}

static void expect_control(unsigned long request, const void *in,
			   const void *out, size_t out_len, int error)
{
	expect_open(0);
	expect_abi(MMAPPER_ABI_VERSION);
	EXPECT(.call = "ioctl", .fd = CONTROL_FD, .request = request, .in = in,
	       .out = out, .out_len = out_len, .error = error);
	EXPECT(.call = "close", .fd = CONTROL_FD);
}

static struct mmapper_create plain(void)
{
	struct mmapper_create create = {
		.size = 3 * PAGE - 1, .mode = 0600, .numa_node = -1,
		.backend = "auto", .name = "frames",
	};

	return create;
}

static struct mmapper_buffer_params frames(void)
{
	struct mmapper_buffer_params params = MMAPPER_BUFFER_PARAMS_INIT;

	params.size = 3 * PAGE - 1;
	params.name = "frames";
	return params;
}

static int create(const struct mmapper_buffer_params *params)
{
	made = untouched;
	return KEEPS_ERRNO(mmapper_buffer_create(params, sizeof(*params),
						 &made));
}

static void test_create(void **state)
{
	struct mmapper_buffer_params params = frames();
	struct mmapper_create in = plain(), out = in;

	(void)state;
	out.fd = MOCK_FD;
	strcpy(out.backend, "pages-insert");
	expect_control(MMAPPER_IOC_CREATE, &in, &out, sizeof(out), 0);
	assert_int_equal(create(&params), 0);
	assert_int_equal(mmapper_buffer_get_fd(made), MOCK_FD);
	EXPECT(.call = "close", .fd = MOCK_FD);
	mmapper_buffer_close(made);

	memset(&in, 0, sizeof(in));
	in.flags = MMAPPER_CREATE_F_EPHEMERAL;
	in.size = UINT64_MAX;
	in.mode = 07777;
	in.cache = 77;
	in.numa_node = 3;
	strcpy(in.backend, "bar-remap");
	strcpy(in.device, "0000:00:04.0/2");
	params.device = in.device;
	params.size = in.size;
	params.name = NULL;
	params.backend = in.backend;
	params.flags = in.flags;
	params.mode = in.mode;
	params.cache = in.cache;
	params.numa_node = in.numa_node;
	/* What the driver does not take it says itself. */
	expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, EINVAL);
	assert_int_equal(create(&params), -EINVAL);
	assert_ptr_equal(made, untouched);
}

static void test_create_errors(void **state)
{
	static const int errors[] = {
		ENOENT, EOPNOTSUPP, EEXIST, ENAMETOOLONG, EFBIG, EDQUOT,
		ENOMEM, EMFILE, ENFILE, EINVAL,
	};
	const struct mmapper_buffer_params params = frames();
	const struct mmapper_create in = plain();
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, errors[i]);
		assert_int_equal(create(&params), -errors[i]);
		assert_ptr_equal(made, untouched);
	}
	expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, ENOTTY);
	assert_int_equal(create(&params), -EPROTO);
	/* The driver is there; the device that was named is not. */
	expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, ENODEV);
	assert_int_equal(create(&params), -EADDRNOTAVAIL);
	mock_fail_alloc(0);
	assert_int_equal(create(&params), -ENOMEM);
	mock_fail_alloc(-1);
}

static void test_create_names(void **state)
{
	struct mmapper_buffer_params params = frames();
	struct mmapper_create in = plain();
	char name[MMAPPER_BUFFER_NAME_MAX + 1];
	char backend[MMAPPER_NAME_MAX + 1];
	char device[MMAPPER_DEVICE_MAX + 1];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[MMAPPER_BUFFER_NAME_MAX - 1] = '\0';
	strcpy(in.name, name);
	params.name = name;
	expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, EEXIST);
	assert_int_equal(create(&params), -EEXIST);
	name[MMAPPER_BUFFER_NAME_MAX - 1] = 'n';
	name[MMAPPER_BUFFER_NAME_MAX] = '\0';
	assert_int_equal(create(&params), -ENAMETOOLONG);
	params.name = "";
	memset(backend, 'b', sizeof(backend));
	backend[MMAPPER_NAME_MAX] = '\0';
	params.backend = backend;
	assert_int_equal(create(&params), -ENOENT);
	params.backend = NULL;
	memset(device, 'd', sizeof(device));
	device[MMAPPER_DEVICE_MAX] = '\0';
	params.device = device;
	assert_int_equal(create(&params), -EADDRNOTAVAIL);
}

/* A caller that knows more than we do, or less. */
static void test_create_sizes(void **state)
{
	struct {
		struct mmapper_buffer_params	params;
		char				more[8];
	} longer;
	const struct mmapper_create in = plain();
	struct mmapper_buffer *buffer = untouched;
	size_t len;

	(void)state;
	memset(&longer, 0, sizeof(longer));
	longer.params = frames();
	expect_control(MMAPPER_IOC_CREATE, &in, NULL, 0, EEXIST);
	assert_returns(-EEXIST, mmapper_buffer_create(&longer.params,
						      sizeof(longer), &buffer));
	longer.more[7] = 1;
	assert_returns(-E2BIG, mmapper_buffer_create(&longer.params,
						     sizeof(longer), &buffer));
	for (len = 0; len < MM_PARAMS_SIZE_VER0; len++)
		assert_returns(-EINVAL, mmapper_buffer_create(&longer.params,
							      len, &buffer));
	assert_returns(-EINVAL, mmapper_buffer_create(NULL, sizeof(longer),
						      &buffer));
	assert_returns(-EINVAL, mmapper_buffer_create(&longer.params,
						      sizeof(longer.params),
						      NULL));
	assert_ptr_equal(buffer, untouched);
}

/* Nothing is asked of a driver that is not there, or speaks otherwise. */
static void test_no_control(void **state)
{
	const struct mmapper_buffer_params params = frames();

	(void)state;
	expect_open(ENOENT);
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = CLASS,
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .error = ENOENT);
	mock_expect_index(NULL);
	assert_int_equal(create(&params), -ENOPKG);

	/* A driver that knows no such node. */
	expect_open(ENOENT);
	EXPECT(.call = "openat", .fd = AT_FDCWD, .path = CLASS,
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .ret = CLASS_FD);
	EXPECT(.call = "openat", .fd = CLASS_FD, .path = "control",
	       .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .error = ENOENT);
	EXPECT(.call = "close", .fd = CLASS_FD);
	assert_int_equal(create(&params), -EPROTONOSUPPORT);

	expect_open(EACCES);
	assert_int_equal(create(&params), -EACCES);
	expect_open(ENXIO);
	mock_expect_index("updates/dkms/mmapper.ko:\n");
	assert_int_equal(create(&params), -ENODEV);

	expect_open(0);
	expect_abi(MMAPPER_ABI_VERSION + 1);
	EXPECT(.call = "close", .fd = CONTROL_FD);
	assert_int_equal(create(&params), -EPROTOTYPE);
	expect_open(0);
	expect_abi(MMAPPER_ABI_VERSION - 1);
	EXPECT(.call = "close", .fd = CONTROL_FD);
	assert_int_equal(create(&params), MMAPPER_ABI_VERSION > 1 ?
			 -EPROTONOSUPPORT : -EPROTO);
	expect_open(0);
	expect_abi(0);
	EXPECT(.call = "close", .fd = CONTROL_FD);
	assert_int_equal(create(&params), -EPROTO);
	assert_ptr_equal(made, untouched);
}

static void opens_by_name(int flags)
{
	const struct mmapper_open in = {
		.access = (__u32)flags, .name = "frames",
	};
	struct mmapper_open out = in;
	struct mmapper_buffer *buffer;

	out.fd = MOCK_FD;
	expect_control(MMAPPER_IOC_OPEN, &in, &out, sizeof(out), 0);
	assert_returns(0, mmapper_buffer_open_name("frames", flags, &buffer));
	assert_int_equal(mmapper_buffer_get_fd(buffer), MOCK_FD);
	EXPECT(.call = "close", .fd = MOCK_FD);
	mmapper_buffer_close(buffer);

	buffer = untouched;
	expect_control(MMAPPER_IOC_OPEN, &in, NULL, 0, EACCES);
	assert_returns(-EACCES, mmapper_buffer_open_name("frames", flags,
							 &buffer));
	assert_ptr_equal(buffer, untouched);
}

static void test_open_name(void **state)
{
	(void)state;
	opens_by_name(O_RDONLY);
	opens_by_name(O_WRONLY);
	opens_by_name(O_RDWR);
	opens_by_name(O_RDWR | O_NONBLOCK);
}

static void refuses(const char *name, int flags, int error)
{
	struct mmapper_buffer *buffer = untouched;

	assert_returns(error, mmapper_buffer_open_name(name, flags, &buffer));
	assert_ptr_equal(buffer, untouched);
}

static void test_open_name_bad(void **state)
{
	char name[MMAPPER_BUFFER_NAME_MAX + 1];
	unsigned int bit;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[MMAPPER_BUFFER_NAME_MAX] = '\0';
	refuses(name, O_RDWR, -ENAMETOOLONG);
	refuses("", O_RDWR, -EINVAL);
	refuses(NULL, O_RDWR, -EINVAL);
	refuses("x", O_ACCMODE, -EINVAL);
	for (bit = 1; bit; bit <<= 1)
		if (!(bit & (O_ACCMODE | O_NONBLOCK)))
			refuses("x", (int)(O_RDWR | bit), -EINVAL);
	assert_returns(-EINVAL, mmapper_buffer_open_name("x", O_RDWR, NULL));
}

static void test_delete(void **state)
{
	static const int errors[] = { 0, ENOENT, EPERM };
	const struct mmapper_delete in = { .name = "frames" };
	char name[MMAPPER_BUFFER_NAME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_control(MMAPPER_IOC_DELETE, &in, NULL, 0, errors[i]);
		assert_returns(-errors[i], mmapper_buffer_delete("frames"));
	}
	memset(name, 'n', sizeof(name));
	name[MMAPPER_BUFFER_NAME_MAX] = '\0';
	assert_returns(-ENAMETOOLONG, mmapper_buffer_delete(name));
	assert_returns(-EINVAL, mmapper_buffer_delete(""));
	assert_returns(-EINVAL, mmapper_buffer_delete(NULL));
}

/* Below, one buffer is open. */
static int setup(void **state)
{
	const struct mmapper_buffer_params params = frames();
	struct mmapper_create in = plain(), out = in;

	mock_setup(state);
	out.fd = MOCK_FD;
	expect_control(MMAPPER_IOC_CREATE, &in, &out, sizeof(out), 0);
	return create(&params);
}

static int teardown(void **state)
{
	EXPECT(.call = "close", .fd = MOCK_FD);
	mmapper_buffer_close(made);
	return mock_teardown(state);
}

static void expect_resize(off_t size, int error)
{
	EXPECT(.call = "ftruncate", .fd = MOCK_FD, .offset = size,
	       .error = error);
}

static void test_resize(void **state)
{
	static const int errors[] = { 0, EPERM, ESTALE, EFBIG, EDQUOT, ENOMEM,
				      EOPNOTSUPP };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		expect_resize(INT64_MAX, errors[i]);
		assert_returns(-errors[i],
			       mmapper_buffer_resize(made, INT64_MAX));
	}
	expect_resize(1, EINTR);
	expect_resize(1, 0);
	assert_returns(0, mmapper_buffer_resize(made, 1));
	expect_resize(1, EINVAL);
	EXPECT(.call = "fcntl", .fd = MOCK_FD, .ret = O_RDONLY | O_NONBLOCK);
	assert_returns(-EBADF, mmapper_buffer_resize(made, 1));
	expect_resize(1, EINVAL);
	EXPECT(.call = "fcntl", .fd = MOCK_FD, .ret = O_RDWR);
	assert_returns(-EINVAL, mmapper_buffer_resize(made, 1));
	assert_returns(-EINVAL, mmapper_buffer_resize(made, 0));
	assert_returns(-EFBIG, mmapper_buffer_resize(made, 1ULL << 63));
	assert_returns(-EINVAL, mmapper_buffer_resize(NULL, 1));
}

static void test_mode_and_owner(void **state)
{
	(void)state;
	EXPECT(.call = "fchmod", .fd = MOCK_FD, .mode = 0777);
	assert_returns(0, mmapper_buffer_set_mode(made, 0777));
	EXPECT(.call = "fchmod", .fd = MOCK_FD, .mode = 0, .error = EPERM);
	assert_returns(-EPERM, mmapper_buffer_set_mode(made, 0));
	assert_returns(-EINVAL, mmapper_buffer_set_mode(made, 01000));
	assert_returns(-EINVAL, mmapper_buffer_set_mode(NULL, 0));
	EXPECT(.call = "fchown", .fd = MOCK_FD, .owner = 5, .group = (gid_t)-1);
	assert_returns(0, mmapper_buffer_set_owner(made, 5, (gid_t)-1));
	EXPECT(.call = "fchown", .fd = MOCK_FD, .owner = (uid_t)-1, .group = 6,
	       .error = EPERM);
	assert_returns(-EPERM, mmapper_buffer_set_owner(made, (uid_t)-1, 6));
	assert_returns(-EINVAL, mmapper_buffer_set_owner(NULL, 0, 0));
}

static void test_seal(void **state)
{
	static const int errors[] = { 0, EPERM, EBUSY, EINVAL, ESTALE };
	const struct mmapper_seal in = { .seals = 0x80000001 }, none = { 0 };
	const struct mmapper_seal out = { .seals = 7 };
	uint32_t seals = 99;
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		EXPECT(.call = "ioctl", .fd = MOCK_FD,
		       .request = MMAPPER_IOC_SEAL, .in = &in,
		       .error = errors[i]);
		assert_returns(-errors[i], mmapper_buffer_seal(made, in.seals));
		EXPECT(.call = "ioctl", .fd = MOCK_FD,
		       .request = MMAPPER_IOC_SEAL, .in = &none, .out = &out,
		       .out_len = errors[i] ? 0 : sizeof(out),
		       .error = errors[i]);
		assert_returns(-errors[i], mmapper_buffer_get_seals(made,
								    &seals));
		assert_int_equal(seals, 7);
	}
	assert_returns(-EINVAL, mmapper_buffer_seal(NULL, 1));
	assert_returns(-EINVAL, mmapper_buffer_get_seals(NULL, &seals));
	assert_returns(-EINVAL, mmapper_buffer_get_seals(made, NULL));
}

static void test_revoke(void **state)
{
	static const int errors[] = { 0, EPERM, ESTALE };
	const struct mmapper_revoke in = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < MM_ARRAY_SIZE(errors); i++) {
		EXPECT(.call = "ioctl", .fd = MOCK_FD,
		       .request = MMAPPER_IOC_REVOKE, .in = &in,
		       .error = errors[i]);
		assert_returns(-errors[i], mmapper_buffer_revoke(made));
	}
	assert_returns(-EINVAL, mmapper_buffer_revoke(NULL));
}

static void expect_info(const struct mmapper_info *info, int error)
{
	static const struct mmapper_info zero;

	EXPECT(.call = "ioctl", .fd = MOCK_FD, .request = MMAPPER_IOC_INFO,
	       .in = &zero, .out = info, .out_len = info ? sizeof(*info) : 0,
	       .error = error);
}

static int map(uint64_t offset, size_t len)
{
	struct mmapper_mapping *mapping = NULL;
	int ret;

	ret = KEEPS_ERRNO(mmapper_buffer_map(made, offset, len, PROT_READ,
					     MAP_SHARED, &mapping));
	if (!ret) {
		EXPECT(.call = "munmap",
		       .len = mmapper_mapping_get_length(mapping));
		assert_returns(0, mmapper_mapping_unmap(mapping));
	}
	return ret;
}

/* Somebody may have resized it since. */
static void test_map(void **state)
{
	struct mmapper_info info = mock_info;

	(void)state;
	expect_info(&info, 0);
	EXPECT(.call = "mmap", .fd = MOCK_FD, .len = 3 * PAGE,
	       .prot = PROT_READ, .flags = MAP_SHARED);
	assert_int_equal(map(0, MMAPPER_WHOLE), 0);
	info.size = PAGE + 1;
	info.map_size = 2 * PAGE;
	expect_info(&info, 0);
	EXPECT(.call = "mmap", .fd = MOCK_FD, .len = PAGE, .offset = PAGE,
	       .prot = PROT_READ, .flags = MAP_SHARED);
	assert_int_equal(map(PAGE, MMAPPER_WHOLE), 0);
	expect_info(&info, 0);
	assert_int_equal(map(2 * PAGE, 1), -EINVAL);
	info.buffer_flags = MMAPPER_BUFFER_F_REVOKED;
	expect_info(&info, 0);
	assert_int_equal(map(0, 1), -ESTALE);
	info.page_size = 3;
	expect_info(&info, 0);
	assert_int_equal(map(0, 1), -EPROTO);
	expect_info(NULL, EIO);
	assert_int_equal(map(0, 1), -EIO);
}

/* A node is no buffer of this kind; its file in /dev is left alone. */
static void test_node(void **state)
{
	uint32_t seals;

	(void)state;
	assert_returns(-EOPNOTSUPP, mmapper_buffer_resize(mock_buffer, 1));
	assert_returns(-EOPNOTSUPP, mmapper_buffer_set_mode(mock_buffer, 0));
	assert_returns(-EOPNOTSUPP,
		       mmapper_buffer_set_owner(mock_buffer, 0, 0));
	assert_returns(-EOPNOTSUPP, mmapper_buffer_seal(mock_buffer, 1));
	assert_returns(-EOPNOTSUPP,
		       mmapper_buffer_get_seals(mock_buffer, &seals));
	assert_returns(-EOPNOTSUPP, mmapper_buffer_revoke(mock_buffer));
}

#define made_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		mock_test(test_create),
		mock_test(test_create_errors),
		mock_test(test_create_names),
		mock_test(test_create_sizes),
		mock_test(test_no_control),
		mock_test(test_open_name),
		mock_test(test_open_name_bad),
		mock_test(test_delete),
		made_test(test_resize),
		made_test(test_mode_and_owner),
		made_test(test_seal),
		made_test(test_revoke),
		made_test(test_map),
		mock_buffer_test(test_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
