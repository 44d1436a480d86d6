// Real: PostgreSQL, files of the transparency log, receipt. Fake: the service of the older version, whose log this test extends in its
// stead.
import { join } from 'node:path'
import t from 'tap'
import type { CallEvent } from '../../../src/core/events.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { LogFolder } from '../../../src/log/log-folder.js'
import { identifyLog } from '../../../src/log/log-identity.js'
import { addCheckpoint, eventsBetween } from '../../../src/log/log-rows.js'
import { checkpointText } from '../../../src/log/notes/checkpoint.js'
import { signatureLine, signBytes } from '../../../src/log/notes/note.js'
import { leafOf } from '../../../src/log/tree/leaf.js'
import { verifyTimes } from '../../../src/log/verify/verify-log.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { scratch, silent } from '../../support/processes/database.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  someEvents,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const server = await startEmbedded({ dir: join(await scratch(t), 'db'), log: silent })
t.teardown(() => server.stop())
const settings = logSettingsIn(await scratch(t))

/** Inserts events as an older version does. */
const insertOld = (owner: Connection, events: CallEvent[]) =>
  owner.query(
    `with given as (select * from jsonb_to_recordset($1::jsonb)
        as given (uuid uuid, call_id uuid, at timestamptz, type text, data jsonb, personal jsonb, salt text, personal_hash text)),
      inserted as (insert into event (uuid, call_id, at, type, data, personal_hash, entered_at)
        select uuid, call_id, at, type, data, decode(personal_hash, 'hex'), null from given)
      insert into event_personal (event, data, salt)
      select uuid, personal, decode(salt, 'hex') from given where personal is not null`,
    [`[${events.map(encodeEvent).join(',')}]`],
  )

/** Logs all events under one checkpoint. */
async function logOld(owner: Connection): Promise<void> {
  await owner.query(`set datestyle = 'ISO'`)
  const { origin, keys, secret } = await identifyLog(owner, settings)
  const folder = await LogFolder.open(settings.dir, keys)
  const events = await eventsBetween(owner, 0, 1_000, 1_000)
  for (const event of events) folder.add(leafOf(event))
  const text = checkpointText({ origin, size: folder.size, root: folder.root() })
  const note = `${text}\n${signatureLine(keys.newest, signBytes(secret!, text))}`
  await addCheckpoint(owner, { size: folder.size, lastEvent: events.at(-1)!.id, root: folder.root(), note })
  await folder.publish([note])
}

t.test('the log and the receipts of an older version go on verifying', async t => {
  await migrate(server.adminUrl, { service: 'consentry' })
  const owner = await connect(server.adminUrl, 'test')
  t.teardown(() => owner.cut())
  const call = grantedCall()
  await insertOld(owner, call.events)
  await logOld(owner)

  const db = openDatabase(server.url)
  t.teardown(() => db.close())
  t.strictSame(faultLines(await verifyDatabase(server.url, settings.dir)), [])
  t.strictSame((await verifyTimes(db)).faults, [], 'nobody knows when these events were inserted')
  const receipt = await makeReceipt(db, call.call, { log: settings.dir, personal: true })
  const { entered: _, ...version1 }: Receipt = { ...receipt, consentryReceipt: 1 }
  for (const document of [receipt, version1])
    t.strictSame(checkFile(Buffer.from(renderDocument(document)), [receipt.key]).faults, [])

  await journalAndLog(
    server.url,
    settings,
    someEvents(3).map(one => ({ ...one, at: Date.now() })),
  )
  const { faults, checked } = await verifyDatabase(server.url, settings.dir)
  t.strictSame([faults, checked.events], [[], call.events.length + 3])
  t.strictSame((await verifyTimes(db)).faults, [])
})
