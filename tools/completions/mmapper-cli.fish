# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of mmapper-cli for fish.

# What the loaded driver has; nothing where none is loaded.
function __mmapper_cli_backends
    set -l files /sys/class/mmapper/*/backend
    test (count $files) -gt 0; and cat $files | sort -u
end

# Buffers made at run time.
function __mmapper_cli_buffers
    set -l folders /sys/class/mmapper/control/buffers/*
    test (count $folders) -gt 0; and string replace -r '.*/' '' $folders
end

complete -c mmapper-cli -f
complete -c mmapper-cli -l help -d 'Show the help'
complete -c mmapper-cli -n __fish_use_subcommand -l version -d 'Versions of command, library and driver'

complete -c mmapper-cli -n __fish_use_subcommand -a backends -d 'List the backends'
complete -c mmapper-cli -n __fish_use_subcommand -a bench -d 'Measure what mapping costs'
complete -c mmapper-cli -n __fish_use_subcommand -a create -d 'Make a buffer'
complete -c mmapper-cli -n __fish_use_subcommand -a delete -d 'Delete buffers'
complete -c mmapper-cli -n __fish_use_subcommand -a demo -d 'Show with evidence how each backend behaves'
complete -c mmapper-cli -n __fish_use_subcommand -a doctor -d 'Find out why the driver cannot be used'
complete -c mmapper-cli -n __fish_use_subcommand -a dump -d 'Show bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a fill -d 'Set bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a info -d 'All that the driver tells about a node or buffer'
complete -c mmapper-cli -n __fish_use_subcommand -a lab -d 'Experiments with memory, for learning'
complete -c mmapper-cli -n __fish_use_subcommand -a list -d 'List nodes and buffers, and their use'
complete -c mmapper-cli -n __fish_use_subcommand -a load -d 'Load the driver'
complete -c mmapper-cli -n __fish_use_subcommand -a read -d 'Copy bytes to standard output'
complete -c mmapper-cli -n __fish_use_subcommand -a resize -d 'Change the size of a buffer'
complete -c mmapper-cli -n __fish_use_subcommand -a revoke -d 'Take the memory of a buffer back from all'
complete -c mmapper-cli -n __fish_use_subcommand -a seal -d 'Forbid changes of a buffer'
complete -c mmapper-cli -n __fish_use_subcommand -a sum -d 'Add up all bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a unload -d 'Unload the driver, or say who uses it'
complete -c mmapper-cli -n __fish_use_subcommand -a validate -d 'Check each backend, KTAP'
complete -c mmapper-cli -n __fish_use_subcommand -a watch-counters -d 'Show the counters that a driver keeps'
complete -c mmapper-cli -n __fish_use_subcommand -a write -d 'Copy bytes from standard input'

complete -c mmapper-cli -n '__fish_seen_subcommand_from bench demo validate info dump fill sum read write' -a '(__mmapper_cli_backends)'
complete -c mmapper-cli -n '__fish_seen_subcommand_from info dump fill sum read write delete resize seal revoke watch-counters' -a '(__mmapper_cli_buffers)'
complete -c mmapper-cli -n '__fish_seen_subcommand_from seal' -a 'resize write delete seal'
complete -c mmapper-cli -n '__fish_seen_subcommand_from lab' -a 'usercopy self-fault kmap signal pin remote counters edu reserved reserved-access reserved-forget'
complete -c mmapper-cli -n '__fish_seen_subcommand_from lab' -l validate -d 'Check the same, KTAP'
complete -c mmapper-cli -n '__fish_seen_subcommand_from watch-counters' -l once -d 'Show them once'
complete -c mmapper-cli -n '__fish_seen_subcommand_from info' -l memory -d 'What buffers have and may have'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l backend -x -a 'auto (__mmapper_cli_backends)' -d 'What makes it'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l mode -x -d 'Who may open it'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l owner -x -a '(__fish_complete_users)' -d 'Whose it is'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l cache -x -a 'cached write-combined uncached' -d 'How the processor keeps it'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l device -x -d 'Whose memory it is'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create' -l numa -x -d 'Where its memory lies'
complete -c mmapper-cli -n '__fish_seen_subcommand_from bench' -l clock -x -a 'time tsc' -d 'What is counted'
complete -c mmapper-cli -n '__fish_seen_subcommand_from bench' -l growth -d 'How it grows with buffers and mappings'
complete -c mmapper-cli -n '__fish_seen_subcommand_from bench' -l size -x -d 'Of this size only'
complete -c mmapper-cli -n '__fish_seen_subcommand_from create resize' -l size -x -d 'Its size'
complete -c mmapper-cli -n '__fish_seen_subcommand_from backends bench list doctor info sum create seal watch-counters' -l json -d 'Print JSON'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump fill read write' -l offset -x -d 'Begin at this byte'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump fill read write' -l length -x -d 'So many bytes'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump sum' -l via -x -a 'map read' -d 'How to reach them'
complete -c mmapper-cli -n '__fish_seen_subcommand_from fill' -l via -x -a 'map write' -d 'How to reach them'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump' -l raw -d 'Write the bytes as they are'
complete -c mmapper-cli -n '__fish_seen_subcommand_from fill' -l pattern -d 'What a fresh buffer holds'
complete -c mmapper-cli -n '__fish_seen_subcommand_from load' -l size -x -d 'Size of each buffer'
complete -c mmapper-cli -n '__fish_seen_subcommand_from load' -l module -r -F -d 'Load this file'
