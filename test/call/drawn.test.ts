// Real: Asterisk, SIP callers and phones, the service and its keeper, PostgreSQL. Fake: none.
// Conversations are drawn: callers come to lines that tell the same or something else, by all ways, and say yes or no. Everybody has a tone, by
// which the recordings are measured. CONSENTRY_TEST_CONVERSATIONS says how many, CONSENTRY_TEST_SEED which.
// Long: three times as many conversations.
// Long only: drawn conversations; `call/parties`, `call/hold` and `call/transfer` have one of each kind.
import t from 'tap'
import { describeDrawn, drawConversation, drawnPolicies } from '../support/drawn/draw.js'
import { judgeDrawn } from '../support/drawn/judge-drawn.js'
import { DRAWN_EXTENSIONS, playDrawn } from '../support/drawn/play-drawn.js'
import { isLong, seed } from '../support/fuzz/seeded.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { Desk } from '../support/mixed/desk.js'
import { MIXED_LINES } from '../support/mixed/scenes.js'

/** How many conversations are drawn. */
const COUNT = Number(process.env['CONSENTRY_TEST_CONVERSATIONS'] ?? (isLong ? 12 : 4))
/** How many go on at the same time. */
const AT_ONCE = COUNT > 20 ? 10 : 2

t.setTimeout(COUNT * 120_000)
const lab = await startCallLab(t, {
  extensions: DRAWN_EXTENSIONS,
  env: { CONSENTRY_INSIDE: 'PJSIP/agent' },
  lines: [...MIXED_LINES, ...drawnPolicies()],
})
const desks = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => Desk.open(lab.lab.pbx, i + 1)))
t.teardown(() => desks.forEach(desk => void desk.close()))

t.test(`in ${COUNT} drawn calls all is recorded that was agreed to, and nothing else`, async t => {
  let next = 0
  await Promise.all(
    desks.map(async desk => {
      while (next < COUNT) {
        const drawn = drawConversation(`${seed} ${next++}`)
        try {
          const faults = await judgeDrawn(lab, drawn, await playDrawn(lab, desk, drawn))
          t.strictSame(faults, [], describeDrawn(drawn))
        } catch (error) {
          t.fail(`${describeDrawn(drawn)}: ${(error as Error).message}`)
          await desk.restart()
        }
      }
    }),
  )
})

t.test('hardly any recording fails', async t => {
  const failed = await lab.db
    .selectFrom('event')
    .where('type', '=', 'recording.failed')
    .select('data')
    .execute()
  t.ok(failed.length <= Math.max(1, COUNT / 50), `${failed.length} of ${COUNT}`, { failed })
})

t.test('the recordings are as the journal says', async t => {
  t.strictSame((await lab.verify()).faults, [])
})
