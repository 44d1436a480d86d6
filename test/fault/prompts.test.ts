// Real: everything. Prompts are harmed on disk while the service runs; each caller meets a prompt of his own.
import { chmod, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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

// The callers call at the same time.
t.jobs = 6
const together = () => ({ buffered: true })

const site = await startCallLab(t, {
  // Its prompts are its own, to be harmed.
  env: { CONSENTRY_PROMPTS: undefined },
  lines: [
    shortLine('301', { disclosure: 'withdrawn' }),
    shortLine('302', { disclosure: 'apology' }),
    shortLine('303', { disclosure: 'granted' }),
    shortLine('304', { disclosure: 'disclosure-key' }),
    shortLine('305', { purposes: [purpose('service', { question: 'question-service' })] }),
    shortLine('306', { purposes: [purpose('service', { granted: 'granted-marketing' })] }),
  ],
})
const folder = join(site.lab.ready.data, 'prompts', 'en')

/** The converted file of a prompt in the callers' codec, open to harm. */
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

/** The file keeps its size and its rights; 20 ms of it are silent. */
async function change(prompt: string): Promise<void> {
  const file = await fileOf(prompt)
  await writeFile(file, (await readFile(file)).fill(0xd5, 4_000, 4_160))
  await chmod(file, 0o444)
}

await rm(await fileOf('withdrawn'))
await cutInHalf('apology')
await change('granted')
await rm(await fileOf('question-service'))
await rm(await fileOf('granted-marketing'))

/** Calls a line whose disclosure is not what it was when it was checked. */
async function undisclosed(t: Test, number: string, reason: string): Promise<void> {
  const call = await PlacedCall.place(site, { number })
  await assertReachesAgent(t, site, call)
  const journal = await timelineAfter(call, 'call.released')
  assertUnrecorded(t, journal, reason)
  assertEventOrder(t, journal, ['call.started', 'consent.answered', 'call.decided', 'call.released'])
  t.notOk(firstEvent(journal, 'consent.asked'), 'who was not told is not asked')
}

t.test('a disclosure that is missing is no disclosure', together(), t =>
  undisclosed(t, '301', 'prompt.missing'),
)

t.test('nor is one that is cut short on disk', together(), t => undisclosed(t, '302', 'prompt.damaged'))

t.test('nor one of the same size that says something else', together(), t =>
  undisclosed(t, '303', 'prompt.damaged'),
)

t.test('nor one cut short while it plays, though the PBX says that it is done', together(), async t => {
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
})

t.test('a question that is missing is not answered by anything', together(), async t => {
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

t.test('a confirmation that is missing takes nothing from the yes before it', together(), async t => {
  const call = await dialIntoDisclosure(site, '306')
  await call.caller.press('1')
  await assertReachesAgent(t, site, call)
  await call.caller.hangup()
  const journal = await timelineAfter(call, 'recording.finished')
  t.match(journal, { decision: 'granted', purposes: [{ answer: 'granted' }] })
  await assertStoredParts(t, site, 1)
})
