// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: further ARI events, from a proxy before Asterisk.
// Meanwhile strangers send SIP requests and RTP packets.
// Long: four times as many events, requests and packets.
// Long only: hostile packets to each port; `service/http/hostile-requests` and `call/hostile` have the common ones.
import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { rmsDbfs } from '../../lab/audio/levels.js'
import { AUDIBLE_DBFS } from '../../lab/media/received-audio.js'
import { LOOPBACK } from '../../lab/ports.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { hostileValue } from '../support/fuzz/hostile-values.js'
import { InjectingProxy } from '../support/fuzz/injecting-proxy.js'
import { fuzzRuns, seed } from '../support/fuzz/seeded.js'
import { sequences } from '../support/fuzz/sequences.js'
import { oddPackets, oddRequests } from '../support/fuzz/sip-requests.js'
import { udpPorts } from '../support/fuzz/udp-ports.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInDisclosure } from '../support/lab/caller-actions.js'
import { startWithPbxAt } from '../support/lab/fault-lab.js'
import { yesInDisclosure } from '../support/lab/yes-in-disclosure.js'
import { until } from '../support/processes/database.js'

/** Time between two rounds of hostile messages, ms. It bounds how much is sent in a second. */
const ROUND_MS = 40
/** Messages of each kind in a round. */
const A_ROUND = 4

const lab = await startCallLab(t, { lines: [quickLine('400', { disclosure: LONG_PROMPT })], service: false })
const { service, pbx } = lab.lab
const proxy = await InjectingProxy.start(t, pbx.ari.url)
await startWithPbxAt(lab, proxy.url)
const before = { service: service.pid, pbx: pbx.pid }

/** Malformed events, and well-formed events of channels that do not exist. */
const events = fc.oneof(
  sequences.map(({ actions }) =>
    actions.flatMap(act =>
      act.action === 'forge' ? [JSON.stringify(act.event).replaceAll('{channel}', '1.1')] : [],
    ),
  ),
  fc
    .record({ type: hostileValue, channel: hostileValue, playback: hostileValue })
    .map(event => [JSON.stringify(event)]),
  fc.constantFrom(
    ['{'],
    [''],
    ['['.repeat(9_000)],
    ['{"type":"StasisStart","args":["400"],"channel":{"id":"no.1"}}'],
  ),
)
const said = fc.sample(events, fuzzRuns(600, 2_400)).flat()
const requests = fc.sample(oddRequests, fuzzRuns(600, 2_400))
const packets = fc.sample(oddPackets, fuzzRuns(600, 2_400))

const stranger = createSocket('udp4')
t.teardown(() => stranger.close())
stranger.on('error', () => {})
const sent = { events: 0, sip: 0, rtp: 0 }
/** After a call's first packet Asterisk learns for this time which packets are the caller's, ms. It has no better way. */
const LEARNING_MS = 6_000
/** Silence after the caller's words, ms. Audio in this time would be a stranger's. */
const SILENT_MS = 2_000
/** Number of callers who agree. */
const AGREEING = 3
/** Number of callers who will be recorded and whose packets Asterisk may not know yet. */
let unknown = AGREEING
let over = false
async function annoy(): Promise<void> {
  for (let at = 0; !over; at += A_ROUND, await pause(ROUND_MS)) {
    const own = <T>(all: T[]) => Array.from({ length: A_ROUND }, (_, i) => all[(at + i) % all.length]!)
    for (const text of own(said)) proxy.inject(text)
    for (const bytes of own(requests)) stranger.send(bytes, pbx.sipPort, LOOPBACK)
    // From now on no stranger may be heard.
    const ports = unknown === 0 ? udpPorts(pbx.pid).filter(port => port !== pbx.sipPort) : []
    for (const port of ports) for (const bytes of own(packets)) stranger.send(bytes, port, LOOPBACK)
    sent.events += A_ROUND
    sent.sip += A_ROUND
    sent.rtp += A_ROUND * ports.length
  }
}

const words = promptSamples('en', 'disclosure-notice').subarray(0, 24_000)
const yes: CallScenario = {
  ...yesInDisclosure,
  title: 'a caller who agrees is recorded, and no stranger is heard',
  dial: { number: '400' },
  callerAction: inSequence(yesInDisclosure.callerAction, async call => {
    await call.waitForAgent()
    await pause(LEARNING_MS)
    unknown -= 1
    await until(() => unknown === 0)
    await call.caller.say(words)
    await pause(SILENT_MS)
  }),
  async check(t, call) {
    const legs = await lab.open(call.recordings[0]!.id)
    t.ok(isHeard(legs.caller, words), 'the recording has the words of the caller')
    t.ok(isHeard(legs.agent, lab.sentence), 'the recording has the words of the agent')
    const last = rmsDbfs(legs.caller.subarray(-SAMPLE_RATE))
    t.ok(last < AUDIBLE_DBFS, `the recording is silent while the caller is silent: ${Math.round(last)} dB`)
  },
}
const no: CallScenario = {
  title: 'a caller who refuses is not recorded',
  dial: { number: '400' },
  callerAction: pressInDisclosure('2'),
  answers: { service: 'refused' },
  decision: 'refused',
  events: [
    'call.started',
    'call.answered',
    'prompt.ended disclosure key',
    'consent.answered service refused',
    'prompt.ended refused complete',
    'call.decided refused',
    'call.released continue',
  ],
}

proxy.repeatEvery = 3
const annoyed = annoy()
await checkScenarios(t, lab, [...Array<CallScenario>(AGREEING).fill(yes), no, no])
over = true
await annoyed

t.test(`service and PBX run on (seed ${seed})`, async t => {
  t.ok(await service.isReady(), 'the service takes calls')
  t.strictSame({ service: service.pid, pbx: pbx.pid }, before)
  t.ok(
    sent.events > 100 && sent.sip > 100 && sent.rtp > 100 && proxy.repeated > 5,
    JSON.stringify({ ...sent, repeated: proxy.repeated }),
  )
})
