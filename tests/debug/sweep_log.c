// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's log while failures are injected.  Where vmalloc() cannot get
 * what it wants the kernel prints a stack trace, and some of its own error paths
 * have known defects; every other line that the guest's list of bad lines knows
 * is a failure.  As the guest's last look at its log knows no such difference,
 * these lines are kept from the console, and cleared once they are judged.
 */
#include <regex.h>
#include <sys/klog.h>

#include "attack.h"

#define PATTERNS	64
#define CONSOLE_LEVEL	8	/* of syslog(2) */
#define CLEAR		5
#define QUIET		4	/* errors and worse are shown */

/*
 * What the kernel says about its own failures, and how many lines it then says
 * that look bad.
 */
static const struct known {
	const char	*pattern;
	unsigned int	traces;
	unsigned int	cuts;
} knowns[] = {
	/* __GFP_NOWARN is not given, for vmalloc_user() takes no flags. */
	{ "vmalloc error: size", 1, 0 },
	{ "page allocation failure: order", 1, 0 },
	/* A module with static keys is loaded without the memory for them, and goes. */
	{ "WARNING: .* at jump_label_(module_notify|del_module)", 1, 1 },
	/*
	 * module_add_driver() does not notice that it could not make the folder
	 * "drivers", puts its link at the root of sysfs, and the next finds it.
	 */
	{ "sysfs: cannot create duplicate filename '//pci:mmapper'", 1, 0 },
};

#define KNOWNS	(sizeof(knowns) / sizeof(knowns[0]))

static struct {
	int	fd;
	int	level;
	regex_t	bad[PATTERNS];
	size_t	bad_count;
	regex_t	known[KNOWNS];
	char	text[262144];
	size_t	used;
} klog = { .fd = -1 };

static void compile(regex_t *regex, const char *pattern)
{
	REQUIRE(regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
}

static bool matches(const regex_t *regex, const char *line)
{
	return regexec(regex, line, 0, NULL, 0) == 0;
}

static void read_patterns(void)
{
	FILE *file = fopen("/bad-lines", "re");
	char line[256];
	size_t i;

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		REQUIRE(klog.bad_count < PATTERNS && line[0]);
		compile(&klog.bad[klog.bad_count++], line);
	}
	fclose(file);
	REQUIRE(klog.bad_count > 10);
	for (i = 0; i < KNOWNS; i++)
		compile(&klog.known[i], knowns[i].pattern);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Before the first case: the place in the log is shared by all of them. */
void log_begin(void)
{
	char text[64];

	read_patterns();
	klog.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	REQUIRE(klog.fd >= 0);
	REQUIRE(lseek(klog.fd, 0, SEEK_END) >= 0);
	REQUIRE(file_read("/proc/sys/kernel/printk", text, sizeof(text)));
	klog.level = atoi(text);
	put("/proc/sys/kernel/panic_on_warn", "0\n");
	/* A panic shows all that was kept from the console. */
	put("/proc/sys/kernel/panic_print", "32\n");
	REQUIRE(klogctl(CONSOLE_LEVEL, NULL, QUIET) == 0);
}

/* What the log says since the last look; false: some of it was lost. */
static bool read_log(void)
{
	bool whole = true;
	char line[8192];
	ssize_t n;

	klog.used = 0;
	while ((n = read(klog.fd, line, sizeof(line) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		char *text;

		if (n < 0) {
			whole = false;
			continue;
		}
		line[n] = '\0';
		/* "PRIORITY,NUMBER,TIME,FLAGS;TEXT", then lines about it. */
		text = strchr(line, ';');
		text = text ? text + 1 : line;
		text[strcspn(text, "\n")] = '\0';
		n = snprintf(klog.text + klog.used,
			     sizeof(klog.text) - klog.used, "%s\n", text);
		if ((size_t)n >= sizeof(klog.text) - klog.used)
			return false;
		klog.used += (size_t)n;
	}
	return whole;
}

static const struct known *find_known(const char *line)
{
	size_t i;

	for (i = 0; i < KNOWNS; i++)
		if (matches(&klog.known[i], line))
			return &knowns[i];
	return NULL;
}

static bool is_bad(const char *line)
{
	size_t i;

	for (i = 0; i < klog.bad_count; i++)
		if (matches(&klog.bad[i], line))
			return true;
	return false;
}

/* Bad lines beyond those that go with what is known. */
static unsigned int count_bad(char *text)
{
	unsigned int bad = 0, traces = 0, cuts = 0, known_cuts = 0;
	char *line, *rest = NULL;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const struct known *known = find_known(line);

		if (known) {
			traces += known->traces;
			known_cuts += known->cuts;
			totals->known++;
		} else if (strstr(line, "cut here")) {
			/* Comes before the line that tells what it is. */
			cuts++;
		} else if (strstr(line, "Call Trace") && traces) {
			traces--;
		} else {
			bad += is_bad(line);
		}
	}
	return bad + (cuts > known_cuts ? cuts - known_cuts : 0);
}

void log_check(const char *when)
{
	static char text[sizeof(klog.text)];
	unsigned int bad = read_log() ? 0 : 1;

	if (!klog.used && !bad)
		return;
	memcpy(text, klog.text, klog.used + 1);
	bad += count_bad(text);
	if (!bad)
		return;
	ktap_expect(false, __FILE__, __LINE__,
		    "%u lines of the kernel's log %s:\n%s", bad, when,
		    klog.text);
	totals->bad_lines += bad;
}

/* After the last case; what was bad stays, so that the guest sees it too. */
void log_end(void)
{
	log_check("after the last case");
	if (!totals->bad_lines)
		REQUIRE(klogctl(CLEAR, NULL, 0) == 0);
	REQUIRE(klogctl(CONSOLE_LEVEL, NULL, klog.level) == 0);
	put("/proc/sys/kernel/panic_on_warn", "1\n");
}
