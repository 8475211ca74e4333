# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the parts that run in the guest, which source this file. Each point shows
# the commands it ran and what they said.

tap_n=0
tap_failed=0

# plan N: comes first, so that points which are never reached are missed.
plan() {
	echo "1..$1"
}

# run COMMAND...: shows the command, then runs it.
run() {
	printf '$ %s\n' "$*"
	"$@" 2>&1 | tee /test/said
	return "${PIPESTATUS[0]}"
}

# fails STATUS COMMAND...: shows the command, which must end with this status.
fails() {
	local want=$1 got=0
	shift
	run "$@" || got=$?
	echo "(exit status $got)"
	[ "$got" = "$want" ]
}

# said REGEX: the last command printed a line like this.
said() {
	grep -qE -- "$1" /test/said || {
		echo "(not said: $1)"
		return 1
	}
}

# none COMMAND...: shows the command, which must print nothing.
none() {
	run "$@" || true
	[ ! -s /test/said ]
}

# point NAME FUNCTION [ARGUMENT...]: passes if no command of the function fails.
# What they say is passed on as it comes: a long step is seen at work.
point() {
	local name=$1 status start=$SECONDS
	shift
	tap_n=$((tap_n + 1))
	(set -e; "$@") 2>&1 </dev/null | sed -u 's/\r$//; s/^/# /'
	status=${PIPESTATUS[0]}
	if [ "$status" = 0 ]; then
		echo "ok $tap_n - $name ($((SECONDS - start)) s)"
	else
		tap_failed=1
		echo "not ok $tap_n - $name ($((SECONDS - start)) s)"
	fi
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

# log_clean: the last point of each part.
log_clean() {
	none grep -E -f /test/bad-lines <(dmesg)
}

finish() {
	point "the kernel's log holds no complaint" log_clean
	exit "$tap_failed"
}
