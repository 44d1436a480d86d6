import fc from 'fast-check'
import type { SpokenClass } from '../../../src/core/speech.js'
import { hostileText, hostileTime, hostileValue } from './hostile-values.js'

/** Dialled numbers: keys during prompts, keys only after prompts, two purposes after 600 ms of the disclosure, the same by voice, notice only, and no line. */
export const NUMBERS = ['100', '101', '105', '103', '104', '999'] as const

/** What happens to one event on its way from the PBX. */
export type Fate =
  | { do: 'pass' | 'drop' | 'twice' }
  /** It arrives after so many later events. */
  | { do: 'late'; by: number }
  /** One field, named by its path, has another value. */
  | { do: 'alter'; path: string; to: unknown }
  /** Its timestamp is shifted. */
  | { do: 'shift'; ms: number }

/** One action of a sequence. `call` counts from 0. */
export type FuzzAction =
  | { action: 'wait'; ms: number }
  | { action: 'enter'; call: number; number: string }
  | { action: 'press'; call: number; digit: string }
  | { action: 'say'; call: number; heard: SpokenClass }
  /** `cut`: the prompt's file ends early, which the PBX reports as a complete prompt. `deafen`: nothing hears the caller any more. */
  | { action: 'hang-up' | 'leave' | 'cut'; call: number }
  | { action: 'deafen'; call: number }
  /** An event that no PBX sends, about an existing channel or not. */
  | { action: 'forge'; call: number; event: object }
  | { action: 'garble'; message: string }
  /** The next commit, tap or ear fails, hangs or is slow. */
  | { action: 'trouble'; in: 'commit' | 'prepare' | 'ear'; is: 'fails' | 'hangs' | 'slow' }
  | { action: 'fault' }

export interface Sequence {
  actions: FuzzAction[]
  /** What happens to the events in turn, repeated from the beginning. */
  fates: Fate[]
}

/** Number of calls in a sequence. */
export const CALLS = 3
const call = fc.nat(CALLS - 1)
const number = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: hostileText },
)
const digit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', '1', '1', '2', '*', '9', '7', '#', '5') },
  { weight: 1, arbitrary: hostileText },
)
const heard = fc.constantFrom<SpokenClass[]>('yes', 'yes', 'no', 'weak', 'unclear')
const types = fc.constantFrom(
  'StasisStart',
  'StasisEnd',
  'ChannelDtmfReceived',
  'ChannelDestroyed',
  'ChannelHangupRequest',
  'PlaybackStarted',
  'PlaybackFinished',
  'Dial',
  'ChannelTeleported',
  '__proto__',
  'toString',
)

/** Events with ARI's fields and any values. `{channel}` is replaced by the id of an existing channel. */
const forged = fc.record(
  {
    type: types,
    timestamp: fc.oneof(hostileTime, hostileValue),
    channel: fc.oneof(hostileValue, fc.record({ id: fc.oneof(fc.constant('{channel}'), hostileValue) })),
    playback: fc.oneof(
      hostileValue,
      fc.record({
        id: fc.oneof(fc.constantFrom('{channel}-prompt-0', '{channel}-prompt-1'), hostileValue),
        target_uri: fc.oneof(fc.constant('channel:{channel}'), hostileText),
        state: fc.constantFrom('done', 'failed', 'playing'),
      }),
    ),
    args: fc.oneof(hostileValue, fc.array(hostileText, { maxLength: 2 })),
    digit,
    cause: hostileValue,
    soft: hostileValue,
    dialstatus: fc.constantFrom('ANSWER', 'BUSY', ''),
    caller: fc.record({ id: fc.oneof(fc.constant('{channel}'), hostileValue) }),
    peer: fc.record({ id: fc.oneof(fc.constant('{channel}'), hostileValue) }),
  },
  { requiredKeys: ['type'] },
)

const garbled = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '5',
    '"StasisStart"',
    '{"type":5}',
    '{"type":{}}',
    '\0',
    '['.repeat(5_000),
  ),
  fc.string({ maxLength: 30 }),
)

