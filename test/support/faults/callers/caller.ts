import { setTimeout as pause } from 'node:timers/promises'
import { rmsDbfs } from '../../../../lab/audio/levels.js'
import { Caller } from '../../../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../../../lab/media/received-audio.js'
import { epochMs } from '../../../../lab/time.js'
import type { CallerRecord } from './caller-record.js'
import type { CallerPlan } from './plan.js'
import { isSaidBy, numberedSpeech } from './voice.js'

/** Interval at which a caller listens, ms. */
const POLL_MS = 100
/** Packets that are queued at once. Few, because a key waits for them. */
const PIECE_PACKETS = 10
/** Longest time until the call is answered, ms. */
const ANSWER_LIMIT_MS = 30_000
/** A caller who still hears a prompt this long after a key presses again, ms: longer than a confirmation. */
const REPEAT_KEY_MS = 3_500
/** Shorter silences are not noted, ms. */
const MIN_SILENCE_MS = 2_000
const NO_LIMIT_MS = 2 ** 31 - 1

/** Calls, follows the plan, and hangs up. Never rejects. @returns the caller's record */
export async function runCaller(sip: string, from: string, plan: CallerPlan): Promise<CallerRecord> {
  const dialledAt = epochMs()
  const caller = await Caller.call({ sip, from, number: plan.line })
  const record: CallerRecord = {
    plan,
    from,
    caller,
    dialledAt,
    silentMs: 0,
    silences: [],
    presses: [],
    sent: [],
  }
  const answered = await caller.waitForAnswer(ANSWER_LIMIT_MS).then(
    () => true,
    () => false,
  )
  if (answered) {
    record.answeredAt = caller.answeredAt!
    const talking = sayNumberedSpeech(record)
    await followPlan(record)
    await hangUp(record)
    await talking
  } else await hangUp(record)
  return record
}

async function followPlan(record: CallerRecord): Promise<void> {
  const { plan, caller } = record
  const over = caller.waitForEnd(NO_LIMIT_MS)
  const end = record.answeredAt! + plan.lifeMs
  let promptAt: number | undefined
  // Whoever waits for the answer hears nothing either: the PBX does not let the phone ring.
  let heardAt = record.dialledAt
  while (!caller.end && epochMs() < end) {
    await pause(POLL_MS)
    const now = epochMs()
    const hears = whoIsHeard(caller, now)
    if (record.agentAt === undefined) noteSilence(record, heardAt, now)
    if (hears) heardAt = now
    if (hears === 'agent') record.agentAt ??= now
    if (hears === 'prompt') promptAt ??= now
    const pressedAt = record.presses.at(-1)?.at
    const mayPress =
      pressedAt === undefined ? now - (promptAt ?? now) > plan.reactMs : now - pressedAt > REPEAT_KEY_MS
    if (hears === 'prompt' && plan.keys.length > 0 && mayPress) await press(record, over)
    const due = record.agentAt !== undefined && now - record.agentAt > (plan.withdrawMs ?? Infinity)
    if (due && record.withdrewAt === undefined) record.withdrewAt = await caller.pressKeys('*9')
  }
}

/** @param from when the last sound was heard */
function noteSilence(record: CallerRecord, from: number, to: number): void {
  record.silentMs = Math.max(record.silentMs, to - from)
  if (to - from < MIN_SILENCE_MS) return
  const last = record.silences.at(-1)
  if (last?.from === from) last.to = to
  else record.silences.push({ from, to })
}

async function press(record: CallerRecord, over: Promise<unknown>): Promise<void> {
  const { keys } = record.plan
  const key = keys[Math.min(record.presses.length, keys.length - 1)]!
  // Noted before the key, because the answer may be committed before the key's last packet is sent.
  record.presses.push({ key, at: epochMs() })
  await Promise.race([record.caller.press(key), over])
}

/** @returns who is heard now */
function whoIsHeard({ heard }: Caller, now: number): 'agent' | 'prompt' | undefined {
  const packet = heard.packets.at(-1)
  if (!packet || now - packet.at > 2 * POLL_MS) return undefined
  if (isSaidBy('agent', packet.samples)) return 'agent'
  return rmsDbfs(packet.samples) > AUDIBLE_DBFS ? 'prompt' : undefined
}

/** Says numbered speech without pause until the call is over. */
async function sayNumberedSpeech({ caller, plan, sent }: CallerRecord): Promise<void> {
  const over = caller.waitForEnd(NO_LIMIT_MS)
  for (let n = 0; !caller.end; n += PIECE_PACKETS) {
    const at = await Promise.race([caller.say(numberedSpeech('caller', plan.index, n, PIECE_PACKETS)), over])
    if (typeof at === 'number' && !caller.end) sent.push({ n: n + PIECE_PACKETS, at })
  }
}

async function hangUp(record: CallerRecord): Promise<void> {
  const { caller } = record
  if (caller.end) return
  record.hungUpAt = epochMs()
  const gone = caller.hangup().catch(() => {})
  // A dead PBX does not confirm the hang-up.
  await Promise.race([gone, pause(5_000)])
  if (!caller.end) caller.losePower()
}
