// Real: the check of the setup. Fake: the keys and lines.
import t from 'tap'
import { missingSetup } from '../../../src/vault/check-setup.js'
import { matchEach } from '../../support/assertions/match-each.js'

t.test('missing keys and missing lines are each reported, with what to do', async t => {
  const keys = /^there are no keys, .* consentry keygen, .* CONSENTRY_RECIPIENTS$/
  const lines = /^there are no lines, .* consentry line set$/
  matchEach(t, missingSetup([], []), [keys, lines])
  matchEach(t, missingSetup(['a key'], []), [lines])
  matchEach(t, missingSetup([], ['a line']), [keys])
  t.strictSame(missingSetup(['a key'], ['a line']), [])
})
