// SPDX-License-Identifier: GPL-2.0-or-later
/* A buffer's bytes to standard output, or from standard input. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "progress.h"

static unsigned char bytes[1 << 20];

struct copy {
	const struct cli_args	*args;
	struct mmapper_buffer	*buffer;
	struct mmapper_info	info;
	struct progress		progress;
	uint64_t		offset;
	uint64_t		length;
	uint64_t		done;
};

static int begin(const struct cli_args *args, int flags, struct copy *copy)
{
	struct cli_args by_call = *args;
	int status;

	memset(copy, 0, sizeof(*copy));
	copy->args = args;
	status = cli_open(args, flags, &copy->buffer, &copy->info);
	if (status != CLI_DONE)
		return status;
	/* A read or write ends at the buffer's end, not at the page's. */
	by_call.by_call = true;
	copy->length = UINT64_MAX;
	status = cli_range(&by_call, &copy->info, &copy->offset, &copy->length);
	if (status != CLI_DONE)
		mmapper_buffer_close(copy->buffer);
	return status;
}

static int end(struct copy *copy, int status)
{
	progress_end(&copy->progress);
	mmapper_buffer_close(copy->buffer);
	return status;
}

static size_t next(const struct copy *copy)
{
	uint64_t rest = copy->length - copy->done;

	return rest < sizeof(bytes) ? (size_t)rest : sizeof(bytes);
}

static int system_failed(const char *what)
{
	char text[128];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	return cli_complain(text, NULL);
}

static ssize_t write_some(int fd, void *data, size_t len)
{
	return write(fd, data, len);
}

/* Fewer than asked for only where the file ends; -1: see errno. */
static ssize_t all(ssize_t (*some)(int fd, void *data, size_t len), int fd,
		   size_t count)
{
	size_t done = 0;
	ssize_t n;

	while (done < count) {
		n = some(fd, bytes + done, count - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int put(size_t count)
{
	if (all(write_some, STDOUT_FILENO, count) != (ssize_t)count)
		return system_failed("standard output");
	return CLI_DONE;
}

static int copy_out(struct copy *copy)
{
	int status = CLI_DONE;
	ssize_t n;

	while (copy->done < copy->length && status == CLI_DONE) {
		n = mmapper_buffer_read(copy->buffer, bytes, next(copy),
					copy->offset + copy->done);
		if (n < 0)
			return cli_fail_buffer(copy->args,
					       cli_named(&copy->info), (int)n);
		/* Somebody has made it shorter. */
		if (!n)
			return cli_complain("read() ended before the buffer did",
					    NULL);
		status = put((size_t)n);
		copy->done += (uint64_t)n;
		progress_step(&copy->progress, copy->done);
	}
	return status;
}

int cmd_read(const struct cli_args *args)
{
	struct copy copy;
	int status;

	status = begin(args, O_RDONLY, &copy);
	if (status != CLI_DONE)
		return status;
	progress_begin(&copy.progress, args->names[0], copy.length);
	/* On a terminal the bytes are what is looked at. */
	if (isatty(STDOUT_FILENO))
		copy.progress.wanted = false;
	return end(&copy, copy_out(&copy));
}

static ssize_t take(size_t count)
{
	return all(read, STDIN_FILENO, count);
}

/* Whether there is input that has found no room. */
static int check_rest(const struct copy *copy)
{
	char text[256], help[512], quoted[CLI_QUOTED];

	if (copy->args->given & CLI_LENGTH || take(1) <= 0)
		return CLI_DONE;
	snprintf(text, sizeof(text), "%s: full after %" PRIu64 " bytes, and the input has more",
		 cli_named(&copy->info), copy->done);
	snprintf(help, sizeof(help), "mmapper-cli resize --size=BYTES -- %s",
		 cli_quote(copy->info.name, quoted));
	return cli_complain(text, *copy->info.name && copy->info.backend_flags &
			    MMAPPER_BACKEND_F_RESIZE ? help : NULL);
}

static int copy_in(struct copy *copy)
{
	size_t want;
	ssize_t got, n;

	while (copy->done < copy->length) {
		want = next(copy);
		got = take(want);
		if (got < 0)
			return system_failed("standard input");
		if (!got)
			return CLI_DONE;
		n = mmapper_buffer_write(copy->buffer, bytes, (size_t)got,
					 copy->offset + copy->done);
		if (n < 0)
			return cli_fail_buffer(copy->args,
					       cli_named(&copy->info), (int)n);
		if (n != got)
			return cli_complain("write() ended before the buffer did",
					    NULL);
		copy->done += (uint64_t)n;
		progress_step(&copy->progress, copy->done);
		if ((size_t)got < want)
			return CLI_DONE;
	}
	return check_rest(copy);
}

/* How much there is to come; 0: nobody knows. */
static uint64_t input_size(uint64_t most)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= 0)
		return 0;
	return (uint64_t)st.st_size < most ? (uint64_t)st.st_size : most;
}

int cmd_write(const struct cli_args *args)
{
	struct copy copy;
	int status;

	status = begin(args, O_WRONLY, &copy);
	if (status != CLI_DONE)
		return status;
	progress_begin(&copy.progress, args->names[0], input_size(copy.length));
	status = end(&copy, copy_in(&copy));
	if (status == CLI_DONE)
		printf("%s: %" PRIu64 " bytes from %" PRIu64 " on written\n",
		       args->names[0], copy.done, copy.offset);
	return status;
}
