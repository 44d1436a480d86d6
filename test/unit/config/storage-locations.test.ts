// Real: the parser of locations. Fake: the environment.
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'
import { joinLocations, splitLocations } from '../../../src/config/storage-locations.js'
import { codeOf } from '../../../src/core/errors.js'

t.test('a setting has one location for all purposes, or one for each', async t => {
  const cases: [string, [string | null, string][]][] = [
    ['file:/a', [[null, 'file:/a']]],
    [' file:/a,  file:/b ', [[null, 'file:/a,  file:/b']]],
    ['service=file:/a', [['service', 'file:/a']]],
    [
      'service=file:/a,file:/b  marketing=file:/c',
      [
        ['service', 'file:/a,file:/b'],
        ['marketing', 'file:/c'],
      ],
    ],
    [
      'service=file:/with blank\nqa-2=file:/x=y',
      [
        ['service', 'file:/with blank'],
        ['qa-2', 'file:/x=y'],
      ],
    ],
  ]
  for (const [text, locations] of cases) {
    const read = splitLocations(text)
    t.strictSame(
      read?.map(({ purpose, url }) => [purpose, url]),
      locations,
      text,
    )
    t.strictSame(splitLocations(joinLocations(read!)), read, 'joined locations are split again')
  }
})

t.test('ambiguous locations are refused', async t => {
  for (const text of ['file:/a service=file:/b', 'service=file:/a service=file:/b'])
    t.equal(splitLocations(text), undefined, text)
})

t.test('the settings accept locations, and refuse those that share a folder', async t => {
  const set = (CONSENTRY_STORE: string, CONSENTRY_KEYSTORE = '') => {
    try {
      const { store, keystore } = readConfig({ CONSENTRY_STORE, CONSENTRY_KEYSTORE }, 'tool')
      return [store, keystore]
    } catch (error) {
      return `${codeOf(error)}: ${(error as Error).message}`
    }
  }
  t.strictSame(set('service=file:/a  marketing=file:///b', 'service=file:/k,file:/l marketing=file:/m'), [
    'service=file:/a marketing=file:/b',
    'service=file:/k,file:/l marketing=file:/m',
  ])
  for (const [faulty, words] of [
    ['service=file:/a marketing=file:/a', /two purposes share a folder/],
    ['service=file:/a file:/b', /one for each purpose/],
    ['service=/a', /one for each purpose/],
    ['service=', /one for each purpose/],
  ] as const) {
    t.match(set(faulty), /^config.invalid: (.|\n)*CONSENTRY_STORE/)
    t.match(set(faulty), words, faulty)
  }
  t.match(set('file:/a', 'service=file:/a marketing=file:/b,file:/a'), /CONSENTRY_KEYSTORE: two purposes/)
})
