# Installs the package and makes the first recorded call. docs/install.md has the same steps.
step() { echo "== $(date +%T) $*"; }
cd /root
mkdir -p .cache && ln -sfn /opt/cache .cache/consentry
ip link set lo up

step package
dpkg -i /opt/checkout/out/consentry_*-1_*.deb
for unit in consentry consentry-keeper consentry-console consentry-migrate; do
  [ "$(systemctl is-active "$unit")" = inactive ] || { echo "$unit was started by the installation"; exit 1; }
done
[ "$(stat -c '%a %U %G' /run/consentry/tap)" = '2750 consentry asterisk' ]

step PostgreSQL
cat >/tmp/roles.sql <<'SQL'
create role consentry_owner login password 'owner';
create role consentry login password 'service';
create role consentry_console login password 'console';
create database consentry owner consentry_owner;
revoke all on database consentry from public;
grant connect on database consentry to consentry, consentry_console;
SQL
chmod 644 /tmp/roles.sql
runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -f /tmp/roles.sql

step Asterisk
cat >/etc/asterisk/ari.conf <<'INI'
[general]
enabled = yes
[consentry]
type = user
read_only = no
password = a-long-random-password
INI
cat >/etc/asterisk/http.conf <<'INI'
[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = 8088
INI
cat >/etc/asterisk/extensions.conf <<'INI'
#include /usr/lib/consentry/asterisk/consentry.conf
[from-trunk]
exten => 101,1,Gosub(consentry,s,1)
 same =>    n,Answer()
 same =>    n(talk),Playback(demo-congrats)
 same =>    n,Goto(talk)
INI
cat >/etc/asterisk/pjsip.conf <<'INI'
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:5060
[anonymous]
type = endpoint
context = from-trunk
disallow = all
allow = alaw
direct_media = no
dtmf_mode = auto
INI
systemctl restart asterisk

step keys and settings
consentry keygen service --dir keys
install -m 0640 -g consentry keys/recipients.json /etc/consentry/
install -m 0640 -g consentry /usr/share/doc/consentry/examples/consentry.env /etc/consentry/
sed -i 's/a-service-password/service/; s/a-console-password/console/' /etc/consentry/consentry.env
(umask 077 && echo postgres://consentry_owner:owner@127.0.0.1:5432/consentry >/etc/consentry/database-admin-url)

step units
systemctl enable --now consentry-keeper consentry consentry-console
for unit in consentry consentry-keeper consentry-console; do systemctl --quiet is-active "$unit"; done

step a line, from the folder of a person
useradd -m anna && chmod 700 /home/anna
echo 'anna ALL=(root) NOPASSWD: /usr/bin/consentry' >/etc/sudoers.d/anna
cp /opt/checkout/test/install/inside/line.json /home/anna/ && chown anna: /home/anna/line.json && chmod 600 /home/anna/line.json
cd /home/anna
runuser -u anna -- sudo consentry line set line.json

step a call
node /opt/checkout/test/install/inside/load.mjs 1 10000
sleep 3
runuser -u anna -- sudo consentry calls | grep -q 'granted.*finished'
CONSENTRY_IDENTITY=/root/keys/identity.json consentry verify
