import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../../src/db/database.js'
import { runPurge } from '../../../src/recordings/retain/run-purge.js'
import type { KeyStore } from '../../../src/vault/keys/key-store.js'
import { openArchive } from '../data/archive.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'

// A purge as a process that a test kills: `node purge-child.js FOLDER URL MOMENT`. It prints `ready`, begins when it reads a
// line, prints `begun` when it has marked the first recordings and begins to destroy keys, and `done` at the end.

const [folder, url, moment] = process.argv.slice(2) as [string, string, string]
const db = openDatabase(url, CONNECTION_LIMIT_MS)
const { deps } = await openArchive(folder, db, url, { mirrors: 1 })
// Connects before `ready`, so that a kill hits the purge and not the connecting.
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
// The database may still hold the lock of a killed purge.
while (!(await runPurge(purge, { at: Number(moment), by: 'child' }))) await pause(20)
say('done')
