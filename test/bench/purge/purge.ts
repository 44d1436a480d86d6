import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../../src/db/database.js'
import { type EmbeddedServer, startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { expirePersonalData } from '../../../src/retention/expire-personal-data.js'
import { runPurge } from '../../../src/retention/run-purge.js'
import { createLog } from '../../../src/shared/log.js'
import {
  type Archive,
  type ArchivedRecording,
  fillArchive,
  isOnDisk,
  openArchive,
} from '../../support/data/archive.js'
import { type Benchmark, figure, figureAtLeast } from '../support/benchmark.js'

/** Recordings that are due; what takes so long is mostly to make them. */
const DUE = { quick: 40_000, full: 100_000 }
/** Recordings that are not, among which those are found. */
const OTHERS = { quick: 20_000, full: 100_000 }
/** To be destroyed in a second. */
const REACH = 2_000
/** Calls to be forgotten in a second: 100,000 take no longer than some purges. */
const FORGET_REACH = 1_000

const log = createLog('warn')

/**
 * How many recordings a purge destroys in a second: found, checked against holds, keys overwritten and synced on disk,
 * containers removed, events and entries in the act committed, the act closed. Real files, on the disk of the temporary folder. Then
 * of how many of these calls the personal data is erased in a second.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-bench-'))
  const server = await startEmbedded({ dir: join(dir, 'db'), log })
  try {
    await migrate(server.adminUrl, 'consentry')
    return await measurePurge(server, dir, full ? 'full' : 'quick', tell)
  } finally {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

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
    // Longer ago than any call, so that nothing is forgotten yet.
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

/** What is on disk still, or not in the act. */
async function countLeft(
  archive: Archive,
  due: readonly ArchivedRecording[],
  destroyed = 0,
): Promise<number> {
  const { rows } = { rows: await archive.deps.db.selectFrom('act_item').select('recording').execute() }
  const onDisk = due.filter(kept => isOnDisk(archive, kept)).length
  return onDisk + (due.length - rows.length) + (due.length - destroyed)
}
