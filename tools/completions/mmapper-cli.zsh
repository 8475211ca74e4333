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

# Buffers made at run time.
_mmapper_cli_buffers() {
	local -a buffers
	buffers=(/sys/class/mmapper/control/buffers/*(N:t))
	_wanted buffers expl buffer compadd -a buffers
}

_mmapper_cli_names() {
	_alternative 'backends::_mmapper_cli_backends' 'buffers::_mmapper_cli_buffers'
}

_mmapper_cli() {
	local context state state_descr line
	typeset -A opt_args
	local -a commands help json range
	commands=(
		'backends:list the backends'
		'bench:measure what mapping costs'
		'create:make a buffer'
		'delete:delete buffers'
		'demo:show with evidence how each backend behaves'
		'doctor:find out why the driver cannot be used'
		'dump:show bytes'
		'fill:set bytes'
		'info:all that the driver tells about a node or buffer'
		'lab:experiments with memory, for learning'
		'list:list nodes and buffers, and their use'
		'load:load the driver'
		'read:copy bytes to standard output'
		'resize:change the size of a buffer'
		'revoke:take the memory of a buffer back from all'
		'seal:forbid changes of a buffer'
		'sum:add up all bytes'
		'unload:unload the driver, or say who uses it'
		'validate:check each backend, KTAP'
		'watch-counters:show the counters that a driver keeps'
		'write:copy bytes from standard input'
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
		bench)
			_arguments $help $json '--clock=[what is counted]:clock:(time tsc)' \
				'--growth[how it grows with buffers and mappings]' \
				'--size=[of this size only]:bytes:' '*:target:_mmapper_cli_backends'
			;;
		lab)
			_arguments $help '--validate[check the same, KTAP]' \
				'*:experiment:(usercopy self-fault kmap signal pin remote counters edu reserved reserved-access reserved-forget)'
			;;
		backends | list | doctor)
			_arguments $help $json
			;;
		info)
			_arguments $help $json '--memory[what buffers have and may have]' \
				'1:name:_mmapper_cli_names'
			;;
		create)
			_arguments $help $json '--size=[its size]:bytes:' \
				'--backend=[what makes it]:backend:_mmapper_cli_backends' \
				'--mode=[who may open it]:mode:' \
				'--owner=[whose it is]:owner:_users' \
				'--cache=[how the processor keeps it]:cache:(cached write-combined uncached)' \
				'--numa=[where its memory lies]:node:' \
				'--device=[whose memory it is]:device:' '1:name:'
			;;
		delete)
			_arguments $help '*:buffer:_mmapper_cli_buffers'
			;;
		watch-counters)
			_arguments $help $json '--once[show them once]' '1:buffer:_mmapper_cli_buffers'
			;;
		revoke)
			_arguments $help '1:buffer:_mmapper_cli_buffers'
			;;
		resize)
			_arguments $help '--size=[its size]:bytes:' '1:buffer:_mmapper_cli_buffers'
			;;
		seal)
			_arguments $help $json '1:buffer:_mmapper_cli_buffers' \
				'*:seal:(resize write delete seal)'
			;;
		read | write)
			_arguments $help $range '1:name:_mmapper_cli_names'
			;;
		dump)
			_arguments $help $range '--via=[how to reach them]:way:(map read)' \
				'--raw[write the bytes as they are]' \
				'1:name:_mmapper_cli_names'
			;;
		fill)
			_arguments $help $range '--via=[how to reach them]:way:(map write)' \
				'--pattern[what a fresh buffer holds]' \
				'1:name:_mmapper_cli_names' '2:byte:'
			;;
		sum)
			_arguments $help $json '--via=[how to reach them]:way:(map read)' \
				'1:name:_mmapper_cli_names'
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
