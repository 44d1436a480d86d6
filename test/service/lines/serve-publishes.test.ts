// Real: the service as a separate process, PostgreSQL, the command, ffmpeg. Fake: the PBX, and the step that schedules, which is
// written into the table, so that the draft is due whatever the commands take.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { endKeeper, keepersOf } from '../../../lab/process/end-keeper.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { connect } from '../../../src/db/connection.js'
import { FakePbx } from '../../support/fakes/fake-pbx.js'
import { consentry } from '../../support/processes/command.js'
import { PROMPTS } from '../../support/processes/converted-prompts.js'
import { scratch, startPrepared } from '../../support/processes/database.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { readServiceLog } from '../../support/processes/service-log.js'

t.test('the service publishes a draft at its time, without a console', async t => {
  const dir = await scratch(t)
  const [data, tap, file] = [join(dir, 'data'), join(dir, 'tap'), join(dir, 'line.json')]
  t.teardown(async () => {
    await endKeeper(data, await keepersOf(tap))
    await removeProtected(tap)
  })
  const server = await startPrepared(t, join(dir, 'postgres'))
  const asOwner = await connect(server.adminUrl, 'test')
  t.teardown(() => asOwner.cut())
  const pbx = await FakePbx.start(t)
  const env = { DATABASE_URL: server.url, CONSENTRY_DATA: data }
  const service = readServiceLog(t, {
    ...env,
    ARI_URL: pbx.url,
    ARI_USERNAME: 'consentry',
    ARI_PASSWORD: 'hush',
    CONSENTRY_FFMPEG: ffmpeg,
    CONSENTRY_PROMPTS: PROMPTS,
    CONSENTRY_TAP_DIR: tap,
    CONSENTRY_HTTP: '127.0.0.1:0',
  })
  await writeFile(file, JSON.stringify({ ...labLines[1]!, number: '700' }))
  let published: object | undefined
  for await (const line of service) {
    if (line.msg === 'ready for calls') {
      const begun = await consentry(env, 'line', 'draft', 'new', '700', '--file', file, '--by', 'anna')
      t.equal(begun.code, 0, begun.err)
      await asOwner.query(
        `update line_draft set state = 'scheduled', publish_at = now(), scheduled_by = 'anna', scheduled_way = 'command'`,
      )
    }
    if (!line.msg.startsWith('a scheduled draft')) continue
    published = line
    break
  }
  t.match(published, { msg: 'a scheduled draft is published', line: '700', version: 1, lateMs: Number })
  const { rows } = await asOwner.query(`select version from line where number = '700' and active`)
  t.strictSame(rows, [{ version: 1 }])
})
