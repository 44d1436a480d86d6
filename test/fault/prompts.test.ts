// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Prompts are damaged on disk while the service runs. Each caller hears another prompt.
import { chmod, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { exactly } from '../support/assertions/exactly.js'
import { startCallLab } from '../support/lab/call-lab.js'
import {
  assertEventOrder,
  assertReachesAgent,
  assertStoredParts,
  assertUnrecorded,
  dialIntoDisclosure,
  firstEvent,
  purpose,
  shortLine,
  timelineAfter,
} from '../support/lab/fault-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'

// All callers call at the same time.
t.jobs = 6
const together = () => ({ buffered: true })

const site = await startCallLab(t, {
  // This lab has its own prompts, because the test damages them.
  env: { CONSENTRY_PROMPTS: undefined },
  lines: [
    shortLine('301', { disclosure: 'withdrawn' }),
    shortLine('302', { disclosure: 'withdrawn-kept' }),
    shortLine('303', { disclosure: 'granted' }),
    shortLine('304', { disclosure: 'disclosure-key' }),
    shortLine('305', { purposes: [purpose('service', { question: 'question-service' })] }),
    shortLine('306', { purposes: [purpose('service', { granted: 'granted-marketing' })] }),
  ],
})
const folder = join(site.lab.ready.data, 'prompts', 'en')

/** Returns the converted file of a prompt in the callers' codec, after making it writable. */
async function fileOf(prompt: string): Promise<string> {
  const names = await readdir(folder)
  const name = names.find(name => name.replace(/-[0-9a-f]{12}\.alaw$/, '') === prompt)
  const file = join(folder, name ?? prompt)
  await chmod(file, 0o644)
  return file
}

async function cutInHalf(prompt: string): Promise<void> {
  const file = await fileOf(prompt)
  await truncate(file, (await stat(file)).size / 2)
}

/** Makes 20 ms of a prompt silent. The file keeps its size and its mode. */
async function change(prompt: string): Promise<void> {
  const file = await fileOf(prompt)
  await writeFile(file, (await readFile(file)).fill(0xd5, 4_000, 4_160))
  await chmod(file, 0o444)
}

await rm(await fileOf('withdrawn'))
await cutInHalf('withdrawn-kept')
await change('granted')
await rm(await fileOf('question-service'))
await rm(await fileOf('granted-marketing'))

/** Calls a line whose disclosure was damaged after it was checked, and asserts that nothing is asked. */
async function undisclosed(t: Test, number: string, reason: string): Promise<void> {
  const call = await PlacedCall.place(site, { number })
  await assertReachesAgent(t, site, call)
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, reason)
  assertEventOrder(t, journal, ['call.started', 'consent.answered', 'call.decided', 'call.released'])
  t.notOk(firstEvent(journal, 'consent.asked'), 'the caller is not asked')
}

t.test('a call whose disclosure is missing goes on unasked', together(), t =>
  undisclosed(t, '301', 'prompt.missing'),
)

t.test('a call whose disclosure was cut short on disk goes on unasked', together(), t =>
  undisclosed(t, '302', 'prompt.damaged'),
)

t.test('a call whose disclosure was changed at the same size goes on unasked', together(), t =>
  undisclosed(t, '303', 'prompt.damaged'),
)

t.test(
  'a call whose disclosure is cut short while it plays goes on unasked, although the PBX reports no fault',
  together(),
  async t => {
    const call = await dialIntoDisclosure(site, '304')
    await cutInHalf('disclosure-key')
    await assertReachesAgent(t, site, call, undefined, 15_000)
    const journal = await timelineAfter(call, 'call.released')
    assertUnrecorded(t, journal, 'prompt-cut')
    assertEventOrder(t, journal, [
      'call.answered',
      'prompt.ended',
      'consent.answered',
      'call.decided',
      'call.released',
    ])
    t.match(firstEvent(journal, 'prompt.ended'), { role: 'disclosure', end: 'fault', reason: 'prompt-cut' })
  },
)

t.test('a call whose question is missing goes on unrecorded', together(), async t => {
  const call = await dialIntoDisclosure(site, '305')
  await assertReachesAgent(t, site, call)
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, 'prompt.missing')
  assertEventOrder(t, journal, [
    'prompt.ended',
    'consent.asked',
    'consent.answered',
    'call.decided',
    'call.released',
  ])
  t.match(firstEvent(journal, 'prompt.ended'), { role: 'disclosure', end: 'complete' })
})

t.test('a call whose confirmation is missing is recorded', together(), async t => {
  const call = await dialIntoDisclosure(site, '306')
  await call.caller.press('1')
  await assertReachesAgent(t, site, call)
  await call.caller.hangup()
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(journal, { decision: 'granted', purposes: exactly({ answer: 'granted' }) })
  await assertStoredParts(t, site, 1)
})
