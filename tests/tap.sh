# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Test points for the scripts in tests/stages, which source this file.

tap_n=0
tap_failed=0

# ok NAME STATUS [FILE]: a point that passes if STATUS is 0; FILE is shown if not.
ok() {
	tap_n=$((tap_n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $tap_n - $1"
		return
	fi
	tap_failed=1
	echo "not ok $tap_n - $1"
	[ -z "${3-}" ] || tail -n 60 "$3" | sed 's/^/# /'
}

# point NAME COMMAND...: runs it; its output is shown if it fails.
point() {
	local name=$1 status=0
	shift
	"$@" >"$tmp/point" 2>&1 </dev/null || status=$?
	ok "$name" "$status" "$tmp/point"
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

# subtest NAME COMMAND...: its report becomes a point of this one. Whatever it
# prints before it has a result is kept, indented.
subtest() {
	local name=$1 status=0
	shift
	"$@" 2>&1 </dev/null | sed -u "s/^/  /"
	status=${PIPESTATUS[0]}
	ok "$name" "$status"
}

# finish: the plan, and the stage's exit status.
finish() {
	echo "1..$tap_n"
	exit "$tap_failed"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
