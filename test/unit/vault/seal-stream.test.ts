// Real: the cryptography, libsodium, and the sources of the product. Fake: none.
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import sodium from 'libsodium-wrappers'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { hchacha20, SealStream } from '../../../src/vault/crypto/part-sealer.js'
import { position } from '../../support/fuzz/position.js'

await sodium.ready

t.test('HChaCha20 gives the result of draft-irtf-cfrg-xchacha-03, 2.2.1', async t => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
  const nonce = Buffer.from('000000090000004a0000000031415927', 'hex')
  const expected = '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc'
  t.equal(hchacha20(key, nonce).toString('hex'), expected)
})

t.test('libsodium reads every stream that we write', async t => {
  const messages = fc.array(
    fc.record({
      length: fc.oneof(fc.nat(40), fc.nat(5000)).map(n => n * 8),
      cut: position,
      associated: fc.uint8Array({ maxLength: 40 }),
      tag: fc.constantFrom(0, 3),
    }),
    { minLength: 1, maxLength: 8 },
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(messages, list => {
        const key = randomBytes(32)
        const stream = new SealStream(key)
        const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(stream.header, key)
        return list.every(({ length, cut, associated }, i) => {
          const message = randomBytes(length)
          const at = Math.floor(cut * length)
          // Only the last message of a stream may be final.
          const tag = i === list.length - 1 ? list[i]!.tag : 0
          const sealed = Buffer.concat(
            stream.push([message.subarray(0, at), message.subarray(at)], associated, tag),
          )
          const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, associated)
          return opened !== false && opened.tag === tag && message.equals(opened.message)
        })
      }),
      { numRuns: 200 },
    ),
  )
})

t.test('lengths for which the paddings of secretstream and RFC 8439 differ are refused', async t => {
  const stream = new SealStream(randomBytes(32))
  t.throws(() => stream.push([randomBytes(12)], Buffer.alloc(0), 0), /multiple of 8/)
})

t.test('no source outside vault/crypto imports the maker of sealed chunks', async t => {
  const src = join(projectRoot(), 'src')
  const files = (await readdir(src, { recursive: true })).filter(name => name.endsWith('.ts'))
  t.ok(files.length > 20, 'the sources are found')
  const importers: string[] = []
  for (const name of files)
    if ((await readFile(join(src, name), 'utf8')).includes('sealed-chunk.js')) importers.push(name)
  t.strictSame(importers.sort(), ['vault/crypto/part-sealer.ts', 'vault/crypto/types.ts'])
})
