# SIGKILL of the keeper, a frozen service, stop and start: calls go on, and nothing is left over.
step() { echo "== $(date +%T) $*"; }
pid() { systemctl show -P MainPID "$1"; }
node /opt/checkout/test/install/inside/load.mjs 5 75000 &
load=$!
sleep 20
step SIGKILL of the keeper
systemctl kill -s KILL consentry-keeper
sleep 5
curl --fail --silent http://127.0.0.1:8080/readyz
step a frozen service is restarted by the watchdog
frozen=$(pid consentry)
kill -STOP "$frozen"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 4; [ "$(pid consentry)" = "$frozen" ] || break; done
[ "$(pid consentry)" != "$frozen" ]
wait "$load"
step stop
systemctl stop consentry
[ "$(pgrep -c -u consentry)" -eq 1 ] && pgrep -u consentry -f 'consentry keeper'
step start
systemctl start consentry
systemctl --quiet is-active consentry
