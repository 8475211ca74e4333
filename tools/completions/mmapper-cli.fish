# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of mmapper-cli for fish.

# What the loaded driver has; nothing where none is loaded.
function __mmapper_cli_backends
    set -l files /sys/class/mmapper/*/backend
    test (count $files) -gt 0; and cat $files | sort -u
end

complete -c mmapper-cli -f
complete -c mmapper-cli -l help -d 'Show the help'
complete -c mmapper-cli -n __fish_use_subcommand -l version -d 'Versions of command, library and driver'

complete -c mmapper-cli -n __fish_use_subcommand -a backends -d 'List the backends'
complete -c mmapper-cli -n __fish_use_subcommand -a demo -d 'Show with evidence how each backend behaves'
complete -c mmapper-cli -n __fish_use_subcommand -a doctor -d 'Find out why the driver cannot be used'
complete -c mmapper-cli -n __fish_use_subcommand -a dump -d 'Show bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a fill -d 'Set bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a info -d 'All that the driver tells about one node'
complete -c mmapper-cli -n __fish_use_subcommand -a list -d 'List the nodes and their use'
complete -c mmapper-cli -n __fish_use_subcommand -a load -d 'Load the driver'
complete -c mmapper-cli -n __fish_use_subcommand -a sum -d 'Add up all bytes'
complete -c mmapper-cli -n __fish_use_subcommand -a unload -d 'Unload the driver, or say who uses it'
complete -c mmapper-cli -n __fish_use_subcommand -a validate -d 'Check each backend, KTAP'

complete -c mmapper-cli -n '__fish_seen_subcommand_from demo validate info dump fill sum' -a '(__mmapper_cli_backends)'
complete -c mmapper-cli -n '__fish_seen_subcommand_from backends list doctor info sum' -l json -d 'Print JSON'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump fill' -l offset -x -d 'Begin at this byte'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump fill' -l length -x -d 'So many bytes'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump sum' -l via -x -a 'map read' -d 'How to reach them'
complete -c mmapper-cli -n '__fish_seen_subcommand_from fill' -l via -x -a 'map write' -d 'How to reach them'
complete -c mmapper-cli -n '__fish_seen_subcommand_from dump' -l raw -d 'Write the bytes as they are'
complete -c mmapper-cli -n '__fish_seen_subcommand_from fill' -l pattern -d 'What a fresh buffer holds'
complete -c mmapper-cli -n '__fish_seen_subcommand_from load' -l size -x -d 'Size of each buffer'
complete -c mmapper-cli -n '__fish_seen_subcommand_from load' -l module -r -F -d 'Load this file'
