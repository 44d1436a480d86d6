#!/bin/sh
# Puts the trial's configuration over Debian's, fills in address and password, and becomes Asterisk. It writes below /run/asterisk only.
set -eu
umask 077
home=/run/asterisk
mkdir -p "$home/var" "$home/spool" "$home/log" "$home/run"
rm -rf "$home/etc"
cp -r /etc/asterisk "$home/etc"
cp /usr/local/share/pbx/*.conf "$home/etc/"
sed -i "s|@sip@|${LAB_SIP:-127.0.0.1:5060}|; s|@callers@|${LAB_CALLERS:-127.0.0.0/8}|" "$home/etc/pjsip.conf"
# The password is of letters and digits. It is not given as an argument, which other users of the host could read.
{
  cat /usr/local/share/pbx/ari.conf
  printf 'password = %s\n' "$(cat "$ARI_PASSWORD_FILE")"
} > "$home/etc/ari.conf"
exec asterisk -C "$home/etc/asterisk.conf" -f
