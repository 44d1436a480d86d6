// Real: the search for the most similar name. Fake: none.
import t from 'tap'
import { nearestName } from '../../../src/lib/nearest.js'

const names = ['call', 'calls', 'line', 'verify', 'rights']

t.test('the most similar name is found for a misspelt one', async t => {
  const cases: [written: string, meant: string | undefined][] = [
    ['cals', 'call'],
    ['clals', 'calls'],
    ['lien', 'line'],
    ['varify', 'verify'],
    ['right', 'rights'],
    ['verification', undefined],
    ['bogus', undefined],
    ['', undefined],
  ]
  for (const [written, meant] of cases) t.equal(nearestName(written, names), meant, written)
})
