// What a service says that is started before it is set up.
import t from 'tap'
import { missingSetup } from '../../../src/recording/check-setup.js'

t.test('keys and lines that are not there are warned of, each with what to do', async t => {
  const keys = /^there are no keys, .* consentry keygen, .* CONSENTRY_RECIPIENTS$/
  const lines = /^there are no lines, .* consentry line set$/
  t.match(missingSetup([], []), [keys, lines])
  t.match(missingSetup(['a key'], []), [lines])
  t.match(missingSetup([], ['a line']), [keys])
  t.strictSame(missingSetup(['a key'], ['a line']), [])
})
