#!/bin/sh
# As the official image: makes a new database cluster with the superuser's password, runs the scripts for it on a server without an
# address, and becomes PostgreSQL.
set -eu
case ${1:-} in -*) set -- postgres "$@" ;; esac
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" > /dev/null
  printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
  for script in /docker-entrypoint-initdb.d/*.sql; do
    psql -v ON_ERROR_STOP=1 --no-psqlrc --username=postgres --no-password --dbname=postgres < "$script"
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
