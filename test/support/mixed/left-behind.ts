import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import { type Database, sql } from '../../../src/db/database.js'

/** What a lab has that calls may leave behind, when no call goes on. */
export interface Left {
  /** Of the PBX: channels, bridges with somebody in them, global variables but for those that name phones. */
  channels: number
  bridges: number
  globals: number
  /** Open descriptors. Those of pipes that the keeper has ready for calls are left out. */
  filesOfAsterisk: number
  filesOfService: number
  filesOfKeeper: number
  /** Pipes that were given to a call. */
  pipes: number
  /** Calls and entries about channels in the memory of the service. */
  calls: number
  remembered: number
  /** Recordings that have not ended. */
  recordings: number
}

/** Each unused pair of pipes has two files, and four descriptors of the keeper. */
const DESCRIPTORS_OF_PIPE = 2

/** Counts what there is now. @throws Error if a part does not run */
export async function countLeft({ ready, pbx }: Lab, db: Database): Promise<Left> {
  const [keeper] = await keepersOf(ready.tap)
  if (!keeper || !ready.servicePid) throw new Error('the service or its keeper does not run')
  const files = async (pid: number) => (await readdir(`/proc/${pid}/fd`)).length
  const numbers = async (command: string, pattern: RegExp) =>
    (await pbx.cli(command)).split('\n').filter(line => pattern.test(line)).length
  const health = (await (await fetch(`${ready.http}/healthz`)).json()) as Left
  const { rows } = await sql<{ tap: string; running: boolean }>`
    select tap, state = 'recording' as running from recording where tap <> ''`.execute(db)
  const pipes = await readdir(ready.tap)
  const given = rows.flatMap(({ tap }) => ['rx', 'tx'].map(leg => `${tap}.${leg}.alaw`)).filter(existsSync)
  const unused = pipes.filter(name => name.endsWith('.alaw')).length - given.length
  return {
    channels: Number(/(\d+) active channel/.exec(await pbx.cli('core show channels count'))?.[1]),
    bridges: await numbers('bridge show all', /^\S+ +[1-9]\d* /),
    globals: await numbers('dialplan show globals', /^ +(?!FIRST_|SECOND_)\w+=/),
    filesOfAsterisk: await files(ready.asteriskPid),
    filesOfService: await files(ready.servicePid),
    filesOfKeeper: (await files(keeper)) - DESCRIPTORS_OF_PIPE * unused,
    pipes: given.length,
    calls: health.calls,
    remembered: health.remembered,
    recordings: rows.filter(({ running }) => running).length,
  }
}

/** Between two counts, ms. */
const INTERVAL_MS = 2_000

/**
 * Waits until nothing is left beyond what there was before, or until a time is over. The service compares its calls with the channels of the
 * PBX every 30 s.
 *
 * @param limitMs how long it waits, ms
 * @returns how much there is of what there is more of than before, by name: nothing if all is well. Global variables are left out
 */
export async function leftBehind(
  lab: Lab,
  db: Database,
  before: Left,
  limitMs: number,
): Promise<Partial<Left>> {
  for (const end = Date.now() + limitMs; ; await sleep(INTERVAL_MS)) {
    const now = await countLeft(lab, db)
    // There is a global variable for each different outcome, and some are set when the first caller has answered.
    const more = Object.entries(now).filter(
      ([name, count]) => name !== 'globals' && !(count <= before[name as keyof Left]),
    )
    if (more.length === 0 || Date.now() > end) return Object.fromEntries(more)
  }
}
