import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../../src/db/database.js'
import { runPurge } from '../../../src/retention/run-purge.js'
import type { KeyStore } from '../../../src/vault/keys/key-store.js'
import { openArchive } from '../data/archive.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'

// A purge in a process of its own, to be killed: `node purge-child.js FOLDER URL MOMENT`. It says when it is ready, begins
// when it is told anything, and says when the first recordings are marked and their keys begin to go, and when it is done.

const [folder, url, moment] = process.argv.slice(2) as [string, string, string]
const db = openDatabase(url, CONNECTION_LIMIT_MS)
const { deps } = await openArchive(folder, db, url, { mirrors: 1 })
// Connected before it counts, so that a kill falls into the purge and not into its beginning.
await db.selectFrom('lab').select('single').execute()
process.stdout.write('ready\n')
for await (const _ of createInterface({ input: process.stdin })) break
const say = (what: string) => process.stdout.write(`${what}\n`)
const keyStore = {
  find: part => deps.keyStore.find(part),
  destroyAll(refs) {
    say('begun')
    return deps.keyStore.destroyAll(refs)
  },
} satisfies Partial<KeyStore> as KeyStore
const purge = { ...deps, keyStore, clock: { ...deps.clock, now: () => Number(moment) } }
// The database may not have noticed yet that the one before was killed.
while (!(await runPurge(purge, { at: Number(moment), by: 'child' }))) await pause(20)
say('done')
