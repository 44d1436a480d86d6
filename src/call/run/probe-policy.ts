import type { ChannelId } from '../../core/ids.js'
import type { LinePolicy, NextStep } from '../../core/policy.js'
import { isProbeChannel } from '../../core/probe-call.js'
import type { LineBook } from '../ports.js'

/** Retention of the recording of a probe call, days. The purge after the next midnight (UTC) destroys it. */
const PROBE_DAYS = 1

const CONTINUE: NextStep = { do: 'continue' }

/**
 * The policy of a line for a probe call. Questions, prompts and recording are those of callers. But the recording is
 * kept for a day only, and after any answer the call continues after the Gosub, so that it rings no agent elsewhere.
 */
export const policyOfProbe = (line: LinePolicy): LinePolicy => ({
  ...line,
  purposes: line.purposes.map(one => ({ ...one, retentionDays: Math.min(one.retentionDays, PROBE_DAYS) })),
  ...{ onRefused: CONTINUE, onSilent: CONTINUE, onFailed: CONTINUE },
})

/** The policy for a dialled number. A number that belongs to no line is never recorded. */
export function policyFor(
  { lines, unknownLine }: { lines: Pick<LineBook, 'find'>; unknownLine(number: string): LinePolicy },
  number: string,
  channel: ChannelId,
): LinePolicy {
  const policy = lines.find(number) ?? unknownLine(number)
  return isProbeChannel(channel) ? policyOfProbe(policy) : policy
}
