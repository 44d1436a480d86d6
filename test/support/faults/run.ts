import { utimes } from 'node:fs/promises'
import { kept } from '../call-lab.js'
import { consentry } from '../command.js'
import { play } from './batch.js'
import type { Ground } from './ground.js'
import { openGround } from './ground.js'
import type { Violation } from './judge/case.js'
import { judge } from './judge/judge.js'
import { type Report, Tally } from './report.js'
import type { Batch } from './schedule.js'

export interface RunOptions {
  seed: number
  batches: readonly Batch[]
  /** Says how far it has got, to people. */
  tell(line: string): void
}

/** Plays all batches of a schedule on one lab, and judges each. */
export async function run(options: RunOptions): Promise<Report> {
  const { tell, seed, batches } = options
  const tally = new Tally(seed)
  const ground = await openGround()
  try {
    for (const batch of batches) {
      const faults = batch.lanes.flat().length
      tell(`batch ${batch.number} of ${batches.length}: ${batch.callers.length} callers, ${faults} faults`)
      const began = performance.now()
      const played = await play(ground, batch)
      const playedFor = performance.now() - began
      const verdict = await judge(ground, played)
      for (const line of tally.add(played, verdict)) tell(line)
      const took = (ms: number) => `${(ms / 1_000).toFixed(0)} s`
      tell(`played for ${took(playedFor)}, judged for ${took(performance.now() - began - playedFor)}`)
    }
    tally.addAtEnd(await checkWhole(ground))
  } finally {
    await ground.stop()
  }
  return tally.report
}

/** Older than this is what nothing refers to and no service may still be about to announce, s. */
const SWEPT_AFTER_S = 3_600

/**
 * The commands `verify` and `audit` find nothing wrong. Services that were killed leave keys and beginnings of containers,
 * which the next ones sweep away once they are old; so everything is made to look old first.
 */
export async function checkWhole(ground: Ground): Promise<Violation[]> {
  const { lab, keyStore } = ground
  const old = Date.now() / 1_000 - SWEPT_AFTER_S
  const { containers } = await kept(ground)
  for (const path of containers) await utimes(path, old, old)
  for await (const entry of keyStore.list())
    for (const path of keyStore.locate(entry)) await utimes(path, old, old)
  await lab.service.restart()
  const found: Violation[] = []
  for (const verb of ['verify', 'audit']) {
    const { code, out, err } = await consentry(lab.env, verb, '--json')
    if (code === 0) continue
    const { faults = [] } = JSON.parse(out || '{}') as { faults?: object[] }
    const told = faults.length > 0 ? faults.map(fault => JSON.stringify(fault)) : [err.slice(-500)]
    found.push(...told.map(what => ({ column: 'lost' as const, what: `${verb}: ${what}` })))
  }
  return found
}
