// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Pipes are removed after the answer and before the call returns to the dialplan.
// Long only: a tap that is deleted; `fault/recorder-killed` has a keeper that is lost.
import { chmod, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { readReadiness, waitForAlarm } from '../support/assertions/alarms.js'
import { exactly } from '../support/assertions/exactly.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { marker, markerNeedles } from '../support/data/marker.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { checkCall, hasHeardAgent, summarizeEvents } from '../support/lab/call-checks.js'
import { startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { eventsOfYesInDisclosure } from '../support/lab/yes-in-disclosure.js'

const LIMIT = 60_000
// The test does the damage during this long confirmation.
const confirmed = quickPurpose('service', { granted: 'question-service' })
const lab = await startCallLab(t, {
  lines: [quickLine('601', { disclosure: LONG_PROMPT, purposes: [confirmed] })],
})
const { data, tap } = lab.lab.ready

/** All files except those of the database, its log and the key store, and those that try the stores: they change for other reasons. */
async function ordinaryFiles(): Promise<string[]> {
  const files = (await Promise.all([data, tap].map(listFilesBelow))).flat()
  const others = ['postgres', 'log', 'keys'].map(name => join(data, name))
  const isTrial = (file: string) => basename(file).startsWith('.writable-')
  return files.filter(file => !isTrial(file) && !others.some(folder => file.startsWith(`${folder}/`))).sort()
}

/** Places a call that says yes, and runs `damage` on the path prefix of its tap during the confirmation. */
async function callWith(damage: (prefix: string) => Promise<unknown>): Promise<PlacedCall> {
  const call = await PlacedCall.place(lab, { number: '601' })
  await call.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(call)
  const prepared = await call.waitForEvent('recording.prepared')
  await damage(join(tap, String(prepared['tap'])))
  const seen = (await call.read())!.events.map(({ type }) => type)
  if (seen.includes('call.released')) throw new Error('the damage came too late to show anything')
  return call
}

/** Places a call for each damage, and asserts that each goes on unrecorded and that its failure is journalled. */
async function checkLost(t: Test, damages: ((prefix: string) => Promise<unknown>)[]) {
  const before = await ordinaryFiles()
  const calls = await Promise.all(damages.map(callWith))
  await Promise.all(calls.map(call => call.waitForAgent().then(() => call.caller.say(marker))))
  t.strictSame(await ordinaryFiles(), before, 'no file appears during the call')
  const over = await Promise.all(calls.map(call => call.finish()))
  t.strictSame(await ordinaryFiles(), before, 'nor after it')
  t.strictSame(
    await searchFiles((await Promise.all([data, tap].map(listFilesBelow))).flat(), markerNeedles('alaw')),
    [],
  )
  t.strictSame(await storedFiles(lab), { containers: [], keys: [] })
  for (const [i, call] of over.entries()) {
    t.strictSame(summarizeEvents(call), [...eventsOfYesInDisclosure, 'recording.failed service tap-lost'])
    t.strictSame(call.recordings, [])
    checkCall(t, call)
    t.ok(hasHeardAgent(lab, calls[i]!), 'the caller hears the agent')
  }
}

/** Removes a path from the tap folder, which is read-only. */
async function remove(path: string): Promise<void> {
  await chmod(tap, 0o700)
  await rm(path, { recursive: true })
}

t.test('a call whose pipe was deleted goes on unrecorded', t =>
  checkLost(
    t,
    ['rx', 'tx'].map(leg => prefix => remove(`${prefix}.${leg}.alaw`)),
  ),
)

t.test('a call whose tap folder was deleted goes on unrecorded', t => checkLost(t, [() => remove(tap)]))

// Without root's rights the service could not see the pipes either.
if (process.geteuid?.() === 0)
  t.test('a tap folder that Asterisk cannot reach raises an alarm until a call is tapped again', async t => {
    // The mode is set again and again, because the keeper sets its own mode when it makes pipes.
    let shutting: NodeJS.Timeout | undefined
    t.teardown(() => {
      clearInterval(shutting)
      return chmod(tap, 0o500)
    })
    const call = await callWith(async () => {
      await chmod(tap, 0)
      shutting = setInterval(() => void chmod(tap, 0), 20)
    })
    await call.waitForAgent()
    clearInterval(shutting)
    await waitForAlarm(lab, 'tap-unreached', true)
    t.match(await readReadiness(lab), { status: 503, parts: { tap: false } })
    await chmod(tap, 0o500)
    t.strictSame((await call.finish()).recordings, [])
    const next = await callWith(async () => {})
    await next.waitForAgent()
    await waitForAlarm(lab, 'tap-unreached', false)
    t.match(await readReadiness(lab), { status: 200, parts: { tap: true } })
    await next.finish()
  })

t.test('the next call is recorded', async t => {
  const call = await callWith(async prefix => {
    const names = await readdir(tap)
    t.ok(names.includes(`${basename(prefix)}.rx.alaw`), 'the tap folder exists again')
  })
  await call.waitForAgent()
  // The caller says it three times, because a busy PBX may tear it apart, and a hang-up may overtake the last packets.
  for (let i = 0; i < 3; i++) await call.caller.say(marker)
  const { recordings } = await call.finish()
  t.match(recordings, exactly({ purpose: 'service', state: 'finished' }))
  const { caller } = await lab.open(recordings[0]!.id)
  t.ok(isHeard(caller, marker), 'the recording has the words of the caller')
})
