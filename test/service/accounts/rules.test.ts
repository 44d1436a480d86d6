// Real: rules and training on PostgreSQL with the console's role, the journal. Fake: the clock.
import { createHash } from 'node:crypto'
import t from 'tap'
import { acknowledgeRules, currentRules, publishRules } from '../../../src/accounts/rules.js'
import { mayHear, recordTraining } from '../../../src/accounts/training.js'
import { listUsers } from '../../../src/accounts/users.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { browserOf, peopleSetup } from '../../support/processes/people.js'

const anna = person('anna')

t.test('who has not acknowledged the rules in force, or was not trained, may not hear', async t => {
  const { deps, clock, events } = await peopleSetup(t)
  const { actor } = await browserOf(deps, 'maria', ['supervisor'])
  const hearing = () => mayHear(deps, actor)
  t.match(await hearing(), { may: false, reason: /No rules are published/ })
  const text = 'Hear only what you need.\nTell nobody.'
  const version = await publishRules(deps, anna, text)
  t.equal(version, createHash('sha256').update(text).digest('hex'))
  t.match(await currentRules(deps), { version, text, publishedBy: 'anna' })
  t.match(await hearing(), { may: false, reason: /acknowledge/ })
  await t.rejects(acknowledgeRules(deps, actor, 'a'.repeat(64)), { code: 'request.invalid' })
  await acknowledgeRules(deps, actor, version)
  await acknowledgeRules(deps, actor, version)
  t.match(await hearing(), { may: false, reason: /training/ })
  await recordTraining(deps, anna, 'maria', { what: 'Course of January', on: '2026-01-20' })
  t.strictSame(await hearing(), { may: true })
  matchEach(t, await listUsers(deps), [
    { name: 'maria', training: { what: 'Course of January', on: '2026-01-20' }, acknowledgedAt: /^2026/ },
  ])

  const newer = await publishRules(deps, anna, `${text}\nNever copy.`)
  t.match(await hearing(), { may: false }, 'new rules are acknowledged again')
  matchEach(t, await listUsers(deps), [{ acknowledgedAt: null }])
  await t.rejects(acknowledgeRules(deps, actor, version), { message: /Other rules/ })
  await acknowledgeRules(deps, actor, newer)
  t.strictSame(await hearing(), { may: true })
  t.match(await events('rules.published'), { length: 2, 0: { version, by: 'anna' } })
  t.match(await events('rules.acknowledged'), { length: 2, 0: { version, name: 'maria' } })
  t.match(await events('training.recorded'), { length: 1, 0: { name: 'maria', on: '2026-01-20' } })
  t.ok(clock.now())
})

t.test('rules have a text that is new, and a training a day that has come', async t => {
  const { deps } = await peopleSetup(t)
  await browserOf(deps, 'ivan', ['auditor'])
  await publishRules(deps, anna, 'One')
  for (const text of ['One', ' \n', 'x'.repeat(25_001)])
    await t.rejects(publishRules(deps, anna, text), { code: 'request.invalid' })
  await publishRules(deps, anna, 'Two')
  await t.resolves(publishRules(deps, anna, 'One'), 'an earlier text may come into force again')
  const train = (what: string, on: string) => recordTraining(deps, anna, 'ivan', { what, on })
  await t.rejects(train('Course', '2026-02-01'), { code: 'request.invalid' })
  for (const what of [' ', 'half \ud83d', 'nothing\0'])
    await t.rejects(train(what, '2026-01-01'), { code: 'request.invalid' }, JSON.stringify(what))
  await t.rejects(recordTraining(deps, anna, 'nobody', { what: 'Course', on: '2026-01-01' }), {
    code: 'not-found',
  })
})
