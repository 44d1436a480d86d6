// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// The keys of a pause and of a withdrawal, at every stage of a call. Everybody has a tone, by which the recordings are measured. All scenes run
// at the same time.
import t from 'tap'
import { startCallLab } from '../support/lab/call-lab.js'
import { finish, sayCard, stayApart } from '../support/situations/company.js'
import { movesOf } from '../support/situations/moves.js'
import { type Played, Said } from '../support/situations/said.js'
import { situation } from '../support/situations/situation.js'
import { type Stage, Stages } from '../support/situations/stages.js'

/** What everybody sounds like, Hz. No prompt that is whispered sounds as high as those who have withdrawn. */
const HZ = { first: 830, before: 1_730, second: 1_370, card: 1_010, after: 2_690, withdrawn: 3_330 }

const stages = await Stages.open()
t.teardown(() => stages.close())
const { extensions, lines } = stages
const lab = await startCallLab(t, { extensions, lines, env: { CONSENTRY_INSIDE: 'PJSIP/agent' } })
await stages.addQueue(lab.lab.pbx)

/** Caller and agent talk, the agent pauses, and the caller withdraws. */
async function play(stage: Stage): Promise<Played> {
  let said: Said | undefined
  const { placed, agent } = await stage(lab, async (placed, first) => {
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
  await agent.hangup()
  return { call, said }
}

const played = await Promise.all(
  Object.entries(stages.all).map(async ([title, stage]) => [title, await play(stage)] as const),
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
