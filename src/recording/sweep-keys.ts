import { basename } from 'node:path'
import type { PartId } from '../shared/ids.js'
import type { KeyRef } from '../vault/keys/key-store.js'
import type { RecorderDeps } from './recorder-deps.js'
import { knownParts } from './recording-rows.js'

/** A key file younger than this may belong to a part whose row is on its way, ms. */
const MIN_AGE = 600_000
/** Key files looked up at once. */
const BATCH = 500

type Deps = Pick<RecorderDeps, 'db' | 'keyStore' | 'store' | 'clock' | 'log'>

/**
 * Destroys key files that nothing refers to: no row, no running recording, no container. The last, because a service
 * that was pointed at a wrong or restored database must not destroy what that database does not know.
 *
 * @param running parts of recordings that this service is making
 * @returns how many were destroyed
 */
export async function sweepKeys(deps: Deps, running: ReadonlySet<PartId>): Promise<number> {
  const candidates = await withoutRow(deps, running)
  if (candidates.length === 0) return 0
  const stored = new Set<string>()
  for await (const { name } of deps.store.list()) stored.add(basename(name, '.ctry'))
  const orphans = candidates.filter(({ part }) => !stored.has(part))
  for (const ref of orphans) await deps.keyStore.destroy(ref)
  if (orphans.length > 0) deps.log.info({ keys: orphans.length }, 'destroyed keys that nothing refers to')
  return orphans.length
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
