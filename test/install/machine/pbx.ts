import { NUMBER } from './calls.js'
import type { Machine } from './machine.js'

/** A trunk whose callers nobody knows, on loopback. */
const TRUNK = `[transport-udp]
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

; Phones of the house.
[caller]
type = endpoint
context = default
disallow = all
allow = alaw
direct_media = no
`

/** What the number does today: an agent answers and talks. */
const AGENT = ` same => n,Answer()
 same => n(talk),Playback(demo-congrats)
 same => n,Goto(talk)
`
const TODAY = `[from-trunk]
exten => ${NUMBER},1,NoOp()
${AGENT}`
/** The same with the question before it, as the guide says. */
export const ASKED = `[from-trunk]
exten => ${NUMBER},1,Gosub(consentry,s,1)
${AGENT}`

/** Gives the machine's Asterisk a trunk and a number, as an operator has them before Consentry comes. */
export async function prepareAsterisk(machine: Machine): Promise<void> {
  await machine.write('etc/asterisk/pjsip.conf', TRUNK)
  await machine.write('etc/asterisk/extensions.conf', TODAY)
  await machine.sh('chown asterisk: /etc/asterisk/*.conf && systemctl restart asterisk')
}

/** Types the line of the guide into the dialplan. */
export async function askInDialplan(machine: Machine): Promise<void> {
  const path = 'etc/asterisk/extensions.conf'
  const before = await machine.read(path)
  if (!before.includes(TODAY)) throw new Error(`the dialplan is another one:\n${before}`)
  await machine.write(path, before.replace(TODAY, ASKED))
}

/** Waits until the service is ready for calls. */
export const waitForService = (machine: Machine): Promise<string> =>
  machine.sh(`for try in $(seq 300); do
  if curl --fail --silent http://127.0.0.1:8080/readyz; then exit 0; fi
  sleep 0.2
done
curl --silent http://127.0.0.1:8080/readyz
exit 1`)

/** Waits until the service records so many calls. */
export const waitForRecordings = (machine: Machine, calls: number): Promise<string> =>
  machine.sh(`for try in $(seq 300); do
  if curl --fail --silent http://127.0.0.1:8080/metrics | grep -qx 'consentry_recordings_running ${calls}'; then exit 0; fi
  sleep 0.2
done
curl --silent http://127.0.0.1:8080/metrics | grep recordings
exit 1`)

/** Waits until the PBX takes calls. */
export const waitForAsterisk = (machine: Machine): Promise<string> =>
  machine.sh('until asterisk -rx "core waitfullybooted" >/dev/null 2>&1; do sleep 0.2; done')
