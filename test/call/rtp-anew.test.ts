// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// A phone restarts its RTP in the middle of a conversation, as after a fail-over, a re-INVITE or a media refresh: Debian's Asterisk 22 drops its
// sound from every recording then, because its sequence numbers look older. Both sides speak all the while. All scenes run at the same time.
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { pollUntil } from '../../lab/process/start-process.js'
import { LEGS, type Leg } from '../../src/core/audio.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { askService } from '../../src/socket/ask-service.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { placesOf } from '../support/lab/tones-heard.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { dial, finish, LIMIT, stayApart, talkTo } from '../support/situations/company.js'
import { gapsOf, lengthOf } from '../support/situations/gaps.js'
import { isBusy } from '../support/situations/situation.js'

/** What both sound like, Hz. */
const HZ: Record<Leg, number> = { caller: 1_730, agent: 830 }
/** How long both speak before and after the RTP restarts, ms. */
const SPEECH_MS = 14_000
/** How much of a side may be lost, s: another source is noticed within a second, and a jump when the PBX has counted what is lost. */
const MOST_LOST_S = { source: 2, jump: 8 }
/** A tone is found in tenths of a second, s. */
const COARSE_S = 0.3

type Scene = 'silent' | 'offered' | 'ofAgent' | 'sameSource' | 'steady'
const phones = await openPhones(t, 'silent', 'offered', 'ofAgent', 'sameSource', 'steady')
const LINES: Record<Scene, string> = {
  ...{ silent: '881', offered: '882', ofAgent: '883', sameSource: '884', steady: '885' },
}
const lab = await startCallLab(t, {
  extensions: Object.entries(LINES)
    .map(
      ([scene, line]) =>
        `exten => ${line},1,Gosub(consentry,s,1)\n same => n,Dial(${phones[scene as Scene].agentEndpoint},30)`,
    )
    .join('\n'),
  lines: Object.values(LINES).map(number => quickLine(number)),
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
})
await pollUntil(
  async () => (await askService(lab.lab.ready.data, { do: 'report' })).sides !== 'unknown',
  LIMIT,
)

interface Heard {
  call: CallTimeline
  /** How much of each side is there, s, of all that was sent. */
  recorded: Record<Leg, number>
}

type Talk = { placed: PlacedCall; agent: Awaited<ReturnType<typeof talkTo>> }

/** Both speak, then something happens, and both speak on. */
async function play(scene: Scene, happens: (talk: Talk) => unknown): Promise<Heard> {
  const placed = await dial(lab, LINES[scene])
  const agent = await talkTo(placed, phones[scene])
  const speak = () =>
    Promise.all([placed.caller.say(tone([HZ.caller], SPEECH_MS)), agent.say(tone([HZ.agent], SPEECH_MS))])
  await speak()
  await happens({ placed, agent })
  await speak()
  await stayApart()
  const call = await finish(placed)
  const legs = await lab.open(call.recordings[0]!.id)
  const recordedOf = (leg: Leg) => placesOf(legs[leg], HZ[leg]).length / 10
  return { call, recorded: { caller: recordedOf('caller'), agent: recordedOf('agent') } }
}

const [silent, offered, ofAgent, sameSource, steady] = await Promise.all([
  play('silent', ({ placed }) => placed.caller.restartRtp()),
  play('offered', ({ placed }) => placed.caller.restartRtp({ offers: true })),
  play('ofAgent', ({ agent }) => agent.restartRtp({ offers: true })),
  play('sameSource', ({ placed }) => placed.caller.restartRtp({ from: 'same' })),
  play('steady', () => stayApart()),
])

const whole = (2 * SPEECH_MS) / 1_000
const scenes = { silent, offered, ofAgent, sameSource }
for (const [title, { call, recorded }] of Object.entries(scenes)) {
  t.test(`${title}: what restarts is recorded, and what is lost is journalled`, async t => {
    const gaps = gapsOf(call)
    const most = title === 'sameSource' ? MOST_LOST_S.jump : MOST_LOST_S.source
    for (const leg of LEGS) {
      const lost = whole - recorded[leg]
      const what = `${leg}: ${recorded[leg]} of ${whole} s are there; the journal has ${lengthOf(gaps, leg)} s as lost`
      t.comment(what)
      t.ok(isBusy() || lost <= most, what)
      t.ok(lost <= lengthOf(gaps, leg) + COARSE_S, `${what}: not more is lost`)
    }
    if (asteriskVersion !== 22) t.strictSame(gaps, [], 'a PBX without the fault is left alone')
    else t.ok(gaps.length > 0)
  })
}

t.test('where nothing restarts, nothing is restarted', async t => {
  t.strictSame(gapsOf(steady.call), [])
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
