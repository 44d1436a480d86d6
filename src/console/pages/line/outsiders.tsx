import { asksCallers, type LinePolicy } from '../../../core/policy.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import type { Words } from '../words/words.js'
import { Below, Value } from './editing.js'
import { Sentences } from './sentences.js'
import { Spoken } from './spoken.js'

interface OutsidersProps {
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  words: Words
}

/** The line's behaviour while an external participant without consent is present. */
export const Outsiders = (props: OutsidersProps) => (
  <>
    <Sentences {...props} place="outsiders" />
    {asksCallers(props.policy) && props.policy.onOutsider === 'ask' && <Disclosure {...props} />}
    <Below fields={['outsiderDisclosure']} />
  </>
)

/** The disclosure for that participant, before the question. */
const Disclosure = ({ policy: { outsiderDisclosure: name }, prompts, words }: OutsidersProps) => {
  const field = 'outsiderDisclosure'
  return (
    <>
      <p class="sentence">
        {words.line.outsiderHears}{' '}
        {name === undefined && <Value field={field}>{words.edit.none(field)}</Value>}
      </p>
      {name !== undefined && <Spoken {...{ field, name, prompts, words }} />}
    </>
  )
}
