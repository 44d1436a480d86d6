#!/bin/sh
# Prepares this host for compose.yaml: the user "consentry", folders, secrets, and the file .env. It says what it makes. It may be run
# again: it leaves alone what exists.
#
# usage: container/prepare.sh [GROUP]     the primary group of Asterisk's user, "asterisk" by default; it is made if it is missing
set -eu
group=${1:-asterisk}
secrets=/etc/consentry/secrets
here=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo "prepare: run it as root" >&2; exit 1; }

say() { echo "prepare: $1"; }

getent group "$group" > /dev/null || { groupadd --system "$group"; say "made the group $group"; }
getent passwd consentry > /dev/null || {
  useradd --system --user-group --home-dir /var/lib/consentry --shell /usr/sbin/nologin consentry
  say "made the user consentry"
}

# A folder that exists keeps its owner and mode.
folder() { # mode, owner, path
  [ ! -d "$3" ] || return 0
  install -d -m "$1" -o "${2%:*}" -g "${2#*:}" "$3"
  say "made $3"
}
folder 0711 consentry:consentry /var/lib/consentry
folder 0700 consentry:consentry /var/lib/consentry-keys
folder 0750 root:consentry /etc/consentry
folder 0750 root:consentry "$secrets"
folder 0755 root:root /etc/consentry/lines
[ -e /etc/consentry/lines/example.json ] || install -m 0644 "$here/container/line.json" /etc/consentry/lines/example.json

# The tap folder is in memory, so it is made again at each start of the host.
mkdir -p /etc/tmpfiles.d
printf 'd /run/consentry 0711 consentry consentry\nd /run/consentry/tap 2750 consentry %s\n' "$group" \
  > /etc/tmpfiles.d/consentry.conf
folder 0711 consentry:consentry /run/consentry
folder 2750 "consentry:$group" /run/consentry/tap

# Each secret is drawn once. Containers of Consentry and PostgreSQL read them as members of the group consentry.
secret() { # name, text around the drawn word
  [ ! -e "$secrets/$1" ] || return 0
  word=$(od -An -N 24 -t x1 /dev/urandom | tr -d ' \n')
  # shellcheck disable=SC2059
  (umask 027 && printf "$2" "$word" > "$secrets/$1")
  chown root:consentry "$secrets/$1"
  chmod 0640 "$secrets/$1"
  say "drew $secrets/$1"
}
secret ari-password '%s'
secret postgres-password '%s'
secret database-owner-url 'postgres://consentry_owner:%s@127.0.0.1:5433/consentry'
secret database-url 'postgres://consentry:%s@127.0.0.1:5433/consentry'
secret database-console-url 'postgres://consentry_console:%s@127.0.0.1:5433/consentry'

[ -e "$here/.env" ] || {
  printf 'CONSENTRY_UID=%s\nCONSENTRY_GID=%s\nASTERISK_GID=%s\n' "$(id -u consentry)" "$(id -g consentry)" \
    "$(getent group "$group" | cut -d : -f 3)" > "$here/.env"
  say "wrote $here/.env"
}
