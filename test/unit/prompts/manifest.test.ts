// Real: a manifest and masters on disk. Fake: the content of the masters.
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { readManifest, readMaster, sha256 } from '../../../src/prompts/manifest.js'

const bytes = Buffer.from('a recording')
const entry = {
  name: 'granted',
  language: 'en' as const,
  version: 2,
  text: 'Thank you.',
  sha256: sha256(bytes),
  lengthMs: 700,
}
const list = (change: object) => JSON.stringify({ prompts: [{ ...entry, ...change }] })

t.test('a manifest is read with its masters', async t => {
  const folder = t.testdir({ 'manifest.json': list({}), en: { 'granted.wav': bytes } })
  t.same(await readManifest(folder), [entry])
  t.same(await readMaster(folder, entry), bytes)
})

t.test('a malformed manifest is refused, and the message names the field', async t => {
  const faults: [change: object, place: RegExp][] = [
    [{ name: '../../etc/passwd' }, /prompts\[0\]\.name/],
    [{ name: 'Granted' }, /prompts\[0\]\.name/],
    [{ language: 'de' }, /prompts\[0\]\.language/],
    [{ version: 0 }, /prompts\[0\]\.version/],
    [{ text: '' }, /prompts\[0\]\.text/],
    [{ sha256: 'abc' }, /prompts\[0\]\.sha256/],
    [{ lengthMs: 1.5 }, /prompts\[0\]\.lengthMs/],
    [{ says: { retentionDays: '30' } }, /prompts\[0\]\.says\.retentionDays/],
    [{ says: { press: '1' } }, /prompts\[0\]\.says/],
    [{ says: { yes: '\0' } }, /prompts\[0\]\.says\.yes/],
    [{ says: { terms: { 'a\0': 30 } } }, /prompts\[0\]\.says\.terms/],
    [{ say: { yes: '1' } }, /prompts\[0\]/],
  ]
  for (const [change, message] of faults) {
    const folder = t.testdir({ 'manifest.json': list(change) })
    await t.rejects(readManifest(folder), { code: 'prompt.damaged', message })
  }
  const twice = t.testdir({ 'manifest.json': JSON.stringify({ prompts: [entry, entry] }) })
  await t.rejects(readManifest(twice), { code: 'prompt.damaged', message: /en\/granted stands twice/ })
  await t.rejects(readManifest(t.testdir({ 'manifest.json': '{' })), {
    code: 'prompt.damaged',
    message: /it is not JSON/,
  })
  await t.rejects(readManifest(t.testdir({})), { code: 'prompt.missing' })
})

t.test('a missing or changed master is refused', async t => {
  const folder = t.testdir({ en: { 'granted.wav': 'another recording' } })
  t.equal(await readMaster(folder, entry).catch(codeOf), 'prompt.damaged')
  t.equal(await readMaster(t.testdir({}), entry).catch(codeOf), 'prompt.missing')
})
