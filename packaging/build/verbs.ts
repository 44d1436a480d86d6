import type { Command } from '../../src/commands/command.js'

/** A verb of the command, as its help shows it. */
export interface Verb extends Pick<Command, 'summary' | 'details' | 'usage' | 'example'> {
  name: string
  /** The heading under which the help has it. */
  group: string
  /** Its options, such as `--by`. */
  options: string[]
}

/** The verbs that need the sources. */
const OF_CHECKOUT = ['demo', 'lab']

/**
 * Loads the verbs that an installation has, in the order of the help.
 *
 * @param groups the verbs by heading, as src/cli.ts has them
 */
export async function loadVerbs(
  groups: Readonly<Record<string, Readonly<Record<string, () => Promise<{ command: Command }>>>>>,
): Promise<Verb[]> {
  const all = Object.entries(groups).flatMap(([group, verbs]) =>
    Object.entries(verbs)
      .filter(([name]) => !OF_CHECKOUT.includes(name))
      .map(async ([name, load]): Promise<Verb> => {
        const { summary, details, usage, example, options } = (await load()).command
        const names = [...Object.keys(options), 'json', 'help'].map(option => `--${option}`)
        return { name, group, summary, ...(details && { details }), usage, example, options: names }
      }),
  )
  return Promise.all(all)
}

/** The words of a usage before its arguments: `draft new` of `draft new NUMBER [--file FILE]`. */
export const leadingWords = (usage: string): string => /^[a-z-]+(?: [a-z-]+)*(?=$| )/.exec(usage)?.[0] ?? ''
