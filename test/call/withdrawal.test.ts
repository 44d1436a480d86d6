// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Callers withdraw their consent while they talk.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { decodeG711, encodeG711 } from '../../lab/audio/g711.js'
import { envelope, toneDbfs } from '../../lab/audio/levels.js'
import { quietNoise, tone } from '../../lab/audio/signals.js'
import type { KeyMethod } from '../../lab/caller.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import type { PartId } from '../../src/core/ids.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { exactly } from '../support/assertions/exactly.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { promptSamples, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { firstEvent } from '../support/lab/fault-lab.js'
import { measureOnTime } from '../support/lab/measure-on-time.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  pressStarNine,
  quietRuns,
  type Talk,
  waitUntilKeyGone,
  withdrawalDialplan,
} from '../support/lab/withdrawal.js'
import { isDestroyed } from './destroyed.js'

const LIMIT = 60_000
/** Tones of callers before and after they withdraw, Hz. */
const [BEFORE, AFTER] = [1_000, 2_000]
/** How soon after the caller's last key a withdrawal takes effect, ms: docs/lines.md. Usually it takes some ms. */
const WITHDRAWN_MS = 5_000
/** Keys that are further apart do not belong together, ms: a little more than the three seconds of docs/lines.md. */
const APART_MS = 3_500
/** A louder tone counts as present, dBFS. Callers say it at -12. */
const THERE = -30
/** Pause of the agent between two sentences, ms. */
const PAUSE_MS = 12_000

const lab = await startCallLab(t, {
  extensions: withdrawalDialplan,
  lines: [
    quickLine('601', { disclosure: LONG_PROMPT }),
    quickLine('602', { disclosure: LONG_PROMPT, onWithdraw: 'keep' }),
    quickLine('603', { mode: 'notice' }),
    quickLine('604', { disclosure: LONG_PROMPT, keys: { yes: '1', no: '2', withdraw: '*99' } }),
    quickLine('606', { disclosure: LONG_PROMPT }),
  ],
})
const sounds = path(lab.lab.pbx.dir, 'sounds')
writeFileSync(path(sounds, 'pause.alaw'), encodeG711(quietNoise(PAUSE_MS), 'alaw'))
await lab.lab.pbx.setGlobal('sounds', sounds)
const withdrawnWords = promptSamples('en', 'withdrawn')

let callers = 0

/** Places a call that agrees and talks until the first audio is stored. */
async function talk(number: string, keys: KeyMethod = 'rfc4733', ms = 5_000): Promise<Talk> {
  const from = `7988${String(process.pid % 10_000).padStart(4, '0')}${100 + ++callers}`
  const placed = await PlacedCall.place(lab, { number, keys, from })
  await placed.caller.waitForAnswer(LIMIT)
  if (number !== '603') await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  void placed.caller.say(tone([BEFORE], ms, -12))
  const { part } = await placed.waitForEvent('recording.part-started')
  return { placed, from, parts: [part as PartId] }
}

/** Returns what the agent heard in a call that is over. */
async function agentHeard({ from }: Talk): Promise<Int16Array> {
  const file = path(lab.lab.pbx.dir, 'spool', 'monitor', `ear-${from}.alaw`)
  const size = () => (existsSync(file) ? statSync(file).size : 0)
  for (let before = -1; before !== size() || before === 0; await sleep(500)) before = size()
  return decodeG711(readFileSync(file), 'alaw')
}

interface Withdrawn extends Talk {
  call: CallTimeline
  /** When the caller released the last key, and when the key of the recording was destroyed, epoch ms. */
  released: number
  gone: number
  /** For how long this process stood still while it waited for that, at most, ms. */
  stood: number
  confirmed: boolean
  agentAfter: boolean
  alive: boolean
}

/** Withdraws with `type`, listens, and hangs up. */
async function withdraw(call: Talk, type: (call: PlacedCall) => Promise<number>): Promise<Withdrawn> {
  const { placed, parts } = call
  const { caller } = placed
  const stood = monitorEventLoopDelay({ resolution: 10 })
  stood.enable()
  const gone = waitUntilKeyGone(lab, parts[0]!).finally(() => stood.disable())
  const released = await type(placed)
  void caller.say(tone([AFTER], 30_000, -12))
  const { at } = await placed.waitForEvent('prompt.ended', ({ role }) => role === 'withdrawn')
  // The agent's next sentence comes in this time. The audio is searched afterwards, because a busy process sends packets late.
  await sleep(PAUSE_MS + 7_000)
  await placed.waitForEvent('recording.destroyed')
  const alive = caller.end === undefined
  const late = Math.round(stood.max / 1e6)
  const over = { released, gone: await gone, stood: late, alive, call: await placed.finish() }
  const confirmed = isHeard(caller.heard.samples(released), withdrawnWords)
  const agentAfter = isHeard(caller.heard.samples(Date.parse(at) + 200), lab.sentence)
  return { ...call, ...over, confirmed, agentAfter }
}

