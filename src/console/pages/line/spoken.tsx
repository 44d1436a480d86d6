import type { SpokenWords } from '../../../lines/spoken-words.js'
import { Play } from '../parts/play.js'
import type { Words } from '../words/words.js'
import { Value } from './editing.js'

/** The words of a prompt, with its name and length. @param aside content after these */
export const Spoken = ({
  field,
  name,
  prompts,
  words,
  words: { line },
  aside,
}: {
  field: string
  name: string
  prompts: ReadonlyMap<string, SpokenWords>
  words: Words
  aside?: string
}) => {
  const found = prompts.get(name)
  return (
    <div class="spoken">
      <div class="said">
        {found && <Play {...{ name, language: found.language, words }} />}
        <p>{found?.text ?? line.missing(name)}</p>
      </div>
      <small class="faint">
        <Value field={field}>{name || '…'}</Value>
        {found && ` ${line.takes(found.lengthMs)}`}
        {aside && ` · ${aside}`}
      </small>
    </div>
  )
}
