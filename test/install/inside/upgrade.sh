# Upgrade, SIGKILL of the service and downgrade with 20 calls: none is dropped, and each recording opens whole.
step() { echo "== $(date +%T) $*"; }
pid() { systemctl show -P MainPID "$1"; }
cd /root
export CONSENTRY_IDENTITY=/root/keys/identity.json
next=/tmp/next.deb
dpkg-deb -R /opt/checkout/out/consentry_*-1_*.deb /tmp/next
sed -i 's/^Version: .*/&.1/' /tmp/next/DEBIAN/control
dpkg-deb --root-owner-group -Zgzip -z1 --build /tmp/next "$next" >/dev/null
rm -r /tmp/next

keeper=$(pid consentry-keeper)
node /opt/checkout/test/install/inside/load.mjs 20 150000 &
load=$!
sleep 30
step upgrade
before=$(pid consentry)
dpkg -i "$next"
[ "$(pid consentry)" = "$before" ] || { echo 'the installation restarted the service'; exit 1; }
systemctl restart consentry-migrate && systemctl restart consentry
sleep 20
step SIGKILL
systemctl kill -s KILL consentry
sleep 20
systemctl --quiet is-active consentry
step downgrade
dpkg -i /opt/checkout/out/consentry_*-1_*.deb
systemctl restart consentry-migrate && systemctl restart consentry
[ "$(pid consentry-keeper)" = "$keeper" ] || { echo 'the keeper was replaced'; exit 1; }
wait "$load"
sleep 5

step recordings
consentry calls --limit 20 --json >calls.json
node -e 'for (const { recordings } of JSON.parse(require("fs").readFileSync("calls.json"))) for (const { id } of recordings) console.log(id)' >recordings.txt
[ "$(wc -l <recordings.txt)" -eq 20 ]
while read -r recording; do consentry open "$recording" -o talk.wav --by root; done <recordings.txt
consentry verify
