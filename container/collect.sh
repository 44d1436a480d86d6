#!/bin/sh
# Copies files of this Debian, with the shared libraries that they load, into the root of an image. Of files below /app only the
# libraries are copied. Each Debian package that a file comes from leaves its entry in var/lib/dpkg/status.d, where scanners of images
# look for it, and its licence.
#
# usage: collect.sh ROOT PATH…
set -eu
root=$1
shift

for folder in bin sbin lib lib64; do
  mkdir -p "$root/usr/$folder"
  [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done
mkdir -p "$root/var/lib/dpkg/status.d"

# Enters the package that owns a file. A file that belongs to none, such as node itself, is copied without an entry.
record() {
  package=$(dpkg -S "$1" 2>/dev/null | head -n 1 | cut -d : -f 1)
  [ -n "$package" ] || return 0
  [ ! -e "$root/var/lib/dpkg/status.d/$package" ] || return 0
  dpkg -s "$package" > "$root/var/lib/dpkg/status.d/$package"
  mkdir -p "$root/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
}

# Copies a file to its own path, through symbolic links such as those of update-alternatives.
take() {
  [ ! -e "$root$1" ] || return 0
  mkdir -p "$root$(dirname "$1")"
  cp -pL "$1" "$root$1"
  record "$(readlink -f "$1")"
}

libraries_of() {
  ldd "$1" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

for path in "$@"; do
  find "$path" -type f -o -type l | while read -r file; do
    case $file in /app/*) ;; *) take "$file" ;; esac
    libraries_of "$file" | while read -r library; do
      case $library in /app/*) ;; *) take "$library" ;; esac
    done
  done
done
