// Real: the pattern. Fake: the texts. PostgreSQL runs the same pattern in test/service/log/typed-text.test.ts.
import t from 'tap'
import { maskTyped, typedNumberPattern } from '../../../src/core/typed-number.js'

const NUMBER = '+79160000005'

t.test('a number is masked however people type it', t => {
  for (const typed of [
    NUMBER,
    '79160000005',
    '89160000005',
    '9160000005',
    '+7 (916) 000-00-05',
    '8 916 000 00 05',
    '8-916-000–00–05',
    '0079160000005',
    '916/000.00.05',
    '+7\u00a0916\u202f000\u201100\u201105',
  ])
    for (const [before, after] of [
      ['', ''],
      ['claim 12 of ', ', by post'],
      ['(', ')'],
    ])
      t.notMatch(maskTyped(`${before}${typed}${after}`, NUMBER), /00.?00.?05/, typed)
  t.equal(maskTyped(`asked by ${NUMBER}.`, NUMBER), 'asked by ********0005.')
  t.equal(maskTyped('12 May (8 916 000 00 05)', NUMBER), '12 May (********0005)')
  t.end()
})

t.test('other numbers stay', t => {
  const others = [
    '+79160000006',
    '791600000055',
    'order 5791600000051',
    '+7 916 000-00-06',
    '1160000005x',
    '',
  ]
  for (const text of others) t.equal(maskTyped(text, NUMBER), text)
  t.equal(
    maskTyped('room 1012, phone 101', '101'),
    'room 1012, phone ***',
    'a short number is a word of its own',
  )
  t.equal(maskTyped('call *97# now', '*97#'), 'call **** now')
  t.equal(maskTyped('anything', '+'), 'anything')
  t.equal(typedNumberPattern('()'), undefined)
  t.end()
})
