import type { EventData, EventType, PersonalData } from '../core/events.js'
import type { CallId, EventId } from '../core/ids.js'
import { parseJson } from './parse-json.js'

/** A parsed leaf of the log, as `docs/formats.md` describes it. */
export interface Leaf {
  /** ISO 8601, UTC. */
  at: string
  call: CallId | null
  data: Record<string, unknown>
  id: number
  /** Salted hash of the personal part, hex. Absent if the event had none. */
  personal?: string
  type: EventType
  uuid: EventId
}

/** One event of a call: its leaf, and its personal part unless erased or left out. */
export interface LoggedEvent {
  leaf: Leaf
  personal: PersonalData | undefined
}

export const parseLeaf = (text: string): Leaf => parseJson(text) as Leaf

/** One moment in UTC and in the operator's local time. ISO 8601. */
export interface Moment {
  utc: string
  local: string
}

/** An event whose data has the type of the event. */
interface TypedEvent<T extends EventType> {
  call: string | null
  at: string
  data: EventData[T]
  personal: PersonalData | undefined
}

/** The events of one type, in order. */
export const eventsOf = <T extends EventType>(events: readonly LoggedEvent[], type: T): TypedEvent<T>[] =>
  events.filter(({ leaf }) => leaf.type === type).map(({ leaf, personal }) => eventOf<T>(leaf, personal))

/** Types the data of an event. The data is not checked, because only a service can have logged it. */
export const eventOf = <T extends EventType>(
  { call, at, data }: LoggedEvent['leaf'],
  personal?: PersonalData,
): TypedEvent<T> => ({
  call,
  at,
  data: data as unknown as EventData[T],
  personal,
})

/** Those of the named members that the personal part has. */
export const pickPersonal = (personal: PersonalData | undefined, ...names: (keyof PersonalData)[]) =>
  Object.fromEntries(names.flatMap(name => (personal?.[name] === undefined ? [] : [[name, personal[name]]])))
