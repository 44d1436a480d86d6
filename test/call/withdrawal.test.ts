// Real Asterisk, PostgreSQL, service, keeper and SIP callers, who take their yes back while they talk.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { decodeG711, encodeG711 } from '../../lab/audio/g711.js'
import { envelope, toneDbfs } from '../../lab/audio/levels.js'
import { quietNoise, tone } from '../../lab/audio/signals.js'
import type { KeyMethod } from '../../lab/caller.js'
import type { CallTimeline } from '../../src/journal/read/timeline.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import type { PartId } from '../../src/shared/ids.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine } from '../support/data/quick-lines.js'
import { promptSamples, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { measureOnTime } from '../support/lab/measure-on-time.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import {
  pressStarNine,
  quietRuns,
  type Talk,
  waitUntilKeyGone,
  withdrawalDialplan,
} from '../support/lab/withdrawal.js'

const LIMIT = 60_000
/** What callers say before and after they withdraw, Hz. */
const [BEFORE, AFTER] = [1_000, 2_000]
/** Where a tone counts as there, dBFS; callers say it at -12. */
const THERE = -30
/** How long the agent is quiet between two sentences, ms. */
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

/** Agrees, and talks long enough that something of it is stored. */
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

/** What the agent's side heard of a call that is over, from its first sample on. */
async function agentHeard({ from }: Talk): Promise<Int16Array> {
  const file = path(lab.lab.pbx.dir, 'spool', 'monitor', `ear-${from}.alaw`)
  const size = () => (existsSync(file) ? statSync(file).size : 0)
  for (let before = -1; before !== size() || before === 0; await sleep(500)) before = size()
  return decodeG711(readFileSync(file), 'alaw')
}

/** Everything of a call's recordings is gone, with an act of it. */
async function isDestroyed(t: Test, call: CallTimeline, parts: PartId[]): Promise<void> {
  t.match(call.recordings, [{ state: 'destroyed' }])
  const { id, files } = call.recordings[0]!
  await t.rejects(lab.open(id), { code: 'key.missing' }, 'nobody can open it any more')
  t.notOk(files.some(existsSync), 'its containers are gone')
  const { keys } = await storedFiles(lab)
  t.notOk(
    parts.some(part => keys.includes(part)),
    'so are its keys',
  )
  const acts = await lab.db
    .selectFrom('act_item')
    .innerJoin('act', 'act.id', 'act_item.act')
    .where('recording', '=', id)
    .select(['act.cause', 'act.number', 'act.closed_at', 'act_item.person'])
    .execute()
  t.match(
    acts,
    [{ cause: 'withdrawal', number: Number, closed_at: Date, person: /^\*+\d{4}$/ }],
    'there is an act',
  )
}

interface Withdrawn extends Talk {
  call: CallTimeline
  /** When the last key was let go, and when the key of the recording was gone, epoch ms. */
  released: number
  gone: number
  confirmed: boolean
  agentAfter: boolean
  alive: boolean
}

/** Withdraws as `type` does it, listens to what comes of it, and hangs up. */
async function withdraw(call: Talk, type: (call: PlacedCall) => Promise<number>): Promise<Withdrawn> {
  const { placed, parts } = call
  const { caller } = placed
  const gone = waitUntilKeyGone(lab, parts[0]!)
  const released = await type(placed)
  void caller.say(tone([AFTER], 30_000, -12))
  const { at } = await placed.waitForEvent('prompt.ended', ({ role }) => role === 'withdrawn')
  // Long enough for the agent's next sentence; what was heard is looked at afterwards, for a phone that is busy sends late.
  await sleep(PAUSE_MS + 7_000)
  await placed.waitForEvent('recording.destroyed')
  const alive = caller.end === undefined
  const over = { released, gone: await gone, alive, call: await placed.finish() }
  const confirmed = isHeard(caller.heard.samples(released), withdrawnWords)
  const agentAfter = isHeard(caller.heard.samples(Date.parse(at) + 200), lab.sentence)
  return { ...call, ...over, confirmed, agentAfter }
}

