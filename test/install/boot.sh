#!/bin/sh
# Boots a root until this process is killed: boot.sh DIR. It sees the checkout and the lab's tools.
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
exec systemd-nspawn --directory="$1" --private-network --boot --register=no --keep-unit --console=pipe \
  --bind-ro="$checkout:/opt/checkout" --bind-ro="${HOME:-/root}/.cache/consentry:/opt/cache" </dev/null >"$1.log" 2>&1
