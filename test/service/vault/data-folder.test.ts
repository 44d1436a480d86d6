// Real: the disk, the command as a separate process. Fake: none.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDataFolder } from '../../../src/vault/data-folder.js'
import { consentry } from '../../support/processes/command.js'

t.test('the data folder is made for its user only, and the check leaves no file', async t => {
  const data = join(t.testdir({}), 'a', 'data')
  await openDataFolder(data)
  await openDataFolder(data)
  t.equal(statSync(data).mode & 0o777, 0o700)
  t.strictSame(readdirSync(data), [])
})

t.test('the message about an unusable data folder names the setting', async t => {
  const file = join(t.testdir({ file: 'no folder' }), 'file')
  await t.rejects(openDataFolder(file), {
    code: 'config.invalid',
    message: `CONSENTRY_DATA is ${file}, which is not a folder: name a folder that the service may write to`,
  })
  await t.rejects(openDataFolder(join(file, 'below')), {
    message: /something on that path is not a folder/,
  })
  await t.rejects(openDataFolder('/sys/nothing'), {
    code: 'config.invalid',
    message: /^CONSENTRY_DATA is \/sys\/nothing, where the service cannot write \(E[A-Z]+\): name a folder/,
  })
})

t.test('the service reports it before it makes any file', async t => {
  const dir = t.testdir({ file: 'no folder' })
  const env = { CONSENTRY_DATA: join(dir, 'file'), CONSENTRY_TAP_DIR: join(dir, 'tap') }
  const { code, err } = await consentry(
    { ...env, ARI_USERNAME: 'a', ARI_PASSWORD: 'b', ARI_APP: `app-${process.pid}` },
    'serve',
  )
  t.equal(code, 1)
  t.match(err, /CONSENTRY_DATA is .*file, which is not a folder/)
  t.notOk(existsSync(join(dir, 'tap')))
})
