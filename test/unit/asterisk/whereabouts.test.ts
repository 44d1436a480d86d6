// Real: the reading of a channel list. Fake: the list.
import t from 'tap'
import { newQueryChannel } from '../../../src/asterisk/query-channel.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import { listWhereabouts, playsMusic, queueOf, whereaboutsOf } from '../../../src/asterisk/whereabouts.js'
import { type ChannelId, newTrialId } from '../../../src/core/ids.js'
import { trialChannelId } from '../../../src/core/trial.js'

const listed = (id: string, dialplan?: { app_name?: string; app_data?: string }) => ({
  id: id as ChannelId,
  caller: { number: '79001234567' },
  ...(dialplan ? { dialplan } : {}),
})
const stasis = (app_data: string) => ({ app_name: 'Stasis', app_data })
const own = new Set(['1.1', '1.2', '1.1-whisper-0a1b2c3d'])
const at = (channel: ReturnType<typeof listed>) => whereaboutsOf(channel, 'consentry', own)

t.test('a channel is where its dialplan application is', async t => {
  t.strictSame(at(listed('1.1', stasis('consentry,101'))), {
    in: 'app',
    number: '101',
    caller: '79001234567',
    name: '',
    consults: false,
  })
  t.match(at(listed('1.1', stasis('consentry,101,consultation'))), { number: '101', consults: true })
  const inside = { ...listed('1.1', stasis('consentry,101')), channelvars: { CONSENTRY_PARTY: 'inside' } }
  t.match(at(inside), { number: '101', party: 'inside' })
  t.match(at(listed('1.1', stasis('consentry,sales,outbound,+7999'))), { caller: '+7999', outbound: true })
  t.match(at(listed('1.9', stasis('consentry,'))), { in: 'app', number: '' }, 'the channel has just arrived')
  t.strictSame(at(listed('1.2', { app_name: 'Dial', app_data: 'PJSIP/agent' })), { in: 'dialplan' })
})

t.test('a channel of our own that has looked into the dialplan for ten minutes is hung up', async t => {
  const [left, recent] = [newQueryChannel(), newQueryChannel()]
  const since = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const list = [
    { id: left, creationtime: since(11) },
    { id: recent, creationtime: since(9) },
    { id: '1.1', creationtime: since(11) },
  ]
  const hungUp: unknown[] = []
  const request = async (_: string, operation: string, args: object) => {
    if (operation === 'hangup') hungUp.push(args)
    return operation === 'list' ? list : { channel_ids: [] }
  }
  t.equal((await listWhereabouts({ request } as unknown as AriTransport, 'consentry')).size, 3)
  t.strictSame(hungUp, [{ channelId: left }])
})

t.test('channels of another application are in the dialplan', async t => {
  t.strictSame(at(listed('1.3', stasis('consentry-north,101'))), { in: 'dialplan' })
  t.strictSame(at(listed('1.3-whisper-0a1b2c3d', stasis('consentry-north'))), { in: 'dialplan' })
})

t.test('a whisper channel is recognised by its name and by belonging to our application', async t => {
  t.strictSame(
    at(listed('1.1-whisper-0a1b2c3d', stasis('consentry'))),
    { in: 'whisper' },
    'as Asterisk 22 lists it',
  )
  t.strictSame(at(listed('1.1-whisper-0a1b2c3d', { app_name: '', app_data: '' })), { in: 'whisper' })
})

t.test(
  'the channels of an ear are recognised by their names and by belonging to our application',
  async t => {
    const ours = new Set(['1.1-ear-spy', '1.1-ear-rtp', '1.4-ear-spy-whisper-0a1b2c3d'])
    const where = (channel: ReturnType<typeof listed>) => whereaboutsOf(channel, 'consentry', ours)
    for (const id of ['1.1-ear-spy', '1.1-ear-rtp']) {
      t.strictSame(where(listed(id, stasis('consentry'))), { in: 'ear', of: '1.1' })
      t.strictSame(where(listed(id)), { in: 'ear', of: '1.1' }, 'as an older PBX lists it')
    }
    t.strictSame(
      where(listed('1.2-ear-spy', stasis('consentry-north'))),
      { in: 'dialplan' },
      'of another application',
    )
    t.strictSame(where(listed('1.4-ear-spy-whisper-0a1b2c3d')), { in: 'whisper' })
  },
)

t.test('the place of a channel is unknown if the PBX does not list its dialplan application', async t => {
  t.strictSame(at(listed('1.1')), { in: 'unknown' })
  t.strictSame(at(listed('1.1', {})), { in: 'unknown' })
})

t.test('the channel of a trial belongs to the application that rings it', async t => {
  const trial = trialChannelId(newTrialId())
  const subscribed = new Set([trial as string])
  const ringing = listed(trial, { app_name: 'AppDial2', app_data: '(Outgoing Line)' })
  t.strictSame(whereaboutsOf(ringing, 'consentry', subscribed), { in: 'trial' })
  t.strictSame(at(listed(trial, stasis('consentry,trial'))), { in: 'trial' })
  t.strictSame(at(ringing), { in: 'dialplan' }, 'it is that of another application')
})

t.test('the queue is the one that the dialplan runs, with telephone numbers masked', async t => {
  t.equal(queueOf({ app_name: 'Queue', app_data: 'support,tT,,,60' }), 'support')
  t.equal(queueOf({ app_name: 'Queue', app_data: '84951234567' }), '*******4567')
  t.equal(queueOf({ app_name: 'Dial', app_data: 'PJSIP/anna,30' }), null)
  t.equal(queueOf(undefined), null)
})

t.test('what may have played something before a channel was connected', async t => {
  const plays = (app_name: string, app_data = '') => playsMusic({ app_name, app_data })
  t.strictSame(
    [plays('Dial', 'PJSIP/anna,30,tm'), plays('Dial', 'PJSIP/anna,30,m(class)'), plays('Queue', 'support')],
    [true, true, true],
  )
  t.strictSame(
    [plays('Dial', 'PJSIP/anna,30,t'), plays('Dial', 'PJSIP/anna,30,U(my-menu)'), plays('Bridge', 'PJSIP/x')],
    [false, false, false],
  )
  t.equal(playsMusic(undefined), true, 'what is not known may have')
})
