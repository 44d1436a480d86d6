// Real: kernel locks, flock, folders, processes that hold locks and are killed. Fake: the other services, which are test processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { chmod, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compiled } from '../../../lab/process/compiled.js'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import { Secret } from '../../../src/core/secret.js'
import { dataLockPath, lockServiceResources } from '../../../src/vault/lock-resources.js'
import { silent } from '../../support/processes/database.js'

/** The resources of one service: its own folders and application. */
async function serviceResources(t: Test) {
  const dir = await mkdtemp(join(tmpdir(), 'consentry-hold-'))
  t.teardown(() => removeProtected(dir))
  const ari = { url: `http://pbx-of-${dir.slice(-6)}`, username: 'u', password: new Secret('p'), app: 'app' }
  return { dir, data: join(dir, 'data'), tapDir: join(dir, 'tap'), ari }
}
type ServiceResources = Awaited<ReturnType<typeof serviceResources>>

/** Starts another process that takes the same locks. Resolves with the process and its message when it has them or fails. */
async function startOther(
  t: Test,
  { data, tapDir, ari }: ServiceResources,
): Promise<{ child: ChildProcess; said: string }> {
  const config = { data, tapDir, ari: { url: ari.url, app: ari.app } }
  const script = `
    const { lockServiceResources } = await import(${JSON.stringify(compiled('vault/lock-resources'))})
    const outcome = lockServiceResources(${JSON.stringify(config)}, { warn() {} }).then(() => 'held', error => error.message)
    console.log(await outcome)
    setInterval(() => {}, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = await once(child.stdout!, 'data')
  return { child, said: String(said).trim() }
}

t.test('one process has each lock until it ends or is killed', async t => {
  const first = await serviceResources(t)
  const { child, said } = await startOther(t, first)
  t.equal(said, 'held')
  const apart = await serviceResources(t)
  for (const [what, rival] of [
    ['CONSENTRY_DATA', { ...apart, data: first.data }],
    ['ARI_APP', { ...apart, data: `${apart.data}-2`, ari: first.ari }],
    [
      'CONSENTRY_TAP_DIR',
      { ...apart, data: `${apart.data}-3`, ari: { ...apart.ari, app: 'b' }, tapDir: first.tapDir },
    ],
  ] as const) {
    const refusal = {
      code: 'config.invalid',
      message: new RegExp(`Another service of this machine has ${what}`),
    }
    await t.rejects(lockServiceResources(rival, silent), refusal, what)
  }
  const link = join(apart.dir, 'link')
  await symlink(first.dir, link)
  const aside = { ...apart, data: join(link, 'data'), ari: { ...apart.ari, app: 'c' } }
  await t.rejects(lockServiceResources(aside, silent), /CONSENTRY_DATA/, 'by whatever path')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await lockServiceResources(first, silent)
  t.equal(statSync(dataLockPath(first.data)).mode & 0o777, 0o600)
  t.match((await startOther(t, first)).said, /Another service of this machine has CONSENTRY_DATA/)
})

t.test('a data folder that cannot be locked is refused with a message', async t => {
  const site = await serviceResources(t)
  mkdirSync(join(site.data, 'run', 'service.lock'), { recursive: true })
  await t.rejects(lockServiceResources(site, silent), {
    code: 'config.invalid',
    message: /service.lock cannot be locked: E/,
  })
})

// Only root can act as another user.
if (process.geteuid?.() === 0) {
  t.test('another user cannot take the locks', async t => {
    const site = await serviceResources(t)
    await lockServiceResources(site, silent)
    await chmod(site.dir, 0o755)
    for (const path of [dataLockPath(site.data), site.tapDir]) {
      const stranger = spawn('flock', ['-n', '-s', path, 'true'], {
        uid: 65_534,
        gid: 65_534,
        stdio: 'ignore',
      })
      const [code] = await once(stranger, 'exit')
      t.ok(code > 1, `${path} cannot even be opened (${code})`)
    }
  })
}
