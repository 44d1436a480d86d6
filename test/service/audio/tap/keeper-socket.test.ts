// Real: the keeper's client, keepers, sockets, folders. Fake: the keeper of another user.
// The test listens in its place.
import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { removeProtected } from '../../../../lab/process/remove-protected.js'
import { KeeperClient } from '../../../../src/audio/tap/keeper-client.js'
import { KeeperLink } from '../../../../src/audio/tap/keeper-link.js'
import { keeperSocket } from '../../../../src/audio/tap/keeper-process.js'
import { silent } from '../../../support/processes/database.js'
import { keeperSettings } from '../../../support/processes/keeper.js'
import { startKeeperClient } from '../../../support/processes/recorder-setup.js'

const nothing = { frame() {}, closed() {} }

t.test('the keeper of a data folder with a long path listens in that folder only', async t => {
  const settings = await keeperSettings(t)
  const data = join(dirname(settings.tapDir), 'deep/'.repeat(60), 'data')
  const socket = keeperSocket(data)
  t.ok(socket.startsWith(`${data}/`), 'in the data folder')
  const shared = () => readdirSync(tmpdir()).filter(name => /^consentry-\d+-[0-9a-f]{16}$/.test(name))
  const before = shared()
  const client = await startKeeperClient(t, { ...settings, socket })
  t.ok(lstatSync(socket).isSocket())
  t.equal(lstatSync(dirname(socket)).mode & 0o777, 0o700)
  const other = await startKeeperClient(t, { ...settings, socket })
  t.equal(other.pid, client.pid, 'and is found there again')
  t.strictSame(shared(), before, 'nothing is made in the folder for temporary files')
})

t.test('a process that listens in a folder that others may write to gets no data', async t => {
  const settings = await keeperSettings(t)
  const folder = dirname(settings.socket)
  await mkdir(folder, { mode: 0o700 })
  let heard = 0
  const stranger = createServer(socket => {
    heard++
    socket.on('error', () => {})
  })
  stranger.listen(settings.socket)
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  for (const mode of [0o777, 0o1777, 0o770, 0o701]) {
    await chmod(folder, mode)
    const refusal = {
      code: 'tap.unavailable',
      message: /must belong to the user of this process and have mode 0700/,
    }
    await t.rejects(KeeperClient.start(settings, silent), refusal, mode.toString(8))
  }
  t.equal(heard, 0, 'no process has connected to it')
})

t.test('a symbolic link in place of the folder is not followed', async t => {
  const settings = await keeperSettings(t)
  const elsewhere = await mkdtemp(join(tmpdir(), 'consentry-elsewhere-'))
  t.teardown(() => removeProtected(elsewhere))
  await symlink(elsewhere, dirname(settings.socket))
  await t.rejects(
    KeeperLink.open(settings.socket, nothing),
    /must belong to the user of this process and have mode 0700/,
  )
  await t.rejects(KeeperClient.start(settings, silent), { code: 'tap.unavailable' })
  t.notOk(existsSync(join(elsewhere, 'keeper.sock')))
})

// Only root can give a folder to another user.
if (process.geteuid?.() === 0) {
  t.test('a folder of another user is refused with any mode', async t => {
    const settings = await keeperSettings(t)
    await mkdir(dirname(settings.socket), { mode: 0o700 })
    await chown(dirname(settings.socket), 65_534, 65_534)
    await t.rejects(
      KeeperLink.open(settings.socket, nothing),
      /must belong to the user of this process and have mode 0700/,
    )
    await t.rejects(KeeperClient.start(settings, silent), {
      message: /must belong to the user of this process and have mode 0700/,
    })
  })
}
