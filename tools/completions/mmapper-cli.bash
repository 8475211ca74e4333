# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of mmapper-cli for bash, with the package bash-completion.

# What the loaded driver has; nothing where none is loaded.
_mmapper_cli_backends()
{
	cat /sys/class/mmapper/*/backend 2>/dev/null
}

# Buffers made at run time; their names may hold blanks, and then are left out.
_mmapper_cli_buffers()
{
	local name
	for name in /sys/class/mmapper/control/buffers/*; do
		name=${name##*/}
		[[ $name = *[!A-Za-z0-9._+:@%-]* ]] || echo "$name"
	done
}

_mmapper_cli()
{
	# shellcheck disable=SC2034 # split is written by _init_completion
	local cur prev words cword split options='' values=''
	_init_completion -s || return

	if [ "$cword" -eq 1 ]; then
		values="backends bench create delete demo doctor dump fill info lab list load"
		values+=" read resize revoke seal sum unload validate watch-counters write"
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
		--backend)
			values="auto $(_mmapper_cli_backends)"
			mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur" | sort -u)
			return
			;;
		--cache)
			mapfile -t COMPREPLY < <(compgen -W "cached write-combined uncached" -- "$cur")
			return
			;;
		--owner)
			mapfile -t COMPREPLY < <(compgen -u -- "$cur")
			return
			;;
		--clock)
			mapfile -t COMPREPLY < <(compgen -W "time tsc" -- "$cur")
			return
			;;
		--offset | --length | --size | --mode | --numa | --device)
			return
			;;
		esac
		options=--help
		case ${words[1]} in
		demo | validate) values=$(_mmapper_cli_backends) ;;
		lab)
			options+=" --validate"
			values="usercopy self-fault kmap signal pin remote counters edu reserved reserved-access reserved-forget"
			;;
		bench)
			options+=" --size= --clock= --growth --json"
			values=$(_mmapper_cli_backends)
			;;
		backends | list | doctor) options+=" --json" ;;
		info)
			options+=" --json --memory"
			values=$(_mmapper_cli_backends; _mmapper_cli_buffers)
			;;
		create) options+=" --size= --backend= --mode= --owner= --cache= --numa= --device= --json" ;;
		watch-counters)
			options+=" --once --json"
			values=$(_mmapper_cli_buffers)
			;;
		delete | revoke) values=$(_mmapper_cli_buffers) ;;
		resize)
			options+=" --size="
			values=$(_mmapper_cli_buffers)
			;;
		seal)
			options+=" --json"
			values=$(_mmapper_cli_buffers)
			[ "$cword" -eq 2 ] || values="resize write delete seal"
			;;
		read | write)
			options+=" --offset= --length="
			values=$(_mmapper_cli_backends; _mmapper_cli_buffers)
			;;
		dump)
			options+=" --offset= --length= --via= --raw"
			values=$(_mmapper_cli_backends; _mmapper_cli_buffers)
			;;
		fill)
			options+=" --offset= --length= --via= --pattern"
			values=$(_mmapper_cli_backends; _mmapper_cli_buffers)
			;;
		sum)
			options+=" --json --via="
			values=$(_mmapper_cli_backends; _mmapper_cli_buffers)
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
