import { readFile } from 'node:fs/promises'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { figure, type Result, rounded } from '../support/benchmark.js'
import type { LabPrompts } from '../support/lab-prompts.js'
import { median, percentile } from '../support/statistics.js'
import { findPrompt } from './find-prompt.js'
import { msToFirstSound } from './place-calls.js'
import type { PlacedCalls } from './place-many.js'

/**
 * How long callers waited.
 *
 * @param back when each caller returned to the dialplan, by the caller's number, epoch ms
 */
export async function evaluate(
  { asked, played, failed }: PlacedCalls,
  back: Map<string, number>,
  { confirmation }: LabPrompts,
): Promise<Result[]> {
  const all = asked.length + failed
  const words = decodeG711(await readFile(`${confirmation.media}.alaw`), 'alaw')
  const good = asked.flatMap(call => {
    const heard = findPrompt(call.packets, words)
    const backAt = back.get(call.from)
    return heard && backAt ? [{ ...call, ...heard, backAt }] : []
  })
  const p95 = (measure: string, of: (call: (typeof good)[number]) => number, reach: number) =>
    figure({ measure, value: percentile(good.map(of), 0.95), unit: 'ms, p95' }, reach)
  const baseline = median(played)
  return [
    p95("key's end → answer committed", call => call.journalledAt - call.keyEndedAt, 60),
    p95("key's end → confirmation's first packet", call => call.firstAt - call.keyEndedAt, 60),
    p95("confirmation's last packet → dialplan, tap running", call => call.backAt - call.lastAt, 60),
    {
      ...p95('answer → first packet, beyond Playback', call => msToFirstSound(call) - baseline, 40),
      baseline: rounded(baseline),
    },
    figure({ measure: 'calls without a result', value: all - good.length, unit: `of ${all}` }, 0),
  ]
}