async function isWithdrawn(t: Test, done: Withdrawn): Promise<void> {
  const at = (wanted: string) => Date.parse(done.call.events.find(({ type }) => type === wanted)!.at)
  const ms = at('recording.finished') - at('consent.withdrawn')
  t.comment(`the key was destroyed ${ms} ms after the PBX heard the last of the caller's`)
  t.ok(done.gone > done.released, 'the key goes after the keys are pressed')
  const spoken = done.call.events.filter(({ role }) => role === 'withdrawn')
  t.match(spoken, [{ type: 'prompt.ended', end: 'complete' }])
  t.ok(done.confirmed, 'the caller hears the confirmation')
  t.ok(done.agentAfter, 'and then the agent again')
  t.ok(done.alive, 'the call goes on until the caller hangs up')
  await isDestroyed(t, done.call, done.parts)
  const withdrawn = done.call.events.find(({ type }) => type === 'consent.withdrawn')
  t.match(withdrawn, { purposes: ['service'], keep: false })
  const ear = await agentHeard(done)
  t.notOk(isHeard(ear, withdrawnWords), 'the agent does not hear the confirmation')
  t.ok(toneDbfs(ear.subarray(-3 * SAMPLE_RATE), AFTER) > THERE, 'but the caller, to the end')
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
    await sleep(3_500)
    tooEarly = (await placed.read())?.events.some(({ type }) => type === 'consent.withdrawn')
    await pressStarNine(placed)
    return placed.caller.press('9')
  }))()

/** Keys that are no withdrawal, and a call that is recorded to its end. */
const otherKeys = (async () => {
  const { placed } = await talk('601')
  await placed.caller.press('*')
  await sleep(3_500)
  await placed.caller.press('9')
  await placed.caller.press('*')
  void placed.caller.say(tone([AFTER], 2_000, -12))
  await sleep(3_500)
  return placed.finish()
})()

/** On a line that keeps what was said before the key. */
const keeping = (async () => {
  const { placed } = await talk('602', 'rfc4733', 1_000)
  const said = await placed.caller.say(tone([BEFORE], 6_000, -12))
  const released = await pressStarNine(placed)
  await placed.caller.say(tone([AFTER], 9_000, -12))
  return { call: await placed.finish(), keysMs: released - said }
})()

/** Sent on to the same number by the first agent: withdrawn before that, and after it. */
const sentOn = (['before', 'after'] as const).map(async when => {
  const talked = await talk('606')
  const passed = () => talked.placed.waitForEvent('call.passed-through')
  if (when === 'after') await passed()
  // What the second agent says at first must be over, so that the confirmation can be told apart.
  if (when === 'after') await sleep(7_000)
  const done = await withdraw(talked, pressStarNine)
  return { when, done }
})

const all = await Promise.allSettled([...byMethod, split, onNotice, ownKeys, otherKeys, keeping, ...sentOn])
t.ok(
  all.every(({ status }) => status === 'fulfilled'),
  'every call came to its end',
)

for (const [i, method] of methods.entries()) {
  t.test(`star nine by ${method} destroys what was recorded, and the call goes on`, async t => {
    const done = await byMethod[i]!
    await isWithdrawn(t, done)
  })
}

t.test('the agent hears the caller without a gap meanwhile', async t => {
  // Nothing is looked for during the call: a phone that is busy otherwise sends late.
  const call = await measureOnTime(async () => {
    const talked = await talk('601', 'info', 14_000)
    await pressStarNine(talked.placed)
    await sleep(7_000)
    await talked.placed.finish()
    return talked
  })
  // This phone goes on sending its voice while it presses keys; in their place the PBX passes on tones.
  const ear = await agentHeard(call)
  const spoken = (sample: number) => Math.abs(sample) > 2_000
  const levels = envelope(ear.subarray(ear.findIndex(spoken), ear.findLastIndex(spoken)))
  t.ok(levels.length > 500, 'ten seconds of the caller, at the least')
  const longest = Math.max(...quietRuns(levels, -40))
  t.comment(`the longest gap is ${longest} ms`)
  t.ok(longest <= 500, 'nothing is missing but the keys')
})

