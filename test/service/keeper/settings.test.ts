// Real: the keeper's process. Fake: its settings. Nothing answers at ARI.
import t from 'tap'
import { keeperSettings, NO_ARI, startKeeper } from '../../support/processes/keeper.js'

const { beat, ...withoutBeat } = NO_ARI

for (const [change, error] of [
  [{ tapDir: 'tap' }, 'tapDir is not an absolute path'],
  [{ socket: undefined }, 'socket is not an absolute path'],
  [{ ari: { ...NO_ARI, password: undefined } }, 'ari.password is missing'],
  [{ ari: withoutBeat }, 'ari.beat is missing'],
  [{ ari: { ...NO_ARI, beat: { variable: beat.variable } } }, 'ari.beat is missing'],
  [{ ari: { ...NO_ARI, beat: { id: beat.id } } }, 'ari.beat is missing'],
] as const) {
  t.test(`a keeper refuses ${JSON.stringify(change)}`, async t => {
    const settings = { ...(await keeperSettings(t)), ...change }
    // The types forbid these settings.
    const keeper = await startKeeper(t, settings as never)
    t.strictSame(keeper.outcome, { error })
    t.equal(await keeper.ended, 1)
  })
}

t.test('a keeper starts without an access to Asterisk', async t => {
  const { ari: _, ...settings } = await keeperSettings(t)
  t.strictSame((await startKeeper(t, settings)).outcome, { ok: true })
})
