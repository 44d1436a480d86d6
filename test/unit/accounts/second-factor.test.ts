// Real: codes, networks of addresses, the console's key. Fake: none.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { networkOf } from '../../../src/accounts/attempts.js'
import { codeAt, stepOfCode } from '../../../src/accounts/second-factor.js'
import { consoleKey, consoleKeyPath } from '../../../src/vault/console-key.js'

/** The secret of the examples of RFC 6238, in base32. */
const EXAMPLE = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

t.test('codes are those of RFC 6238', async t => {
  // Appendix B has eight digits; six are their end.
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const) {
    t.equal(codeAt(EXAMPLE, seconds * 1000), code)
    t.equal(stepOfCode(EXAMPLE, code, seconds * 1000), Math.floor(seconds / 30))
  }
  t.equal(stepOfCode(EXAMPLE, ' 287 082 ', 59_000), 1)
  for (const code of ['', '28708', '2870820', '287O82', '-28708', '২৮৭০৮২'])
    t.equal(stepOfCode(EXAMPLE, code, 59_000), undefined, code)
})

t.test('one client has one network', async t => {
  for (const [address, network] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0DB8:0:0:ffff::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['not an address', 'not an address'],
  ] as const)
    t.equal(networkOf(address), network)
})

t.test('the console’s key is made once, and opens for its owner only', async t => {
  const data = await mkdtemp(join(tmpdir(), 'consentry-test-'))
  t.teardown(() => rm(data, { recursive: true }))
  const sealed = (await consoleKey(data)).seal(EXAMPLE, 'maria')
  const again = await consoleKey(data)
  t.equal(again.open(sealed, 'maria'), EXAMPLE)
  t.notMatch(sealed.toString('latin1'), EXAMPLE)
  t.throws(() => again.open(sealed, 'ivan'), { code: 'key.refused' })
  t.throws(() => again.open(sealed.subarray(1), 'maria'), { code: 'key.refused' })
  t.throws(() => again.open(Buffer.alloc(3), 'maria'), { code: 'key.refused' })
  t.strictSame(again.hash('x'), (await consoleKey(data)).hash('x'))
  t.equal((await stat(consoleKeyPath(data))).mode & 0o777, 0o600)
  t.match(await readFile(consoleKeyPath(data), 'utf8'), /^[\w+/]{43}=\n$/)
  await writeFile(consoleKeyPath(data), 'damaged')
  await t.rejects(consoleKey(data), { code: 'config.invalid', message: /contains no key/ })
  const other = join(data, 'not', 'there')
  const [one, two] = await Promise.all([consoleKey(other), consoleKey(other)])
  t.ok(one && two)
})
