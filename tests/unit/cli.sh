#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What mmapper-cli can be asked without a driver: help, version, wrong command
# lines, exit statuses, and what it says when nothing is loaded.
# Wants MMAPPER_CLI, and LD_LIBRARY_PATH for the library; prints TAP.
set -u

cli=${MMAPPER_CLI:?the command to test}
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
commands=$("$cli" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p')
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mmapper-cli.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

ok() {
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n - $1"
		return
	fi
	failed=1
	echo "not ok $n - $1"
	sed 's/^/# out: /' "$tmp/out"
	sed 's/^/# err: /' "$tmp/err"
}

# run ARGUMENT...: the command's status, out and err.
run() {
	"$cli" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

lines() {
	[ "$(wc -l <"$tmp/$1")" = "$2" ]
}

# wrong WORDS ARGUMENT...: exit status 2, nothing on stdout, and one line on
# stderr that has WORDS in it.
wrong() {
	local words=$1
	shift
	run "$@"
	[ "$status" = 2 ] && lines out 0 && lines err 1 &&
		grep -q '^mmapper-cli: ' "$tmp/err" &&
		grep -qF -- "$words" "$tmp/err"
	ok "wrong: mmapper-cli $*" $?
}

# unusable ARGUMENT...: exit status 3, and what helps.
if grep -q 'mmapper\.ko' "/lib/modules/$(uname -r)/modules.dep" 2>/dev/null; then
	unloaded='mmapper is not loaded'
	loads='mmapper-cli load'
else
	unloaded='mmapper is not loaded, and no module for the running kernel is installed'
	loads='mmapper-cli doctor'
fi
unusable() {
	run "$@"
	[ "$status" = 3 ] && lines out 0 && lines err 2 &&
		grep -q "^mmapper-cli: .*$unloaded\$" "$tmp/err" &&
		grep -qx "try: $loads" "$tmp/err"
	ok "not loaded: mmapper-cli $*" $?
}

[ "$(wc -w <<<"$commands")" -ge 10 ]
ok "--help lists the commands" $?

run --help
[ "$status" = 0 ] && lines err 0 && grep -q '^Usage: mmapper-cli ' "$tmp/out" &&
	grep -q '^Exit status: 0 ' "$tmp/out" && [ "$(wc -L <"$tmp/out")" -le 80 ]
ok "--help fits a terminal and tells the exit statuses" $?

for command in $commands; do
	run "$command" --help
	[ "$status" = 0 ] && lines err 0 && [ "$(wc -L <"$tmp/out")" -le 80 ] &&
		grep -q "^Usage: mmapper-cli $command" "$tmp/out"
	ok "$command --help" $?
	grep -q "^\.Cm $command\b" docs/mmapper-cli.1
	ok "$command is in the manual" $?
	sed -n 's/^ *--\([a-z]*\).*/\1/p' "$tmp/out" >"$tmp/options"
	while read -r option; do
		grep -q "^\.It Fl -$option\b" docs/mmapper-cli.1
		ok "$command --$option is in the manual" $?
	done <"$tmp/options"
	wrong "no option '--nonsense'; there are " "$command" --nonsense
done

run --version
[ "$status" = 0 ] && lines out 3 && grep -qx "mmapper-cli $version" "$tmp/out" &&
	grep -qx "libmmapper $version, ABI [0-9]*" "$tmp/out" &&
	grep -q '^driver' "$tmp/out"
ok "--version" $?

wrong "which command?"
wrong "demo, validate" nonsense
wrong "no option '--nonsense'" --nonsense
wrong "no option '-x'" -x
wrong "NAME is missing" info
wrong "NAME is missing" dump --offset=1
wrong "NAME is missing" create
wrong "NAME is missing" delete
wrong "NAME is missing" seal --json
wrong "not both" info a --memory
wrong "--size is missing" create a
wrong "--size is missing" resize a
wrong "--size is 1 or more" create a --size=0
for mode in '' 8 -1 1000 00600 0x1ff rw 600x; do
	wrong "it is octal" create a --size=1 --mode="$mode"
done
wrong "it is cached, write-combined or uncached" create a --size=1 --cache=none
for node in '' -1 x 2147483648; do
	wrong "the number of a NUMA node" create a --size=1 --numa="$node"
done
wrong "no user 'no such user'" create a --size=1 --owner='no such user'
wrong "no group 'no such group'" create a --size=1 --owner=':no such group'
wrong "no seal 'wax'" seal a resize wax
wrong "'b' is too much" revoke a b
wrong "'b' is too much" info a b
wrong "no experiment 'alchemy'; there are: usercopy " lab reserved alchemy
wrong "'x' is too much" unload x
wrong "'x' is too much" doctor x
wrong "--json takes no value" doctor --json=1
wrong "no option '-x'" dump a -x
wrong "no option '-xy'" dump -xy a
wrong "no option '--pattern'" dump a --pattern
wrong "--offset needs a value" dump a --offset
wrong "--raw takes no value" dump a --raw=1
wrong "it is map or read" dump a --via=write
wrong "it is map or write" fill a 1 --via=read
for size in '' -1 +1 ' 1' 1x 0x 0xg 1KK 1KiB 1T 18446744073709551616 \
	18446744073709551615K 17179869184G; do
	wrong "is no size" dump a --offset="$size"
done
wrong "--length is 1 or more" dump a --length=0
wrong "--size is 1 or more" load --size=0
wrong "is no size" load --size=large
wrong "BYTE (0 to 255" fill a
wrong "not both" fill a 1 --pattern
wrong "whole buffer" fill a --pattern --offset=1
wrong "whole buffer" fill a --pattern --via=write
for byte in '' 256 -1 0x100 0x 1K 1000000000000000000000 ab "'ab'"; do
	wrong "is no byte" fill a -- "$byte"
done

"$cli" --help >/dev/full 2>"$tmp/err"
[ $? = 1 ] && grep -q 'No space left' "$tmp/err"
ok "a full disk is a failure" $?

run load --module "$tmp/nothing"
[ "$status" = 1 ] && grep -q "there is no file" "$tmp/err"
missing=$?

if [ -e /sys/class/mmapper ] || [ -e /sys/module/mmapper ]; then
	n=$((n + 1))
	echo "ok $n - what is said when nothing is loaded # SKIP mmapper is loaded"
else
	ok "load of a file that is not there" "$missing"
	for size in 0 17 0x1F 1k 1K 2m 3G 0x10K 18446744073709551615 \
		16777215G; do
		unusable dump a --offset="$size" --length 1
	done
	for byte in 0 255 0xfF x "'x'" "'"; do
		unusable fill a "$byte"
	done
	unusable demo
	unusable demo kmalloc
	unusable validate
	unusable backends
	unusable backends --json
	unusable list
	unusable info kmalloc
	unusable info --json /dev/mmapper_k
	unusable dump kmalloc --raw --via read
	unusable dump kmalloc --via map
	unusable fill --pattern kmalloc
	unusable sum kmalloc
	unusable info --memory
	unusable create a --size=1M --mode=0640 --backend=auto --cache=cached
	unusable delete a
	unusable resize a --size=1M
	unusable seal a
	unusable revoke a
	unusable read a
	unusable write a
	for words in lab "lab reserved --validate"; do
		# shellcheck disable=SC2086 # words
		run $words
		[ "$status" = 3 ] && lines out 0 && lines err 2 &&
			grep -q 'mmapper_lab, .* is not loaded$' "$tmp/err" &&
			grep -qx 'try: insmod mmapper_lab.ko' "$tmp/err"
		ok "not loaded: mmapper-cli $words" $?
	done
	run doctor
	[[ $status = 1[1-4] ]] && grep -q "^ *$status [a-z]* *failed" "$tmp/out" &&
		lines out 8 && grep -q '^mmapper-cli: doctor: ' "$tmp/err"
	ok "doctor stops at a stage: its exit status" $?
	said=$(sed -n '1s/^mmapper-cli: doctor: [a-z]*: //p' "$tmp/err") stage=$status
	run doctor --json
	[ "$status" = "$stage" ] && grep -qF "\"found\": \"${said//\"/\\\"}\"" "$tmp/out"
	ok "doctor --json says the same" $?
	run unload
	[ "$status" = 0 ] && grep -qx 'mmapper is not loaded' "$tmp/out"
	ok "unload of what is not loaded" $?
	run --version
	grep -qx 'driver: not loaded' "$tmp/out"
	ok "--version without a driver" $?
fi

echo "1..$n"
exit "$failed"
