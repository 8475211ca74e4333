// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keeps a buffer open and mapped, with data in it. On SIGUSR1 it says whether
 * the mapping still holds that data, and still writes; any other signal ends it.
 */
#include <fcntl.h>
#include <mmapper.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BACKEND	"vmalloc-user"
#define DATA	"data that an upgrade must not touch"

int main(void)
{
	struct mmapper_mapping *mapping;
	struct mmapper_buffer *buffer;
	char there[sizeof(DATA)];
	sigset_t signals;
	int err, sig;
	char *p;

	err = mmapper_buffer_open(BACKEND, O_RDWR, &buffer);
	if (!err)
		err = mmapper_buffer_map(buffer, 0, MMAPPER_WHOLE, PROT_READ | PROT_WRITE,
					 MAP_SHARED, &mapping);
	if (err) {
		fprintf(stderr, BACKEND ": %s\n", mmapper_strerror(err));
		return 1;
	}
	p = mmapper_mapping_get_address(mapping);
	memcpy(p, DATA, sizeof(DATA));

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	printf("holding " BACKEND "\n");
	fflush(stdout);
	while (sigwait(&signals, &sig) == 0) {
		/* Through the mapping, and through the driver. */
		int same = memcmp(p, DATA, sizeof(DATA)) == 0;

		p[sizeof(DATA)]++;
		if (pread(mmapper_buffer_get_fd(buffer), there, sizeof(there), 0) != sizeof(there))
			same = 0;
		puts(same && memcmp(there, DATA, sizeof(DATA)) == 0 ? "kept" : "lost");
		fflush(stdout);
	}
	return 1;
}
