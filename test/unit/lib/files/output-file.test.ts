// Real: files, links, pipes and sockets on disk, a full device, processes that end while they write. Fake: none.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { type Output, writeOutput } from '../../../../src/lib/files/output-file.js'

const outputChild = fileURLToPath(new URL('../../../support/processes/output-child.js', import.meta.url))
/** Work that writes a text in two pieces. */
const text = (output: Output) => output.write(['first, ', 'second'])
const failing = async (output: Output) => {
  await output.write(['first'])
  throw new Error('broke off')
}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

t.test('a file is written completely or stays as it was', async t => {
  const dir = t.testdir({ old: 'older' })
  const path = join(dir, 'old')
  await t.rejects(writeOutput(path, failing), { message: 'broke off' })
  t.equal(readFileSync(path, 'utf8'), 'older')
  await writeOutput(path, async output => {
    await text(output)
    t.equal(readFileSync(path, 'utf8'), 'older', 'the old content stays until the new one is complete')
    t.ok(output.draft)
  })
  t.equal(readFileSync(path, 'utf8'), 'first, second')
  t.equal(modeOf(path), '600')
  await writeOutput(join(dir, 'new'), text)
  t.strictSame(readdirSync(dir).sort(), ['new', 'old'], 'no draft is left')
})

/** Starts a process that writes to a path, and waits until it has written half. */
async function writingTo(path: string) {
  const child = spawn(process.execPath, [outputChild, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return { child, ended }
}

t.test('a signal that ends a process removes its draft', async t => {
  const dir = t.testdir({ old: 'older' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const { child, ended } = await writingTo(join(dir, 'old'))
    t.strictSame(readdirSync(dir).sort(), ['old', `old.${child.pid}.unfinished`])
    child.kill(signal)
    t.strictSame(await ended, [null, signal], 'the process ends by the signal')
    t.strictSame(readdirSync(dir), ['old'], signal)
  }
  t.equal(readFileSync(join(dir, 'old'), 'utf8'), 'older')
})

t.test('the next draft removes drafts of killed processes, but none of running ones', async t => {
  const dir = t.testdir({ 'old.txt.unfinished': 'no draft', 'old.1.unfinished.txt': 'nor this' })
  const others = readdirSync(dir)
  const killed = await writingTo(join(dir, 'old'))
  const elsewhere = await writingTo(join(dir, 'new'))
  for (const { child, ended } of [killed, elsewhere]) {
    child.kill('SIGKILL')
    await ended
  }
  const living = await writingTo(join(dir, 'old'))
  const beside = `old.${living.child.pid}.unfinished`
  await writeOutput(join(dir, 'old'), text)
  t.strictSame(
    readdirSync(dir).sort(),
    ['old', beside, `new.${elsewhere.child.pid}.unfinished`, ...others].sort(),
  )
  living.child.kill('SIGTERM')
  await living.ended
})

t.test('a process has no signal handler after it has written', async t => {
  const before = process.listenerCount('SIGHUP')
  await writeOutput(join(t.testdir({}), 'new'), async output => {
    t.equal(process.listenerCount('SIGHUP'), before + 1, 'it has one while it writes')
    await text(output)
  })
  await t.rejects(writeOutput(join(t.testdir({}), 'nowhere', 'new'), text), { code: 'store.unwritable' })
  t.equal(process.listenerCount('SIGHUP'), before)
})

t.test('a file that is written with `kept` has the mode of the replaced file', async t => {
  const dir = t.testdir({})
  const path = join(dir, 'old')
  writeFileSync(path, 'older', { mode: 0o640 })
  await writeOutput(path, text, 'kept')
  t.equal(modeOf(path), '640')
  await writeOutput(join(dir, 'new'), text, 'kept')
  t.equal(modeOf(join(dir, 'new')), (0o666 & ~process.umask()).toString(8))
})

t.test('a symbolic link stays, and its target is written', async t => {
  const dir = t.testdir({ below: { old: 'older' }, other: {} })
  symlinkSync('below', join(dir, 'folder'))
  symlinkSync('below/old', join(dir, 'there'))
  symlinkSync('../other/new', join(dir, 'below', 'missing'))
  symlinkSync('folder/missing', join(dir, 'twice'))
  symlinkSync('round', join(dir, 'round'))
  for (const [link, target] of [
    ['there', 'below/old'],
    ['twice', 'other/new'],
  ] as const) {
    await writeOutput(join(dir, link), text)
    t.ok(lstatSync(join(dir, link)).isSymbolicLink(), link)
    t.ok(lstatSync(join(dir, target)).isFile(), target)
    t.equal(readFileSync(join(dir, target), 'utf8'), 'first, second')
  }
  t.strictSame(readdirSync(join(dir, 'below')).sort(), ['missing', 'old'])
  t.ok(lstatSync(join(dir, 'below', 'missing')).isSymbolicLink())
  await t.rejects(writeOutput(join(dir, 'round'), text), { code: 'store.unwritable', message: /ELOOP/ })
})

t.test('a path that cannot become a file is refused before `work` begins', async t => {
  // The name is short, because the path of a socket is limited.
  const dir = mkdtempSync(join(tmpdir(), 'consentry-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  mkdirSync(join(dir, 'folder'))
  writeFileSync(join(dir, 'file'), '')
  const socket = createServer().listen(join(dir, 'socket'))
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const cases: [name: string, words: RegExp][] = [
    ['folder', /folder cannot be written: it is a folder, so name a file in it$/],
    ['socket', /it is not a file, pipe or character device/],
    ['nowhere/file', /cannot be written: ENOENT$/],
    ['file/below', /cannot be written: ENOTDIR$/],
  ]
  for (const [name, message] of cases)
    await t.rejects(
      writeOutput(join(dir, name), async () => t.fail('work began')),
      { code: 'store.unwritable', message },
    )
  t.strictSame(readdirSync(dir).sort(), ['file', 'folder', 'socket'])
})

t.test('a pipe and a device are written directly', async t => {
  const dir = t.testdir({})
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  const read = readFile(pipe, 'utf8')
  await writeOutput(pipe, async output => {
    t.notOk(output.draft)
    await text(output)
  })
  t.equal(await read, 'first, second')
  if (!t.ok(lstatSync(pipe).isFIFO(), 'the pipe is still a pipe')) return
  t.strictSame(readdirSync(dir), ['pipe'])

  // Through a link in the test's folder, and only if the pipe above still exists.
  symlinkSync('/dev/full', join(dir, 'full'))
  await t.rejects(writeOutput(join(dir, 'full'), text), {
    code: 'store.unwritable',
    message: /full cannot be written: ENOSPC$/,
  })
  t.ok(lstatSync(join(dir, 'full')).isSymbolicLink())
  t.ok(statSync('/dev/full').isCharacterDevice())
})
