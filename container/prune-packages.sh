#!/bin/sh
# Removes from a node_modules what only other platforms, compilers, browsers and readers use. Licences stay.
#
# usage: prune-packages.sh NODE_MODULES
set -eu
cd "$1"
platform=$(node -p 'process.platform + "/" + process.arch')
# The database has a container of its own.
rm -rf @embedded-postgres
find onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/$platform" -exec rm -rf {} +
rm -rf fluent-ffmpeg/coverage fluent-ffmpeg/doc fluent-ffmpeg/tools fluent-ffmpeg/OLD
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -iname 'readme*.md' \
  -o -iname 'changelog*.md' \) -delete
find . -depth -type d -empty -delete
