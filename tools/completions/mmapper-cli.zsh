#compdef mmapper-cli
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of mmapper-cli for zsh.

# What the loaded driver has; nothing where none is loaded.
_mmapper_cli_backends() {
	local -a files backends
	files=(/sys/class/mmapper/*/backend(N))
	(( $#files )) || return 1
	backends=(${(fu)"$(cat $files)"})
	_wanted backends expl backend compadd -a backends
}

_mmapper_cli() {
	local context state state_descr line
	typeset -A opt_args
	local -a commands help json range
	commands=(
		'backends:list the backends'
		'demo:show with evidence how each backend behaves'
		'doctor:find out why the driver cannot be used'
		'dump:show bytes'
		'fill:set bytes'
		'info:all that the driver tells about one node'
		'list:list the nodes and their use'
		'load:load the driver'
		'sum:add up all bytes'
		'unload:unload the driver, or say who uses it'
		'validate:check each backend, KTAP'
	)
	help=('(- *)--help[show the help of the command]')
	json=('--json[print JSON]')
	range=(
		'--offset=[begin at this byte]:bytes:'
		'--length=[so many bytes]:bytes:'
	)

	_arguments -C \
		'(- *)--help[list the commands]' \
		'(- *)--version[versions of command, library and driver]' \
		'1:command:->command' \
		'*::argument:->argument'

	case $state in
	command)
		_describe command commands
		;;
	argument)
		case $words[1] in
		demo | validate)
			_arguments $help '*:backend:_mmapper_cli_backends'
			;;
		backends | list | doctor)
			_arguments $help $json
			;;
		info)
			_arguments $help $json '1:backend:_mmapper_cli_backends'
			;;
		dump)
			_arguments $help $range '--via=[how to reach them]:way:(map read)' \
				'--raw[write the bytes as they are]' \
				'1:backend:_mmapper_cli_backends'
			;;
		fill)
			_arguments $help $range '--via=[how to reach them]:way:(map write)' \
				'--pattern[what a fresh buffer holds]' \
				'1:backend:_mmapper_cli_backends' '2:byte:'
			;;
		sum)
			_arguments $help $json '--via=[how to reach them]:way:(map read)' \
				'1:backend:_mmapper_cli_backends'
			;;
		load)
			_arguments $help '--size=[size of each buffer]:bytes:' \
				'--module=[load this file]:module:_files -g "*.ko*"'
			;;
		unload)
			_arguments $help
			;;
		esac
		;;
	esac
}

_mmapper_cli "$@"
