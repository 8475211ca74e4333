// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program that every text on mmap() of a driver ends with: map the node,
 * print the beginning, change it, clear it, unmap.  It includes nothing of
 * mmapper.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHOWN	78
#define LENGTH	(4 * 4096)

int main(int argc, char **argv)
{
	char *area;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: %s NODE\n", argv[0]);
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_SYNC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	area = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (area == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	printf("%.*s\n", SHOWN, area);
	memset(area, 'M', SHOWN);
	memset(area, 0, SHOWN);
	if (munmap(area, LENGTH) < 0) {
		perror("munmap");
		return 1;
	}
	if (close(fd) < 0) {
		perror("close");
		return 1;
	}
	return 0;
}
