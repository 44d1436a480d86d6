import { type Below, type Command, type Request, UsageError } from './command.js'

/** One verb below another, such as `add` in `hold add`. */
export interface NestedVerb {
  /** Its effect, in a sentence without the full stop. */
  does: string
  /** Its words and options. It takes one word if this begins with a word in capitals, and none otherwise. */
  usage: string
  /** The word may be left out; `run` gets an empty one then. */
  optional?: boolean
  /** @param word its one word, or an empty text @returns the exit code */
  run(request: Request, word: string): Promise<number>
}

/**
 * Declares the verbs below a verb.
 *
 * @param verbs by name; a name may be of two words, as `request close`
 */
export function nested(verbs: Record<string, NestedVerb>): Pick<Command, 'usage' | 'below' | 'run'> {
  return {
    usage: usageOf(verbs),
    below: Object.entries(verbs).map(
      ([name, { does, usage }]): Below => ({ usage: `${name} ${usage}`.trim(), does }),
    ),
    async run(request) {
      const { words } = request
      const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find(one => Object.hasOwn(verbs, one))
      if (name === undefined) throw new UsageError(`say one of: ${Object.keys(verbs).join(', ')}`)
      const { usage, optional = false, run } = verbs[name]!
      const [word, ...more] = words.slice(name.split(' ').length)
      const wanted = /^\[?[A-Z]/.exec(usage) !== null
      if (wanted && !word && !optional) throw new UsageError(`say: ${name} ${usage}`)
      const extra = wanted ? more[0] : word
      if (extra !== undefined) throw new UsageError(`"${extra}" means nothing here; say: ${name} ${usage}`)
      return run(request, word ?? '')
    },
  }
}

/** One entry per verb. Adjacent verbs of the same form share one, as `draft request|discard DRAFT`. */
function usageOf(verbs: Record<string, NestedVerb>): string[] {
  const entries: { above: string; names: string[]; usage: string }[] = []
  for (const [verb, { usage }] of Object.entries(verbs)) {
    const [, above = '', name = ''] = /^(?:(.*) )?(\S+)$/.exec(verb) ?? []
    const before = entries.at(-1)
    if (before?.above === above && before.usage === usage) before.names.push(name)
    else entries.push({ above, names: [name], usage })
  }
  return entries.map(({ above, names, usage }) =>
    [above, names.join('|'), usage].filter(part => part !== '').join(' '),
  )
}
