// Real: the reading of what the dialplan runs. Fake: ARI.
import t from 'tap'
import { listDialplanUses, usesIn } from '../../../src/asterisk/dialplan-uses.js'
import type { AriTransport } from '../../../src/asterisk/transport/ari-transport.js'
import type { ChannelId } from '../../../src/core/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'

const channel = (id: string, app_name?: string, app_data = '') => ({
  id: id as ChannelId,
  name: `PJSIP/${id}-00000001`,
  ...(app_name !== undefined && { dialplan: { app_name, app_data } }),
})
const others = [channel('anna', 'Queue', 'support'), channel('bob', 'VoiceMail', '100@default,u')]
const spiesOf = (data: string, app = 'ChanSpy') => usesIn([channel('boss', app, data), ...others]).spies

t.test('the name of ChanSpy says whom it may hear', async t => {
  matchEach(t, spiesOf('PJSIP/ANNA,q'), [{ channel: 'boss', name: 'PJSIP/boss-00000001', hears: ['anna'] }])
  matchEach(t, spiesOf('anna,u'), [{ hears: ['anna'] }], 'an id')
  for (const all of ['', 'all,q', ',g(sales)', 'PJSIP/'])
    matchEach(t, spiesOf(all), [{ hears: ['anna', 'bob'] }], all)
  matchEach(t, spiesOf('100@default', 'ExtenSpy'), [{ hears: ['anna', 'bob'] }])
  t.strictSame(spiesOf('PJSIP/anna', 'Dial'), [])
})

t.test('its options say how', async t => {
  const modes = {
    '': 'listen',
    'qe(d)g(w)': 'listen',
    qw: 'whisper',
    W: 'whisper',
    B: 'barge',
    dB: 'switched',
  }
  for (const [options, mode] of Object.entries(modes))
    matchEach(t, spiesOf(`PJSIP/anna,${options}`), [{ mode }])
})

t.test('of a Local channel the other half is named', async t => {
  const [one, two] = [1, 2].map(half => ({ ...channel(`l${half}`, half === 1 ? 'ChanSpy' : 'Dial') }))
  const named = [one, two].map((each, i) => ({ ...each!, name: `Local/x@y-00000001;${i + 1}` }))
  matchEach(t, usesIn(named).spies, [{ channel: 'l1', half: 'l2' }])
})

t.test('an older PBX is asked what it runs for channels outside of bridges', async t => {
  const asked: string[] = []
  const runs: Record<string, string> = { boss: 'ChanSpy', bob: 'VoiceMail' }
  const ari = {
    async request(resource: string, operation: string, { channelId = '', variable = '' }) {
      if (resource === 'bridges') return [{ id: 'b', channels: ['anna'] }]
      if (operation === 'list') return ['anna', 'boss', 'bob', 'gone'].map(id => channel(id))
      asked.push(channelId)
      if (channelId === 'gone') throw new Error('gone')
      return { value: variable === 'CHANNEL(appname)' ? runs[channelId] : 'PJSIP/anna,B' }
    },
  } as unknown as AriTransport
  const { spies, inMailbox } = await listDialplanUses(ari)
  matchEach(t, spies, [{ channel: 'boss', mode: 'barge', hears: ['anna'] }])
  t.strictSame([inMailbox, asked.includes('anna')], [['bob'], false])
})
