// Real files and processes; no network: nothing is downloaded.
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { withInstallLock } from '../../../lab/tools/install-lock.js'
import { parseSources, pickMirror } from '../../../lab/tools/mirror.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { runProgram } from '../../../lab/tools/run-program.js'
import { writeWrappers } from '../../../lab/tools/wrappers.js'

const sources = parseSources(
  [
    'file:/srv/local/|./||local',
    'http://mirror.example/debian-security/|trixie-security|main|Debian',
    'http://mirror.example/extra/|trixie|main|Somebody else',
    'http://mirror.example/debian/|trixie|main|Debian',
    'http://mirror.example/debian/|trixie-updates|main|Debian',
  ].join('\n'),
)

t.test('the mirror is the one that serves the main part of Debian', async t => {
  t.equal(pickMirror(sources, 'forky'), 'http://mirror.example/debian/')
})

t.test('a source that names the very suite wins', async t => {
  const archive = { uri: 'http://archive.example/', suite: 'bullseye', component: 'main', origin: '' }
  t.equal(pickMirror([...sources, archive], 'bullseye'), 'http://archive.example/')
})

t.test('a machine without Debian sources has no mirror', async t => {
  t.equal(pickMirror(parseSources('http://x.example/|noble|main|Ubuntu\nnonsense'), 'forky'), undefined)
})

t.test('a program that is missing or fails is told apart, with advice', async t => {
  t.equal(await runProgram('printf', ['%s', 'said'], ''), 'said')
  await t.rejects(runProgram('no-such-program', [], 'Install it.'), {
    code: 'tool.missing',
    message: /Install it/,
  })
  await t.rejects(runProgram('sh', ['-c', 'echo last words >&2; exit 3'], 'Look.'), {
    code: 'tool.failed',
    message: /ended with 3. Look.\nlast words/,
  })
})

t.test('a wrapper starts its program through the loader of its own tree, wherever that is moved', async t => {
  const tree = t.testdir({ usr: { bin: { hello: 'program' }, lib: { 'x86_64-linux-gnu': {} }, lib64: {} } })
  const loader = join(tree, 'usr/lib64/ld-linux-x86-64.so.2')
  await writeFile(loader, '#!/bin/sh\nprintf "%s\\n" "$@"\n')
  await chmod(loader, 0o755)
  await writeWrappers(tree, ['usr/bin/hello'])
  const said = (await runProgram(join(tree, 'bin/hello'), ['a b'], '')).trim().split('\n')
  t.equal(said[0], '--library-path')
  t.ok(said[1]?.startsWith(`${tree}/usr/lib/x86_64-linux-gnu:`))
  t.same(said.slice(2), [`${tree}/usr/bin/hello`, 'a b'])
})

t.test('one process at a time installs, and a dead owner is no owner', async t => {
  const dir = t.testdir({ dead: '999999999' })
  const order: string[] = []
  const work = (name: string) => async () => {
    order.push(`${name} begins`)
    await new Promise(resolve => setTimeout(resolve, 50))
    order.push(`${name} ends`)
  }
  let waited = 0
  const wait = () => waited++
  await Promise.all([
    withInstallLock(join(dir, 'lock'), wait, work('first')),
    withInstallLock(join(dir, 'lock'), wait, work('second')),
  ])
  t.match(order[1], order[0]?.replace('begins', 'ends'), 'the second waits for the first')
  t.equal(waited, 1, 'and says so once')
  await withInstallLock(join(dir, 'dead'), wait, work('third'))
  t.equal(order.at(-1), 'third ends')
  t.same(await readdir(dir), [], 'nothing is left')
})

t.test('what is unpacked already is used as it is', async t => {
  const cache = t.testdir({})
  await mkdir(join(cache, 'tools', 'sipp-1'), { recursive: true })
  t.same(await prepareTools(['sipp'], { cache }), { sipp: join(cache, 'tools', 'sipp-1') })
})
