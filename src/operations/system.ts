import { type Db, sql } from '../db/database.js'
import type { PbxFacts } from '../shared/pbx-facts.js'
import type { ServiceReport } from '../shared/service-report.js'
import { askService } from '../socket/ask-service.js'
import { storageLocations } from '../vault/storage-setting.js'
import type { DepsWith } from './deps.js'

/** What is known of an installation, for whoever keeps it up. Times are ISO 8601, UTC. */
export interface SystemFacts {
  /** What the service says of itself. Undefined: it does not answer. */
  service: ServiceReport | undefined
  /** What the service found at the PBX. Undefined: it does not answer. */
  pbx: PbxFacts | undefined
  /** As PostgreSQL names it, such as `17.2`. */
  database: string
  /** The last purge. Undefined: there was none. */
  purge: { at: string; destroyed: number; held: number; failed: number } | undefined
  /** When a purge was refused since then. Undefined: none was. */
  purgeRefused: string | undefined
  /** The last audit. Undefined: there was none. */
  audit: { at: string; recordings: number; faults: number } | undefined
  /** Where recordings and keys are, by purpose; `null`: of every purpose that has none of its own. */
  stores: Place[]
  keyStores: Place[]
}

/** A place of a setting. */
export interface Place {
  purpose: string | null
  /** Such as `file:/srv/recordings`. */
  where: string
}

/** Asks the service, the database and the settings. @throws the errors of the database */
export async function readSystem({
  db,
  config,
}: DepsWith<'db', 'data' | 'store' | 'keystore'>): Promise<SystemFacts> {
  const ask = <T>(answer: Promise<T>) => answer.catch(() => undefined)
  const [service, pbx] = await Promise.all([
    ask(askService(config.data, { do: 'report' })),
    ask(askService(config.data, { do: 'inspect-pbx' })),
  ])
  // One after the other: the pool has few connections, for all who ask.
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

/** The last event of a type. Each type has an index of its own. */
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
