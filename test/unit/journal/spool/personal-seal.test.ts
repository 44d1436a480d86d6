// Real: the cryptography. Fake: none.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newCallId } from '../../../../src/core/ids.js'
import { KEY_BYTES, openRow, sealRow } from '../../../../src/journal/spool/spool.js'
import { encodeEvent } from '../../../../src/journal/write/encode-event.js'
import { asked, started } from '../../../support/data/call-events.js'

const key = randomBytes(KEY_BYTES)
const row = encodeEvent(started(newCallId(), '+79001234567'))
const { personal: _, salt: __, ...rest } = JSON.parse(row) as Record<string, unknown>

t.test('number and salt are sealed, the rest is readable, and the key gives back the whole row', async t => {
  const sealed = sealRow(row, key)
  t.notMatch(sealed, '79001234567')
  t.notMatch(sealed, JSON.parse(row).salt)
  t.match(JSON.parse(sealed), rest)
  const { row: opened, whole } = openRow(sealed, key)
  t.ok(whole)
  t.strictSame(JSON.parse(opened), JSON.parse(row))
  t.not(sealRow(row, key), sealed, 'a row that is sealed twice is not recognised')
})

t.test('a row without a personal part is unchanged', async t => {
  const plain = encodeEvent(asked(newCallId(), 1))
  t.equal(sealRow(plain, key), plain)
  t.strictSame(openRow(plain, key), { row: plain, whole: true })
})

t.test(
  'a row without its key, or with the seal of another event, opens without its personal data',
  async t => {
    const sealed = sealRow(row, key)
    const other = JSON.parse(sealRow(encodeEvent(started(newCallId())), key)) as { sealed: string }
    const moved = JSON.stringify({ ...JSON.parse(sealed), sealed: other.sealed })
    const cut = JSON.stringify({ ...JSON.parse(sealed), sealed: 'AAAA' })
    for (const opened of [
      openRow(sealed, undefined),
      openRow(sealed, randomBytes(KEY_BYTES)),
      openRow(moved, key),
      openRow(cut, key),
    ]) {
      t.notOk(opened.whole)
      t.strictSame(JSON.parse(opened.row), rest)
    }
  },
)
