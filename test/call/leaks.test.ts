// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// This is the short form of `npm run bench -- leaks`, without its measurement of memory.
// Long only: many calls one after the other; `call/answers` has each end once.
import t from 'tap'
import { startCallLab } from '../support/lab/call-lab.js'
import { countLeft, leftBehind } from '../support/mixed/left-behind.js'
import { playMixed } from '../support/mixed/play-mixed.js'
import { MIXED_EXTENSIONS, MIXED_LINES, SCENES } from '../support/mixed/scenes.js'

const CALLS = 60
const AT_ONCE = 6
/** Longest time until everything is at rest, ms: the service compares its calls with the channels of the PBX every 30 s. */
const REST_MS = 120_000

const { lab, db, verify } = await startCallLab(t, { extensions: MIXED_EXTENSIONS, lines: MIXED_LINES })
const before = await countLeft(lab, db)
const { placed, failed } = await playMixed(lab, { calls: CALLS, atOnce: AT_ONCE })
const left = await leftBehind(lab, db, before, REST_MS)

t.test(`${CALLS} mixed calls leave no channel, bridge, pipe, descriptor or entry in memory`, async t => {
  t.match(before, { channels: 0, bridges: 0, pipes: 0, calls: 0, remembered: 0, recordings: 0 })
  t.ok(placed >= CALLS && placed >= Object.keys(SCENES).length)
  t.strictSame(failed, [])
  t.strictSame(left, {})
})

t.test('the journal has every kind of end', async t => {
  const rows = await db.selectFrom('event').where('type', '=', 'call.decided').select('data').execute()
  const decisions = new Set(rows.map(({ data }) => data['decision']))
  for (const decision of ['granted', 'refused', 'silent', 'abandoned'])
    t.ok(decisions.has(decision), decision)
  t.strictSame((await verify()).faults, [])
})
