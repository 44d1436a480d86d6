import t from 'tap'
import { nearestName } from '../../../src/shared/nearest.js'

const names = ['call', 'calls', 'line', 'verify', 'rights']

t.test('what was meant by a misspelt name', async t => {
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
