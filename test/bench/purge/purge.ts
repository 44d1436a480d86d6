import { openDatabase } from '../../../src/db/database.js'
import type { EmbeddedServer } from '../../../src/db/embedded.js'
import { expirePersonalData } from '../../../src/recordings/retain/expire-personal-data.js'
import { runPurge } from '../../../src/recordings/retain/run-purge.js'
import {
  type Archive,
  type ArchivedRecording,
  fillArchive,
  isOnDisk,
  openArchive,
} from '../../support/data/archive.js'
import { withBenchDatabase } from '../support/bench-database.js'
import { type Benchmark, figure, figureAtLeast } from '../support/benchmark.js'

/** Recordings that are due. Making them takes most of the time. */
const DUE = { quick: 40_000, full: 100_000 }
/** Recordings that are not due. */
const OTHERS = { quick: 20_000, full: 100_000 }
/** Recordings to be destroyed in a second. */
const REACH = 2_000
/** Calls whose personal data must be erased in a second: then 100,000 take no longer than a purge. */
const FORGET_REACH = 1_000

/**
 * How many recordings a purge destroys in a second. It finds them, checks holds, overwrites and syncs key files, removes
 * containers, commits events and the act. The files are real, on the disk of the temporary folder. Then for how many of these
 * calls the personal data is erased in a second.
 */
export const benchmark: Benchmark = ({ full, tell }) =>
  withBenchDatabase(({ server, dir }) => measurePurge(server, dir, full ? 'full' : 'quick', tell))

async function measurePurge(
  server: EmbeddedServer,
  dir: string,
  size: 'quick' | 'full',
  tell: (line: string) => void,
) {
  const db = openDatabase(server.url)
  const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
  try {
    tell(`making ${DUE[size]} recordings that are due, and ${OTHERS[size]} that are not`)
    const due = await fillArchive(archive, server.adminUrl, { count: DUE[size] })
    await fillArchive(archive, server.adminUrl, {
      count: OTHERS[size],
      due: `date '2099-01-01'`,
      files: false,
    })
    tell('destroying')
    const started = performance.now()
    const at = Date.now()
    // Longer than the age of any call, so that the purge erases no personal data.
    const report = await runPurge({ ...archive.deps, personalDays: 3_660 }, { at, by: 'bench' })
    const seconds = (performance.now() - started) / 1_000
    tell('forgetting')
    const began = performance.now()
    const forgotten = await expirePersonalData(archive.deps, { at, personalDays: 30, by: 'bench' })
    const forgetting = (performance.now() - began) / 1_000
    return [
      figureAtLeast({ measure: 'recordings destroyed', value: due.length / seconds, unit: '1/s' }, REACH),
      figureAtLeast({ measure: 'calls forgotten', value: forgotten / forgetting, unit: '1/s' }, FORGET_REACH),
      figure(
        { measure: 'recordings left', value: await countLeft(archive, due, report?.destroyed), unit: '' },
        0,
      ),
    ]
  } finally {
    await archive.deps.journal.stop()
    await db.close()
  }
}

/** @returns number of recordings that are still on disk or missing in the act */
async function countLeft(
  archive: Archive,
  due: readonly ArchivedRecording[],
  destroyed = 0,
): Promise<number> {
  const { rows } = { rows: await archive.deps.db.selectFrom('act_item').select('recording').execute() }
  const onDisk = due.filter(recording => isOnDisk(archive, recording)).length
  return onDisk + (due.length - rows.length) + (due.length - destroyed)
}
