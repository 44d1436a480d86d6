// Real: the reader, and this process. Fake: the files of the kernel.

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  findAccount,
  findGroup,
  findObstacle,
  nameOfGroup,
  nameOfUser,
} from '../../../../src/lib/host/accounts.js'
import { allAsterisks, findAsterisk } from '../../../../src/lib/host/asterisk-process.js'
import { memoryExposures } from '../../../../src/lib/host/memory.js'
import { readProcess, THIS_HOST } from '../../../../src/lib/host/processes.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { fakeHost, SOUND_ASTERISK } from '../../../support/fakes/fake-host.js'

t.test('this process is read as it is', async t => {
  const own = readProcess(THIS_HOST, process.pid)!
  t.match(own, { pid: process.pid, uid: process.geteuid!(), gid: process.getegid!(), realTime: false })
  t.ok(own.fileLimit > 100)
  t.ok(own.startTicks > 0)
  t.equal(readProcess(THIS_HOST, 2 ** 30), undefined)
})

t.test('an Asterisk is found by its command line, and its options are read', async t => {
  const host = fakeHost(t, {
    processes: {
      1: { args: ['/sbin/init'] },
      20: { args: ['/usr/sbin/asterisk', '-rvvv'] },
      21: { args: ['asterisk', '-rx', 'core show version'] },
      30: SOUND_ASTERISK,
    },
  })
  t.match(findAsterisk(host, 8088), {
    ...{ pid: 30, uid: 107, groups: [112], realTime: true, ignoresModes: false, dumpsCore: false },
    ...{ config: '/etc/asterisk/asterisk.conf', dumpsByOption: false, fileLimit: 65_536 },
    console: undefined,
  })
  const other = fakeHost(t, {
    processes: {
      7: {
        args: ['/lib/ld-linux-x86-64.so.2', '--library-path', '/x', '/x/asterisk', '-C', '/y/a.conf', '-fg'],
      },
      8: { args: ['/usr/sbin/asterisk', '-U', 'goose', '-C/z.conf'], capable: true },
    },
  })
  t.equal(findAsterisk(other, 8088), undefined, 'of two, none is told to be ours')
  matchEach(t, allAsterisks(other), [
    { config: '/y/a.conf', dumpsByOption: true, ignoresModes: false },
    { config: '/z.conf', dumpsByOption: false, ignoresModes: true },
  ])
})

t.test('users and groups have names', async t => {
  const host = fakeHost(t, {
    files: {
      'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nasterisk:x:107:112::/var/lib/asterisk:/bin/false\n',
      'etc/group': 'root:x:0:\nasterisk:x:112:\n',
    },
  })
  t.strictSame(findAccount(host, 'asterisk'), { name: 'asterisk', uid: 107, gid: 112 })
  t.equal(findAccount(host, 'none'), undefined)
  t.strictSame([findGroup(host, 'asterisk'), findGroup(host, 'none')], [112, undefined])
  t.strictSame([nameOfUser(host, 107), nameOfUser(host, 5)], ['asterisk', '5'])
  t.strictSame([nameOfGroup(host, 112), nameOfGroup(host, 5)], ['asterisk', '5'])
})

t.test('modes say what keeps somebody from a folder', async t => {
  const dir = t.testdir({ open: { inner: {} } })
  const inner = join(dir, 'open', 'inner')
  chmodSync(inner, 0o750)
  const stranger = { uid: 99, groups: [99], ignoresModes: false }
  const own = { uid: process.geteuid!(), groups: [process.getegid!()], ignoresModes: false }
  // Folders above may be closed to strangers where tests run.
  t.ok(findObstacle(stranger, inner, 'pass'))
  t.equal(findObstacle({ ...stranger, ignoresModes: true }, inner, 'pass'), undefined)
  t.equal(findObstacle(own, inner, 'write'), undefined)
  chmodSync(inner, 0o550)
  t.match(findObstacle(own, inner, 'write'), { path: inner, mode: 0o550 })
  t.match(findObstacle(own, join(dir, 'none'), 'pass'), { path: join(dir, 'none'), mode: undefined })
})

t.test('memory is exposed by swap, by core files, and by a program that takes them', async t => {
  const swap = { swaps: 'Filename\tType\tSize\n/swapfile\tfile\t1\n' }
  const exposed = fakeHost(t, {
    processes: { 5: { core: 'unlimited' } },
    kernel: { ...swap, 'sys/kernel/core_pattern': '|/usr/lib/systemd/systemd-coredump\n' },
  })
  t.strictSame(memoryExposures(5, exposed), ['swap', 'core', 'core-pattern'])
  t.strictSame(memoryExposures(5, fakeHost(t, { processes: { 5: {} } })), [])
})
