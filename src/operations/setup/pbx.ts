import { constants } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Db, sql } from '../../db/database.js'
import { languages } from '../../languages/languages.js'
import { projectRoot } from '../../process/project.js'
import type { PbxFacts } from '../../shared/pbx-facts.js'
import { askService } from '../../socket/ask-service.js'
import type { DepsWith } from '../deps.js'

/** What is known of a PBX, for whoever sets it up. */
export interface PbxReport extends PbxFacts {
  /** When the dialplan handed the last call of a caller over, ISO 8601, UTC. Null: never. */
  lastCallAt: string | null
  /** Absolute path of the entry, of which the dialplan includes a copy. */
  include: string
  /** Folder of the prompts as the PBX reads them. */
  prompts: string
  /** Whether every user of this machine can read them. Null: the service has not written them yet. */
  promptsReadable: boolean | null
}

/**
 * Asks the service what it found at the PBX, and adds what this machine knows.
 *
 * @throws AppError `service.unavailable`
 */
export async function inspectPbx({
  db,
  config: { data, promptDir },
}: DepsWith<'db', 'data' | 'promptDir'>): Promise<PbxReport> {
  const facts = await askService(data, { do: 'inspect-pbx' })
  return {
    ...facts,
    ...{
      lastCallAt: await lastCall(db),
      include: join(projectRoot(), 'asterisk', 'entry.conf'),
      prompts: promptDir,
    },
    promptsReadable: await isOpenToAll(promptDir),
  }
}

async function lastCall(db: Db): Promise<string | null> {
  const { rows } = await sql<{ at: Date }>`
    select started_at as at from call where not probe order by started_at desc limit 1`.execute(db)
  return rows[0]?.at.toISOString() ?? null
}

/** Whether any user may enter the folder and its parents, and read the folders of languages in it. */
async function isOpenToAll(folder: string): Promise<boolean | null> {
  const modes = await Promise.all(languages().map(language => modeOf(join(folder, language))))
  const known = modes.filter(mode => mode !== undefined)
  if (known.length === 0) return null
  const parents: (number | undefined)[] = []
  for (let path = folder; ; path = dirname(path)) {
    parents.push(await modeOf(path))
    if (dirname(path) === path) break
  }
  return [...known, ...parents].every(mode => mode !== undefined && (mode & constants.S_IXOTH) !== 0)
}

const modeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mode }) => mode,
    () => undefined,
  )
