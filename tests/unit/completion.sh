#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completions for bash, zsh and fish know every command and option, and
# complete. Wants MMAPPER_CLI; MMAPPER_COMPLETION is the file for bash.
set -u
. tests/tap.sh

cli=${MMAPPER_CLI:?the command to complete}
folder=tools/completions
bash_file=${MMAPPER_COMPLETION:-$folder/mmapper-cli.bash}
library=/usr/share/bash-completion/bash_completion

commands=$("$cli" --help | sed -n 's/^  \([a-z-]\+\) .*/\1/p' | sort)

# in_bash LINE: what completes it. Its words are those that readline would make.
# Without a driver there is nothing in /sys: cat stands in for it.
in_bash() {
	# shellcheck disable=SC2016 # for the inner shell
	timeout 20 bash --norc -c '
		. "$1" && . "$2" || exit
		cat() {
			[[ $* == /sys/class/mmapper/* ]] && printf "%s\n" kmalloc kmalloc vmalloc-user
		}
		_mmapper_cli_buffers() { echo frames; }
		compopt() { :; }
		COMP_LINE=$3 COMP_POINT=${#3} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
		read -ra COMP_WORDS <<<"${3//=/ = }"
		[[ $3 != *\  ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_mmapper_cli
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$library" "$bash_file" "$1"
}

in_fish() {
	# shellcheck disable=SC2016 # for fish
	timeout 20 fish --no-config -c '
		source '"$folder"'/mmapper-cli.fish
		function __mmapper_cli_backends; printf "%s\n" kmalloc vmalloc-user; end
		function __mmapper_cli_buffers; printf "%s\n" frames; end
		complete -C $argv[1]' "$1" | cut -f 1
}

# offers SHELL LINE WANTED: exactly these words, in whatever order.
offers() {
	"in_$1" "mmapper-cli $2" | sed '/^$/d' | sort -u >"$tmp/offered"
	tr ' ' '\n' <<<"$3" | sed '/^$/d' | sort -u | diff - "$tmp/offered"
}

completes() {
	point "$1: $2" offers "$@"
}

options() {
	"$cli" "$1" --help | sed -nE 's/^ *(--[a-z]+=?).*/\1/p' | tr '\n' ' '
}

# has FILE WORD: as a word of its own.
has() {
	grep -qE -- "(^|[^a-z-])$2([^a-z-]|\$)" "$1"
}

[ "$(wc -w <<<"$commands")" -ge 10 ]
ok "--help lists the commands" $?
for file in "$bash_file" "$folder"/mmapper-cli.{zsh,fish}; do
	for command in $commands; do
		point "${file##*/} has $command" has "$file" "$command"
		for option in $("$cli" "$command" --help | sed -n 's/^ *--\([a-z]*\).*/\1/p'); do
			# fish has its options without the dashes.
			point "${file##*/} has the option $option of $command" \
				grep -qE -- "(--|-l )$option\b" "$file"
		done
	done
done

some='kmalloc vmalloc-user'
if [ -r "$library" ]; then
	completes bash du dump
	completes bash "" "$commands"
	completes bash -- "--help --version"
	completes bash "info " "$some frames"
	completes bash "delete " frames
	completes bash "seal " frames
	completes bash "seal frames w" write
	completes bash "create --backend=" "auto $some"
	completes bash "create --cache=w" write-combined
	completes bash "demo kmalloc v" vmalloc-user
	completes bash "dump --l" "--length="
	completes bash "dump --via=" "map read"
	completes bash "fill --via=w" write
	completes bash "dump --offset=" ""
	completes bash "unload " ""
	for command in $commands; do
		completes bash "$command --" "$(options "$command")"
	done
else
	skip "bash completes" "bash-completion is not installed"
fi
if command -v zsh >/dev/null; then
	point "zsh takes its file" zsh -n "$folder/mmapper-cli.zsh"
else
	skip "zsh completes" "zsh is not installed"
fi
if command -v fish >/dev/null; then
	point "fish takes its file" fish -n "$folder/mmapper-cli.fish"
	completes fish du dump
	completes fish "" "$commands"
	completes fish "info " "$some frames"
	completes fish "delete " frames
	completes fish "dump --len" --length
	completes fish "fill --via=" "--via=map --via=write"
else
	skip "fish completes" "fish is not installed"
fi
finish
