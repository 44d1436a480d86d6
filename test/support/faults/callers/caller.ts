import { setTimeout as pause } from 'node:timers/promises'
import { rmsDbfs } from '../../../../lab/audio/levels.js'
import { Caller } from '../../../../lab/caller.js'
import { AUDIBLE_DBFS } from '../../../../lab/media/received-audio.js'
import { epochMs } from '../../../../lab/time.js'
import type { Account } from './account.js'
import type { CallerPlan } from './plan.js'
import { isSaidBy, speech } from './voice.js'

/** How often a caller looks at what is heard, ms. */
const LOOK = 100
/** Packets said in one go: a key waits for them, so they must be few. */
const PIECE = 10
/** How long a caller waits for the answer, ms. */
const PATIENCE = 30_000
/** Whoever pressed a key and still hears a prompt after so long presses again, ms: longer than a confirmation. */
const AGAIN = 3_500
/** Shorter silences are no matter, ms. */
const SILENCE = 2_000
const FOR_EVER = 2 ** 31 - 1

/** Calls, does what the plan says, and hangs up. Resolves with what came of it by the caller's own record; never rejects. */
export async function call(sip: string, from: string, plan: CallerPlan): Promise<Account> {
  const dialledAt = epochMs()
  const caller = await Caller.call({ sip, from, number: plan.line })
  const account: Account = { plan, from, caller, dialledAt, silentMs: 0, silences: [], presses: [], sent: [] }
  const answered = await caller.waitForAnswer(PATIENCE).then(
    () => true,
    () => false,
  )
  if (answered) {
    account.answeredAt = caller.answeredAt!
    const talking = talk(account)
    await behave(account)
    await hangUp(account)
    await talking
  } else await hangUp(account)
  return account
}

async function behave(account: Account): Promise<void> {
  const { plan, caller } = account
  const over = caller.waitForEnd(FOR_EVER)
  const end = account.answeredAt! + plan.lifeMs
  let promptAt: number | undefined
  let heardAt = account.answeredAt!
  while (!caller.end && epochMs() < end) {
    await pause(LOOK)
    const now = epochMs()
    const hears = listen(caller, now)
    if (account.agentAt === undefined) noteSilence(account, heardAt, now)
    if (hears) heardAt = now
    if (hears === 'agent') account.agentAt ??= now
    if (hears === 'prompt') promptAt ??= now
    const pressedAt = account.presses.at(-1)?.at
    const mayPress =
      pressedAt === undefined ? now - (promptAt ?? now) > plan.reactMs : now - pressedAt > AGAIN
    if (hears === 'prompt' && plan.keys.length > 0 && mayPress) await press(account, over)
    const due = account.agentAt !== undefined && now - account.agentAt > (plan.withdrawMs ?? Infinity)
    if (due && account.withdrewAt === undefined) account.withdrewAt = await caller.pressKeys('*9')
  }
}

/** @param from when anything was heard last */
function noteSilence(account: Account, from: number, to: number): void {
  account.silentMs = Math.max(account.silentMs, to - from)
  if (to - from < SILENCE) return
  const last = account.silences.at(-1)
  if (last?.from === from) last.to = to
  else account.silences.push({ from, to })
}

async function press(account: Account, over: Promise<unknown>): Promise<void> {
  const { keys } = account.plan
  const key = keys[Math.min(account.presses.length, keys.length - 1)]!
  // Noted before it is pressed: an answer may be committed before the key's last packet has left.
  account.presses.push({ key, at: epochMs() })
  await Promise.race([account.caller.press(key), over])
}

/** Who is heard at this moment. */
function listen({ heard }: Caller, now: number): 'agent' | 'prompt' | undefined {
  const packet = heard.packets.at(-1)
  if (!packet || now - packet.at > 2 * LOOK) return undefined
  if (isSaidBy('agent', packet.samples)) return 'agent'
  return rmsDbfs(packet.samples) > AUDIBLE_DBFS ? 'prompt' : undefined
}

/** Says numbered speech without a pause, until the call is over. */
async function talk({ caller, plan, sent }: Account): Promise<void> {
  const over = caller.waitForEnd(FOR_EVER)
  for (let n = 0; !caller.end; n += PIECE) {
    const at = await Promise.race([caller.say(speech('caller', plan.index, n, PIECE)), over])
    if (typeof at === 'number' && !caller.end) sent.push({ n: n + PIECE, at })
  }
}

async function hangUp(account: Account): Promise<void> {
  const { caller } = account
  if (caller.end) return
  account.hungUpAt = epochMs()
  const gone = caller.hangup().catch(() => {})
  // A PBX that is gone agrees to nothing.
  await Promise.race([gone, pause(5_000)])
  if (!caller.end) caller.losePower()
}
