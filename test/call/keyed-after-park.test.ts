// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Callers who were parked and retrieved key and say a card number while their recording is paused. One scene has keys as events (RFC 4733) and as
// tones that the PBX does not know for keys, the other one tones that the PBX finds in the sound.
// Long only: a parked call; `call/pause` has the pause by keys.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { keyTones, tone } from '../../lab/audio/signals.js'
import type { KeyMethod } from '../../lab/caller.js'
import { LEGS, SAMPLE_RATE } from '../../src/core/audio.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { marker, markerNeedles, runsOf } from '../support/data/marker.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { press, pressInDisclosure } from '../support/lab/caller-actions.js'
import { openPhones } from '../support/lab/open-phones.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  connect,
  finish,
  LIMIT,
  stayApart,
  talkTo,
  waitUntilConnected,
} from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = { before: 3_170, second: 1_730, card: 1_010, after: 2_690 }
/** What is keyed during the pause, like a card number, and a key that is pressed after it. */
const [CARD, AFTER] = ['4276550012345678', '9']
/** How long a key is held, ms. */
const KEY_MS = 120
/** Each of the two tones of a key is above this level in a window within it, dBFS. Those that are keyed have −12. */
const HEARD_DBFS = -25

const { parks, retrieves } = await openPhones(t, 'parks', 'retrieves')
const lab = await startCallLab(t, {
  extensions: `
exten => 885,1,Gosub(consentry,s,1)
 same =>     n,Dial(${parks.agentEndpoint},30)
exten => 700,1,Park()
exten => 701,1,ParkedCall(default,701)
`,
  lines: [quickLine('885')],
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
})
const { ready, pbx } = lab.lab

/** A caller is parked and retrieved, and the agent pauses for a card number. @param keys how the caller's phone sends keys */
async function play(keys: KeyMethod): Promise<Played> {
  const placed = await PlacedCall.place(lab, { number: '885', keys })
  const { caller } = placed
  await caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  const said = new Said(HZ, caller)
  const first = await talkTo(placed, parks)
  await said.by(caller, 'before')
  if ((await first.refer(`sip:700@${pbx.sip}`)) !== 202) throw new Error('the PBX does not park')
  await placed.waitForEvent('call.agent-left')
  await first.hangup()
  const agent = await connect(lab, retrieves, 'extension 701@from-lab')
  await waitUntilConnected(agent, caller)
  await said.by(agent, 'second')
  await stayApart()
  await press(agent, '*7')
  await placed.waitForEvent('recording.paused', ({ by }) => by === 'agent')
  await caller.say(marker)
  await caller.pressKeys(CARD, { ms: KEY_MS })
  await caller.pressKeys(CARD, { ms: KEY_MS, method: 'inband' })
  await said.by(caller, 'card')
  await sleep(300)
  await press(agent, '*7')
  await stayApart()
  // Where the PBX looks for keys in the sound, it takes them out.
  if (keys === 'rfc4733') await caller.pressKeys(AFTER, { ms: KEY_MS, method: 'inband' })
  await said.by(caller, 'after', 7_000)
  const call = await finish(placed)
  await agent.hangup()
  return { call, said }
}

// One after another: each is parked at the same place.
const events = await play('rfc4733')
const tones = await play('inband')

const sides = 'both sides'
for (const [title, one] of Object.entries({ 'by RFC 4733': events, 'in the sound': tones }))
  situation(t, lab, `park and retrieve, a card number ${title} between *7`, {
    ...{ ...one, asked: 1, unagreed: ['card'] },
    allowed: [sides, 'nothing (agent)', sides],
  })

/** Which keys are heard in a recording. */
function keysIn(leg: Int16Array): string {
  const step = (SAMPLE_RATE * KEY_MS) / 4_000
  const windows = Array.from({ length: Math.floor(leg.length / step) - 1 }, (_, i) =>
    leg.subarray(i * step, (i + 2) * step),
  )
  const isHeard = (key: string) =>
    windows.some(window => keyTones(key).every(hz => toneDbfs(window, hz) > HEARD_DBFS))
  return [...'0123456789'].filter(isHeard).join('')
}

t.test('no key of the card number is heard in the recordings, and one after the pause is', async t => {
  const heard = []
  for (const { call } of [events, tones]) {
    const legs = await lab.open(call.recordings[0]!.id)
    heard.push(LEGS.map(leg => keysIn(legs[leg])))
  }
  t.strictSame(heard, [
    [AFTER, ''],
    ['', ''],
  ])
})

t.test('the card number is in no file, no row and no log', async t => {
  const files = (await Promise.all([ready.data, ready.tap, pbx.dir].map(listFilesBelow))).flat()
  const keyed = [...new Set(CARD)].flatMap(key => runsOf('alaw', tone(keyTones(key), KEY_MS, -12)))
  t.ok(keyed.length > 0)
  const wanted = [...markerNeedles('alaw'), ...keyed, { name: 'keys', bytes: Buffer.from(CARD) }]
  t.strictSame(await searchFiles(files, wanted), [])
  const rows = await lab.db.selectFrom('event_personal').select('data').execute()
  const digits = rows.flatMap(({ data }) => (data as { digit?: string }).digit ?? [])
  t.strictSame(digits, ['1', '1'], 'the database has only the keys of answers')
  const all = await lab.db.selectFrom('event').select('data').execute()
  t.notOk(
    all.some(({ data }) => 'digit' in data),
    'no event has a key',
  )
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
