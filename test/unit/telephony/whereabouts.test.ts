// What ARI lists, read. Nothing is fake but the list.
import t from 'tap'
import type { ChannelId } from '../../../src/shared/ids.js'
import { whereaboutsOf } from '../../../src/telephony/whereabouts.js'

const listed = (id: string, dialplan?: { app_name?: string; app_data?: string }) => ({
  id: id as ChannelId,
  caller: { number: '79001234567' },
  ...(dialplan ? { dialplan } : {}),
})
const stasis = (app_data: string) => ({ app_name: 'Stasis', app_data })
const own = new Set(['1.1', '1.2', '1.1-whisper'])
const at = (channel: ReturnType<typeof listed>) => whereaboutsOf(channel, 'consentry', own)

t.test('a channel is where its dialplan is', async t => {
  t.strictSame(at(listed('1.1', stasis('consentry,101'))), {
    in: 'app',
    number: '101',
    caller: '79001234567',
  })
  t.match(at(listed('1.9', stasis('consentry,'))), { in: 'app', number: '' }, 'it has just come in')
  t.strictSame(at(listed('1.2', { app_name: 'Dial', app_data: 'PJSIP/agent' })), { in: 'dialplan' })
})

t.test("a neighbour's channels are no concern of ours", async t => {
  t.strictSame(at(listed('1.3', stasis('consentry-north,101'))), { in: 'dialplan' })
  t.strictSame(at(listed('1.3-whisper', stasis('consentry-north'))), { in: 'dialplan' })
})

t.test('a voice of ours is known by its name, and by being ours', async t => {
  t.strictSame(at(listed('1.1-whisper', stasis('consentry'))), { in: 'whisper' }, 'as Asterisk 22 lists it')
  t.strictSame(at(listed('1.1-whisper', { app_name: '', app_data: '' })), { in: 'whisper' })
})

t.test('a PBX that does not tell what the dialplan does leaves it open', async t => {
  t.strictSame(at(listed('1.1')), { in: 'unknown' })
  t.strictSame(at(listed('1.1', {})), { in: 'unknown' })
})
