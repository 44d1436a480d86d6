// Real: ZIP and age files on disk. Fake: the entries.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { writeOutput } from '../../../src/lib/files/output-file.js'
import { type ArchiveEntry, writeArchive } from '../../../src/rights/export/archive.js'
import { unzip } from '../../support/assertions/unzip.js'

const at = new Date('2026-01-31T09:30:00Z')
const sound = randomBytes(3_000_000)
const entries = (write: (to: NodeJS.WritableStream) => Promise<void>): ArchiveEntry[] => [
  { name: 'summary.html', at, content: 'ü'.repeat(1_000) },
  { name: 'recordings/a.wav', at, bytes: sound.length, write },
  { name: 'recordings/b.wav', at, bytes: sound.length, write: to => pipeline(Readable.from([sound]), to) },
]
const whole = entries(to => pipeline(Readable.from([sound.subarray(0, 70_000), sound.subarray(70_000)]), to))
const mine = await generateX25519Identity()
const sealings: string[][] = [
  [],
  [await identityToRecipient(mine), await identityToRecipient(await generateX25519Identity())],
]

for (const recipients of sealings) {
  const kind = recipients.length > 0 ? 'sealed to two' : 'plain'

  t.test(`${kind}: the archive has all entries unchanged, and replaces an older file`, async t => {
    const file = join(t.testdir({ 'copy.zip': 'older' }), 'copy.zip')
    await writeOutput(file, output => writeArchive(output, whole, recipients))
    let bytes = await readFile(file)
    if (recipients.length > 0) {
      const decrypter = new Decrypter()
      decrypter.addIdentity(mine)
      bytes = Buffer.from(await decrypter.decrypt(bytes))
    }
    const files = await unzip(bytes)
    t.same([...files.keys()], ['summary.html', 'recordings/a.wav', 'recordings/b.wav'])
    t.ok(files.get('recordings/a.wav')!.equals(sound) && files.get('recordings/b.wav')!.equals(sound))
    t.same(await readdir(join(file, '..')), ['copy.zip'])
  })

  for (const [fault, message, write] of [
    [
      'fails',
      /the key is gone/,
      async (to: NodeJS.WritableStream) => {
        to.write(sound.subarray(0, 100_000))
        throw new Error('the key is gone')
      },
    ],
    [
      'is shorter than it was measured',
      /unexpected number of bytes/,
      (to: NodeJS.WritableStream) => pipeline(Readable.from([sound.subarray(1)]), to),
    ],
    [
      'is longer than it was measured',
      /unexpected number of bytes/,
      (to: NodeJS.WritableStream) => pipeline(Readable.from([sound, sound]), to),
    ],
  ] as const)
    t.test(`${kind}: an entry that ${fault} writes nothing, and leaves an older file unchanged`, async t => {
      const file = join(t.testdir({ 'copy.zip': 'older' }), 'copy.zip')
      await t.rejects(
        writeOutput(file, output => writeArchive(output, entries(write), recipients)),
        { message },
      )
      t.same(await readdir(join(file, '..')), ['copy.zip'])
      t.equal(await readFile(file, 'utf8'), 'older')
    })
}
