// Real: PostgreSQL with the console's role, the journal, the shipped prompts, the command as a process. Fake: the calls, which
// are journalled as a service would, without a PBX.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { type Answer, type CallEvent, event } from '../../../src/core/events.js'
import { newCallId, newNodeId } from '../../../src/core/ids.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { listUnknownNumbers } from '../../../src/lines/explain-number.js'
import { replayLine, replayNumber } from '../../../src/lines/replay-line.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { person } from '../../support/data/actors.js'
import { WITHDRAWAL } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { consentry } from '../../support/processes/command.js'
import { testConsole } from '../../support/processes/console.js'
import { scratch } from '../../support/processes/database.js'

const { deps, app, tokens, serviceUrl } = await testConsole(t)
const journal = startTestJournal(t, serviceUrl)
const line = { ...labLines[1]!, number: '700' }
await changeLines(deps, person('anna'), line)
const manifest = await readManifest(shippedPromptFolder())
const lengthOf = (name: string) => manifest.find(one => one.name === name && one.language === 'en')!.lengthMs
const START = Date.UTC(2026, 10, 1)
const DISCLOSURE_MS = lengthOf(line.disclosure)
const QUESTION_MS = lengthOf('question')

/** The events of one call: who says yes or no so long after the question's end, or says nothing. */
function callOf(
  decision: 'granted' | 'refused' | 'silent' | 'failed',
  afterMs: number,
  i: number,
): CallEvent[] {
  const [call, at] = [newCallId(), START + i * 60_000]
  const asked = at + DISCLOSURE_MS
  const answered = asked + QUESTION_MS + (decision === 'silent' ? line.waitMs : afterMs)
  const answer: Answer = decision
  const method = decision === 'granted' || decision === 'refused' ? 'key' : 'none'
  const whole = (prompt: string, role: 'disclosure' | 'question', end: number) => {
    const lengthMs = lengthOf(prompt)
    const data = {
      role,
      prompt,
      version: 1,
      text: '',
      sha256: '',
      end: 'complete' as const,
      heardMs: lengthMs,
      lengthMs,
    }
    return event('prompt.ended', call, end, data)
  }
  const data = {
    purpose: 'service',
    answer,
    method,
    legalBasis: 'b',
    retentionDays: 30,
    afterMs: answered - asked,
    withdrawal: WITHDRAWAL,
  } as const
  return [
    event('call.started', call, at, {
      ...{ line: '700', policy: 1, language: 'en', mode: 'key', channel: `c${i}`, utcOffset: '+00:00' },
      service: newNodeId(),
    }),
    event('call.answered', call, at, { line: '700', policy: 1 }),
    whole(line.disclosure, 'disclosure', asked),
    event('consent.asked', call, asked, { purpose: 'service', attempt: 1 }),
    whole('question', 'question', asked + QUESTION_MS),
    event('consent.answered', call, answered, data),
    event('call.decided', call, answered, { decision }),
    event('call.released', call, answered + 1_000, { next: 'continue', tapped: decision === 'granted' }),
    event('call.ended', call, answered + 60_000, { cause: 16, phase: 'talking' }),
  ]
}

t.test('calls of the journal are replayed on a line that is not in force', async t => {
  const calls = [
    ...Array.from({ length: 6 }, (_, i) => callOf('granted', 1_000 + i, i)),
    ...Array.from({ length: 4 }, (_, i) => callOf('granted', 4_000 + i, 10 + i)),
    ...Array.from({ length: 3 }, (_, i) => callOf('refused', 500 + i, 20 + i)),
    ...Array.from({ length: 2 }, (_, i) => callOf('silent', 0, 30 + i)),
    callOf('failed', 0, 40),
  ]
  await journal.append(calls.flat(), APPEND_LIMIT_MS)
  const same = await replayNumber(deps, '700')
  t.match(same, { calls: 16, replayed: 15, otherwise: 0, leftOut: { failed: 1, 'not-reproduced': 0 } })

  const hasty = await replayLine(deps, { input: { ...line, waitMs: 2_000 } })
  t.match(hasty, {
    replayed: 15,
    otherwise: 4,
    changes: { length: 1, 0: { before: 'granted', after: 'silent', calls: 4 } },
  })
  t.match(hasty.recorded, { before: 10, after: 6 })
  const silent = hasty.decisions.find(({ decision }) => decision === 'silent')!
  t.match(silent, { before: 2, after: 6 })
  t.ok(silent.secondsAfter!.median < silent.secondsBefore!.median)

  const answer = await app.inject({
    ...{ method: 'POST', url: '/api/v1/lines/replay', headers: { authorization: tokens.supervisor } },
    payload: { line: { ...line, number: '799', waitMs: 2_000 }, of: '700' },
  })
  t.match(answer.json(), { line: '799', of: '700', otherwise: 4 }, answer.body)
  t.match(await replayLine(deps, { input: { ...line, number: '799' } }), { calls: 0, replayed: 0 })
  await t.rejects(replayLine(deps, { input: { ...line, waitMs: 1 } }), { code: 'policy.invalid' })
  await t.rejects(replayNumber(deps, '999'), { code: 'not-found' })
})

t.test('the command says who would be decided otherwise', async t => {
  const dir = await scratch(t)
  const file = join(dir, 'line.json')
  await writeFile(file, JSON.stringify({ ...line, waitMs: 2_000 }))
  const env = { DATABASE_URL: serviceUrl, CONSENTRY_DATA: join(dir, 'data') }
  const { code, out, err } = await consentry(env, 'line', 'replay', file)
  t.equal(code, 0, err)
  t.match(out, /15 of 16 calls of 700 replayed, 4 decided otherwise\n {2}granted → silent: 4 calls/)
})

t.test('numbers that rang and are no lines are listed by an index', async t => {
  const rang = (dialled: string, at: number) =>
    event(
      'call.started',
      newCallId(),
      at,
      {
        line: null,
        policy: 0,
        language: 'ru',
        mode: 'none',
        channel: 'x',
        utcOffset: '+00:00',
        service: newNodeId(),
      },
      { caller: '+79001234567', dialled },
    )
  const events = [
    rang('801', START),
    rang('801', START + 5_000),
    rang('802', START + 9_000),
    rang('700', START),
  ]
  await journal.append([...events, rang('not a number', START)], APPEND_LIMIT_MS)
  const { numbers, since } = await listUnknownNumbers(deps)
  t.strictSame(numbers, [
    { number: '802', calls: 1, lastAt: new Date(START + 9_000).toISOString() },
    { number: '801', calls: 2, lastAt: new Date(START + 5_000).toISOString() },
  ])
  t.equal(since, new Date(START).toISOString())
})
