import type { CallTimeline } from '../../../src/journal/read/timeline.js'

const MOVE = /^call\.(transferred|parked|unparked|conference-(joined|left))$/

/** Whether an event of the journal says how a caller was moved. */
export const isMove = (type: string): boolean => MOVE.test(type)

/** How the journal has a caller moved, in its order: each move as a line, such as `transferred blind by PJSIP/anna`. */
export const movesOf = ({ events }: Pick<CallTimeline, 'events'>): string[] =>
  events.flatMap(({ type, kind, agent, to }) => {
    if (!isMove(type)) return []
    const words = [kind, agent && `by ${agent}`, to && `to ${to}`].filter(Boolean)
    return [type.replace('call.', ''), ...words].join(' ')
  })
