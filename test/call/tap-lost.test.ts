// Real Asterisk, PostgreSQL, service, keeper and SIP callers. Pipes vanish between the answer and the dialplan.
import { chmod, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { readReadiness, waitForAlarm } from '../support/assertions/alarms.js'
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
// While the confirmation is heard, the damage is done.
const confirmed = quickPurpose('service', { granted: 'question-service' })
const lab = await startCallLab(t, {
  lines: [quickLine('601', { disclosure: LONG_PROMPT, purposes: [confirmed] })],
})
const { data, tap } = lab.lab.ready

/** Files of everything but the database, its log and the key store, which have their own reasons to make some. */
async function ordinaryFiles(): Promise<string[]> {
  const files = (await Promise.all([data, tap].map(listFilesBelow))).flat()
  const others = ['postgres', 'log', 'keys'].map(name => join(data, name))
  return files.filter(file => !others.some(folder => file.startsWith(`${folder}/`))).sort()
}

/** Says yes; when that is prepared, and the confirmation is still being heard, `damage` gets the tap's path prefix. */
async function callWith(damage: (prefix: string) => Promise<unknown>): Promise<PlacedCall> {
  const call = await PlacedCall.place(lab, { number: '601' })
  await call.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(call)
  const prepared = await call.waitForEvent('recording.prepared')
  await damage(String(prepared['tap']))
  const seen = (await call.read())!.events.map(({ type }) => type)
  if (seen.includes('call.released')) throw new Error('the damage came too late to show anything')
  return call
}

/** Places a call for each damage, all at once, and asserts that each is lost, told as such, and nothing else. */
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

/** As root may, or the owner who first lets himself. */
async function remove(path: string): Promise<void> {
  await chmod(tap, 0o700)
  await rm(path, { recursive: true })
}

t.test('a pipe is deleted', t =>
  checkLost(
    t,
    ['rx', 'tx'].map(leg => prefix => remove(`${prefix}.${leg}.alaw`)),
  ),
)

t.test('the tap folder is deleted', t => checkLost(t, [() => remove(tap)]))

// Whoever is not root could not see the pipes either.
if (process.geteuid?.() === 0)
  t.test('a tap folder that Asterisk cannot reach is not ready, until a call is tapped again', async t => {
    // Again and again: the keeper, which makes pipes for the next calls meanwhile, sets the mode that it wants.
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

t.test('the call after it is recorded as if nothing had been', async t => {
  const call = await callWith(async prefix => {
    const names = await readdir(tap)
    t.ok(names.includes(`${basename(prefix)}.rx.alaw`), 'the folder is there again')
  })
  await call.waitForAgent()
  // More than once: a busy PBX may tear it apart, and a hang-up overtake the last packets.
  for (let i = 0; i < 3; i++) await call.caller.say(marker)
  const { recordings } = await call.finish()
  t.match(recordings, [{ purpose: 'service', state: 'finished' }])
  const { caller } = await lab.open(recordings[0]!.id)
  t.ok(isHeard(caller, marker), 'what the caller says is in it')
})
