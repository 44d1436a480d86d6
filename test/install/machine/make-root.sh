#!/bin/sh
# Makes two roots of Debian 13 with systemd and an Asterisk: make-root.sh DIR MIRROR CONTROL. CONTROL is the control file of the package.
#   DIR/stock   has nothing that the package needs. apt has fetched it, so that it can be installed without a network.
#   DIR/ready   has it installed
set -eu
roots=$1 mirror=$2 control=$3
export DEBIAN_FRONTEND=noninteractive
stock=$roots/.stock ready=$roots/.ready
rm -rf "$stock" "$ready"
mkdir -p "$roots"
base=systemd,systemd-sysv,dbus,ca-certificates,procps,iproute2,curl,sudo,libpam-runtime
debootstrap --variant=minbase --include="$base" trixie "$stock" "$mirror"

# Debian 13 has no Asterisk. That of the next Debian brings the libraries that it needs, and a Perl, whose own libraries must fit.
echo "deb $mirror forky main" >"$stock/etc/apt/sources.list.d/forky.list"
printf 'Package: *\nPin: release n=forky\nPin-Priority: 50\n' >"$stock/etc/apt/preferences.d/forky"
# Nothing starts in a root that is not booted.
printf '#!/bin/sh\nexit 101\n' >"$stock/usr/sbin/policy-rc.d"
chmod +x "$stock/usr/sbin/policy-rc.d"
# A mirror may be behind the clock of this machine. apt still checks the signatures.
chroot "$stock" apt-get -q -o Acquire::Check-Valid-Until=false update
chroot "$stock" apt-get -q -y --no-install-recommends install -t forky \
  asterisk asterisk-core-sounds-en-wav perl locales libio-pty-perl libtext-charwidth-perl
chroot "$stock" apt-get clean
names=$(sed -n 's/^Depends: //p; s/^Recommends: //p' "$control" | tr , '\n' | sed 's/[(|].*//' | tr -d ' ')
# shellcheck disable=SC2086
chroot "$stock" apt-get -q -y --download-only install $names

cp -a "$stock" "$ready"
# shellcheck disable=SC2086
chroot "$ready" apt-get -q -y install $names
rm "$stock/usr/sbin/policy-rc.d" "$ready/usr/sbin/policy-rc.d"
mv "$ready" "$roots/ready"
mv "$stock" "$roots/stock"
