#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mmapper(4) says all that the kernel's side offers, and its example runs; the
# Debian package has the project's version.
set -u
. tests/tap.sh

tree=.

page() {
	sed 's/\\&//g' "$tree/docs/mmapper.4"
}

# Words of uapi.h and of the driver that the page must have.
ioctls() {
	sed -n 's/^#define \(MMAPPER_IOC_[A-Z]*\)[[:space:]]\+_IO.*/\1/p' "$tree/include/mmapper/uapi.h"
}

errnos() {
	sed -n '/DOC:/,/\*\//p; s/^ \* .*\b\(E[A-Z0-9]*\): .*/\1/p' "$tree/include/mmapper/uapi.h" |
		grep -oE '\bE[A-Z0-9]{3,}\b' | sort -u
}

flags() {
	sed -n 's/^\t\(MMAPPER_\(BACKEND_F\|FEATURE\)_[A-Z_]*\)\t*=.*/\1/p' "$tree/include/mmapper/uapi.h"
}

attributes() {
	sed -n 's/^MM_NODE_ATTR(\([a-z_]*\),.*/\1/p; s/^static CLASS_ATTR_STRING(\([a-z]*\),.*/\1/p' \
		"$tree/driver/mmapper/node.c"
}

parameters() {
	sed -n 's/^module_param_named(\([a-z_]*\),.*/\1/p; s/^module_param(\([a-z_]*\),.*/\1/p' \
		"$tree"/driver/mmapper/*.c
}

backends() {
	sed -n 's/^\t\t\.name\t*= "\(.*\)",/\1/p; s/^\t\t\.classic\t*= "\(.*\)",/\1/p' \
		"$tree/driver/mmapper/backends.c"
}

# told LIST COUNT: the page has each word of it, and there are COUNT or more.
told() {
	local word status=0
	"$1" >"$tmp/words"
	[ "$(wc -l <"$tmp/words")" -ge "$2" ] || { echo "no list"; return 1; }
	while read -r word; do
		page | grep -qwF -- "$word" || { echo "missing: $word"; status=1; }
	done <"$tmp/words"
	return "$status"
}

# Each command has an entry of its own.
ioctl_entries() {
	ioctls | sort >"$tmp/ioctls"
	sed -n 's/^\.It Dv \(MMAPPER_IOC_[A-Z]*\) .*/\1/p' "$tree/docs/mmapper.4" | sort | diff "$tmp/ioctls" -
}

example() {
	tests/example docs/mmapper.4 >"$tmp/example.c"
	[ -s "$tmp/example.c" ] &&
		gcc -Wall -Wextra -Wpedantic -Werror -Iinclude -o "$tmp/example" "$tmp/example.c"
}

example_runs() {
	local status=0
	"$tmp/example" >"$tmp/said" 2>&1 || status=$?
	cat "$tmp/said"
	[ "$status" = 1 ] && grep -q '^/dev/mmapper/kmalloc: No such file' "$tmp/said"
}

# Of the newest entry, without what a rebuild appends.
changelog_version() {
	sed -n '1s/^mmapper (\([^)]*\)) .*/\1/p' "$tree/debian/changelog"
}

same_version() {
	local version
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$tree/dkms.conf")
	echo "dkms.conf: $version, debian/changelog: $(changelog_version)"
	[ -n "$version" ] && [ "$(changelog_version)" = "$version" ]
}

# notices WHAT FILE SCRIPT COMMAND...: COMMAND fails once sed's SCRIPT has changed FILE.
notices() {
	local name=$1 file=$2 script=$3 before status
	shift 3
	mkdir -p "$tmp/copy"
	cp -r docs include driver debian dkms.conf "$tmp/copy"
	before=$(cksum <"$tmp/copy/$file")
	sed -i "$script" "$tmp/copy/$file"
	tree=$tmp/copy
	[ "$before" != "$(cksum <"$tmp/copy/$file")" ] && ! "$@" >"$tmp/noticed" 2>&1
	status=$?
	tree=.
	ok "$name would be noticed" "$status" "$tmp/noticed"
}

point "mmapper(4) has an entry for each ioctl" ioctl_entries
notices "an ioctl more" include/mmapper/uapi.h \
	's/^#define MMAPPER_IOC_INFO\(.*\)/&\n#define MMAPPER_IOC_NEW\1/' ioctl_entries
point "it has each errno" told errnos 12
notices "an errno that is not told" docs/mmapper.4 '/ENODATA/d' told errnos 12
point "it has each flag" told flags 6
point "it has each attribute in sysfs" told attributes 12
notices "an attribute more" driver/mmapper/node.c 's/^MM_NODE_ATTR(opens/MM_NODE_ATTR(newer/' told attributes 12
point "it has each parameter" told parameters 1
point "it has each backend" told backends 6
point "its example compiles" example
if [ -e /sys/class/mmapper ]; then
	skip "its example tells what is wrong" "mmapper is loaded"
else
	point "its example tells what is wrong" example_runs
fi
point "debian/changelog has the version of dkms.conf" same_version
notices "another version" dkms.conf 's/^PACKAGE_VERSION="/&1/' same_version
finish
