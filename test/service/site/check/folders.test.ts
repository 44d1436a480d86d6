// Real: folders in memory and on disk, processes. Fake: the process of Asterisk, keepers that only have pipes open.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../../src/lib/process/project.js'
import { assertFound, assertSound, look, NEEDED } from '../../../support/check/planted.js'
import { recipient } from '../../../support/data/config.js'
import { fakeHost, SOUND_ASTERISK } from '../../../support/fakes/fake-host.js'
import { scratch } from '../../../support/processes/database.js'
import { inNamespace } from '../../../support/processes/namespace.js'

const dir = await scratch(t)
const tap = mkdtempSync('/dev/shm/consentry-test-tap-')
t.teardown(() => rmSync(tap, { recursive: true, force: true }))
const settings = { CONSENTRY_DATA: dir, CONSENTRY_TAP_DIR: tap }

/** A machine whose Asterisk is another user, in the group of the tap folder. */
const host = (t: Test, groups: number[]) =>
  fakeHost(t, {
    processes: { 30: { ...SOUND_ASTERISK, uid: 4_711, gid: groups[0]!, groups } },
    files: { 'etc/passwd': 'asterisk:x:4711:112::/:/bin/false\n', 'etc/group': 'asterisk:x:112:\n' },
  })
const ownGroup = process.getegid!()

t.test('a tap folder that is gone, open or closed to the wrong ones is found', async t => {
  const check = 'tap-folder' as const
  const setting = /^CONSENTRY_TAP_DIR$/
  chmodSync(tap, 0o2750)
  await assertSound(t, check, { settings, host: host(t, [ownGroup]) })
  await assertFound(t, 'another group', {
    ...{ check, settings, host: host(t, [112]), setting },
    ...{ found: /Asterisk \(asterisk, groups asterisk\) does not get through/, remedy: /chgrp asterisk/ },
  })
  chmodSync(tap, 0o2770)
  await assertFound(t, 'open to Asterisk', {
    ...{ check, settings, host: host(t, [ownGroup]), setting, found: /may make files/, remedy: /2750/ },
  })
  chmodSync(tap, 0o2750)
  await assertFound(t, 'no folder', {
    ...{ check, settings: { ...settings, CONSENTRY_TAP_DIR: '/run/consentry-none/tap' }, setting },
    ...{ host: host(t, [ownGroup]), found: /There is no/, remedy: /tmpfiles/ },
  })
  writeFileSync(join(dir, 'file'), '')
  await assertFound(t, 'a file', {
    ...{ check, settings: { ...settings, CONSENTRY_TAP_DIR: join(dir, 'file') }, setting },
    ...{ host: host(t, [ownGroup]), found: /is no folder/ },
  })
})

t.test('a tap folder on a disk is found', async t => {
  const folder = join(dir, 'tap')
  mkdirSync(folder, { mode: 0o2750 })
  chmodSync(dir, 0o755)
  await assertFound(t, 'on a disk', {
    ...{ check: 'tap-folder' as const, settings: { ...settings, CONSENTRY_TAP_DIR: folder } },
    ...{ host: fakeHost(t, {}), setting: /^CONSENTRY_TAP_DIR$/, found: /on a disk/, remedy: /\/run/ },
  })
})

t.test('a tap folder of another user is found', async t => {
  // Root may give folders away. Others have the data folder of root.
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(tap, 4_711, ownGroup)
  const own = { ...settings, CONSENTRY_DATA: isRoot ? dir : '/' }
  await assertFound(t, 'another owner', {
    ...{ check: 'tap-folder' as const, settings: own, host: fakeHost(t, {}) },
    ...{ setting: /^CONSENTRY_TAP_DIR$/, found: /does not belong/, remedy: /chown/ },
  })
  if (isRoot) chownSync(tap, process.getuid!(), ownGroup)
})

/** Starts a process that looks like a keeper with a pipe of the folder. */
async function startKeeper(t: Test, name: string): Promise<void> {
  const script = `process.title = 'consentry keeper'
    require('node:fs').openSync(${JSON.stringify(join(tap, name))}, 'w')
    console.log('open'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

t.test('two keepers of one tap folder are found', async t => {
  const check = 'keepers' as const
  t.equal((await look(check, { settings })).state, 'unknown', 'none runs')
  await startKeeper(t, 'a')
  await assertSound(t, check, { settings })
  await startKeeper(t, 'b')
  await assertFound(t, 'two keepers', {
    ...{ check, settings, setting: /^CONSENTRY_TAP_DIR$/, found: /2 keepers/, remedy: /kill \d+ or \d+/ },
  })
})

// Only root can become the user of the service.
if (process.getuid?.() === 0)
  t.test('root looks as the user of the service, whose folders are closed to that user', async t => {
    const [code, data, keys] = ['code', 'data', 'keys'].map(name => join(dir, name)) as [
      string,
      string,
      string,
    ]
    for (const folder of [code, data, keys]) mkdirSync(folder)
    chownSync(data, 65_534, 65_534)
    chmodSync(dir, 0o711)
    chmodSync(data, 0o700)
    // Other users need not reach the folder in which the tests were compiled.
    const launcher = inNamespace(`mount --bind ${projectRoot()} ${code}`)
    const env = { ...NEEDED, CONSENTRY_DATA: data, CONSENTRY_RECIPIENTS: join(keys, 'recipients.json') }
    writeFileSync(env.CONSENTRY_RECIPIENTS, JSON.stringify([recipient]))
    const [program = '', ...args] = [
      ...launcher,
      process.execPath,
      join(code, 'dist/src/cli.js'),
      'check',
      '--json',
    ]
    const only = ['settings', 'settings-file', 'asterisk'].flatMap(name => ['--only', name])
    const run = () =>
      spawnSync(program, [...args, ...only], { env: { ...env, PATH: process.env['PATH'] }, encoding: 'utf8' })
    const before = JSON.parse(run().stdout)
    t.strictSame(
      before.checks.map(({ name }: { name: string }) => name),
      ['settings', 'settings-file', 'asterisk'],
      'in their order, whoever looked',
    )
    t.equal(before.checks[0].state, 'sound')
    chmodSync(keys, 0o700)
    const { status, stdout } = run()
    t.equal(status, 1)
    t.match(JSON.parse(stdout).checks[0].faults[0], {
      setting: 'CONSENTRY_RECIPIENTS',
      remedy: { en: /no such file/ },
    })
  })
