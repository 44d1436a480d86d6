import type { Arrival, ChannelFact, KnownSide, PassedCall, ShownChannel } from '../call/ports.js'
import { DAY_MS } from '../core/clock.js'
import type { ChannelId } from '../core/ids.js'
import { PARTY_VARIABLE } from '../core/pbx-facts.js'
import { endpointForJournal } from '../core/trial.js'
import { heardBy, isWhisperChannel } from './ari-whisper.js'
import { isEarChannel } from './ear-ids.js'
import { isQueryChannel } from './query-channel.js'

/** An ARI event as it was received. Only its type is checked; every other field may be missing or wrong. */
export interface RawEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** Meaning of one ARI event for one channel. Null for an event that does not concern a call. */
export type EventMeaning =
  | { to: ChannelId; arrival: Omit<Arrival, 'channel'> }
  | { to: ChannelId; fact: ChannelFact }
  | { replaced: true }
  | null

/** Added to the number by consentry.conf if an agent dialled the line, to consult a participant before a transfer. */
const CONSULTATION = 'consultation'
/** Added to the number by consentry.conf if a customer was called. The customer's number follows. */
const OUTBOUND = 'outbound'
/** The variable that each MixMonitor with a file for both sides sets on its channel. Ours has no such file, and sets it to nothing. */
const PBX_RECORDING = 'MIXMONITOR_FILENAME'
/** A DTMF key. */
const KEY_PATTERN = /^[0-9A-D*#]$/
/**
 * A channel id: up to 149 characters that Asterisk made up or an ARI user chose, and `;1` or `;2` for one half of a Local channel.
 * Ids go into paths, lists and the journal, so they must not contain delimiters.
 */
const CHANNEL_PATTERN = /^[\w.:;@+~-]{1,151}$/
/** A dialled number, as the dialplan filters it. 79 characters are the most that Asterisk keeps. */
const NUMBER_PATTERN = /^[0-9A-Za-z*#+]{0,79}$/
/** Longest caller's number that Asterisk keeps, characters. */
const MAX_CALLER_LENGTH = 79
/** Control characters and single surrogates. The journal cannot hold them. */
const UNWRITABLE_CHARACTERS = /[\p{Cc}\p{Cs}]/gu
/** Largest Q.850 cause: causes have seven bits. */
const MAX_CAUSE = 127
/** Largest difference between an event's timestamp and our clock, ms. A timestamp beyond it is not used. */
const MAX_SKEW_MS = 2 * DAY_MS

/**
 * Reads one ARI event.
 *
 * @param receivedAt when the event was received, ms since the epoch; replaces a missing or odd timestamp
 * @returns null for an event that does not concern a call, or that is not as ARI describes it
 */
export function readEvent(event: RawEvent, receivedAt: number): EventMeaning {
  if (event.type === 'ApplicationReplaced') return { replaced: true }
  const at = momentOf(event, receivedAt)
  if (event.type === 'PlaybackStarted' || event.type === 'PlaybackFinished') return playback(event, at)
  if (event.type === 'RecordingFinished' || event.type === 'RecordingFailed') return recording(event, at)
  if (event.type === 'Dial') return dial(event, at)
  const channel = channelOf(event['channel'])
  // Of a whisper channel only the playbacks matter. Channels of ears and of dialplan queries matter for no call.
  if (!channel || isWhisperChannel(channel) || isEarChannel(channel) || isQueryChannel(channel)) return null
  switch (event.type) {
    case 'StasisStart':
      return arrival(channel, event, at)
    case 'StasisEnd':
      return factFor(channel, { fact: 'left', at })
    case 'ChannelHangupRequest':
      // The "cause" of a soft hangup is a flag of Asterisk, not a Q.850 cause.
      return factFor(channel, { fact: 'hanging-up', cause: event['soft'] ? null : causeOf(event), at })
    case 'ChannelDestroyed':
      return factFor(channel, { fact: 'hung-up', cause: causeOf(event), at })
    case 'ChannelHold':
    case 'ChannelUnhold':
      return factFor(channel, { fact: 'held', on: event.type === 'ChannelHold', at })
    case 'ChannelVarset':
      return event['variable'] === PBX_RECORDING && textOf(event['value']).trim() !== ''
        ? factFor(channel, { fact: 'pbx-records', at })
        : null
    case 'ChannelDtmfReceived': {
      const digit = textOf(event['digit'])
      return KEY_PATTERN.test(digit) ? factFor(channel, { fact: 'key', digit, at }) : null
    }
    default:
      return null
  }
}

/**
 * Whether a message is an event of a variable that does not concern a call. A call has dozens of them, so the text is
 * not parsed. Text chosen by a caller cannot be mistaken for a type: quotation marks in a value are escaped.
 */
export const isUnusedVariable = (message: string): boolean =>
  /"type": ?"ChannelVarset"/.test(message) && !message.includes(PBX_RECORDING)

/** When an event happened, ms since the epoch. @param receivedAt replaces a missing or odd timestamp */
export function momentOf(event: RawEvent, receivedAt: number): number {
  const timestamp = Date.parse(textOf(event['timestamp']))
  return Math.abs(timestamp - receivedAt) <= MAX_SKEW_MS ? timestamp : receivedAt
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
export const isChannel = (id: unknown): id is ChannelId => typeof id === 'string' && CHANNEL_PATTERN.test(id)
/** The id of a channel, as ARI describes it. */
export const channelOf = (described: unknown): ChannelId | undefined => {
  const { id } = fieldsOf(described)
  return isChannel(id) ? id : undefined
}
/** What the PBX shows of a channel, as ARI describes it. `context` is the channel's current context. */
export function shownOf(described: unknown): ShownChannel {
  const { name, dialplan } = fieldsOf(described)
  const context = textOf(fieldsOf(dialplan)['context'])
  return { name: textOf(name), ...(context && { context }), ...saidParty(described) }
}

/**
 * The side that the dialplan states for the participant on a channel. Any value but `inside` counts as outside, the
 * stricter one.
 */
export function saidParty(described: unknown): { party?: KnownSide } {
  const said = textOf(fieldsOf(fieldsOf(described)['channelvars'])[PARTY_VARIABLE])
    .trim()
    .toLowerCase()
  if (said === '') return {}
  return { party: said === 'inside' ? 'inside' : 'outside' }
}

/** The Q.850 cause of an event. Asterisk sends 0 if it knows none. */
const causeOf = ({ cause }: RawEvent): number | null =>
  Number.isInteger(cause) && (cause as number) > 0 && (cause as number) <= MAX_CAUSE
    ? (cause as number)
    : null

const factFor = (channel: ChannelId, fact: ChannelFact): EventMeaning => ({ to: channel, fact })

function arrival(channel: ChannelId, event: RawEvent, at: number): EventMeaning {
  const args = [0, 1, 2].map(i => textOf(fieldsOf(event['args'])[i]))
  return { to: channel, arrival: arrivalOf(fieldsOf(event['channel']), args, at) }
}

/**
 * @param args arguments from consentry.conf: the number of the line, then its additions
 */
function arrivalOf(
  described: Record<string, unknown>,
  [dialled = '', ...way]: readonly string[],
  at: number,
): Omit<Arrival, 'channel'> {
  const { caller, ...how } = partyOf(way, textOf(fieldsOf(described['caller'])['number']))
  // A number that the dialplan's filter would reject belongs to no line. It is not cleaned to match one.
  const number = NUMBER_PATTERN.test(dialled) ? dialled : ''
  const name = textOf(described['name'])
  return { number, caller, at, name, ...saidParty(described), ...how, trunk: trunkOf(name) }
}

/**
 * A caller who reached a line while our application was away. The time is that of the channel's creation.
 * @param described the channel, by ARI
 */
export function passedArrival(described: unknown, args: readonly string[]): Omit<Arrival, 'channel'> {
  const channel = fieldsOf(described)
  const now = Date.now()
  return arrivalOf(
    channel,
    args,
    Math.min(now, momentOf({ type: '', timestamp: channel['creationtime'] }, now)),
  )
}

/**
 * Reads a call that passed unasked, as consentry.conf writes it: seconds since the epoch, the channel, and the number
 * of the line with its additions. The caller's number is not stored there.
 *
 * @returns undefined for any other text
 */
export function keptArrival(written: string): PassedCall | undefined {
  const [, seconds, channel, args = ''] = /^(\d{1,12})\|([^|]+)\|([^|]*)$/.exec(written) ?? []
  if (!seconds || !isChannel(channel)) return undefined
  const at = Math.min(Date.now(), Number(seconds) * 1_000)
  return { channel, arrival: arrivalOf({}, args.split(','), at) }
}

/**
 * The participant whom the questions address, by the additions of consentry.conf to the number of the line.
 *
 * @param way the additions, with the number of a customer who is called
 * @param caller the caller's number as the PBX reports it. For a called channel it may differ from the number that
 *   answered
 */
export function partyOf(
  [way, customer = '']: readonly (string | undefined)[],
  caller: string,
): Pick<Arrival, 'caller' | 'consults' | 'outbound'> {
  const outbound = way === OUTBOUND
  const number = (outbound ? customer : caller).slice(0, MAX_CALLER_LENGTH).replace(UNWRITABLE_CHARACTERS, '')
  return { caller: number, consults: way === CONSULTATION, ...(outbound && { outbound }) }
}

/** Meaning of each state of a Dial. A participant who only rings is not heard; any other state ends the early audio. */
const DIAL_STAGES = new Map<string, 'heard' | 'answered' | undefined>([
  ...(['', 'RINGING', 'PROCEEDING'] as const).map(state => [state, undefined] as const),
  ...([
    ['PROGRESS', 'heard'],
    ['ANSWER', 'answered'],
  ] as const),
])

/** Reads the state of a caller's Dial: whether a participant is heard before the answer. */
function dial(event: RawEvent, at: number): EventMeaning {
  const [caller, channel] = ['caller', 'peer'].map(side => channelOf(event[side]))
  if (!caller || !channel) return null
  const status = textOf(event['dialstatus'])
  const stage = DIAL_STAGES.has(status) ? DIAL_STAGES.get(status) : 'over'
  const peer = { channel, ...shownOf(event['peer']), near: false, early: true as const }
  return stage ? factFor(caller, { fact: 'dials', peer, stage, at }) : null
}

/** Reads which channel answered a caller's Dial. Used only if the PBX does not report who enters its bridges. */
export function dialAnswered(event: RawEvent, receivedAt: number): EventMeaning {
  const [caller, peer] = ['caller', 'peer'].map(side => channelOf(event[side]))
  if (event.type !== 'Dial' || !caller || !peer || event['dialstatus'] !== 'ANSWER') return null
  const own = textOf(fieldsOf(event['caller'])['name'])
  const peers = [{ channel: peer, ...shownOf(event['peer']), near: true }]
  const at = momentOf(event, receivedAt)
  return factFor(caller, { fact: 'with', peers, at, ...(own && { name: own }) })
}

function recording(event: RawEvent, at: number): EventMeaning {
  const [, channel = ''] = /^channel:(.+)$/.exec(textOf(fieldsOf(event['recording'])['target_uri'])) ?? []
  return isChannel(channel)
    ? factFor(channel, { fact: 'recorded', ok: event.type === 'RecordingFinished', at })
    : null
}

function playback(event: RawEvent, at: number): EventMeaning {
  const played = fieldsOf(event['playback'])
  const [, channel = ''] = /^channel:(.+)$/.exec(textOf(played['target_uri'])) ?? []
  const to = heardBy(channel)
  const id = textOf(played['id'])
  if (!isChannel(to) || !id) return null
  if (event.type === 'PlaybackStarted') return factFor(to, { fact: 'playing', playback: id, at })
  return factFor(to, { fact: 'played', playback: id, ok: played['state'] === 'done', at })
}

/**
 * A channel's name, of the kinds over which calls come in from outside: `PJSIP/carrier-0000002a`, `IAX2/carrier-123`, `DAHDI/i1/…`. The
 * first two name an endpoint of the PBX's configuration, the third a span. What follows may be a telephone number.
 */
const NAMES = [/^((?:PJSIP|SIP|IAX2)\/[\w.@-]{1,60})-[0-9a-f]+$/i, /^(DAHDI\/i?\d{1,3})[/-]/]

/**
 * The trunk over which a call came in, as the channel's name shows it. Telephone numbers in it are masked, because an endpoint may be
 * named by one.
 *
 * @returns undefined for a channel of another kind, such as `Local/…`
 */
export function trunkOf(channelName: string): string | undefined {
  for (const pattern of NAMES) {
    const [, trunk] = pattern.exec(channelName) ?? []
    if (trunk) return endpointForJournal(trunk)
  }
  return undefined
}
