import fc from 'fast-check'
import { hostileText, hostileTime, hostileValue } from './hostile-values.js'

/** The lines of the model: keys in every prompt, keys after it, two purposes, notice only, no line at all. */
export const NUMBERS = ['100', '101', '105', '104', '999'] as const

/** What the way from the PBX does with one event. */
export type Fate =
  | { do: 'pass' | 'drop' | 'twice' }
  /** It comes after so many others. */
  | { do: 'late'; by: number }
  /** A field of it, by its path, is something else. */
  | { do: 'alter'; path: string; to: unknown }
  /** It says that it happened so much later, or earlier. */
  | { do: 'shift'; ms: number }

/** One thing that happens. `call` counts from 0. */
export type FuzzAction =
  | { action: 'wait'; ms: number }
  | { action: 'enter'; call: number; number: string }
  | { action: 'press'; call: number; digit: string }
  /** `cut`: the file of its prompt ends early, which a PBX does not tell from its end. */
  | { action: 'hang-up' | 'leave' | 'cut'; call: number }
  /** An event that no PBX ever said, of a channel that is or is none. */
  | { action: 'forge'; call: number; event: object }
  | { action: 'garble'; message: string }
  /** What befalls the next of these. */
  | { action: 'trouble'; in: 'commit' | 'prepare'; is: 'fails' | 'hangs' | 'slow' }
  | { action: 'fault' }

export interface Sequence {
  actions: FuzzAction[]
  /** Of the events in their order, over and over. */
  fates: Fate[]
}

/** Calls of a sequence. */
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

/** Fields of events, as ARI has them, with anything in them; `{channel}` stands for a living channel's id. */
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
  {
    weight: 1,
    arbitrary: fc.record({
      action: fc.constantFrom('hang-up' as const, 'leave' as const, 'cut' as const),
      call,
    }),
  },
  { weight: 2, arbitrary: fc.record({ action: fc.constant('forge' as const), call, event: forged }) },
  { weight: 1, arbitrary: fc.record({ action: fc.constant('garble' as const), message: garbled }) },
  {
    weight: 1,
    arbitrary: fc.record({
      action: fc.constant('trouble' as const),
      in: fc.constantFrom('commit' as const, 'prepare' as const),
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

/** A caller who comes in and, now or later, says something: what most of the rest happens to. */
const opening = fc
  .tuple(
    fc.constantFrom(...NUMBERS),
    fc.constantFrom(1, 20, 500, 1_100, 2_200),
    fc.constantFrom('1', '1', '1', '2', '*'),
    fc.constantFrom(1, 500, 1_100),
  )
  .map(([number, before, digit, after]): FuzzAction[] => [
    { action: 'enter', call: 0, number },
    { action: 'wait', ms: before },
    { action: 'press', call: 0, digit },
    { action: 'wait', ms: after },
  ])

/** Up to three calls at once, with everything that may befall them. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  actions: fc.tuple(opening, fc.array(anyAction, { maxLength: 12 })).map(parts => parts.flat()),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
})

/** What once did harm. */
export const harmfulSequences: Sequence[] = [
  // An answer of an earlier stay is written while that of this stay is not: it must not pass for it.
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
  // A tap gets ready after its call has left and come back: it must not take the place of the one made since.
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
  // A no before anything was heard leads to the question for the next purpose, of which nothing was disclosed.
  {
    actions: [
      { action: 'enter', call: 0, number: '105' },
      { action: 'press', call: 0, digit: '2' },
      { action: 'wait', ms: 1_000 },
      { action: 'press', call: 0, digit: '1' },
    ],
    fates: [{ do: 'pass' }],
  },
  // The PBX's clock is set while a disclosure ends early: that makes it no longer.
  {
    actions: [
      { action: 'enter', call: 0, number: '104' },
      { action: 'wait', ms: 20 },
      { action: 'cut', call: 0 },
    ],
    fates: [{ do: 'pass' }, { do: 'pass' }, { do: 'shift', ms: 86_400_000 }],
  },
]
