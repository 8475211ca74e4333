# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of mmapper-cli for bash, with the package bash-completion.

# What the loaded driver has; nothing where none is loaded.
_mmapper_cli_backends()
{
	cat /sys/class/mmapper/*/backend 2>/dev/null
}

_mmapper_cli()
{
	# shellcheck disable=SC2034 # split is written by _init_completion
	local cur prev words cword split options='' values=''
	_init_completion -s || return

	if [ "$cword" -eq 1 ]; then
		values="backends demo doctor dump fill info list load sum unload validate"
		options="--help --version"
	else
		case $prev in
		--via)
			[ "${words[1]}" = fill ] && values="map write" || values="map read"
			mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
			return
			;;
		--module)
			_filedir '@(ko|ko.gz|ko.xz|ko.zst)'
			return
			;;
		--offset | --length | --size)
			return
			;;
		esac
		options=--help
		case ${words[1]} in
		demo | validate) values=$(_mmapper_cli_backends) ;;
		backends | list | doctor) options+=" --json" ;;
		info)
			options+=" --json"
			values=$(_mmapper_cli_backends)
			;;
		dump)
			options+=" --offset= --length= --via= --raw"
			values=$(_mmapper_cli_backends)
			;;
		fill)
			options+=" --offset= --length= --via= --pattern"
			values=$(_mmapper_cli_backends)
			;;
		sum)
			options+=" --json --via="
			values=$(_mmapper_cli_backends)
			;;
		load) options+=" --module= --size=" ;;
		unload) ;;
		*) options='' ;;
		esac
	fi
	[[ $cur != -* ]] || values=$options
	mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur" | sort -u)
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
} &&
	complete -F _mmapper_cli mmapper-cli