t.test('two seconds between star and nine are not too long', async t => isWithdrawn(t, await split))
t.test('on a line that only discloses it works alike', async t => isWithdrawn(t, await onNotice))
t.test('a line may have other keys for it', async t => {
  await isWithdrawn(t, await ownKeys)
  t.equal(tooEarly, false, 'which are the only ones then')
})

t.test('a star alone, a nine alone and the wrong order change nothing', async t => {
  const call = await otherKeys
  t.notOk(
    call.events.some(({ type }) => type === 'consent.withdrawn'),
    'nothing was taken back',
  )
  t.match(call.recordings, [{ state: 'finished' }])
  const { caller } = await lab.open(call.recordings[0]!.id)
  t.ok(toneDbfs(caller, AFTER) > -40, 'it is recorded on')
})

t.test('a line may keep what was said before the key, and nothing of what comes after', async t => {
  const { call, keysMs } = await keeping
  t.match(
    call.events.find(({ type }) => type === 'consent.withdrawn'),
    { keep: true },
  )
  t.match(call.recordings, [{ state: 'finished' }])
  const legs = await lab.open(call.recordings[0]!.id)
  t.equal(call.recordings[0]!.seconds, legs.seconds, 'the timeline knows how long it is')
  const spoken = legs.caller.findLastIndex(sample => Math.abs(sample) > 2_000)
  for (const leg of ['caller', 'agent'] as const) {
    const last = legs[leg].findLastIndex(sample => sample !== 0)
    const late = (last - spoken) / 8 - keysMs
    t.comment(`the last readable sample of the ${leg} is ${Math.round(late)} ms after the key`)
    t.ok(late <= 1_000, 'at most one second after the key')
    t.ok(late >= -2_000, 'what was said before is there')
  }
  const after = envelope(legs.caller).map((_, i) =>
    toneDbfs(legs.caller.subarray(i * 160, (i + 1) * 160), AFTER),
  )
  t.strictSame(after.filter(level => level > THERE).length, 0, 'not a word of what was said after it')
  t.ok(toneDbfs(legs.caller.subarray(spoken - 8_000, spoken), BEFORE) > THERE, 'but of what was said before')
})

for (const one of sentOn) {
  t.test('whoever is sent on and withdraws is neither asked nor recorded again', async t => {
    const { when, done } = await one
    t.comment(when)
    await isWithdrawn(t, done)
    const { events } = done.call
    t.equal(events.filter(({ type }) => type === 'consent.answered').length, 1, 'answered once')
    t.equal(events.filter(({ type }) => type === 'recording.prepared').length, 1, 'prepared once')
    const decision = when === 'before' ? 'refused' : 'granted'
    t.match(
      events.find(({ type }) => type === 'call.passed-through'),
      { decision },
    )
  })
}

t.test('a service that was started anew destroys what the one before it recorded, too', async t => {
  const once = async () => {
    const call = await talk('601')
    lab.lab.service.kill('SIGKILL')
    void call.placed.caller.say(tone([BEFORE], 10_000, -12))
    const { part } = await call.placed.waitForEvent('recording.part-started', ({ number }) => number === 2)
    await lab.lab.service.waitUntilReady()
    return withdraw({ ...call, parts: [...call.parts, part as PartId] }, pressStarNine)
  }
  const first = await once()
  // What is said once, beside a service that has just started, may be torn by a busy machine.
  await isWithdrawn(t, first.confirmed ? first : await once())
})

t.test('nothing is kept but what was not withdrawn', async t => {
  const { faults } = await lab.verify()
  t.strictSame(faults, [])
  const { containers, keys } = await storedFiles(lab)
  t.strictSame([containers.length, keys.length], [2, 2])
})
