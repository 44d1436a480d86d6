import { type Config, readConfig } from '../config/config.js'
import { type Database, openDatabase } from '../db/database.js'
import { reachDatabase } from '../db/provide.js'
import { createLog } from '../shared/log.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { type KeyStore, openKeyStore } from '../vault/keys/key-store.js'
import { type ObjectStore, openStore } from '../vault/store/store.js'

/** What the verbs that look into a running or stopped service work with. */
export interface Project {
  config: Config
  db: Database
  store: ObjectStore
  keyStore: KeyStore
}

/** Opens what the environment names, lets `work` use it, and closes it again. */
export async function withProject<T>(work: (project: Project) => Promise<T>): Promise<T> {
  const config = readConfig(process.env, 'tool')
  await cryptoReady
  const database = await reachDatabase(config.database, config.data, createLog('warn'))
  const db = openDatabase(database.url)
  try {
    const [store, keyStore] = await Promise.all([openStore(config.store), openKeyStore(config.keystore)])
    return await work({ config, db, store, keyStore })
  } finally {
    await db.close()
    await database.stop()
  }
}
