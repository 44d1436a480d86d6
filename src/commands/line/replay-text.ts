import { counted } from '../../lib/plural.js'
import type { ReplayReport, Seconds } from '../../lines/replay-report.js'
import { table } from '../table.js'

const WHY_LEFT_OUT: Record<keyof ReplayReport['leftOut'], string> = {
  undecided: 'without a decision yet',
  failed: 'decided by a fault',
  'unknown-version': 'on a version that is not there',
  'not-reproduced': 'whose replay on their own version comes out otherwise',
}

/** The report of a replay, for a terminal. */
export function replayText({
  of,
  calls,
  replayed,
  leftOut,
  otherwise,
  changes,
  decisions,
  ...rest
}: ReplayReport): string {
  if (calls === 0) return `There is no call of ${of} to replay.\n`
  const why = Object.entries(leftOut).filter(([, count]) => count > 0)
  const lines = [
    `${replayed} of ${counted(calls, 'call', 'calls')} of ${of} replayed, ${otherwise} decided otherwise`,
    ...changes.map(
      ({ before, after, calls: count }) => `  ${before} → ${after}: ${counted(count, 'call', 'calls')}`,
    ),
    ...why.map(([reason, count]) => `  left out: ${count} ${WHY_LEFT_OUT[reason as keyof typeof leftOut]}`),
    `recorded: ${rest.recorded.before} → ${rest.recorded.after}`,
    `seconds to the agent: ${shown(rest.secondsToAgent.before)} → ${shown(rest.secondsToAgent.after)}`,
  ]
  const rows = decisions.map(({ decision, before, after, secondsBefore, secondsAfter }) => [
    ...[decision, String(before), String(after), shown(secondsBefore), shown(secondsAfter)],
  ])
  return `${lines.join('\n')}\n${table(['decision', 'before', 'after', 'seconds before', 'seconds after'], rows)}`
}

const shown = (seconds: Seconds | null): string =>
  seconds ? `${seconds.median} (95 of 100: ${seconds.p95}, longest: ${seconds.longest})` : '–'
