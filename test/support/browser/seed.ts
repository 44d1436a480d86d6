import type { Test } from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { type CallEvent, type Decision, event } from '../../../src/core/events.js'
import { newCallId, newNodeId } from '../../../src/core/ids.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { person } from '../data/actors.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../data/journal.js'
import type { TestConsole } from '../processes/console.js'

/** A decided call. @param at when it began, ms since the epoch */
export function decidedCall(at: number, decision: Decision, ended = true): CallEvent[] {
  const call = newCallId()
  const data = { line: '700', policy: 1, language: 'ru' as const, mode: 'key', channel: `pbx-${call}` }
  return [
    event(
      'call.started',
      call,
      at,
      { ...data, utcOffset: '+03:00', service: newNodeId() },
      { caller: '+79161234567' },
    ),
    event('call.answered', call, at + 100, { line: '700', policy: 1 }),
    event('call.decided', call, at + 9_000, { decision }),
    event('call.released', call, at + 9_100, { next: 'continue', tapped: false }),
    ...(ended ? [event('call.ended', call, at + 60_000, { cause: 16, phase: 'talking' })] : []),
  ]
}

/** Lines 700 to 705 in two versions, calls of the last hours, calls that go on, and an alarm. */
export async function seed(t: Test, { deps, serviceUrl }: TestConsole): Promise<void> {
  for (const line of labLines) {
    const number = `7${line.number.slice(1)}`
    await changeLines(deps, person('anna'), { ...line, number })
    await changeLines(deps, person('boris'), { ...line, number, waitMs: 4_000 })
  }
  const { number: _, waitMs, ...shared } = labLines[1]!
  await changeGroup(deps, person('anna'), { name: 'sales', input: shared })
  await changeLines(deps, person('anna'), { number: '709', group: 'sales', waitMs })
  const now = Date.now()
  const decisions = ['granted', 'granted', 'granted', 'refused', 'silent', 'abandoned', 'failed'] as const
  const past = Array.from({ length: 60 }, (_, i) =>
    decidedCall(now - (i + 1) * 240_000, decisions[i % decisions.length]!),
  )
  const present = (['granted', 'refused'] as const).map((decision, i) =>
    decidedCall(now - (i + 1) * 70_000, decision, false),
  )
  const alarm = event('alarm.raised', null, now - 300_000, {
    alarm: 'disk-low',
    detail: 'The disk of the store has 4 % left.',
  })
  const journal = startTestJournal(t, serviceUrl)
  await journal.append([...past.flat(), ...present.flat(), alarm], APPEND_LIMIT_MS)
}
