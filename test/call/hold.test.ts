// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Agents and callers put the other side on hold by a re-INVITE. Everybody has a tone, by which the recordings are measured. All scenes run at
// the same time.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { rmsDbfs } from '../../lab/audio/levels.js'
import type { Caller } from '../../lab/caller.js'
import type { AnsweredCall, Phone } from '../../lab/phone.js'
import { epochMs } from '../../lab/time.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { openPhones } from '../support/lab/open-phones.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { dial, finish, stayApart, talkTo } from '../support/situations/company.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'

/** What everybody sounds like, Hz. */
const HZ = { caller: 1_730, agent: 830, held: 1_010, after: 2_690, back: 610 }
/** How long somebody speaks during a hold, ms. */
const HELD_MS = 4_000
/** Music of the lab is louder than this, a line without sound is softer, dBFS. */
const MUSIC_DBFS = -90

/** Each scene: who holds, whether the PBX has music for whoever is held, and what the line says of it. */
const SCENES = [
  { number: '871', by: 'agent', music: true, onHold: 'record' },
  { number: '872', by: 'agent', music: true, onHold: 'pause' },
  { number: '873', by: 'agent', music: false, onHold: 'record' },
  { number: '874', by: 'agent', music: false, onHold: 'pause' },
  { number: '875', by: 'caller', music: false, onHold: 'record' },
  { number: '876', by: 'caller', music: false, onHold: 'pause' },
] as const
type Scene = (typeof SCENES)[number]

const phones = await openPhones(t, ...SCENES.map(({ number }) => number))
const lab = await startCallLab(t, {
  extensions: SCENES.map(({ number, music }) =>
    [
      `exten => ${number},1,Set(CHANNEL(musicclass)=${music ? 'music' : 'none'})`,
      ' same => n,Gosub(consentry,s,1)',
      ` same => n,Dial(${phones[number].agentEndpoint},30)`,
    ].join('\n'),
  ).join('\n'),
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: SCENES.map(({ number, onHold }) => quickLine(number, { onHold })),
})
const { pbx } = lab.lab
// No class is called `default`, so there is music only where a line names the class.
await writeFile(
  join(pbx.dir, 'etc', 'musiconhold.conf'),
  `[music]\nmode = files\ndirectory = ${join(pbx.dir, 'sounds')}\n`,
)
await pbx.cli('moh reload')

/** One puts the other on hold and takes the call back. Meanwhile the other speaks. @returns how loud that one's phone was, dBFS */
async function hold(
  placed: PlacedCall,
  said: Said,
  holder: AnsweredCall | Caller,
  held: AnsweredCall | Caller,
): Promise<number> {
  await stayApart()
  await holder.hold()
  await placed.waitForEvent('call.hold-began')
  await stayApart()
  const from = epochMs()
  await said.by(held, 'held', HELD_MS)
  const heard = rmsDbfs(held.heard.samples(from, epochMs()))
  await stayApart()
  await holder.unhold()
  await placed.waitForEvent('call.hold-ended')
  await stayApart()
  return heard
}

/** Caller and agent talk, one holds, and they talk again. */
async function play({ number, by }: Scene, phone: Phone): Promise<Played & { heard: number }> {
  const placed = await dial(lab, number)
  const said = new Said(HZ, placed.caller)
  const agent = await talkTo(placed, phone)
  await Promise.all([said.by(placed.caller, 'caller'), said.by(agent, 'agent')])
  const [holder, held] = by === 'agent' ? [agent, placed.caller] : [placed.caller, agent]
  const heard = await hold(placed, said, holder, held)
  await Promise.all([said.by(placed.caller, 'after', 5_000), said.by(agent, 'back', 5_000)])
  return { call: await finish(placed), said, heard }
}

const played = await Promise.all(
  SCENES.map(async scene => ({ scene, ...(await play(scene, phones[scene.number])) })),
)

const sides = 'both sides'
const pause = ['nothing (hold)', sides]
for (const { scene, call, said } of played) {
  const { by, music, onHold } = scene
  const how = by === 'agent' ? `the agent holds, ${music ? 'with' : 'without'} music` : 'the caller holds'
  situation(t, lab, `${how}, \`onHold: ${onHold}\``, {
    ...{ call, said, asked: 1 },
    // On a line that pauses, nothing is recorded before the agent answers either.
    allowed: onHold === 'record' ? [sides] : [sides, ...pause, ...pause],
    unagreed: onHold === 'record' ? [] : ['held'],
  })
}

t.test('whoever is held hears music, or nothing', async t => {
  for (const { scene, heard } of played) {
    const { number, music } = scene
    t.equal(heard > MUSIC_DBFS, music, `${number}: ${heard} dBFS`)
  }
})

t.test('the journal has who holds', async t => {
  for (const { scene, call } of played) {
    const { by } = scene
    const who = by === 'agent' ? { by, agent: 'PJSIP/agent' } : { by }
    matchEach(
      t,
      call.events.filter(({ type }) => type.startsWith('call.hold-')),
      ['call.hold-began', 'call.hold-ended'].map(type => ({ type, ...who })),
    )
  }
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
