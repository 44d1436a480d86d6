import type { EventData, EventType, PersonalData } from '../shared/events.js'
import type { CallId, EventId } from '../shared/ids.js'
import { parseJson } from './parse-json.js'

/** What a leaf of the log says, as it is parsed; `docs/journal.md` describes it. */
export interface Leaf {
  /** ISO 8601, UTC. */
  at: string
  call: CallId | null
  data: Record<string, unknown>
  id: number
  /** Hex of the salted hash of the personal part, where there was one. */
  personal?: string
  type: EventType
  uuid: EventId
}

/** One event of a call as a receipt tells it: its leaf, and the personal part as far as it is still kept. */
export interface LoggedEvent {
  leaf: Leaf
  personal: PersonalData | undefined
}

export const parseLeaf = (text: string): Leaf => parseJson(text) as Leaf

/** One moment, as the log has it and as the operator's clocks showed it. ISO 8601. */
export interface Moment {
  utc: string
  local: string
}

/** One event with its data's type. */
interface TypedEvent<T extends EventType> {
  call: string | null
  at: string
  data: EventData[T]
  personal: PersonalData | undefined
}

/** The events of one type, in order. */
export const eventsOf = <T extends EventType>(told: readonly LoggedEvent[], type: T): TypedEvent<T>[] =>
  told.filter(({ leaf }) => leaf.type === type).map(({ leaf, personal }) => eventOf<T>(leaf, personal))

/** An event with the type of its data, which the log vouches for. */
export const eventOf = <T extends EventType>(
  { call, at, data }: LoggedEvent['leaf'],
  personal?: PersonalData,
): TypedEvent<T> => ({
  call,
  at,
  data: data as unknown as EventData[T],
  personal,
})

/** What is kept of some of a person's data. */
export const pickPersonal = (personal: PersonalData | undefined, ...names: (keyof PersonalData)[]) =>
  Object.fromEntries(names.flatMap(name => (personal?.[name] === undefined ? [] : [[name, personal[name]]])))
