import { createInterface } from 'node:readline'
import { openDatabase } from '../../src/db/database.js'
import { runPurge } from '../../src/retention/run-purge.js'
import { openArchive } from './archive.js'

// A purge in a process of its own, to be killed: `node purge-child.js FOLDER URL MOMENT`. It says when it is ready,
// and begins when it is told anything.

const [folder, url, moment] = process.argv.slice(2) as [string, string, string]
const db = openDatabase(url)
const { deps } = await openArchive(folder, db, url, { mirrors: 1 })
// Connected before it counts, so that a kill falls into the purge and not into its beginning.
await db.selectFrom('lab').select('single').execute()
process.stdout.write('ready\n')
for await (const _ of createInterface({ input: process.stdin })) break
const purge = { ...deps, clock: { ...deps.clock, now: () => Number(moment) } }
// The database may not have noticed yet that the one before was killed.
while (!(await runPurge(purge, { at: Number(moment), by: 'child' })));
process.stdout.write('done\n')
