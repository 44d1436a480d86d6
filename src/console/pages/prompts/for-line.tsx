import type { PromptKey } from '../../../lines/prompts/find-prompts.js'
import type { LineToSay } from '../../../lines/prompts/values-of-lines.js'
import type { PromptContentProps } from './prompt-content.js'

/** Longest name of a prompt, characters. */
const MAX_NAME = 40

/**
 * The address of a prompt's page for a line or a draft that needs its words.
 *
 * @param wanted the line or draft; undefined: none
 */
export const addressFor = (
  { name, language }: { name: string; language: string },
  wanted: Pick<LineToSay, 'id'> | undefined,
  like?: string,
): string => {
  const query = new URLSearchParams({ ...(like && { like }), ...(wanted && { line: wanted.id }) })
  const address = `/prompts/${encodeURIComponent(name)}/${encodeURIComponent(language)}`
  return query.size > 0 ? `${address}?${query}` : address
}

/** The name of a line's own variant of a prompt, such as `disclosure-key-200`. */
export function ownName(name: string, number: string): string {
  const end = `-${number.toLowerCase().replace(/[^a-z0-9]/g, '')}`
  if (name.endsWith(end)) return name
  return `${name.slice(0, Math.max(0, MAX_NAME - end.length)).replace(/-+$/, '')}${end}`.slice(0, MAX_NAME)
}

/**
 * Shows the draft for which these words are meant. If other lines use the prompt, offers a prompt of the draft's own.
 */
export const ForLine = ({ name, language, use, forLine, words: { prompts } }: PromptContentProps) => {
  if (!forLine) return null
  const { id, number, isDraft } = forLine
  const back = isDraft ? `/drafts/${id}` : `/lines/${encodeURIComponent(number)}`
  const others = use.lines.filter(line => line.inForce && line.number !== number)
  const own: PromptKey['name'] = ownName(name, number)
  return (
    <div class="note stack tight">
      <p>{prompts.forLine(number, isDraft)}</p>
      {others.length > 0 && own !== name && (
        <p>
          {prompts.alsoOnLines}{' '}
          <a href={addressFor({ name: own, language }, forLine, name)}>{prompts.beginOwn(own)}</a>
        </p>
      )}
      <p>
        <a href={back}>{prompts.backTo(number, isDraft)}</a>
      </p>
    </div>
  )
}
