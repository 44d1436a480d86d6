import { useState } from 'preact/hooks'
import type { KeyData } from '../../pages/setup/key-content.js'
import { fill } from './fill.js'
import { choosePlaces } from './places.js'

/** Asks for some words of the sheet, so that a person cannot continue without it. */
export function Check({
  words,
  sheet,
  sending,
  wrong,
  onBack,
  onRight,
}: {
  words: KeyData['words']
  sheet: readonly string[]
  sending: boolean
  /** Why the public half was refused. */
  wrong: string
  onBack(): void
  onRight(): void
}) {
  const [places] = useState(() => choosePlaces(sheet.length))
  const [typed, setTyped] = useState<readonly string[]>([])
  const [differs, setDiffers] = useState(false)
  const compare = (event: Event) => {
    event.preventDefault()
    const right = places.every((place, i) => (typed[i] ?? '').trim().toLowerCase() === sheet[place])
    setDiffers(!right)
    if (right) onRight()
  }
  const fault = differs ? words.differs : wrong
  return (
    <form class="stack narrow no-print" onSubmit={compare}>
      <h2>{words.check}</h2>
      <p>{words.checkLead}</p>
      {fault && (
        <p class="note wrong" role="alert">
          {fault}
        </p>
      )}
      {places.map((place, i) => (
        <div class="field" key={place}>
          <label for={`word-${i}`}>{fill(words.word, place + 1)}</label>
          <input
            id={`word-${i}`}
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={({ currentTarget: { value } }) =>
              setTyped(before => places.map((_, k) => (k === i ? value : (before[k] ?? ''))))
            }
          />
        </div>
      ))}
      <Buttons {...{ words, sending, onBack }} />
    </form>
  )
}

/** Sends the key, or returns to the sheet. */
const Buttons = ({
  words,
  sending,
  onBack,
}: {
  words: KeyData['words']
  sending: boolean
  onBack(): void
}) => (
  <p class="row">
    <button class="button main" type="submit" disabled={sending}>
      {words.use}
    </button>
    <button class="button bare" type="button" disabled={sending} onClick={onBack}>
      {words.back}
    </button>
  </p>
)
