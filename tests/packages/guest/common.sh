# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What several parts do; they source this file after tap.sh.

# shellcheck disable=SC2034 # for the parts
kver=$(uname -r)
# shellcheck disable=SC2034
version=$(dpkg-deb -f /test/debs/mmapper-dkms_*.deb Version)

get() {
	run apt-get -q -y -o Dpkg::Use-Pty=0 "$@"
}

# install_debs DIR [PACKAGE...]: the package files in DIR, as a user would.
install_debs() {
	local dir=$1 package files=()
	shift
	[ $# -gt 0 ] || set -- mmapper-dkms libmmapper1 libmmapper-dev mmapper-tools
	for package; do
		files+=("$dir/${package}"_*.deb)
	done
	get install "${files[@]}"
}

# Two users, one of whom a part may put into the group.
add_users() {
	useradd -m member
	useradd -m outsider
}

built_for() {
	run dkms status mmapper
	said "^mmapper/$2, ${1//+/\\+}, .*: installed$"
	run modinfo -k "$1" -F version mmapper
	said "^$2$"
}

loads() {
	run modprobe mmapper
	run udevadm settle
	run grep -w mmapper /proc/modules
}

not_loaded() {
	none grep -w mmapper /proc/modules
	none find /dev -name '*mmapper*'
}

# The driver's own list of backends is what there must be nodes for.
nodes_are_right() {
	local node
	run stat -c '%A %U:%G %n' /dev/mmapper/* /dev/mmapper_k /dev/mmapper_v
	[ "$(grep -c '^crw-rw---- root:mmapper /dev/mmapper' /test/said)" = "$(wc -l </test/said)" ]
	cp /test/said /test/nodes
	run mmapper-cli backends
	awk 'NR > 1 { print $1 }' /test/said >/test/backends
	[ -s /test/backends ]
	while read -r node; do
		grep -qx "crw-rw---- root:mmapper /dev/mmapper/$node" /test/nodes
	done </test/backends
}

member_joins() {
	run adduser member mmapper
	member_validates
}

member_validates() {
	run id member
	run runuser -u member -- mmapper-cli validate
	said '^ok 1 '
}

outsider_is_refused() {
	run id outsider
	fails 3 runuser -u outsider -- mmapper-cli info kmalloc
	said "permission|group mmapper"
	fails 3 runuser -u outsider -- mmapper-cli validate
	said "permission|group mmapper"
}

# hold PROGRAM: keeps a buffer open and mapped, with data in it.
hold() {
	"$1" >/test/held </dev/null 2>&1 &
	echo $! >/test/holder
	for _ in $(seq 50); do
		! grep -q holding /test/held || break
		sleep 0.1
	done
	run cat /test/held
	said holding
}

data_kept() {
	run kill -USR1 "$(cat /test/holder)"
	sleep 0.5
	run tail -n 1 /test/held
	said '^kept$'
	: >/test/held
}

release() {
	run kill "$(cat /test/holder)"
	while kill -0 "$(cat /test/holder)" 2>/dev/null; do
		sleep 0.1
	done
}

compile_hold() {
	# shellcheck disable=SC2046 # words
	run cc -Wall -Wextra -Wpedantic -o "$1" /test/hold.c $(pkg-config --cflags --libs libmmapper)
	run ldd "$1"
	said 'libmmapper\.so\.1 => /'
}

# Every file of the system, with what is in those that are configuration.
file_list() {
	find / -xdev \( -path /tmp -o -path /var/tmp -o -path /var/log \) -prune -o \
		-printf '%p %y %m %u:%g %l\n' | sort
	find /etc -xdev -type f -exec sha256sum {} + | sort -k 2
}

# What may differ between two lists, each with its reason; patterns of whole paths.
allowed='
/var/lib/dkms/mok\.(key|pub)		the key that DKMS signs with: made at its first build, for every module
/var/lib/(apt|dpkg)/[^ ]*		what apt and dpkg remember of any package (no name of ours: looked for below)
/var/cache/(apt|ldconfig|debconf)/[^ ]*	caches of the system
/var/lib/systemd/[^ ]*			what systemd remembers of the time and of the random seed
/etc/(group|gshadow|passwd|shadow|subuid|subgid)-	the copies that account tools make before a change
/etc/ld\.so\.cache			written by every installation of a library
'

same_files() {
	local pattern reason status=0
	file_list >/test/after
	diff "$1" /test/after | sed -n 's/^[<>] //p' >/test/differ || true
	# Files as "PATH TYPE ...", contents as "SUM  PATH".
	sed -E 's/^[0-9a-f]{64}  //; s/ .*//' /test/differ | sort -u >/test/paths
	echo "$ diff before after"
	while read -r path; do
		reason=
		while IFS=$'\t' read -r pattern reason; do
			[ -z "$pattern" ] || ! grep -qxE -- "$pattern" <<<"$path" || break
			reason=
		done <<<"$allowed"
		echo "$path: ${reason:-NOT EXPECTED}"
		[ -n "$reason" ] || status=1
	done </test/paths
	return "$status"
}

# Nothing that bears our name, and none that speaks of it, but for the copies of
# the accounts before their last change.
nothing_left() {
	none find / -xdev -path /var/log -prune -o -iname '*mmapper*' -print
	none grep -rlI --exclude='*-' mmapper /etc /var/lib/dpkg /var/lib/apt /var/lib/dkms /lib/modules/*/modules.dep
	none getent group mmapper
	run dkms status
	fails 1 dpkg-query -l '*mmapper*'
}
