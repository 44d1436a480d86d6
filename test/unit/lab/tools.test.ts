// Real: files and processes. Fake: the package sources, the loader and the unpacked tool, Asterisk's console.
import { once } from 'node:events'
import { appendFile, chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { writeLauncher } from '../../../lab/chromium.js'
import { askConsole } from '../../../lab/pbx/console.js'
import { shortDocumentation } from '../../../lab/pbx/documentation.js'
import { GrowingFile } from '../../../lab/process/growing-file.js'
import { withInstallLock } from '../../../lab/tools/install-lock.js'
import { parseSources, pickMirror } from '../../../lab/tools/mirror.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { findProgram, runProgram } from '../../../lab/tools/run-program.js'
import { writeWrappers } from '../../../lab/tools/wrappers.js'
import { scratch, until } from '../../support/processes/database.js'

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

t.test('a source that has the wanted suite is preferred', async t => {
  const archive = { uri: 'http://archive.example/', suite: 'bullseye', component: 'main', origin: '' }
  t.equal(pickMirror([...sources, archive], 'bullseye'), 'http://archive.example/')
})

t.test('a machine without Debian sources has no mirror', async t => {
  t.equal(pickMirror(parseSources('http://x.example/|noble|main|Ubuntu\nnonsense'), 'forky'), undefined)
})

t.test('the error says whether a program is missing or failed, and gives advice', async t => {
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

t.test('an installed program is found by its absolute path', async t => {
  t.match(await findProgram('sh', ['-c', 'exit 0']), /^\/.*\/sh$/)
  t.equal(await findProgram('sh', ['-c', 'exit 1']), undefined, 'one that fails')
  t.equal(await findProgram('no-such-program', []), undefined)
})

t.test('a wrapper starts its program through the loader of its own tree', async t => {
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

t.test('the launcher of Chromium may be moved with its tree, and replaces an earlier one', async t => {
  const dir = t.testdir({ first: { usr: { lib: { chromium: {}, 'x86_64-linux-gnu': {} } } } })
  const tree = join(dir, 'first')
  const loader = join(tree, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2')
  await writeFile(loader, '#!/bin/sh\nprintf "%s\\n" "$FONTCONFIG_SYSROOT" "$@"\n')
  await chmod(loader, 0o755)
  await writeFile(join(tree, 'chromium-headless'), '#!/bin/sh\nexec /gone/loader.so "$@"\n')
  await writeLauncher(tree)
  const moved = join(dir, 'second')
  await rename(tree, moved)
  const said = (await runProgram(join(moved, 'chromium-headless'), ['--one'], '')).trim().split('\n')
  t.equal(said[0], moved)
  t.ok(said[2]?.startsWith(`${moved}/usr/lib/x86_64-linux-gnu:`))
  t.same(said.slice(3), [
    `${moved}/usr/lib/chromium/chromium-headless-shell`,
    `--browser-subprocess-path=${moved}/chromium-headless`,
    '--no-zygote',
    '--no-sandbox',
    '--one',
  ])
})

t.test('one process installs at a time, and the lock of a dead process does not count', async t => {
  const dir = t.testdir({ dead: '999999999' })
  const order: string[] = []
  let waited = 0
  /** Work that lasts until another process waits for the lock. */
  const work = (name: string) => async () => {
    order.push(`${name} begins`)
    await until(() => waited > 0)
    order.push(`${name} ends`)
  }
  const wait = () => waited++
  await Promise.all([
    withInstallLock(join(dir, 'lock'), wait, work('first')),
    withInstallLock(join(dir, 'lock'), wait, work('second')),
  ])
  const [first, second] = order[0] === 'first begins' ? ['first', 'second'] : ['second', 'first']
  t.strictSame(
    order,
    [`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`],
    'one waits for the other',
  )
  t.equal(waited, 1, 'it reports once that it waits')
  await withInstallLock(join(dir, 'dead'), wait, work('third'))
  t.equal(order.at(-1), 'third ends')
  t.same(await readdir(dir), [], 'no lock is left')
})

t.test('a tool that is already unpacked is used', async t => {
  const cache = t.testdir({})
  await mkdir(join(cache, 'tools', 'sipp-1'), { recursive: true })
  t.same(await prepareTools(['sipp'], { cache }), { sipp: join(cache, 'tools', 'sipp-1') })
})

t.test('the documentation that Asterisk reads names its settings and nothing else', async t => {
  const option = '<configOption name="transport" default="udp">\n<synopsis>How.</synopsis>'
  const documentation = {
    'core-en_US.xml': `<?xml version="1.0"?>\n<docs xmlns:xi="x"><application name="Dial"><para>Rings.</para></application>
      <configInfo name="res_pjsip" language="en_US">${option}<description><para>More.</para></description></configOption>
      </configInfo><function name="CUT"></function><configInfo name="cel"></configInfo></docs>`,
    'appdocsxml.dtd': 'rules',
    'appdocsxml.xslt': 'style',
  }
  const tree = t.testdir({ usr: { share: { asterisk: { documentation } } } })
  const [folder, again] = await Promise.all([shortDocumentation(tree), shortDocumentation(tree)])
  t.equal(again, folder)
  t.equal(
    await readFile(join(folder, 'core-en_US.xml'), 'utf8'),
    '<?xml version="1.0"?><docs><configInfo name="res_pjsip" language="en_US"><configOption name="transport" default="udp">' +
      '<synopsis>How.</synopsis></configOption></configInfo><configInfo name="cel"></configInfo></docs>\n',
  )
  t.strictSame((await readdir(join(tree, 'usr/share/asterisk'))).sort(), [
    'documentation',
    'documentation-of-settings-1',
  ])
  t.strictSame((await readdir(folder)).sort(), [
    'appdocsxml.dtd',
    'appdocsxml.xslt',
    'core-en_US.xml',
    'thirdparty',
  ])
})

t.test('a command of Asterisk’s console is answered, or it is said that nobody answers', async t => {
  const path = join(await scratch(t), 'asterisk.ctl')
  await t.rejects(askConsole(path, 'core show version'), { code: 'tool.failed' })
  const asked: string[] = []
  const asterisk = createServer(client => {
    client.write('machine/1/22.0\n')
    client.once('data', command => {
      asked.push(String(command))
      client.end('\x7fSomebody calls.\nfirst\nlast\n')
    })
  })
  t.teardown(() => asterisk.close())
  await once(asterisk.listen({ path, backlog: 1 }), 'listening')
  t.equal(await askConsole(path, 'core show version'), 'first\nlast\n')
  t.strictSame(asked, ['cli quit after core show version\0'])
  const crowd = await Promise.all(Array.from({ length: 20 }, () => askConsole(path, 'core show channels')))
  t.strictSame(new Set(crowd), new Set(['first\nlast\n']), 'more than may wait at once')
})

t.test('a file that grows is read to its end each time, also when another takes its place', async t => {
  const path = join(t.testdir({}), 'log')
  const file = new GrowingFile(path)
  t.equal(file.read(), '', 'there is none')
  const word = Buffer.from('да')
  await writeFile(path, word.subarray(0, 3))
  t.equal(file.read(), 'д')
  await appendFile(path, word.subarray(3))
  t.equal(file.read(), 'да')
  t.equal(file.read(), 'да')
  await writeFile(path, 'n')
  t.equal(file.read(), 'n')
})
