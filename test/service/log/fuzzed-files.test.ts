// Real: the folder of the transparency log, its signatures, a witness and its file. Fake: none.
// No database is needed.
// Long: five times as many changed files.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { CHECKPOINTS_FILE, LogFolder } from '../../../src/log/log-folder.js'
import { checkpointText } from '../../../src/log/notes/checkpoint.js'
import { CheckpointFile } from '../../../src/log/notes/checkpoint-file.js'
import { KeyChain } from '../../../src/log/notes/key-chain.js'
import { createSigningKey, readSigningKey } from '../../../src/log/notes/log-key.js'
import { COSIGNATURE, parseVerifier, signatureLine, signBytes } from '../../../src/log/notes/note.js'
import { WitnessBook } from '../../../src/log/notes/witness.js'
import { parseTilePath, tilePath } from '../../../src/log/tree/tile.js'
import { hostileText } from '../../support/fuzz/hostile-values.js'
import { mutate, mutations } from '../../support/fuzz/mutations.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'
import { scratch } from '../../support/processes/database.js'
import { ORIGIN } from '../../support/processes/tlog.js'

const dir = await scratch(t)
const key = await createSigningKey(join(dir, 'log.key'), ORIGIN)
const verifier = parseVerifier(key.verifier)!
const log = KeyChain.from(verifier)
const noteOf = (folder: LogFolder) => {
  const text = checkpointText({ origin: ORIGIN, size: folder.size, root: folder.root() })
  return `${text}\n${signatureLine(verifier, signBytes(key.secret, text))}`
}
/** A log's folder with three checkpoints. */
const whole = join(dir, 'whole')
const folder = await LogFolder.open(whole, log)
for (const leaves of [3, 300, 5]) {
  for (let i = 0; i < leaves; i++) folder.add(`{"id":${i}}`)
  await folder.publish([noteOf(folder)])
}
const SIZE = folder.size

/** The result of `work`, or the code of its error. Throws errors without a code. */
const outcome = <R>(work: Promise<R>): Promise<R | string> =>
  work.catch((error: unknown) => {
    const code = codeOf(error)
    if (!code) throw error
    return code
  })

t.test('a folder with a changed file is read as it was signed, made again, or refused', async t => {
  const files = (await readdir(whole, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(whole.length + 1))
  const copy = join(dir, 'copy')
  await cp(whole, copy, { recursive: true })
  const whatever = fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), mutations, async (file, changes) => {
      const original = await readFile(join(whole, file))
      await writeFile(join(copy, file), mutate(original, changes))
      const opened = await outcome(LogFolder.open(copy, log))
      await writeFile(join(copy, file), original)
      if (typeof opened === 'string') return opened === 'journal.inconsistent' && file === CHECKPOINTS_FILE
      return opened.size === 0 || (opened.size === SIZE && opened.root() === folder.root())
    }),
    fuzzRuns(250, 1_250),
  )
  await t.resolves(whatever, 'for every file and every change')
})

t.test('a checkpoint file with other content is read to its end and refused', async t => {
  const path = join(dir, 'anchors.txt')
  const good = await readFile(join(whole, CHECKPOINTS_FILE), 'utf8')
  const odd = [
    '\n',
    '\n\n',
    '\n\n\n',
    '\n\n\n\n',
    `\n${good}`,
    `\n\n${good}`,
    `${good}\n\n`,
    'x'.repeat(40_000),
  ]
  for (const text of [...odd, '— a b\n\n', '\n\n— a b\n\n', `${good}${'\n\n'.repeat(20_000)}`]) {
    await writeFile(path, text)
    const last = await outcome(new CheckpointFile(path).last())
    t.ok(last === undefined || last === 'journal.inconsistent' || (last as { size: number }).size === SIZE)
  }
  await writeFile(path, `${good}${'x'.repeat(20_000)}`)
  t.equal(await outcome(new CheckpointFile(path).last()), 'journal.inconsistent')
  t.equal((await readFile(path)).length, Buffer.byteLength(good) + 20_000, 'the file is not changed')
})

t.test('a changed key file is either a key or refused with a message', async t => {
  const pem = await readFile(join(dir, 'log.key'))
  const whatever = fc.assert(
    fc.asyncProperty(mutations, async changes => {
      await writeFile(join(dir, 'other.key'), mutate(pem, changes))
      const read = await outcome(readSigningKey(join(dir, 'other.key'), ORIGIN))
      return read === 'config.invalid' || typeof read === 'object'
    }),
    fuzzRuns(100, 500),
  )
  await t.resolves(whatever, 'for every change')
})

t.test('a witness that cannot read its last checkpoint cosigns nothing', async t => {
  const witness = await createSigningKey(join(dir, 'witness.key'), 'witness.example', COSIGNATURE)
  const logs = [verifier]
  const start = await LogFolder.open(join(dir, 'young'), log)
  start.add('{"id":0}')
  const request = (old: number) => `old ${old}\n\n${noteOf(start)}`
  const book = (name: string) =>
    new WitnessBook({ dir: join(dir, name), name: 'witness.example', key: witness, logs })
  t.match(await book('seen').addCheckpoint(request(0), Date.now()), { status: 200 })
  const [file] = await readdir(join(dir, 'seen'))
  const path = join(dir, 'seen', file!)
  const good = await readFile(path)
  for (const damage of [Buffer.of(), Buffer.from('\n'), good.subarray(0, 20), Buffer.alloc(100)]) {
    await writeFile(path, damage)
    t.equal(await outcome(book('seen').addCheckpoint(request(0), Date.now())), 'journal.inconsistent')
  }
  const bodies = fc.oneof(
    hostileText,
    mutations.map(changes => mutate(Buffer.from(request(0)), changes).toString()),
  )
  const [signed] = noteOf(start).split('\n\n') as [string]
  let books = 0
  const whatever = fc.assert(
    fc.asyncProperty(bodies, async body => {
      // A witness cosigns a checkpoint once, so each request meets another witness.
      const answer = await outcome(book(`fresh-${books++}`).addCheckpoint(body, Date.now()))
      if (typeof answer === 'string') return false
      return answer.status !== 200 || body.includes(signed)
    }),
    fuzzRuns(150, 750),
  )
  await t.resolves(whatever, 'it cosigns nothing but the checkpoint that the log has signed')
})

t.test('a path names one tile or none', async t => {
  const paths = fc.oneof(
    hostileText,
    fc
      .array(
        fc.constantFrom('tile', '/', '..', 'x001', '000', '.p', '/256', '/1', 'entries', '0', '%2e', '\0'),
      )
      .map(p => p.join('')),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(paths, path => {
        const name = parseTilePath(path)
        return name === undefined || tilePath(name) === path
      }),
      fuzzRuns(2_000, 10_000),
    ),
  )
})
