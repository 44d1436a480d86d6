// Real: the choice of the words of a recovery sheet that are asked for. Fake: the random bytes.
import t from 'tap'
import { choosePlaces } from '../../../../../src/console/in-browser/key/places.js'

/** Number of words of a recovery sheet. */
const WORDS = 24

t.test('two words are asked for that are not neighbours, whatever the random bytes are', async t => {
  for (let first = 0; first < WORDS; first++)
    for (let second = 0; second < WORDS; second++) {
      const bytes = [first, second, first + 1, first + 3]
      const [low, high] = choosePlaces(WORDS, () => bytes.shift() ?? (first + 5) % WORDS)
      t.ok(low! >= 0 && high! < WORDS && high! - low! > 1, `${first}, ${second}: ${low}, ${high}`)
    }
})

t.test('bytes that lead to neighbours are passed over', async t => {
  const bytes = [4, 4, 5, 3, 9]
  t.strictSame(
    choosePlaces(WORDS, () => bytes.shift()!),
    [4, 9],
  )
})
