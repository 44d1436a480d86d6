// Real: folders in memory and on disk, processes. Fake: the process of Asterisk, keepers that only have pipes open.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { assertFound, assertSound, look } from '../../support/check/planted.js'
import { fakeHost, SOUND_ASTERISK } from '../../support/fakes/fake-host.js'
import { scratch } from '../../support/processes/database.js'

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
