import { basename } from 'node:path'
import { codeOf } from '../shared/errors.js'
import type { PartId } from '../shared/ids.js'
import { readHeader } from '../vault/crypto/part-opener.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import type { RecorderDeps } from './recorder-deps.js'
import { knownParts, knownRecording } from './recording-rows.js'

/** A key file younger than this may belong to a part whose row is on its way, ms. */
const MIN_AGE = 600_000
/** Key files looked up at once. */
const BATCH = 500

type Deps = Pick<RecorderDeps, 'db' | 'keyStore' | 'store' | 'clock' | 'log'>

/**
 * Destroys key files that nothing refers to, neither a row nor a recording that runs, and their containers: a service
 * that was killed while it prepared a call or began a part leaves them. A container of a recording that the database
 * does not know stays, with its key: then it is rather the database that is the wrong one, or an old copy.
 *
 * @param running parts of recordings that this service is making
 * @returns how many were destroyed
 */
export async function sweepKeys(deps: Deps, running: ReadonlySet<PartId>): Promise<number> {
  const candidates = await withoutRow(deps, running)
  if (candidates.length === 0) return 0
  const containers = await findContainers(deps, new Set(candidates.map(({ part }) => part)))
  let destroyed = 0
  for (const ref of candidates) {
    const container = containers.get(ref.part)
    if (container && !(await isLeftover(deps, container))) continue
    await deps.keyStore.destroy(ref)
    if (container) await deps.store.remove(container)
    destroyed++
  }
  if (destroyed > 0) deps.log.info({ keys: destroyed }, 'destroyed keys that nothing refers to')
  return destroyed
}

async function withoutRow({ db, keyStore, clock }: Deps, running: ReadonlySet<PartId>): Promise<KeyRef[]> {
  const found: KeyRef[] = []
  let batch: KeyRef[] = []
  const check = async (): Promise<void> => {
    if (batch.length === 0) return
    const known = await knownParts(
      db,
      batch.map(({ part }) => part),
    )
    found.push(...batch.filter(({ part }) => !known.has(part)))
    batch = []
  }
  for await (const { purpose, due, part, modifiedAt } of keyStore.list()) {
    if (running.has(part) || clock.now() - modifiedAt < MIN_AGE) continue
    batch.push({ purpose, due, part })
    if (batch.length === BATCH) await check()
  }
  await check()
  return found
}

async function findContainers({ store }: Deps, parts: ReadonlySet<PartId>): Promise<Map<PartId, string>> {
  const found = new Map<PartId, string>()
  for await (const { name } of store.list()) {
    const part = basename(name, '.ctry') as PartId
    if (parts.has(part)) found.set(part, name)
  }
  return found
}

/** Whether a container without a row belongs to a recording that the database knows, or has not even a header. */
async function isLeftover({ db, store }: Deps, name: string): Promise<boolean> {
  const source = await store.open(name)
  try {
    if (source.size === 0) return true
    const { info } = await readHeader(source)
    return await knownRecording(db, info.recording)
  } catch (error) {
    if (codeOf(error) === 'container.invalid') return false
    throw error
  } finally {
    await source.close()
  }
}