async function isWithdrawn(t: Test, done: Withdrawn): Promise<void> {
  const at = (wanted: string) => Date.parse(done.call.events.find(({ type }) => type === wanted)!.at)
  const ms = at('recording.finished') - at('consent.withdrawn')
  t.comment(`the end of the recording was stored ${ms} ms after the PBX heard the caller's last key`)
  const took = Math.round(done.gone - done.released)
  t.ok(took > 0, 'the key is destroyed after the caller pressed the keys')
  t.ok(took <= WITHDRAWN_MS + done.stood, `in time: after ${took} ms, the test late by ${done.stood} ms`)
  const spoken = done.call.events.filter(({ role }) => role === 'withdrawn')
  t.match(spoken, exactly({ type: 'prompt.ended', end: 'complete' }))
  t.ok(done.confirmed, 'the caller hears the confirmation')
  t.ok(done.agentAfter, 'then the caller hears the agent again')
  t.ok(done.alive, 'the call goes on until the caller hangs up')
  await isDestroyed(t, lab, done.call, done.parts)
  t.match(firstEvent(done.call, 'consent.withdrawn'), { purposes: exactly('service'), keep: false })
  const ear = await agentHeard(done)
  t.notOk(isHeard(ear, withdrawnWords), 'the agent does not hear the confirmation')
  t.ok(toneDbfs(ear.subarray(-3 * SAMPLE_RATE), AFTER) > THERE, 'the agent hears the caller to the end')
}

const methods: KeyMethod[] = ['rfc4733', 'info', 'inband']

const byMethod = methods.map(async method => withdraw(await talk('601', method), pressStarNine))
const split = (async () =>
  withdraw(await talk('601'), async ({ caller }) => {
    await caller.press('*')
    await sleep(2_000)
    return caller.press('9')
  }))()
const onNotice = (async () => withdraw(await talk('603'), pressStarNine))()
let tooEarly: boolean | undefined
const ownKeys = (async () =>
  withdraw(await talk('604'), async placed => {
    await pressStarNine(placed)
    await sleep(APART_MS)
    tooEarly = (await placed.read())?.events.some(({ type }) => type === 'consent.withdrawn')
    await pressStarNine(placed)
    return placed.caller.press('9')
  }))()

/** Types keys that are no withdrawal, in a call that is recorded to its end. */
const otherKeys = (async () => {
  const { placed } = await talk('601')
  await placed.caller.press('*')
  await sleep(APART_MS)
  await placed.caller.press('9')
  await placed.caller.press('*')
  void placed.caller.say(tone([AFTER], 2_000, -12))
  await sleep(APART_MS)
  return placed.finish()
})()

/** Withdraws on a line that keeps the audio before the key. */
const keeping = (async () => {
  const { placed } = await talk('602', 'rfc4733', 1_000)
  const said = await placed.caller.say(tone([BEFORE], 6_000, -12))
  const released = await pressStarNine(placed)
  await placed.caller.say(tone([AFTER], 9_000, -12))
  return { call: await placed.finish(), keysMs: released - said }
})()

/** Calls that the first agent transfers to the same number. Callers withdraw before that, or after it. */
const transferred = (['before', 'after'] as const).map(async when => {
  const talked = await talk('606')
  const passed = () => talked.placed.waitForEvent('call.passed-through')
  if (when === 'after') await passed()
  // The first sentence of the second agent must be over, so that the confirmation can be recognised.
  if (when === 'after') await sleep(7_000)
  const done = await withdraw(talked, pressStarNine)
  return { when, done }
})

const all = await Promise.allSettled([
  ...byMethod,
  split,
  onNotice,
  ownKeys,
  otherKeys,
  keeping,
  ...transferred,
])
t.ok(
  all.every(({ status }) => status === 'fulfilled'),
  'every call came to its end',
)

for (const [i, method] of methods.entries()) {
  t.test(`star nine by ${method} destroys the recording, and the call goes on`, async t => {
    const done = await byMethod[i]!
    await isWithdrawn(t, done)
  })
}

