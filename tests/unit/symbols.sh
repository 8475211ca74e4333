#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The functions of mmapper.h, of the symbol map, of the library that was built
# and of its manual page are the same, and the manual page's example compiles.
set -u
. tests/tap.sh

build=${BUILD:-${B:-build}}
page=docs/libmmapper.3
library=$build/libmmapper.so

declared() {
	gcc -E -P -Iinclude include/mmapper.h | tr -s ' \t\n*' ' ' |
		tr ';' '\n' | sed -n 's/^.*[ ]\(mmapper_[a-z_]*\)(.*$/\1/p'
}

mapped() {
	sed -n '/^global:/,/^local:/ s/^[[:space:]]*\(mmapper_[a-z_]*\);$/\1/p' \
		libmmapper/libmmapper.map
}

exported() {
	nm -D --defined-only "$library" |
		sed -n 's/^[0-9a-f]* T \(.*\)@@LIBMMAPPER_[0-9.]*$/\1/p'
}

# Every symbol, whatever its kind, but the names of the map's stanzas.
defined() {
	nm -D --defined-only "$library" | grep -v ' A LIBMMAPPER_[0-9.]*$' |
		sed 's/^[0-9a-f]* . //; s/@@.*//'
}

# The functions that the synopsis declares.
documented() {
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$page" |
		grep -o 'mmapper_[a-z_]*(' | tr -d '('
}

# same LIST: it holds what mmapper.h declares, each once.
same() {
	"$1" | sort >"$tmp/$1"
	[ -s "$tmp/$1" ] && diff "$tmp/declared" "$tmp/$1"
}

example() {
	sed -n '/^\.SH EXAMPLES/,/^\.EE/ { /^\.EX/,/^\.EE/ { /^\.E[XE]/d; p } }' \
		"$page" | sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g' >"$tmp/example.c"
	[ -s "$tmp/example.c" ] &&
		gcc -Wall -Wextra -Werror -Iinclude -o "$tmp/example" \
			"$tmp/example.c" -L"$build" -lmmapper
}

# Without the driver it says so, and what to do about it.
example_runs() {
	local status=0
	LD_LIBRARY_PATH=$build "$tmp/example" nosuch >"$tmp/said" 2>&1 ||
		status=$?
	cat "$tmp/said"
	[ "$status" = 1 ] && grep -q 'mmapper-cli ' "$tmp/said"
}

declared | sort >"$tmp/declared"
[ "$(wc -l <"$tmp/declared")" -ge 20 ]
ok "mmapper.h declares functions" $? "$tmp/declared"
point "the symbol map has what the header declares" same mapped
point "the library exports what the header declares" same exported
point "the library defines nothing else" same defined
point "the manual page lists what the header declares" same documented
point "the manual page's example compiles" example
point "the manual page's example tells what is wrong" example_runs
finish