const anyAction: fc.Arbitrary<FuzzAction> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      action: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 20, 500, 1_000, 3_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ action: fc.constant('enter' as const), call, number }) },
  { weight: 5, arbitrary: fc.record({ action: fc.constant('press' as const), call, digit }) },
  { weight: 4, arbitrary: fc.record({ action: fc.constant('say' as const), call, heard }) },
  {
    weight: 1,
    arbitrary: fc.record({
      action: fc.constantFrom('hang-up' as const, 'leave' as const, 'cut' as const),
      call,
    }),
  },
  { weight: 1, arbitrary: fc.record({ action: fc.constant('deafen' as const), call }) },
  { weight: 2, arbitrary: fc.record({ action: fc.constant('forge' as const), call, event: forged }) },
  { weight: 1, arbitrary: fc.record({ action: fc.constant('garble' as const), message: garbled }) },
  {
    weight: 1,
    arbitrary: fc.record({
      action: fc.constant('trouble' as const),
      in: fc.constantFrom('commit' as const, 'prepare' as const, 'ear' as const),
      is: fc.constantFrom('fails' as const, 'hangs' as const, 'slow' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ action: 'fault' as const }) },
)

const paths = fc.constantFrom(
  'timestamp',
  'channel',
  'channel.id',
  'channel.caller',
  'channel.caller.number',
  'args',
  'digit',
  'cause',
  'playback',
  'playback.id',
  'playback.target_uri',
  'playback.state',
  'type',
)
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 30, arbitrary: fc.constant({ do: 'pass' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'drop' as const }, { do: 'twice' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('late' as const), by: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('alter' as const), path: paths, to: hostileValue }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('shift' as const),
      ms: fc.constantFrom(-86_400_000, -500, 500, 2_000, 86_400_000),
    }),
  },
)

/** A caller who calls and presses a key or says something, so that most sequences have a running call. */
const opening = fc
  .tuple(
    fc.constantFrom(...NUMBERS),
    fc.constantFrom(1, 20, 500, 1_100, 2_200),
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('1', '1', '1', '2', '*').map(digit => ({ digit })) },
      { weight: 1, arbitrary: heard.map(spoken => ({ heard: spoken })) },
    ),
    fc.constantFrom(1, 500, 1_100),
  )
  .map(([number, before, deed, after]): FuzzAction[] => [
    { action: 'enter', call: 0, number },
    { action: 'wait', ms: before },
    'digit' in deed ? { action: 'press', call: 0, ...deed } : { action: 'say', call: 0, ...deed },
    { action: 'wait', ms: after },
  ])

/** Up to three calls at once, with actions and lost, late or changed events. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  actions: fc.tuple(opening, fc.array(anyAction, { maxLength: 12 })).map(parts => parts.flat()),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
})

/** Sequences that have found defects. */
export const harmfulSequences: Sequence[] = [
  // The answer of an earlier visit is committed while that of this visit is not. It must not count for this one.
  {
    actions: [
      { action: 'enter', call: 0, number: '100' },
      { action: 'wait', ms: 20 },
      { action: 'trouble', in: 'commit', is: 'slow' },
      { action: 'press', call: 0, digit: '2' },
      { action: 'wait', ms: 1 },
      { action: 'leave', call: 0 },
      { action: 'enter', call: 0, number: '105' },
      { action: 'wait', ms: 20 },
      { action: 'trouble', in: 'commit', is: 'hangs' },
      { action: 'press', call: 0, digit: '1' },
    ],
    fates: [{ do: 'pass' }],
  },
  // A tap becomes ready after its call has left and re-entered. It must not replace the later tap.
  {
    actions: [
      { action: 'enter', call: 0, number: '100' },
      { action: 'wait', ms: 20 },
      { action: 'trouble', in: 'prepare', is: 'slow' },
      { action: 'press', call: 0, digit: '1' },
      { action: 'wait', ms: 20 },
      { action: 'leave', call: 0 },
      { action: 'enter', call: 0, number: '105' },
      { action: 'wait', ms: 20 },
      { action: 'press', call: 0, digit: '1' },
    ],
    fates: [{ do: 'pass' }],
  },
  // A no before any prompt was heard leads to the question for the next purpose, which was not disclosed.
  {
    actions: [
      { action: 'enter', call: 0, number: '105' },
      { action: 'press', call: 0, digit: '2' },
      { action: 'wait', ms: 1_000 },
      { action: 'press', call: 0, digit: '1' },
    ],
    fates: [{ do: 'pass' }],
  },
  // The PBX's clock is set while a disclosure ends early. The disclosure still counts as too short.
  {
    actions: [
      { action: 'enter', call: 0, number: '104' },
      { action: 'wait', ms: 20 },
      { action: 'cut', call: 0 },
    ],
    fates: [{ do: 'pass' }, { do: 'pass' }, { do: 'shift', ms: 86_400_000 }],
  },
]
