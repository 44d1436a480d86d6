// Real: PostgreSQL, the journal, the operations. Fake: none.
// A lab can be seeded where a second person must approve lines, as where nobody must.
import { join } from 'node:path'
import t from 'tap'
import { addLabAdmin } from '../../../lab/lab-admin.js'
import { saveLabLines } from '../../../lab/lab-lines.js'
import { seedData } from '../../../lab/seed/seed-data.js'
import { sql } from '../../../src/db/database.js'
import { listLines } from '../../../src/lines/change-lines.js'
import { listDrafts } from '../../../src/lines/drafts/show-draft.js'
import { scratch, silent, testDatabase } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'

for (const approval of ['none', 'required'])
  t.test(`where the approval of lines is ${approval}`, async t => {
    const { server, db } = await testDatabase(t)
    const data = join(await scratch(t), 'data')
    await saveLabLines(db, server.adminUrl)
    await addLabAdmin({ url: server.consoleUrl, data, log: silent })
    const env = {
      ...{ DATABASE_URL: server.url, CONSENTRY_DATA: data, CONSENTRY_FFMPEG: ffmpeg },
      ...(approval === 'required' && { CONSENTRY_LINE_APPROVAL: approval }),
    }
    t.equal(await seedData(env, server.adminUrl, silent), true)
    t.strictSame(
      (await listLines({ db })).map(({ number }) => number),
      ['100', '101', '102', '103', '104', '105', '106'],
    )
    t.strictSame((await listDrafts({ db })).map(({ line, state }) => `${line} ${state}`).sort(), [
      '101 awaiting-approval',
      '107 scheduled',
    ])
    const { rows } = await sql<{ name: string }>`select name from "user" order by name`.execute(db)
    t.strictSame(
      rows.map(({ name }) => name),
      ['admin', 'auditor', 'operator', 'privacy', 'supervisor'],
    )
  })
