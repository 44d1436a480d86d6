// Fake: the journal, which commits at once. What a later service reads there is found as `unfinished-calls.ts` and `projection.ts` do by SQL.
import type { CallEvent, EventData, EventType } from '../../../src/core/events.js'
import type { CallId, ChannelId } from '../../../src/core/ids.js'
import { FROM_INSIDE } from '../../../src/core/party-events.js'
import type { DurableEventSink } from '../../../src/core/ports.js'
import type { RecoveredAnswer, RecoveredCall } from '../../../src/core/recovered-call.js'

/** An event and its place in the journal. */
interface Entry<T extends EventType> {
  data: EventData[T]
  at: number
  place: number
  id: RecoveredAnswer['event']
}

export class ModelJournal {
  readonly #events: CallEvent[] = []

  readonly sink: DurableEventSink = {
    append: async events => void this.#events.push(...events),
    note: (...events) => void this.#events.push(...events),
    noteDurably: async event => void this.#events.push(event),
  }

  /** The calls that have no end, newest first. */
  unfinished(): RecoveredCall[] {
    const started = this.#events.flatMap(one => (one.type === 'call.started' ? one : []))
    const ended = new Set(this.#events.flatMap(one => (one.type === 'call.ended' ? one.call : [])))
    return started
      .filter(({ call }) => !ended.has(call))
      .reverse()
      .map(({ call, data, at }) => this.#recovered(call!, data, at))
  }

  #recovered(call: CallId, started: EventData['call.started'], startedAt: number): RecoveredCall {
    const all = <T extends EventType>(type: T): Entry<T>[] =>
      this.#events.flatMap((one, place) =>
        one.call === call && one.type === type
          ? [{ data: one.data as EventData[T], at: one.at, place, id: one.id }]
          : [],
      )
    const [arrival, released] = [all('call.answered').at(-1), all('call.released').at(-1)]
    const [decided, prepared] = [all('call.decided').at(-1), all('recording.prepared').at(-1)]
    const cameBack = released && arrival && arrival.place > released.place
    const isEarlier = (place: number) => cameBack === true && place < arrival.place
    const answers = this.#answers(all)
    const isHeard = ({ data: { role, end } }: Entry<'prompt.ended'>) =>
      role === 'disclosure' && (end === 'complete' || end === 'key')
    const heard = all('prompt.ended').findLast(one => isHeard(one))
    const disclosed = heard && !isEarlier(heard.place) ? heard.data : undefined
    return {
      id: call,
      channel: started.channel as ChannelId,
      line: arrival?.data.line ?? started.line,
      policy: arrival?.data.policy ?? started.policy,
      visitStartedAt: cameBack ? arrival.at : startedAt,
      answers: answers.map(({ place, ...one }) => ({ ...one, earlier: isEarlier(place) })),
      answered: arrival !== undefined,
      disclosed: disclosed !== undefined,
      disclosure: disclosed ? { prompt: disclosed.prompt, version: disclosed.version } : null,
      cutAfterMs: disclosed?.end === 'key' ? disclosed.heardMs : null,
      language: null,
      decided: decided ? answers.filter(({ place }) => place < decided.place).length : null,
      joined: arrival ? null : (started.joined ?? null),
      fromInside: decided?.data.reason === FROM_INSIDE,
      tap: prepared && !isEarlier(prepared.place) ? prepared.data.tap : null,
      returned: released !== undefined && !cameBack,
    }
  }

  /** The answer to each purpose, as the table of answers has it, oldest first. */
  #answers(
    all: <T extends EventType>(type: T) => Entry<T>[],
  ): (Omit<RecoveredAnswer, 'earlier'> & { place: number })[] {
    const given = all('consent.answered').map(one => ({
      ...one,
      aside: one.data.inConversation === true,
      yes: one.data.answer === 'granted' || one.data.answer === 'notice',
    }))
    const withdrawn = new Set(all('consent.withdrawn').flatMap(({ data }) => data.purposes))
    const bases = new Set(all('recording.prepared').map(({ data }) => data.basis))
    const requested = all('consent.requested')
    const purposes = [...new Set(given.map(({ data }) => data.purpose))]
    const rows = purposes.map(purpose => {
      const own = given.filter(({ data }) => data.purpose === purpose)
      const first = own.some(({ aside }) => !aside)
      const lastNo = own.findLast(({ aside, yes }) => !aside && !yes)?.place
      const rank = ({ aside, yes, place }: (typeof own)[number]) => {
        if (aside && yes && (!first || (lastNo !== undefined && place > lastNo))) return 0
        if (!aside) return yes ? 2 : 1
        return yes ? 4 : 3
      }
      return own.toSorted((a, b) => rank(a) - rank(b) || a.place - b.place)[0]!
    })
    return rows
      .flatMap(row => {
        const later = given.findLast(({ data }) => data.again && data.purpose === row.data.purpose)
        const isOwn = !row.aside || requested.findLast(one => one.place < row.place)?.data.recorded == null
        if (!later || !isOwn) return [{ ...row, superseded: false, basis: row.id }]
        return [
          { ...row, superseded: true, basis: row.id },
          { ...later, superseded: false, basis: row.id },
        ]
      })
      .toSorted((a, b) => a.place - b.place)
      .map(({ basis: id, place, aside, data, superseded }) => {
        const { purpose, answer, retentionDays, legalBasis, method, told, withdrawal } = data
        const request = requested.findLast(one => one.place < place)
        return {
          ...{ purpose, answer, event: id, retentionDays, place },
          announced: { basis: legalBasis, days: retentionDays, asked: method !== 'notice', words: told },
          withdrawn: withdrawn.has(purpose),
          terms: withdrawal,
          recorded: bases.has(id),
          elsewhere: aside && !data.again && request !== undefined && request.data.recorded !== null,
          superseded,
        }
      })
  }
}
