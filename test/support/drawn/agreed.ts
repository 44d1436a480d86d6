// The two rules, without anything of the service: who has agreed to what at each stage of a conversation.
import { type Drawn, drawnLine, isEnough, type Terms } from './draw.js'

/** An answer to one purpose: what was told with a yes; null after a no. */
type Answers = Map<string, Terms | null>

/** What may be recorded at a stage of the conversation. */
export interface Stage {
  /** The purposes for which the call of the caller's own channel records. */
  own: ReadonlySet<string>
  /** The same of the call behind a `Local` channel, if there is one. */
  behind: ReadonlySet<string> | undefined
}

/**
 * What may be recorded while the caller talks, in turn: after the first line, and after each move.
 *
 * @param onAsked is told for which purpose the caller is asked
 */
export function stagesOf({ first, moves, says }: Drawn): Stage[] {
  const times = new Map<string, number>()
  const answers: Answers = new Map()
  const refused = new Set<string>()
  let [line, behind] = [first, undefined as ReadonlySet<string> | undefined]

  /** The caller comes to a line. @returns what holds there */
  function come(to: string, given: Answers): ReadonlySet<string> {
    const { tells } = drawnLine(to)
    for (const [purpose, wanted] of Object.entries(tells)) {
      const known = given.get(purpose)
      if (known === null || (known && isEnough(known, wanted))) continue
      const nth = times.get(purpose) ?? 0
      if (wanted.asked) times.set(purpose, nth + 1)
      given.set(purpose, !wanted.asked || says(purpose, nth) ? wanted : null)
    }
    return holds(to, given)
  }
  function holds(on: string, given: Answers): ReadonlySet<string> {
    const { tells } = drawnLine(on)
    if (Object.keys(tells).length === 0) return new Set()
    const held = [...given].filter(
      ([purpose, yes]) => yes && (!tells[purpose] || isEnough(yes, tells[purpose]!)),
    )
    return new Set(held.map(([purpose]) => purpose))
  }

  const stage = (): Stage => ({
    own: new Set([...holds(line, answers)].filter(purpose => !refused.has(purpose))),
    behind,
  })
  come(line, answers)
  const stages: Stage[] = moves[0]?.by === 'gosub' || moves[0]?.by === '302' ? [] : [stage()]
  for (const [i, move] of moves.entries()) {
    if (move.by === '302' || move.by === 'local') {
      const there: Answers = new Map()
      behind = come(move.line, there)
      for (const [purpose, yes] of there) if (!yes) refused.add(purpose)
    } else if ('line' in move) {
      line = move.line
      come(line, answers)
    }
    const next = moves[i + 1]?.by
    if (next !== 'gosub' && next !== '302') stages.push(stage())
  }
  return stages
}
