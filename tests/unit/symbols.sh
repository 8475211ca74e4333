#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The functions of mmapper.h, of the symbol map, of the library that was built,
# of its Debian package and of its manual page are the same, and the manual
# page's example compiles.
set -u
. tests/tap.sh

build=${BUILD:-${B:-build}}
tree=.
library=$build/libmmapper.so

declared() {
	gcc -E -P -I"$tree/include" "$tree/include/mmapper.h" | tr -s ' \t\n*' ' ' |
		tr ';' '\n' | sed -n 's/^.*[ ]\(mmapper_[a-z_]*\)(.*$/\1/p'
}

mapped() {
	sed -n '/^global:/,/^local:/ s/^[[:space:]]*\(mmapper_[a-z_]*\);$/\1/p' \
		"$tree/libmmapper/libmmapper.map"
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
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$tree/docs/libmmapper.3" |
		grep -o 'mmapper_[a-z_]*(' | tr -d '('
}

# NAME@STANZA, the stanzas themselves included.
exported_versions() {
	nm -D --defined-only --with-symbol-versions "$library" |
		awk '$2 == "A" { print $3 "@" $3 } $2 != "A" { sub("@@", "@", $3); print $3 }' |
		sed 's/^\(LIBMMAPPER_[0-9.]*\)@.*@.*/\1@\1/'
}

packaged_versions() {
	sed -n 's/^ \([^ ]*@[^ ]*\) [0-9].*/\1/p' "$tree/debian/libmmapper1.symbols"
}

# same LIST: it holds what mmapper.h declares, each once.
same() {
	declared | sort >"$tmp/declared"
	"$1" | sort >"$tmp/$1"
	[ -s "$tmp/$1" ] && diff "$tmp/declared" "$tmp/$1"
}

same_versions() {
	exported_versions | sort >"$tmp/exported_versions"
	packaged_versions | sort >"$tmp/packaged_versions"
	[ -s "$tmp/exported_versions" ] && diff "$tmp/exported_versions" "$tmp/packaged_versions"
}

# The package is named after the soname, and the soname after the map.
package_name() {
	local soname number
	soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
	number=${soname#libmmapper.so.}
	echo "$soname"
	[ -n "$number" ] &&
		grep -q "^libmmapper.so.$number libmmapper$number " "$tree/debian/libmmapper1.symbols" &&
		grep -q "^Package: libmmapper$number\$" "$tree/debian/control" &&
		grep -q "^LIBMMAPPER_$number\.[0-9]* {" "$tree/libmmapper/libmmapper.map"
}

# notices FILE COMMAND...: it fails, and says so, once a function is gone from FILE.
notices() {
	local file=$1
	shift
	rm -rf "$tmp/copy"
	mkdir "$tmp/copy"
	cp -r include libmmapper debian docs "$tmp/copy"
	sed -i '/mmapper_nodes_count/d' "$tmp/copy/$file"
	tree=$tmp/copy
	! "$@" >"$tmp/noticed" 2>&1 && grep -q mmapper_nodes_count "$tmp/noticed"
	ok "one function less in $file would be noticed" $? "$tmp/noticed"
	tree=.
}

example() {
	tests/example docs/libmmapper.3 >"$tmp/example.c"
	[ -s "$tmp/example.c" ] &&
		gcc -Wall -Wextra -Wpedantic -Werror -Iinclude -o "$tmp/example" \
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

declared >"$tmp/list"
[ "$(wc -l <"$tmp/list")" -ge 20 ]
ok "mmapper.h declares functions" $? "$tmp/list"
point "the symbol map has what the header declares" same mapped
notices libmmapper/libmmapper.map same mapped
notices include/mmapper.h same mapped
point "the library exports what the header declares" same exported
point "the library defines nothing else" same defined
point "the Debian symbols file has what the library exports, with versions" same_versions
notices debian/libmmapper1.symbols same_versions
point "the Debian package is named after the soname" package_name
point "the manual page lists what the header declares" same documented
notices docs/libmmapper.3 same documented
point "the manual page's example compiles" example
point "the manual page's example tells what is wrong" example_runs
finish
