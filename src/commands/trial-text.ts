import pc from 'picocolors'
import type { CallerMet, LineTrial, TryCaller } from '../lines/try-line.js'
import { table } from './table.js'

/** After a longer wait for an agent without a prompt, callers give up or complain, ms. */
const LONG_WAIT_MS = 25_000

const HEAD = ['caller', 'decision', 'recorded', 'prompts', 'leaves after']

/** A table of the callers' results on a line, for a terminal. */
export function trialText({ line, callers }: LineTrial): string {
  if (line.mode === 'none')
    return 'Callers of this line are neither asked nor recorded: they go on in the dialplan at once.\n'
  const rows = callers.map(met => [
    deed(met.caller, line.keys),
    met.decision ?? '',
    met.recorded.join('\n') || '–',
    String(met.heard.length),
    left(met),
  ])
  const silent = callers.find(({ caller }) => caller === 'silent')?.leftAt ?? 0
  const warning =
    silent > LONG_WAIT_MS
      ? pc.yellow(`Who says nothing waits ${seconds(silent)}: shorten the prompts, waitMs or retries.\n`)
      : ''
  return `${table(HEAD, rows)}${warning}`
}

function deed(caller: TryCaller, { yes, no, withdraw }: LineTrial['line']['keys']): string {
  const deeds: Record<TryCaller, string> = {
    'yes-at-once': `presses ${yes} at once`,
    'yes-after-question': `hears all, then presses ${yes}`,
    'no-at-once': `presses ${no} at once`,
    'no-after-question': `hears all, then presses ${no}`,
    silent: 'says nothing',
    'wrong-key': 'presses a wrong key',
    'hangs-up': 'hangs up',
    'prompt-fails': 'a prompt breaks off',
    withdraws: `presses ${yes}, later ${withdraw}`,
    'says-yes': 'says yes',
    'says-yes-and-presses': `says yes, then presses ${yes}`,
    'says-no': 'says no',
    'says-weak': 'says okay',
    'says-unclear': 'says something unclear',
  }
  return deeds[caller]
}

const left = ({ leftAt, next }: CallerMet): string => {
  if (leftAt === null) return '–'
  return next === 'continue' ? seconds(leftAt) : `${seconds(leftAt)}, ${next}`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
