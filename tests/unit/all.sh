#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/all must not take a target that broke off for one that passed.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit
. tests/tap.sh

# A tree of its own, with a make whose targets say what they do.
mkdir -p "$tmp/tests" "$tmp/bin"
cp tests/all "$tmp/tests"
cat >"$tmp/bin/make" <<'END'
#!/bin/sh
case $2 in
good) echo "3 passed, 0 failed" ;;
skips) echo "2 passed, 0 failed, 4 skipped" ;;
bad) echo "1 passed, 2 failed"; exit 1 ;;
dies) echo "5 passed, 0 failed"; exit 2 ;;
silent) echo "nothing to say" ;;
last) echo "1 passed, 0 failed"; echo "7 passed, 1 failed"; echo "make: *** [last] Error 1"; exit 1 ;;
esac
END
chmod +x "$tmp/bin/make"

# sums NAME STATUS RESULT TARGET...
sums() {
	local name=$1 want=$2 result=$3 status=0
	shift 3
	PATH=$tmp/bin:$PATH "$tmp/tests/all" "$@" >"$tmp/said" 2>&1 || status=$?
	echo "wanted exit status $want, got $status" >>"$tmp/said"
	[ "$(tail -n 2 "$tmp/said" | head -n 1)" = "$result" ] && [ "$status" = "$want" ]
	ok "$name" $? "$tmp/said"
}

sums "results add up" 0 "5 passed, 0 failed, 4 skipped" good skips
sums "what failed is counted" 1 "4 passed, 2 failed" bad good
sums "a target that fails with no failed point counts" 1 "5 passed, 1 failed" dies
sums "a target without a result counts" 1 "3 passed, 1 failed" silent good
sums "the last result of a target is the one" 1 "7 passed, 1 failed" last
sums "what comes after a failure is run" 1 "6 passed, 3 failed, 4 skipped" bad silent good skips
sums "a target that would take too long is skipped" 0 "3 passed, 0 failed, 1 skipped" --minutes 0 good skips:1
sums "a target for which there is time is not" 0 "5 passed, 0 failed, 4 skipped" --minutes 2 good:1 skips:0
finish
