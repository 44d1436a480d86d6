import { readFile } from 'node:fs/promises'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { type Lab, startLab } from '../../../lab/lab.js'
import { openDatabase } from '../../../src/db/database.js'
import { type Benchmark, figure, type Result, rounded } from '../support/benchmark.js'
import { type LabPrompts, readLabPrompts } from '../support/lab-prompts.js'
import { median, percentile } from '../support/statistics.js'
import { answersOnBusyDisk } from './answers-on-busy-disk.js'
import { ASKED, DISCLOSURE, EXTENSIONS, PLAYED, readReturnTimes } from './dialplan.js'
import { findPrompt } from './find-prompt.js'
import { type AskedCall, msToFirstSound, placeAskedCall, placePlayedCall } from './place-calls.js'

/** Number of calls. `quick` ends within two minutes. */
const SIZES = { quick: 60, full: 400 }
/** Callers at the same time. */
const AT_ONCE = 4
/** From the first sound to the key, ms. It varies from call to call, so that keys meet packets and timers at any phase. */
const LISTEN_MS = { from: 700, steps: 17, step: 53 }

/**
 * How long a caller waits: from the key to the confirmation, from there to the dialplan with a running tap, and from the call's
 * answer to the first sound, compared with `Playback` in dialplan. Then how many answers are committed in time on a busy disk.
 */
export const benchmark: Benchmark = async options => [
  ...(await onIdleDisk(options)),
  ...(await answersOnBusyDisk(options.full, options.tell)),
]

const onIdleDisk: Benchmark = async ({ full, tell }) => {
  const calls = full ? SIZES.full : SIZES.quick
  const lab = await startLab({ progress: tell, extensions: EXTENSIONS })
  try {
    const prompts = await readLabPrompts(lab)
    await lab.pbx.setGlobal(DISCLOSURE, prompts.disclosure.media)
    const { asked, played } = await placeCalls(lab, prompts, calls, tell)
    return await evaluate(asked, played, await readReturnTimes(lab.pbx), prompts)
  } finally {
    await lab.stop()
  }
}

async function placeCalls(lab: Lab, prompts: LabPrompts, calls: number, tell: (line: string) => void) {
  const asked: AskedCall[] = []
  const played: number[] = []
  const db = openDatabase(lab.database.url)
  const { sip } = lab.pbx
  let begun = 0
  const worker = async () => {
    while (begun < calls) {
      const turn = begun++
      const from = `7999${String(turn).padStart(7, '0')}`
      const listenMs = LISTEN_MS.from + (turn % LISTEN_MS.steps) * LISTEN_MS.step
      const confirmationMs = prompts.confirmation.lengthMs
      asked.push(await placeAskedCall({ sip, number: ASKED, from, db, listenMs, confirmationMs }))
      played.push(await placePlayedCall({ sip, number: PLAYED, from }))
      if ((turn + 1) % 20 === 0) tell(`${turn + 1} of ${calls} calls`)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } finally {
    await db.close()
  }
  return { asked, played }
}

async function evaluate(
  asked: AskedCall[],
  played: number[],
  back: Map<string, number>,
  { confirmation }: LabPrompts,
): Promise<Result[]> {
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
    figure(
      { measure: 'calls without a result', value: asked.length - good.length, unit: `of ${asked.length}` },
      0,
    ),
  ]
}
