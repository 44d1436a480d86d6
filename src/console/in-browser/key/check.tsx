import { useState } from 'preact/hooks'
import type { KeyData } from '../../pages/setup/key-content.js'
import { fill } from './fill.js'

/** Number of words of the sheet that are asked for. */
const ASKED = 2

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
  const [places] = useState(() => drawPlaces(sheet.length))
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
      <p class="row">
        <button class="button main" type="submit" disabled={sending}>
          {words.use}
        </button>
        <button class="button bare" type="button" disabled={sending} onClick={onBack}>
          {words.back}
        </button>
      </p>
    </form>
  )
}

/** Draws distinct places, in ascending order. */
function drawPlaces(count: number): number[] {
  const places = new Set<number>()
  while (places.size < ASKED) places.add(crypto.getRandomValues(new Uint8Array(1))[0]! % count)
  return [...places].sort((a, b) => a - b)
}
