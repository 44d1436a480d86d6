// Real: PostgreSQL, journal, key store, disk store, the keeper, a pipe in place of the key store's mark. Fake: none.
// Whoever reads the mark hangs at the pipe.
import { execFileSync } from 'node:child_process'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { exactly } from '../../support/assertions/exactly.js'
import { testDatabase, until } from '../../support/processes/database.js'
import {
  journalGrantedCall,
  listFiles,
  readRecordingEvents,
  readRecordingRows,
  startRecorderSetup,
} from '../../support/processes/recorder-setup.js'

/** How long the caller hears the confirmation in this test, ms. A key store that works answers within some ms. */
const CONFIRMATION_MS = 300

const database = await testDatabase(t)

t.test(
  'a hanging key store times out once the caller waits; a key that comes later is destroyed',
  async t => {
    const house = await startRecorderSetup(t, database)
    const keys = join(house.dir, 'keys')
    const mark = join(keys, MARK_FILE)
    const destroyed: string[] = []
    const { keyStore } = house.deps
    const destroy = keyStore.destroy.bind(keyStore)
    keyStore.destroy = async ref => {
      await destroy(ref)
      destroyed.push(ref.part)
    }
    const text = await readFile(mark, 'utf8')
    await rename(mark, `${mark}.aside`)
    execFileSync('mkfifo', [mark])

    const { call, grants } = await journalGrantedCall(house.journal)
    const pressing = new AbortController()
    const prepared = house.recorder.prepare(call, '100', grants, pressing.signal)
    let over = false
    const settled = prepared.finally(() => {
      over = true
    })
    await pause(CONFIRMATION_MS)
    t.notOk(over, 'while the caller hears the confirmation, the recorder waits for the key store')
    pressing.abort()
    await t.rejects(settled, { code: 'keys.unwritable' })
    t.strictSame(await readRecordingRows(house, call), [])
    t.match(
      await readRecordingEvents(house, call),
      exactly({ type: 'recording.failed', data: { purpose: 'service', reason: 'keys.unwritable' } }),
    )

    // The hanging readers now read the right mark, as if the disk worked again.
    const writer = await open(mark, 'r+')
    await writer.write(text)
    await rename(`${mark}.aside`, mark)
    await writer.close()
    await until(() => destroyed.length > 0)
    t.strictSame(await listFiles(keys), [], 'nothing of it is left')

    const next = await journalGrantedCall(house.journal)
    t.ok(await house.recorder.prepare(next.call, '100', next.grants), 'the next call can be recorded')
  },
)
