// Fake: all that a recovered call needs.

import { termsOf } from '../../../src/call/machine/withdrawal.js'
import type { Whereabouts } from '../../../src/call/ports.js'
import { announcementOf } from '../../../src/call/run/announcement.js'
import { recoverCall } from '../../../src/call/run/recover-call.js'
import type { CallDeps } from '../../../src/call/run/running-call.js'
import { type ChannelId, newCallId, newEventId } from '../../../src/core/ids.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import type { ShedReason } from '../../../src/core/ports.js'
import type { RecoveredCall } from '../../../src/core/recovered-call.js'
import { tapName } from '../../../src/core/tap-name.js'
import { keyLine, twoPurposes } from '../data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from './fake-call.js'
import { FakeClock } from './fake-clock.js'
import { gateBy } from './gate.js'

/** The caller waits in our application, on the first line. */
export const inApp: Whereabouts = { in: 'app', number: '100', caller: '7999' }
/** The line that a caller reaches after the first one. */
export const second: LinePolicy = {
  ...keyLine,
  number: '200',
  version: 3,
  purposes: twoPurposes.purposes.filter(({ purpose }) => purpose === 'marketing'),
}
export const onSecondLine: Whereabouts = { ...inApp, number: second.number }
/** A journalled yes on the first line. */
export const yes = {
  purpose: 'service',
  answer: 'granted' as const,
  event: newEventId(),
  retentionDays: 7,
  announced: announcementOf(keyLine, keyLine.purposes[0]!, undefined),
  terms: termsOf(keyLine),
  withdrawn: false,
  recorded: false,
  earlier: false,
  elsewhere: false,
}

/** A call whose caller was being asked on the first line. @param changes what differs */
export const recoveredCall = (changes: Partial<RecoveredCall> = {}): RecoveredCall => ({
  id: newCallId(),
  channel: '1.1' as ChannelId,
  line: '100',
  policy: 1,
  visitStartedAt: 0,
  answers: [],
  answered: true,
  disclosed: true,
  disclosure: { prompt: 'disclosure-key', version: 1 },
  cutAfterMs: null,
  fromInside: false,
  joined: null,
  language: null,
  decided: null,
  tap: null,
  returned: false,
  ...changes,
})

/**
 * Recovers a call and resumes it. The PBX, the journal, the recorder, the prompts and the clock are fake.
 *
 * @param changes what differs from a call that is being asked on the first line
 * @param at where its channel is; null if the PBX does not say
 * @param shed why calls are shed
 * @param waitedMs how long the start of the service has taken
 * @param change makes fakes of what the call needs slow
 */
export async function recover(
  changes: Partial<RecoveredCall>,
  at: Whereabouts | null = inApp,
  {
    policy = keyLine,
    readyTap,
    startedTap,
    hasAudio = false,
    shed,
    waitedMs,
    change = () => {},
  }: {
    policy?: LinePolicy
    readyTap?: string
    startedTap?: boolean
    hasAudio?: boolean
    shed?: ShedReason
    waitedMs?: number
    change?: (deps: CallDeps, clock: FakeClock) => void
  } = {},
) {
  const clock = new FakeClock(10_000)
  const fakes = fakeCallDeps(clock, readyTap)
  fakes.deps.recorder.hasAudio = () => hasAudio
  change(fakes.deps, clock)
  const channel = fakeChannel('1.1', startedTap)
  const recovered = recoveredCall({ tap: readyTap === undefined ? null : tapName(readyTap), ...changes })
  const lineOf = (number: string) => (number === second.number ? second : policy)
  const { call, resume } = recoverCall(recovered, lineOf, channel, {
    ...fakes.deps,
    ...(waitedMs !== undefined && { begunAt: clock.elapsed() - waitedMs }),
    gate: gateBy(() => shed),
  })
  await resume?.(at ?? undefined)
  await flushPromises()
  /** The caller hears the whole current prompt. */
  const hear = async () => {
    const [, , playback] = channel.orders.at(-1)!.split(' ')
    call.handleChannelFact({ fact: 'playing', playback: playback!, at: 20_000 })
    clock.standStill(1_000)
    call.handleChannelFact({ fact: 'played', playback: playback!, ok: true, at: 21_000 })
    await flushPromises()
  }
  return {
    ...fakes,
    clock,
    channel,
    call,
    hear,
    last: () => channel.orders.at(-1)?.split(' ').slice(0, 2).join(' '),
  }
}
