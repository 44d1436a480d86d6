// Real: what is done with calls that passed unasked. Fake: the calls, the PBX and the database.
import t from 'tap'
import type { Whereabouts } from '../../../../src/call/ports.js'
import { findOver, findPassed } from '../../../../src/call/run/match-channels.js'
import { AppError } from '../../../../src/core/errors.js'
import type { CallId, ChannelId } from '../../../../src/core/ids.js'
import { createLog } from '../../../../src/lib/log.js'
import { fakeChannel } from '../../../support/fakes/fake-call.js'

t.test('a call that passed unasked and is over is journalled once', async t => {
  const done: string[] = []
  const passed = ['1.1', '1.2', '1.3', '1.4'].map(channel => ({
    channel: channel as ChannelId,
    arrival: { number: '100', caller: '', at: 5_000 },
  }))
  const living = new Map<ChannelId, Whereabouts>([['1.4' as ChannelId, { in: 'dialplan' }]])
  let databaseAnswers = false
  const find = () =>
    findOver({
      calls: {
        callIdOf: (channel: string) => (channel === '1.3' ? ('followed' as CallId) : undefined),
        passed: ({ channel }: { channel: { id: string } }) => void done.push(`passed ${channel.id}`),
        channelsGone: (channels: readonly string[]) => void done.push(`gone ${[...channels]}`),
      } as never,
      trials: { isRelated: () => false } as never,
      pbx: {
        ...{ connected: true, channel: fakeChannel },
        whereabouts: async () => living,
        passedCalls: async () => passed,
      },
      async journalled(channels, since) {
        if (!databaseAnswers) throw new Error('the database is away')
        t.ok(since < 5_000 - 3_600_000, 'a call may have begun hours before it passed')
        t.strictSame(channels, ['1.1', '1.2'])
        return new Set(['1.2' as ChannelId])
      },
      log: createLog('silent'),
    })
  t.notOk(await find(), 'without the database it is to be done again')
  t.strictSame(done, [])
  databaseAnswers = true
  t.ok(await find())
  t.strictSame(done, ['passed 1.1', 'gone 1.1'])
})

t.test(
  'a living call that passed unasked is journalled once the PBX says so, and others beside it at once',
  async t => {
    const done: string[] = []
    const channels = ['1.1', '1.2', '1.3'] as ChannelId[]
    let isBusy = true
    const passedUnasked = async (id: ChannelId) => {
      if (id === '1.1' && isBusy) throw new AppError('pbx.timeout', 'no answer', { retryable: true })
      return id === '1.3' ? undefined : { number: '100', caller: '', at: 5_000 }
    }
    const find = () =>
      findPassed({
        calls: {
          callIdOf: (channel: string) => (done.includes(channel) ? ('followed' as CallId) : undefined),
          passed: ({ channel }: { channel: { id: string } }) => void done.push(channel.id),
        } as never,
        trials: { isRelated: () => false } as never,
        pbx: {
          connected: true,
          channel: id => ({ ...fakeChannel(id), passedUnasked: () => passedUnasked(id) }),
          whereabouts: async () => new Map(channels.map(id => [id, { in: 'dialplan' } as Whereabouts])),
          passedCalls: async () => [],
        },
        journalled: async () => new Set(),
        log: createLog('silent'),
      })
    t.notOk(await find(), 'it is to be done again')
    t.strictSame(done, ['1.2'])
    isBusy = false
    t.ok(await find())
    t.strictSame(done, ['1.2', '1.1'])
  },
)
