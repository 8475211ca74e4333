#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: probe.sh OUT COMPILER [FLAG...]
# Writes OUT, a header with one MM_HAVE_NAME for each PROBE_NAME of probe.c: 0 if
# the compiler finds an error in that part, 1 if not. An error anywhere else, or
# a compiler that misses the one that is meant to be there, is a failure.
set -u

source=$(dirname "$0")/probe.c
out=$1
shift
trap 'rm -f "$out.log" "$out.tmp"' EXIT

# A kernel that makes errors of warnings must not turn an answer round, and one
# that makes warnings of these errors neither.
LC_ALL=C "$@" -Wno-error -Werror=implicit-function-declaration \
	-Werror=incompatible-pointer-types -Werror=int-conversion \
	-fsyntax-only -x c "$source" >"$out.log" 2>&1

awk -v compiler="$1" '
function fail(what, said) {
	print "mmapper: " what "; " compiler " says: " (said ? said : "nothing") >"/dev/stderr"
	failed = 1
	exit 1
}

FNR == 1 { file++ }
file == 1 && sub(/^#define PROBE_/, "") { names[++count] = $0; start[count] = FNR }
file == 2 && FNR == 1 { first = $0 }
file == 2 && /error:/ {
	line = $0
	if (!sub(/^([^:]*\/)?probe\.c:/, "", line) || line + 0 <= start[1])
		fail("what every kernel has does not compile", $0)
	for (i = count; start[i] > line + 0; )
		i--
	missing[names[i]] = $0
}

END {
	if (failed)
		exit 1
	if (missing["ALWAYS"])
		fail("what every kernel has does not compile", missing["ALWAYS"])
	if (!missing["NEVER"])
		fail("no answer can be trusted, for what no kernel has is no error", first)
	print "/* Made by probe.sh. */"
	for (i = 1; i <= count; i++)
		print "#define MM_HAVE_" names[i], missing[names[i]] ? 0 : 1
}' "$source" "$out.log" >"$out.tmp" && mv "$out.tmp" "$out"
