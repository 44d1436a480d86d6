import { asksCallers, type LinePolicy } from '../../../core/policy.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import type { Words } from '../words/words.js'
import { Below, Value } from './editing.js'
import { Spoken } from './spoken.js'

interface OutsidersProps {
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  words: Words
}

/** The line's behaviour while an external participant without consent is present. */
export const Outsiders = (props: OutsidersProps) => {
  const { policy, words } = props
  const { onOutsider = 'pause' } = policy
  return (
    <>
      <p class="sentence">
        {words.line.outsider} <Value field="onOutsider">{words.edit.outsiders[onOutsider]}</Value>
      </p>
      {asksCallers(policy) && onOutsider === 'ask' && <Disclosure {...props} />}
      <Below fields={['onOutsider', 'outsiderDisclosure']} />
    </>
  )
}

/** The disclosure for that participant, before the question. */
const Disclosure = ({ policy: { outsiderDisclosure: name }, prompts, words }: OutsidersProps) => {
  const field = 'outsiderDisclosure'
  return (
    <>
      <p class="sentence">
        {words.line.outsiderHears}{' '}
        {name === undefined && <Value field={field}>{words.line.sameDisclosure}</Value>}
      </p>
      {name !== undefined && <Spoken {...{ field, name, prompts, words }} />}
    </>
  )
}
