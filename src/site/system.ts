import type { DepsWith } from '../accounts/deps.js'
import type { PbxFacts } from '../core/pbx-facts.js'
import type { ServiceReport } from '../core/service-report.js'
import { type Db, sql } from '../db/database.js'
import { askService } from '../socket/ask-service.js'
import { storageLocations } from '../vault/storage-setting.js'

/** The facts of an installation for its administrator. Times are ISO 8601, UTC. */
export interface SystemFacts {
  /** The service's report. Undefined if the service does not answer. */
  service: ServiceReport | undefined
  /** The service's findings at the PBX. Undefined if the service does not answer. */
  pbx: PbxFacts | undefined
  /** As PostgreSQL names it, such as `17.2`. */
  database: string
  /** The last purge, if any. */
  purge: { at: string; destroyed: number; held: number; failed: number } | undefined
  /** When a purge was refused after the last purge, if one was. */
  purgeRefused: string | undefined
  /** The last audit, if any. */
  audit: { at: string; recordings: number; faults: number } | undefined
  /** Where recordings and keys are, by purpose. `null` stands for all purposes without a place of their own. */
  stores: Place[]
  keyStores: Place[]
}

/** A place of a setting. */
export interface Place {
  purpose: string | null
  /** Such as `file:/srv/recordings`. */
  where: string
}

/** Reads the facts from the service, the database and the settings. @throws the errors of the database */
export async function readSystem({
  db,
  config,
}: DepsWith<'db', 'data' | 'store' | 'keystore'>): Promise<SystemFacts> {
  const ask = <T>(answer: Promise<T>) => answer.catch(() => undefined)
  const [service, pbx] = await Promise.all([
    ask(askService(config.data, { do: 'report' })),
    ask(askService(config.data, { do: 'inspect-pbx' })),
  ])
  // Queries run one after another, because all users share the few connections of the pool.
  const purge = await lastEvent<{ destroyed: number; held: number; failed: number }>(db, 'purge.finished')
  const refused = await lastEvent(db, 'purge.refused')
  const audit = await lastEvent<{ recordings: number; faults: Record<string, number> }>(db, 'audit.finished')
  const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db)
  return {
    ...{ service, pbx, database: rows[0]!.server_version.split(' ')[0]! },
    purge: purge && { ...purge.data, at: purge.at },
    purgeRefused: refused && (!purge || refused.at > purge.at) ? refused.at : undefined,
    audit: audit && {
      ...{ at: audit.at, recordings: audit.data.recordings },
      faults: Object.values(audit.data.faults).reduce((sum, count) => sum + count, 0),
    },
    stores: placesIn(config.store, 'CONSENTRY_STORE'),
    keyStores: placesIn(config.keystore, 'CONSENTRY_KEYSTORE'),
  }
}

const placesIn = (setting: string, name: string): Place[] =>
  storageLocations(setting, name).map(({ purpose, url }) => ({ purpose, where: url }))

/** Reads the last event of a type. Each type has an index of its own. */
async function lastEvent<Data>(
  db: Db,
  type: 'purge.finished' | 'purge.refused' | 'audit.finished',
): Promise<{ at: string; data: Data } | undefined> {
  const ofType = sql.lit(type)
  const { rows } = await sql<{ at: Date; data: Data }>`
    select at, data from event where type = ${ofType} order by id desc limit 1`.execute(db)
  const [found] = rows
  return found && { at: found.at.toISOString(), data: found.data }
}
