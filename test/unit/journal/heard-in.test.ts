// Real: the times in which somebody is heard in a recording. Fake: the rows of the journal.
import t from 'tap'
import { newCallId, newRecordingId } from '../../../src/core/ids.js'
import { intervalsOf } from '../../../src/journal/read/heard-in.js'

const [heard, call, recording] = [newCallId(), newCallId(), newRecordingId()]
const at = (s: number) => new Date(Date.UTC(2026, 0, 31, 9, 30, s))
const of = { heard, recording, since: at(0), until: at(60), heardUntil: null, silent: null }
const party = (s: number, type: string, agreed = false, whose: typeof heard | null = heard) => ({
  ...{ call, at: at(s), type: `call.party-${type}`, party: whose, recording: null, agreed },
})
const change = (s: number, type: string, own = recording) => ({
  ...{ call, at: at(s), type: `recording.${type}`, party: null, recording: own, agreed: false },
})
/** Pairs of seconds. */
const seconds = (...[pair, turns]: Parameters<typeof intervalsOf>) =>
  intervalsOf(pair, turns).map(({ from, to }) =>
    [from, to].map(one => one && (Date.parse(one) - at(0).getTime()) / 1_000),
  )

t.test('somebody is heard from agreeing to leaving, without pauses and one-sided times', t => {
  const turns = [
    party(5, 'joined'),
    party(10, 'agreed', true),
    change(12, 'paused'),
    change(14, 'resumed'),
    change(16, 'paused', newRecordingId()),
    change(20, 'muted'),
    change(21, 'unmuted'),
    party(25, 'left', false, newCallId()),
    party(30, 'left'),
    party(40, 'joined', true),
    party(45, 'left'),
  ]
  t.strictSame(seconds(of, turns), [
    [10, 12],
    [14, 20],
    [21, 30],
    [40, 45],
  ])
  t.end()
})

t.test('nobody is heard after the end of either call, nor after a withdrawal', t => {
  const turns = [party(10, 'joined', true)]
  t.strictSame(seconds(of, turns), [[10, 60]])
  t.strictSame(seconds({ ...of, until: null }, turns), [[10, null]], 'it goes on')
  t.strictSame(seconds({ ...of, heardUntil: at(50) }, turns), [[10, 50]])
  t.strictSame(seconds({ ...of, heardUntil: at(50), silent: at(40) }, turns), [[10, 40]])
  t.strictSame(seconds({ ...of, silent: at(10) }, turns), [])
  t.strictSame(seconds({ ...of, since: at(20) }, turns), [[20, 60]], 'not before the recording began')
  t.strictSame(seconds({ ...of, until: at(5) }, turns), [], 'the recording was over')
  t.end()
})

t.test('whoever joins again after a restart of the service is heard on', t => {
  t.strictSame(seconds(of, [party(10, 'joined', true), party(20, 'joined', true), party(30, 'left')]), [
    [10, 30],
  ])
  t.strictSame(seconds(of, [party(10, 'joined', true), party(20, 'joined'), party(30, 'left')]), [[10, 20]])
  t.end()
})
