// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// While a recorded caller waits in the dialplan, another phone takes the place of the caller's channel by an INVITE with Replaces (RFC 3891).
import t from 'tap'
import { toneDbfs } from '../../lab/audio/levels.js'
import { tone } from '../../lab/audio/signals.js'
import { Caller } from '../../lab/caller.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'
import { exactly } from '../support/assertions/exactly.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dial, LIMIT } from '../support/situations/company.js'

/** How long the recorded caller speaks, ms: less than a block of Asterisk. */
const SPEECH_MS = 2_500
const HZ = { caller: 830, other: 1_730 }
/** A tone counts as heard in a window of 100 ms above this level, dBFS. The tones have −20. */
const HEARD_DBFS = -40

const lab = await startCallLab(t, {
  extensions: `
exten => 861,1,Gosub(consentry,s,1)
 same =>     n,Wait(60)
`,
  lines: [quickLine('861')],
})

/** @param otherMs for how long the other phone speaks, ms */
async function takePlace(otherMs: number) {
  const placed = await dial(lab, '861')
  await placed.caller.say(tone([HZ.caller], SPEECH_MS))
  const replaces = new URL(placed.caller.replacesAddress).searchParams.get('Replaces')!
  const other = await Caller.call({
    sip: lab.lab.pbx.sip,
    number: '861',
    headers: [['replaces', replaces]],
  })
  await other.waitForAnswer(LIMIT)
  await other.say(tone([HZ.other], otherMs))
  await other.hangup()
  const call = await placed.finish()
  const { caller } = await lab.open(call.recordings[0]!.id)
  const window = SAMPLE_RATE / 10
  const windows = Array.from({ length: Math.floor(caller.length / window) }, (_, i) =>
    caller.subarray(i * window, (i + 1) * window),
  )
  const seconds = (hz: number) => windows.filter(one => toneDbfs(one, hz) > HEARD_DBFS).length / 10
  return { call, caller: seconds(HZ.caller), other: seconds(HZ.other) }
}

const [stays, leaves] = await Promise.all([takePlace(8_000), takePlace(2_500)])

t.test('what the caller said before is in the recording, which says that its end was cut', async t => {
  t.match(stays.call.recordings, exactly({ state: 'truncated' }))
  t.ok(stays.caller >= SPEECH_MS / 1_000 - 0.5, `${stays.caller} of ${SPEECH_MS / 1_000} s`)
})

t.test('nothing of the other phone is', async t => {
  t.strictSame([stays.other, leaves.other], [0, 0])
})

t.test('a phone that hangs up soon leaves a recording that says that its end was cut', async t => {
  t.match(leaves.call.recordings, exactly({ state: 'truncated' }))
})
