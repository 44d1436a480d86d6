// Real: the command as a separate process, files on disk. Fake: none.
// No database is needed, because no file gets so far.
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { verifierKey } from '../../../src/log/notes/note.js'
import { generateIdentity, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { consentry } from '../../support/processes/command.js'
import { scratch } from '../../support/processes/database.js'
import { partInfo, sealPart, smallTalk } from '../../unit/vault/fixture.js'

const dir = await scratch(t)
const pair = generateIdentity('service')
const recipients = parseRecipients(JSON.stringify([pair.recipient]))
const { bytes, wrappedKey } = sealPart(partInfo(), recipients, smallTalk())
const flipped = Buffer.from(bytes)
flipped[bytes.length - 30]! ^= 1
const key = verifierKey('test.example/consentry', generateKeyPairSync('ed25519').publicKey)
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const contents: Record<string, string | Buffer> = {
  zeros: Buffer.alloc(5_000),
  deep,
  'deep.extract': `{"consentryExtract":1,\n"statement":{"a":${deep}},\n`,
  'container.ctry': bytes,
  'cut.ctry': bytes.subarray(0, 120),
  'flipped.ctry': flipped,
  'good.key': wrappedKey,
}
for (const [name, content] of Object.entries(contents)) await writeFile(join(dir, name), content)
await mkdir(join(dir, 'folder'))
const identity = JSON.stringify([pair.identity])
const path = (name: string) => join(dir, name)

const commands: string[][] = [
  ...['zeros', 'deep', 'deep.extract', 'folder'].map(name => ['verify', path(name), '--key', key]),
  ...['zeros', 'deep'].map(name => ['line', 'set', path(name)]),
  ['open', path('flipped.ctry'), '--key', path('good.key')],
  ['open', path('cut.ctry'), '--key', path('good.key')],
  ['open', path('container.ctry'), '--key', path('zeros')],
  ['open', path('container.ctry'), '--key', path('folder')],
  ['open', path('folder'), '--key', path('good.key')],
]

t.test('a file of another kind is refused with a message, and nothing is written', async t => {
  const before = (await readdir(dir)).sort()
  const wav = path('out.wav')
  const env = { CONSENTRY_DATA: path('data'), CONSENTRY_IDENTITY: identity }
  for (let at = 0; at < commands.length; at += 4)
    await Promise.all(
      commands.slice(at, at + 4).map(async args => {
        const { code, out, err } = await consentry(env, ...args, ...(args[0] === 'open' ? ['-o', wav] : []))
        const what = `${args.join(' ')} → ${code}\n${err.slice(0, 400)}`
        t.ok(code === 1 || code === 2, what)
        t.notMatch(err, /\n\s+at /, what)
        t.ok(err.length + out.length > 10, what)
      }),
    )
  t.strictSame((await readdir(dir)).sort(), before)
})
