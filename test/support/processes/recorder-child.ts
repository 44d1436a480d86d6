import { readFileSync, writeFileSync } from 'node:fs'
import { startRecorder } from '../../../src/audio/recorder.js'
import type { KeeperAccess } from '../../../src/audio/tap/keeper-access.js'
import { systemClock } from '../../../src/core/clock.js'
import type { CallId, NodeId } from '../../../src/core/ids.js'
import type { Grant } from '../../../src/core/ports.js'
import { openDatabase } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { silent } from './database.js'
import { openStores } from './recorder-setup.js'

/** Settings that the test gives the process. */
export interface ChildSettings {
  keeper: KeeperAccess
  database: string
  recipients: string
  call: CallId
  grants: Grant[]
}

/** The process keeps its service id after a kill. */
const SERVICE = '00000000-0000-4000-8000-000000000001' as NodeId

// A process with the recorder of one call. It prepares the recording, or recovers it after a kill.
const [settingsFile, folder] = process.argv.slice(2) as [string, string]
const { keeper, database, recipients, call, grants } = JSON.parse(
  readFileSync(settingsFile, 'utf8'),
) as ChildSettings

const recorder = await startRecorder({
  keeper,
  owner: { node: 'here', service: SERVICE },
  db: openDatabase(database),
  journal: startJournal(database, silent),
  ...(await openStores(keeper)),
  recipients: parseRecipients(recipients),
  clock: systemClock,
  log: silent,
  isJournalComplete: () => true,
  dayIsCertain: async () => true,
})
writeFileSync(`${folder}/keeper`, String(recorder.keeperPid))
if (recorder.recovered.length === 0) {
  writeFileSync(`${folder}/prefix`, await recorder.prepare(call, '100', grants))
}
process.once('SIGUSR2', async () => {
  await recorder.channelGone(call)
  writeFileSync(`${folder}/finished`, '')
})
writeFileSync(`${folder}/ready`, String(process.pid))
