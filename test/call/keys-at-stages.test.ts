// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// The keys of a pause and of a withdrawal, at every stage of a call. Everybody has a tone, by which the recordings are measured. All scenes run
// at the same time.
// Long only: keys at each stage; `call/answers` and `call/withdrawal` have those that count.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startCallLab } from '../support/lab/call-lab.js'
import { press } from '../support/lab/caller-actions.js'
import { finish, sayCard, stayApart } from '../support/situations/company.js'
import { movesOf } from '../support/situations/moves.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'
import { type Stage, Stages } from '../support/situations/stages.js'

/** What everybody sounds like, Hz. No prompt that is whispered, and no music, sounds as high as what must not be recorded. */
const HZ = { first: 830, before: 1_730, second: 1_370, card: 3_130, after: 2_690, withdrawn: 3_330 }

const stages = await Stages.open()
t.teardown(() => stages.close())
const { extensions, lines } = stages
const lab = await startCallLab(t, { extensions, lines, env: { CONSENTRY_INSIDE: 'PJSIP/agent' } })
await stages.addQueue(lab.lab.pbx)

/** Caller and agent talk, the agent pauses, and the caller withdraws. */
async function play(stage: Stage): Promise<Played> {
  let said: Said | undefined
  const { placed, agent, other } = await stage(lab, async (placed, first) => {
    said = new Said(HZ, placed.caller)
    await said.by(first, 'first')
  })
  const { caller } = placed
  said ??= new Said(HZ, caller)
  await Promise.all([said.by(caller, 'before', 4_000), said.by(agent, 'second', 4_000)])
  await sayCard(said, placed, agent)
  await said.by(caller, 'after', 6_000)
  await stayApart()
  await caller.pressKeys('*9')
  await Promise.all([said.by(caller, 'withdrawn', 4_000), said.by(agent, 'withdrawn', 4_000)])
  await placed.waitForEvent('consent.withdrawn')
  const call = await finish(placed)
  await Promise.all([agent.hangup(), other?.hangup()])
  return { call, said }
}

/** The agent holds, pauses meanwhile, takes the caller back and ends the pause at once. The caller is held again, and withdraws. */
async function playOnHold(): Promise<Played> {
  const { placed, agent } = await stages.beforeHold(lab)
  const { caller } = placed
  const said = new Said(HZ, caller)
  await Promise.all([said.by(caller, 'before', 4_000), said.by(agent, 'second', 4_000)])
  await stayApart()
  await agent.hold()
  await placed.waitForEvent('call.hold-began')
  await stayApart()
  await press(agent, '*7')
  await placed.waitForEvent('recording.paused')
  await said.by(caller, 'card')
  await agent.unhold()
  await said.by(caller, 'card')
  await sleep(300)
  await press(agent, '*7')
  await placed.waitForEvent('recording.resumed')
  await stayApart()
  const { at } = await placed.waitForEvent('call.hold-ended')
  await agent.hold()
  await placed.waitForEvent('call.hold-began', event => event.at > at)
  await said.by(caller, 'after', 6_000)
  await stayApart()
  await caller.pressKeys('*9')
  await said.by(caller, 'withdrawn', 4_000)
  await placed.waitForEvent('consent.withdrawn')
  await agent.unhold()
  await Promise.all([said.by(caller, 'withdrawn', 4_000), said.by(agent, 'withdrawn', 4_000)])
  const call = await finish(placed)
  await agent.hangup()
  return { call, said }
}

const scenes: Record<string, () => Promise<Played>> = {
  ...Object.fromEntries(Object.entries(stages.all).map(([title, stage]) => [title, () => play(stage)])),
  'on hold, and right after it': playOnHold,
}
const played = await Promise.all(
  Object.entries(scenes).map(async ([title, scene]) => [title, await scene()] as const),
)

const sides = 'both sides'
for (const [title, one] of played)
  situation(t, lab, `*7 and *9: ${title}`, {
    ...{ ...one, asked: 1, unagreed: ['card', 'withdrawn'] },
    allowed: [sides, 'nothing (agent)', sides, 'nothing (withdrawn)'],
  })

/** How the caller is moved at each stage. A transfer to the number of the parking lot may be reported before the caller is there, or after. */
const MOVES: Record<string, string[]> = {
  'blind transfer by REFER': ['transferred blind by PJSIP/agent'],
  'attended transfer by REFER with Replaces': ['transferred attended by PJSIP/agent'],
  'park by REFER, and retrieve': ['parked', 'transferred blind by PJSIP/agent', 'unparked'],
  conference: ['conference-joined'],
  'conference, beside an agent who holds': ['conference-joined'],
  'consultation by *3, keys in it, and transfer': ['transferred attended by PJSIP/agent'],
}

t.test(
  'the journal has how the caller was moved, by its kind, without the number that was dialled',
  async t => {
    for (const [title, { call }] of played) {
      // The PBX does not say to whom if that phone has only just answered.
      const moves = movesOf(call).map(move => move.replace(/ to PJSIP\/agent$/, ''))
      t.strictSame([...moves].sort(), MOVES[title] ?? [], title)
      t.notMatch(moves.join(), /\d/, title)
    }
  },
)

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
