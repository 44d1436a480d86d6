import { join } from 'node:path'
import type { Connection } from '../../db/connection.js'
import { counted } from '../../lib/plural.js'
import { KEY_FILE, pinnedKey, publishedStatements } from '../folder-keys.js'
import { ROTATIONS_FILE, readText } from '../log-files.js'
import { registeredLog } from '../log-rows.js'
import { KeyChain } from '../notes/key-chain.js'
import { parseVerifier } from '../notes/note.js'
import { keyText, parseRotation } from '../notes/rotation.js'
import type { Hash } from '../tree/hash.js'
import type { Faults } from './faults.js'

interface RotationRow {
  id: number
  statement: string
  /** Number of events before it. */
  before: number
}

const ROTATIONS = `
  select id, coalesce(data ->> 'statement', '') as statement, (select count(*) from event e where e.id < event.id) as before
  from event where type = 'log.key-rotated' order by id`

/**
 * Finds the keys of the log from the database, the folder, and the given ones. Reports invalid rotations, and keys
 * without an event.
 *
 * @param dir the log's folder
 * @param given the trusted verifier key and statements, from a place that this host cannot write
 * @returns undefined without a log, or without a valid key
 */
export async function keysOfDatabase(
  connection: Connection,
  dir: string,
  given: { key?: string | undefined; rotations?: readonly string[] },
  faults: Faults,
): Promise<KeyChain | undefined> {
  const registered = (await registeredLog(connection))?.key
  const pinned = (given.key ?? (await pinnedKey(dir)))?.trim()
  if (!pinned && registered)
    faults.add('log-missing', dir, 'the folder has no log to compare the database with')
  const { rows } = await connection.query<RotationRow>(ROTATIONS)
  const published = await publishedStatements(dir)
  const statements = [...(given.rotations ?? []), ...rows.map(({ statement }) => statement), ...published]
  const chainOf = (text: string | undefined) => {
    const first = parseVerifier(text ?? '')
    return first && KeyChain.from(first, statements)
  }
  const named = chainOf(registered)
  const known = pinned === undefined || named?.includes(pinned)
  if (!known)
    faults.add('checkpoint-forged', 'log', `the database names ${registered ?? 'no key'}, not the log's own`)
  const keys = known ? named : chainOf(pinned)
  if (!keys && (pinned ?? registered))
    faults.add('checkpoint-forged', pinned ? KEY_FILE : 'log', 'it is not a verifier key')
  if (keys) reportRotations(keys, rows, published, faults)
  return keys
}

function reportRotations(
  keys: KeyChain,
  rows: readonly RotationRow[],
  published: readonly string[],
  faults: Faults,
): void {
  const journalled = new Set<string>()
  for (const { id, statement, before } of rows) {
    const forged = (what: string) => faults.add('rotation-forged', `event ${id}`, what)
    // The journal of a log that replaced another one still has the rotations of the former log, under the former name.
    if ((parseRotation(statement)?.from.name ?? keys.origin) !== keys.origin) continue
    const rotation = keys.rotations.find(({ note }) => note === statement)
    if (!rotation || journalled.has(statement))
      forged(`${reasonOf(statement)}, so it rotates no key of the log`)
    else if (before < rotation.size)
      forged(`it is event number ${before + 1}, and says what was signed after ${rotation.size}`)
    journalled.add(statement)
  }
  for (const { note, size } of keys.rotations)
    if (!journalled.has(note))
      faults.add(
        'rotation-missing',
        `log ${size}`,
        `another key signs checkpoints of more than ${counted(size, 'event', 'events')}, and no event says so`,
      )
  for (const note of published)
    if (!keys.statements.includes(note))
      faults.add('rotation-forged', ROTATIONS_FILE, `${reasonOf(note)}, so it rotates no key of the log`)
}

/**
 * Reports missing keys of the folder. A service writes both files before it signs with a new key.
 *
 * @param size of the published checkpoint, which was read before
 */
export async function reportPublishedKeys(
  dir: string,
  keys: KeyChain,
  size: number,
  faults: Faults,
): Promise<void> {
  const named = await readText(join(dir, KEY_FILE))
  const signs = keyText(keys.inForce(size))
  if (named !== undefined && !keys.since(size).some(key => named === `${key}\n`))
    faults.add('key-not-in-force', KEY_FILE, `it does not name the key that signs checkpoints, ${signs}`)
  const published = await publishedStatements(dir)
  for (const { note, size: last } of keys.upTo(size).rotations)
    if (!published.includes(note))
      faults.add(
        'rotation-missing',
        ROTATIONS_FILE,
        `it lacks the statement after ${counted(last, 'event', 'events')}`,
      )
}

const reasonOf = (statement: string): string =>
  parseRotation(statement)
    ? 'its statement does not continue the keys before it'
    : 'its statement is not signed by both keys'

/** Compares the last checkpoint of each key, which its statement names, with the tree when the tree reaches its size. */
export class RotationCheck {
  readonly #keys: KeyChain
  readonly #faults: Faults

  constructor(keys: KeyChain, faults: Faults) {
    this.#keys = keys
    this.#faults = faults
  }

  /** True if a statement names a checkpoint of this size. */
  names(size: number): boolean {
    return this.#keys.rotations.some(rotation => rotation.size === size)
  }

  compareWith(size: number, root: Hash): void {
    for (const rotation of this.#keys.rotations)
      if (rotation.size === size && rotation.root !== root)
        this.#faults.add(
          'rotation-forged',
          `log ${size}`,
          `the statement of both keys names another history of ${counted(size, 'event', 'events')}`,
        )
  }
}
