// What a service says that is started before it is set up.
import t from 'tap'
import { whatIsMissing } from '../../../src/recording/check-setup.js'

t.test('keys and lines that are not there are warned of, each with what to do', async t => {
  const keys = /^there are no keys, .* consentry keygen, .* CONSENTRY_RECIPIENTS$/
  const lines = /^there are no lines, .* consentry line set$/
  t.match(whatIsMissing([], []), [keys, lines])
  t.match(whatIsMissing(['a key'], []), [lines])
  t.match(whatIsMissing([], ['a line']), [keys])
  t.strictSame(whatIsMissing(['a key'], ['a line']), [])
})
