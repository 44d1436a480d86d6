#!/bin/sh
# Makes a Debian 13 with PostgreSQL, Node and Asterisk: make-root.sh DIR
set -eu
root=$1
mirror=${MIRROR:-http://deb.debian.org/debian}
base=systemd,systemd-sysv,dbus,ca-certificates,nodejs,postgresql,procps,iproute2,curl,sudo,libpam-runtime
debootstrap --variant=minbase --include="$base" trixie "$root" "$mirror"
# Debian 13 has no Asterisk. That of the next Debian brings the libraries that it needs.
echo "deb $mirror forky main" >"$root/etc/apt/sources.list.d/forky.list"
printf 'Package: *\nPin: release n=forky\nPin-Priority: 50\n' >"$root/etc/apt/preferences.d/forky"
# Nothing starts in a root that is not booted.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get -q -o Acquire::Check-Valid-Until=false update
chroot "$root" apt-get -q -y --no-install-recommends install -t forky asterisk asterisk-core-sounds-en-wav
chroot "$root" apt-get -q -y --no-install-recommends install ffmpeg
rm "$root/usr/sbin/policy-rc.d"
