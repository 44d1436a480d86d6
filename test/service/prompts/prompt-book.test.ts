// Real: ffmpeg, the disk, the shipped masters. Fake: none.
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import type { ReadyPrompt } from '../../../src/core/ports.js'
import { createLog } from '../../../src/lib/log.js'
import { openPromptBook } from '../../../src/prompts/live-prompts.js'
import { VARIANTS } from '../../../src/prompts/prompt-folder.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { sourceOf } from './prompt-source.js'

const log = createLog('silent')
const copies = ({ media }: ReadyPrompt) => VARIANTS.map(({ extension }) => `${media}.${extension}`)
const open = (dir: string, sources: string[]) => openPromptBook({ dir, sources, ffmpeg, log })

t.test('all shipped prompts become ready, in each codec and in full length', async t => {
  const dir = join(t.testdir({}), 'prompts')
  const steps: string[] = []
  const book = await openPromptBook({ dir, ffmpeg, log, progress: message => steps.push(message) })
  t.equal(book.all().length, 58)
  t.equal(steps.at(-1), 'converting prompts 58/58')
  for (const { language, name } of book.all()) {
    const prompt = await book.ready(language, name)
    t.match(prompt.media, new RegExp(`/${language}/${name}-${prompt.sha256.slice(0, 12)}$`))
    for (const { extension, bytesPerMs, leadMs } of VARIANTS) {
      const { size, mode } = statSync(`${prompt.media}.${extension}`)
      t.equal(size, (prompt.lengthMs + leadMs) * bytesPerMs, `${language}/${name}.${extension}`)
      t.equal(mode & 0o777, 0o444)
    }
    t.equal(statSync(dirname(prompt.media)).mode & 0o777, 0o755)
  }
  t.equal(readdirSync(join(dir, 'en')).length, 29 * (VARIANTS.length + 1), 'nothing else is left')
})

t.test('converted prompts are not converted again, and need no ffmpeg', async t => {
  const [dir, source] = [join(t.testdir({}), 'prompts'), await sourceOf(t, ['granted', 'refused'])]
  const first = await (await open(dir, [source])).ready('en', 'granted')
  const before = statSync(`${first.media}.alaw`).ino
  const second = await openPromptBook({ dir, sources: [source], ffmpeg: '/nowhere/ffmpeg', log })
  t.same(await second.ready('en', 'granted'), first)
  t.equal(statSync(`${first.media}.alaw`).ino, before)
})

t.test('missing and damaged files are found at once', async t => {
  const [dir, source] = [join(t.testdir({}), 'prompts'), await sourceOf(t, ['granted'])]
  let book = await open(dir, [source])
  const prompt = await book.ready('en', 'granted')
  const flip = (path: string) => {
    const { atime, mtime } = statSync(path)
    const bytes = readFileSync(path)
    bytes[100]! ^= 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    chmodSync(path, 0o444)
    // Restores the time, to hide the change.
    utimesSync(path, atime, mtime)
  }
  const cut = (path: string, bytes: number) => {
    chmodSync(path, 0o644)
    truncateSync(path, bytes)
    chmodSync(path, 0o444)
  }
  const harms: [what: string, harm: (path: string) => void, code: string][] = [
    ['removed', path => rmSync(path), 'prompt.missing'],
    ['cut short', path => cut(path, 800), 'prompt.damaged'],
    ['empty', path => cut(path, 0), 'prompt.damaged'],
    ['changed with its times kept', flip, 'prompt.damaged'],
    ['unreadable for the PBX', path => chmodSync(path, 0o600), 'prompt.damaged'],
  ]
  for (const path of copies(prompt)) {
    for (const [what, harm, code] of harms) {
      harm(path)
      t.equal(await book.ready('en', 'granted').catch(codeOf), code, `${basename(path)} ${what}`)
      book = await open(dir, [source])
      t.same(await book.ready('en', 'granted'), prompt, 'a new start makes it again')
    }
  }
})

t.test('a file that was replaced by the same content is accepted', async t => {
  const [dir, source] = [join(t.testdir({}), 'prompts'), await sourceOf(t, ['granted'])]
  const book = await open(dir, [source])
  const prompt = await book.ready('en', 'granted')
  for (const path of copies(prompt)) {
    const bytes = readFileSync(path)
    rmSync(path)
    writeFileSync(path, bytes)
    chmodSync(path, 0o444)
  }
  t.same(await book.ready('en', 'granted'), prompt)
})

t.test('several books opened at once do not affect each other', async t => {
  const [dir, source] = [
    join(t.testdir({}), 'prompts'),
    await sourceOf(t, ['granted', 'refused', 'interrupted']),
  ]
  const books = await Promise.all([1, 2, 3, 4].map(() => open(dir, [source])))
  for (const book of books) {
    for (const { name } of book.all()) t.equal((await book.ready('en', name)).name, name)
  }
  t.same(
    readdirSync(join(dir, 'en')).filter(name => name.startsWith('.')),
    [],
  )
})

t.test('the operator’s prompt replaces a shipped one with the same name', async t => {
  const dir = join(t.testdir({}), 'prompts')
  const shipped = await sourceOf(t, ['granted', 'refused'])
  const custom = await sourceOf(t, ['granted'], 'refused')
  const book = await open(dir, [shipped, custom])
  const [granted, refused] = [await book.ready('en', 'granted'), await book.ready('en', 'refused')]
  t.equal(granted.sha256, refused.sha256, 'it is the recording of the second folder')
  t.not(granted.media, refused.media)
})

t.test('an unknown prompt is missing', async t => {
  const book = await open(join(t.testdir({}), 'prompts'), [await sourceOf(t, ['granted'])])
  t.equal(await book.ready('en', 'refused').catch(codeOf), 'prompt.missing')
  t.equal(await book.ready('ru', 'granted').catch(codeOf), 'prompt.missing')
})

t.test('a changed master prevents the book from opening', async t => {
  const source = await sourceOf(t, ['granted'])
  const dir = join(t.testdir({}), 'prompts')
  await open(dir, [source])
  writeFileSync(join(source, 'en', 'granted.wav'), 'another recording')
  t.equal(await open(dir, [source]).catch(codeOf), 'prompt.damaged')
  rmSync(join(source, 'en', 'granted.wav'))
  t.equal(await open(dir, [source]).catch(codeOf), 'prompt.missing')
})

t.test('the error for a folder that cannot be written says what to do', async t => {
  const blocked = join(t.testdir({ file: '' }), 'file', 'prompts')
  await t.rejects(open(blocked, [await sourceOf(t, ['granted'])]), {
    code: 'store.unwritable',
    message: /CONSENTRY_PROMPTS/,
  })
})
