// Real: the names of trials. Fake: none.
import t from 'tap'
import { newTrialId } from '../../../src/core/ids.js'
import { endpointForJournal, isTrialChannel, trialChannelId, trialOf } from '../../../src/core/trial.js'

t.test('the channel of a trial is known by its id, and by nothing that a PBX gives out', async t => {
  const trial = newTrialId()
  const channel = trialChannelId(trial)
  t.ok(isTrialChannel(channel))
  t.equal(trialOf(channel), trial)
  for (const other of [
    `${channel};2`,
    `${channel}-whisper-0a1b2c3d`,
    `x${channel}`,
    'consentry-trial-1',
    '1700000000.12',
  ])
    t.notOk(isTrialChannel(other), other)
})

t.test('the journal has no telephone number of a phone that is rung', async t => {
  t.equal(endpointForJournal('PJSIP/anna'), 'PJSIP/anna')
  t.equal(endpointForJournal('PJSIP/701@trunk'), 'PJSIP/701@trunk')
  t.equal(endpointForJournal('PJSIP/79991234567@trunk'), 'PJSIP/*******4567@trunk')
})
