// Real: Asterisk with its voicemail, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// A caller who has refused, and one who has agreed, leave a message in a mailbox of the PBX.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { tone } from '../../lab/audio/signals.js'
import { alarmEvents, waitForAlarm } from '../support/assertions/alarms.js'
import { matchEach } from '../support/assertions/match-each.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { dial, finish } from '../support/situations/company.js'

/** Longer than the time between two looks, ms. */
const MESSAGE_MS = 12_000
const LINE = '851'

const lab = await startCallLab(t, {
  extensions: `
exten => ${LINE},1,Gosub(consentry,s,1)
 same =>       n,VoiceMail(100@default,s)
`,
  lines: [quickLine(LINE)],
})
const { pbx } = lab.lab
await writeFile(
  join(pbx.dir, 'etc', 'voicemail.conf'),
  '[general]\nformat = wav\nmaxsilence = 0\n[default]\n100 => 1234,Box\n',
)
await pbx.cli('module load app_voicemail.so')

t.test('of a caller who refused, a mailbox of the PBX raises an alarm', async t => {
  if (asteriskVersion === 16) return t.comment('the lab has no voicemail of Asterisk 16')
  const agreed = await dial(lab, LINE, '1')
  await agreed.caller.say(tone([440], MESSAGE_MS))
  matchEach(
    t,
    (await finish(agreed)).events.filter(({ type }) => type === 'call.recorded-by-pbx'),
    [],
  )
  t.strictSame(await alarmEvents(lab, 'pbx-records'), [])
  const refused = await dial(lab, LINE, '2')
  const said = await refused.waitForEvent('call.recorded-by-pbx')
  t.match(said, { when: 'after', stopped: false })
  await waitForAlarm(lab, 'pbx-records', true)
  await finish(refused)
})
