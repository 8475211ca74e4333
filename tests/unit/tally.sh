#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/tally: only leaves count, and nothing that broke off passes.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
. tests/tap.sh

# sums NAME LAST_LINE STATUS REPORT...: several reports make several files.
sums() {
	local name=$1 want=$2 want_status=$3 status=0 i=0
	shift 3
	rm -f "$tmp"/*.tap
	for report; do
		i=$((i + 1))
		printf '%b' "$report" >"$tmp/$i.tap"
	done
	tests/tally "$tmp"/*.tap >"$tmp/said" || status=$?
	echo "wanted: $want, exit status $want_status; got $status" >>"$tmp/said"
	[ "$(tail -n 2 "$tmp/said" | head -n 1)" = "$want" ] && [ "$status" = "$want_status" ]
	ok "$name" $? "$tmp/said"
}

sums "points add up" "2 passed, 0 failed" 0 '1..2\nok 1 - a\nok 2 - b\n'
sums "a failed point" "1 passed, 1 failed" 1 '1..2\nok 1 - a\nnot ok 2 - b\n'
sums "a skipped point" "1 passed, 0 failed, 1 skipped" 0 '1..2\nok 1\nok 2 - b # SKIP why\n'
sums "the plan may come last" "1 passed, 0 failed" 0 'ok 1\n1..1\n'
sums "several files" "2 passed, 0 failed" 0 '1..1\nok 1\n' '1..1\nok 1\n'
sums "one of several files is empty" "1 passed, 1 failed" 1 '1..1\nok 1\n' ''
sums "a subtest's own line does not count" "2 passed, 0 failed" 0 \
	'KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 suite\n'
sums "a failure within a subtest counts once" "1 passed, 1 failed" 1 \
	'1..1\n  1..2\n  ok 1 a\n  not ok 2 b\nnot ok 1 suite\n'
sums "a subtest that fails after its points" "1 passed, 1 failed" 1 \
	'1..1\n  1..1\n  ok 1 a\nnot ok 1 suite\n'
sums "a subtest hides no failure" "0 passed, 1 failed" 1 \
	'1..1\n  1..1\n  not ok 1 a\nok 1 suite\n'
sums "two levels of subtests" "2 passed, 0 failed" 0 \
	'1..1\n  1..2\n    1..1\n    ok 1\n  ok 1\n    1..1\n    ok 1\n  ok 2\nok 1\n'
sums "a subtest may be skipped as a whole" "1 passed, 0 failed, 1 skipped" 0 \
	'1..2\n  1..0 # SKIP none\nok 1 a # SKIP\nok 2 b\n'
sums "words between the points" "1 passed, 0 failed" 0 '1..1\n# ok 7\nokay\nnot okay\nok 1\n'
sums "carriage returns" "1 passed, 0 failed" 0 '1..1\r\nok 1\r\n'
sums "no plan" "1 passed, 1 failed" 1 'ok 1\n'
sums "fewer points than planned" "1 passed, 1 failed" 1 '1..2\nok 1\n'
sums "more points than planned" "2 passed, 1 failed" 1 '1..1\nok 1\nok 2\n'
sums "fewer points than planned in a subtest" "1 passed, 1 failed" 1 '1..1\n  1..2\n  ok 1\nok 1\n'
sums "a subtest without a plan" "1 passed, 1 failed" 1 '1..1\n  ok 1\nok 1\n'
sums "Bail out!" "1 passed, 1 failed" 1 '1..1\nok 1\nBail out! gone\n'
sums "nothing but words" "0 passed, 1 failed" 1 'hello\n'
sums "an empty plan" "0 passed, 1 failed" 1 '1..0\n'
sums "nothing but skips is no success" "0 passed, 0 failed, 1 skipped" 1 '1..0 # SKIP none\n'
finish
