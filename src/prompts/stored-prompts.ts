import type { Changer } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import type { Language, PromptMaking } from '../core/policy.js'
import { type Db, sql } from '../db/database.js'
import type { PromptState } from '../db/tables.js'
import { type ManifestEntry, sha256 } from './manifest.js'
import type { Says, WordValues } from './words/variables.js'

/** A version of a prompt that was made while the service runs. */
export interface StoredPrompt extends ManifestEntry {
  says: Says
  /** The words with their variables, and the values. */
  template: string
  variables: WordValues
  /** Loudness, LUFS, and true peak, dBTP. */
  lufs: number
  truePeak: number
  how: PromptMaking
  engine: string | null
  voice: string | null
  madeBy: string
  madeAt: Date
  /** Everybody whose words or sound it has: its maker, and those of the draft from which it was made. */
  changers: Changer[]
  state: PromptState
  publishedBy: string | null
  publishedAt: Date | null
}

/** Filter of prompts. */
export interface PromptFilter {
  name?: string
  language?: Language
  version?: number
  states?: readonly PromptState[]
}

/** Versions of prompts, by name and language, the newest first. */
export async function selectPrompts(db: Db, filter: PromptFilter = {}): Promise<StoredPrompt[]> {
  const { name, language, version, states } = filter
  const rows = await db
    .selectFrom('prompt_version')
    .selectAll()
    .$if(name !== undefined, query => query.where('name', '=', name!))
    .$if(language !== undefined, query => query.where('language', '=', language!))
    .$if(version !== undefined, query => query.where('version', '=', version!))
    .$if(states !== undefined, query => query.where('state', 'in', states!))
    .orderBy('name')
    .orderBy('language')
    .orderBy('version', 'desc')
    .execute()
  return rows.map(row => ({
    ...{ name: row.name, language: row.language, version: row.version },
    ...{ template: row.template, variables: row.variables as WordValues },
    ...{ text: row.text, says: row.says as Says, sha256: row.sha256, lengthMs: row.length_ms },
    ...{ lufs: row.lufs, truePeak: row.true_peak },
    ...{ how: row.made_how, engine: row.engine, voice: row.voice },
    ...{ madeBy: row.made_by, madeAt: row.made_at, state: row.state },
    changers: row.changers,
    ...{ publishedBy: row.published_by, publishedAt: row.published_at },
  }))
}

/** The versions in force, one of each name and language. */
export const publishedPrompts = (db: Db): Promise<StoredPrompt[]> =>
  selectPrompts(db, { states: ['published'] })

/** A new draft. The columns of its making are filled by the caller. */
export type NewPrompt = Omit<StoredPrompt, 'state' | 'publishedBy' | 'publishedAt'> & { wav: Buffer }

/** Adds a draft with its master. Equal masters are stored once. */
export async function insertPrompt(db: Db, prompt: NewPrompt): Promise<void> {
  await db
    .insertInto('prompt_audio')
    .values({ sha256: prompt.sha256, wav: prompt.wav })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  await db
    .insertInto('prompt_version')
    .values({
      ...{ name: prompt.name, language: prompt.language, version: prompt.version },
      ...{ template: prompt.template, variables: JSON.stringify(prompt.variables) },
      ...{ text: prompt.text, says: JSON.stringify(prompt.says), sha256: prompt.sha256 },
      ...{ length_ms: prompt.lengthMs, lufs: prompt.lufs, true_peak: prompt.truePeak },
      ...{ made_how: prompt.how, engine: prompt.engine, voice: prompt.voice },
      ...{ made_by: prompt.madeBy, made_at: prompt.madeAt },
      changers: JSON.stringify(prompt.changers),
    })
    .execute()
}

type Key = Pick<ManifestEntry, 'name' | 'language' | 'version'>

/** Takes a version out of force. */
export async function endPrompt(
  db: Db,
  { name, language, version }: Key,
  { state, by, at }: { state: 'replaced' | 'withdrawn'; by: string; at: Date },
): Promise<void> {
  await db
    .updateTable('prompt_version')
    .set({ state, ended_by: by, ended_at: at })
    .where('name', '=', name)
    .where('language', '=', language)
    .where('version', '=', version)
    .execute()
}

/** Puts a version into force. The former one must have ended. */
export async function startPrompt(
  db: Db,
  { name, language, version }: Key,
  { by, at }: { by: string; at: Date },
): Promise<void> {
  await db
    .updateTable('prompt_version')
    .set({ state: 'published', published_by: by, published_at: at, ended_by: null, ended_at: null })
    .where('name', '=', name)
    .where('language', '=', language)
    .where('version', '=', version)
    .execute()
}

/**
 * Reads a master and checks its hash.
 *
 * @param hash SHA-256, hex
 * @throws AppError `prompt.missing`, `prompt.damaged`
 */
export async function readStoredMaster(db: Db, hash: string): Promise<Buffer> {
  const row = await db.selectFrom('prompt_audio').select('wav').where('sha256', '=', hash).executeTakeFirst()
  if (!row)
    throw new AppError('prompt.missing', `The database has no sound ${hash}: restore it from a backup.`)
  if (sha256(row.wav) !== hash)
    throw new AppError(
      'prompt.damaged',
      `The sound ${hash} in the database was changed: restore it from a backup.`,
    )
  return row.wav
}

/** The last call in which any of these masters was heard. Undefined without such a call. */
export async function lastHeard(
  db: Db,
  hashes: readonly string[],
): Promise<{ call: string; at: Date } | undefined> {
  const { rows } = await sql<{ call: string; at: Date }>`
    select e.call_id as call, e.at from unnest(${hashes}::text[]) wanted, lateral (
      select call_id, at, id from event where type = 'prompt.ended' and data ->> 'sha256' = wanted
      order by id desc limit 1) e
    order by e.id desc limit 1`.execute(db)
  return rows[0]
}
