#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: keep-symbols.sh DIR
# What dkms runs after the build: DIR gets what drivers are built with that publish
# through this one. See docs/examples.
set -eu
mkdir -p "$1"
cp "$(dirname "$0")/Module.symvers" "$1/Module.symvers"
