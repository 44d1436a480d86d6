// Real: PostgreSQL, files of the transparency log. Fake: none.
// The test appends notes again that are already there.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { CHECKPOINTS_FILE } from '../../../src/log/log-folder.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  someEvents,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(home.dir)
for (let i = 0; i < 2; i++) await journalAndLog(home.url(), settings, someEvents(5))
const file = join(settings.dir, CHECKPOINTS_FILE)
const anchors = await readFile(file, 'utf8')
/** A note contains one empty line and ends with another. */
const last = anchors.split('\n\n').slice(-3).join('\n\n')

/** The faults after `more` is appended. */
async function faultsWith(more: string): Promise<string[]> {
  await writeFile(file, anchors + more)
  return faultLines(await verifyDatabase(home.url(), settings.dir))
}

t.test('a repeated checkpoint is no fault', async t => {
  t.ok(anchors.length > last.length, 'there are others')
  t.strictSame(await faultsWith(last), [])
})

t.test('an older checkpoint after a newer one is a fault', async t => {
  t.match((await faultsWith(anchors))[0], `checkpoint-forged: ${CHECKPOINTS_FILE}`)
})