t.test('the agent hears the caller without a gap during a withdrawal', async t => {
  // The test does nothing else during the call, because a busy process sends packets late. The call is repeated until this process
  // kept time. That is fair: a gap that the product makes is in every repetition.
  const call = await measureOnTime(async () => {
    const talked = await talk('601', 'info', 14_000)
    await pressStarNine(talked.placed)
    await sleep(7_000)
    await talked.placed.finish()
    return talked
  })
  // This phone sends audio also while it presses keys. The PBX replaces that audio by tones.
  const ear = await agentHeard(call)
  const spoken = (sample: number) => Math.abs(sample) > 2_000
  const levels = envelope(ear.subarray(ear.findIndex(spoken), ear.findLastIndex(spoken)))
  t.ok(levels.length > 500, 'the agent hears ten seconds of the caller or more')
  const longest = Math.max(...quietRuns(levels, -40))
  t.comment(`the longest gap is ${longest} ms`)
  t.ok(longest <= 500, 'no gap is longer than the keys')
})

t.test('two seconds between star and nine are a withdrawal', async t => isWithdrawn(t, await split))
t.test('star nine on a notice-only line destroys the recording', async t => isWithdrawn(t, await onNotice))
t.test('a line with other keys for a withdrawal ignores star nine', async t => {
  await isWithdrawn(t, await ownKeys)
  t.equal(tooEarly, false, 'star nine is no withdrawal on this line')
})

t.test('a star alone, a nine alone and the wrong order are no withdrawal', async t => {
  const call = await otherKeys
  const withdrawals = call.events.filter(({ type }) => type === 'consent.withdrawn')
  t.strictSame(withdrawals, [], 'nothing is withdrawn')
  t.match(call.recordings, exactly({ state: 'finished' }))
  const { caller } = await lab.open(call.recordings[0]!.id)
  t.ok(toneDbfs(caller, AFTER) > -40, 'the recording goes on')
})

t.test('a line that keeps the audio before the key keeps no audio after it', async t => {
  const { call, keysMs } = await keeping
  t.match(firstEvent(call, 'consent.withdrawn'), { keep: true })
  t.match(call.recordings, exactly({ state: 'finished' }))
  const legs = await lab.open(call.recordings[0]!.id)
  t.equal(call.recordings[0]!.seconds, legs.seconds, 'the timeline has the length of the recording')
  const spoken = legs.caller.findLastIndex(sample => Math.abs(sample) > 2_000)
  for (const leg of ['caller', 'agent'] as const) {
    const last = legs[leg].findLastIndex(sample => sample !== 0)
    const late = (last - spoken) / 8 - keysMs
    t.comment(`the last readable sample of the ${leg} is ${Math.round(late)} ms after the key`)
    t.ok(late <= 1_000, 'at most one second after the key')
    t.ok(late >= -2_000, 'the audio before the key is kept')
  }
  const after = envelope(legs.caller).map((_, i) =>
    toneDbfs(legs.caller.subarray(i * 160, (i + 1) * 160), AFTER),
  )
  t.strictSame(after.filter(level => level > THERE).length, 0, 'no audio after the key is kept')
  t.ok(
    toneDbfs(legs.caller.subarray(spoken - 8_000, spoken), BEFORE) > THERE,
    'the tone before the key is kept',
  )
})

for (const one of transferred) {
  t.test('a transferred caller who withdraws is neither asked nor recorded again', async t => {
    const { when, done } = await one
    t.comment(when)
    await isWithdrawn(t, done)
    const { events } = done.call
    t.equal(events.filter(({ type }) => type === 'consent.answered').length, 1, 'answered once')
    t.equal(events.filter(({ type }) => type === 'recording.prepared').length, 1, 'prepared once')
    const decision = when === 'before' ? 'refused' : 'granted'
    t.match(firstEvent(done.call, 'call.passed-through'), { decision })
  })
}

t.test('a withdrawal destroys also the parts of the service before the present one', async t => {
  const once = async () => {
    const call = await talk('601')
    lab.lab.service.kill('SIGKILL')
    void call.placed.caller.say(tone([BEFORE], 10_000, -12))
    const { part } = await call.placed.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await lab.lab.service.waitUntilReady()
    return withdraw({ ...call, parts: [...call.parts, part as PartId] }, pressStarNine)
  }
  const first = await once()
  // A busy machine may tear the confirmation apart, which is said once, while a service starts. Only then another call is made. That is
  // fair: a service that never says the confirmation fails both times, and all other checks are made on that call too.
  await isWithdrawn(t, first.confirmed ? first : await once())
})

t.test('only the recordings that were not withdrawn are stored', async t => {
  const { faults } = await lab.verify()
  t.strictSame(faults, [])
  const { containers, keys } = await storedFiles(lab)
  t.strictSame([containers.length, keys.length], [2, 2])
})
