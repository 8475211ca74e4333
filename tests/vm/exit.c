// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends the virtual machine with a verdict: the byte written to the port of
 * QEMU's isa-debug-exit becomes (byte << 1) | 1, its exit status.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <termios.h>
#include <unistd.h>

#define PORT		0xf4
#define VERDICT_BASE	16	/* so that no verdict is QEMU's own exit 1 */

int main(int argc, char **argv)
{
	int rc = argc == 2 ? atoi(argv[1]) : 111;
	int out = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);

	/* QEMU stops at once: what the command wrote must be out by then. */
	if (out >= 0) {
		tcdrain(out);
		close(out);
	}
	if (ioperm(PORT, 1, 1)) {
		perror("ioperm");
		return 1;
	}
	outb(VERDICT_BASE + rc, PORT);
	return 1;
}
