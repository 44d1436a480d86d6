// Real: containers, a decryptor written from docs/formats.md alone. Fake: none.
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import { block, partInfo, release, STARTED, sealPart } from '../../unit/vault/fixture.js'
import { decrypt } from './independent-decryptor.js'

const page = await readFile('docs/formats.md', 'utf8')
const example = (name: string) => new RegExp(`\`\`\`\\S+ ${name}\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
const containerHex = example('container').replaceAll(/^#.*$/gm, '').replaceAll(/\s/g, '')

t.test("the page's example opens with the independent decryptor and with the product", async t => {
  const container = Buffer.from(containerHex, 'hex')
  const identity = example('identity')
  const keyFile = example('key-file')
  const { blocks, complete, keys, header } = await decrypt(container, keyFile, JSON.parse(identity))
  t.ok(complete)
  t.match(header, { line: '100', purpose: 'service', startedAt: STARTED, codec: 1, number: 1 })
  const audio = (leg: string) => blocks.flatMap(piece => (piece.leg === leg ? [piece.audio] : [])).join('')
  t.equal(audio('caller'), 'c0c1c2c3c4c5c6c7')
  t.equal(audio('agent'), 'a0a1a2a3a4a5a6a7')
  for (const [name, key] of Object.entries(keys)) t.ok(page.includes(`| ${name} | \`${key}\` |`), name)
  t.ok(page.includes(createHash('sha256').update(container).digest('hex')), 'hash of the container')

  const ours = await release(container, Buffer.from(keyFile), parseIdentities(`[${identity}]`))
  t.ok(ours.complete)
  t.strictSame(
    ours.blocks.map(({ leg, sample, bytes }) => [leg, sample, Buffer.from(bytes).toString('hex')]),
    blocks.map(({ leg, sample, audio }) => [leg, sample, audio]),
  )
})

t.test('the independent decryptor reads the containers of the product in every codec', async t => {
  for (const codec of ['alaw', 'ulaw', 'slin'] as const) {
    const { recipient, identity } = generateIdentity('service')
    const width = codec === 'slin' ? 2 : 1
    const blocks = Array.from({ length: 12 }, (_, i) =>
      block(i % 3 ? 'agent' : 'caller', i * 32_768, randomBytes((32_768 - i) * width)),
    )
    const info = partInfo({ codec })
    const sealed = sealPart(info, parseRecipients(JSON.stringify([recipient])), blocks)
    const {
      blocks: decrypted,
      complete,
      header,
    } = await decrypt(sealed.bytes, sealed.wrappedKey.toString(), identity)
    t.ok(complete)
    t.equal(header['part'], info.part.replaceAll('-', ''))
    for (const leg of ['caller', 'agent']) {
      const spoken = blocks.flatMap(talk => (talk.leg === leg ? [Buffer.from(talk.bytes)] : []))
      const received = decrypted.flatMap(piece =>
        piece.leg === leg ? [Buffer.from(piece.audio, 'hex')] : [],
      )
      t.ok(Buffer.concat(spoken).equals(Buffer.concat(received)), `${codec}, ${leg}`)
    }
    const cut = await decrypt(sealed.bytes.subarray(0, -1), sealed.wrappedKey.toString(), identity)
    t.notOk(cut.complete)
  }
})
