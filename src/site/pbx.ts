import { constants } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DepsWith } from '../accounts/deps.js'
import type { PbxFacts } from '../core/pbx-facts.js'
import { type Db, sql } from '../db/database.js'
import { languages } from '../languages/languages.js'
import { projectRoot } from '../lib/process/project.js'
import { askService } from '../socket/ask-service.js'

/** The facts of a PBX for its administrator. */
export interface PbxReport extends PbxFacts {
  /** When the dialplan handed over the last caller, ISO 8601, UTC. Null: never. */
  lastCallAt: string | null
  /** Absolute path of the entry, of which the dialplan includes a copy. */
  include: string
  /** Folder of the prompts as the PBX reads them. */
  prompts: string
  /** True if every user of this machine can read them. Null: the service has not written them yet. */
  promptsReadable: boolean | null
}

/**
 * Asks the service about the PBX, and adds facts of this machine.
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

/**
 * True if any user may enter the folder, its parents and the folders of languages. Null if there are no folders of
 * languages.
 */
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
