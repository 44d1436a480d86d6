#!/bin/sh
# Runs a script of inside/ in the booted root: in.sh install
set -eu
nspawn=$(pgrep -f 'systemd-nspawn --directory=.*:/opt/checkout')
init=$(pgrep -P "$nspawn")
exec nsenter -t "$init" -a -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  sh -eu "/opt/checkout/test/install/inside/$1.sh"
