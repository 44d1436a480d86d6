import { utimes } from 'node:fs/promises'
import { inspect } from 'node:util'
import { storedFiles } from '../lab/call-lab.js'
import { consentry } from '../processes/command.js'
import { playBatch } from './batch.js'
import type { FaultSite } from './fault-site.js'
import { openFaultSite } from './fault-site.js'
import { judgeBatch } from './judge/judge.js'
import type { Violation } from './judge/judged-call.js'
import { type Report, reportText, Tally } from './report.js'
import type { Batch } from './schedule.js'

export interface RunOptions {
  seed: number
  batches: readonly Batch[]
  /** Reports progress to people. */
  tell(line: string): void
}

/** Number of labs at the same time. Callers and faults mostly wait, so two labs can share two processors. */
const LABS = 2

/** Plays and judges all batches of a schedule, on several labs. */
export async function run({ tell, seed, batches }: RunOptions): Promise<Report> {
  const tally = new Tally(seed)
  const left = [...batches]
  const failures: unknown[] = []
  const play = () =>
    playBatches(left, tally, tell).catch(error => {
      failures.push(error)
      tell(`a lab ended early, and its batch is not judged: ${inspect(error)}`)
    })
  await Promise.all(Array.from({ length: Math.min(LABS, batches.length) }, play))
  if (failures.length > 0) {
    tell(`what was judged all the same:\n${reportText(tally.report)}`)
    throw failures[0]
  }
  return tally.report
}

/** Plays batches on one lab until none is left. */
async function playBatches(left: Batch[], tally: Tally, tell: RunOptions['tell']): Promise<void> {
  const site = await openFaultSite()
  let misdated = false
  try {
    for (let batch = left.shift(); batch; batch = left.shift()) {
      const { number, callers, lanes } = batch
      tell(
        `batch ${number}: ${callers.length} callers, ${lanes.flat().length} faults; ${left.length} batches to come`,
      )
      misdated ||= lanes.flat().some(({ fault }) => fault.misdates)
      const began = performance.now()
      const played = await playBatch(site, batch)
      const playedFor = performance.now() - began
      const verdict = await judgeBatch(site, played)
      for (const line of tally.add(played, verdict)) tell(line)
      const took = (ms: number) => `${(ms / 1_000).toFixed(0)} s`
      tell(
        `batch ${number} was played for ${took(playedFor)}, judged for ${took(performance.now() - began - playedFor)}`,
      )
    }
    const found = await checkWholeSite(site, misdated)
    for (const { column, what } of found) tell(`${column}, at the end: ${what}`)
    tally.addAtEnd(found)
  } finally {
    await site.stop()
  }
}

/** The sweep removes files without a reference that are older than this, s. */
const SWEPT_AFTER_S = 25 * 3_600

/**
 * What `verify` says of an event that a service with a false clock dated: by the days of `clockFaults` and `falseClockFaults`. It is right to
 * say so, and nothing is lost.
 */
const DATED_BY_FALSE_CLOCK = /entered the database (?:14[34]\d minutes|400 days) (?:earlier|later)/

/**
 * Runs `consentry verify` and `consentry audit`. Killed services leave key files and beginnings of containers, which later
 * services sweep when they are old, so all files are made to look old first.
 *
 * @param misdated whether the service has had a false clock
 */
async function checkWholeSite(site: FaultSite, misdated: boolean): Promise<Violation[]> {
  const { lab, keyStore } = site
  const old = Date.now() / 1_000 - SWEPT_AFTER_S
  const { containers } = await storedFiles(site)
  for (const path of containers) await utimes(path, old, old)
  for await (const entry of keyStore.list())
    for (const path of keyStore.locate(entry)) await utimes(path, old, old)
  await lab.service.restart()
  const found: Violation[] = []
  for (const verb of ['verify', 'audit']) {
    const { code, out, err } = await consentry(lab.env, verb, '--json')
    if (code === 0) continue
    const { faults = [] } = JSON.parse(out || '{}') as { faults?: { kind: string; what: string }[] }
    const lost = faults.filter(
      ({ kind, what }) => !(misdated && kind === 'event-misdated' && DATED_BY_FALSE_CLOCK.test(what)),
    )
    const told = faults.length > 0 ? lost.map(fault => JSON.stringify(fault)) : [err.slice(-500)]
    found.push(...told.map(what => ({ column: 'lost' as const, what: `${verb}: ${what}` })))
  }
  return found
}
