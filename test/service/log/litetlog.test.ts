// Real: PostgreSQL, transparency log, Debian's litetlog, which is an independent verifier. Fake: none.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { openDatabase } from '../../../src/db/database.js'
import { proveEvents } from '../../../src/log/prove.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { journalAndLog, logSettingsIn, someEvents, startLogSetup } from '../../support/processes/tlog.js'

const run = promisify(execFile)
const { litetlog } = await prepareTools(['litetlog'])
const tool = (name: string) => join(litetlog, 'bin', name)
const home = await startLogSetup(t)
const settings = logSettingsIn(home.dir)
const events = someEvents(700)
await journalAndLog(home.url(), settings, events)
const key = (await readFile(join(settings.dir, 'key.pub'), 'utf8')).trim()

t.test('spicy accepts leaf, proof and checkpoint, and refuses a changed leaf', async t => {
  const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const ids = [0, 255, 256, 511, 699].map(i => events[i]!.id)
  const { checkpoint, events: proved } = await proveEvents(db, settings.dir, ids)
  t.equal(proved.length, ids.length, 'every event has a proof')
  for (const { leaf, index, path } of proved) {
    const file = join(home.dir, `leaf-${index}`)
    await writeFile(file, leaf)
    await writeFile(
      `${file}.spicy`,
      `index ${index}\n${path.map(hash => `${hash}\n`).join('')}\n${checkpoint}`,
    )
    const { stderr } = await run(tool('spicy-litetlog'), ['-verify', key, file])
    t.match(stderr, /verified/, `leaf ${index}`)
    await writeFile(file, leaf.replace('"id":', '"id":1'))
    await t.rejects(run(tool('spicy-litetlog'), ['-verify', key, file]), /could not verify inclusion/)
  }
})
