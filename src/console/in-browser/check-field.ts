// Shows faults of a draft's or a group's field while it is typed, with the schema of lines and the words of the pages,
// as the server would after saving. Without this script only the server reports them.
import './check/without-eval.js'
import { languages } from '../../languages/languages.js'
import { checkGroup, checkLine, type Line } from '../../lines/validate.js'
import { fieldsTyped } from '../pages/groups/typed-fields.js'
import type { CheckedField } from '../pages/line/field-form.js'
import { parseTyped, withValue } from '../pages/line/fields.js'
import { fault as inEnglish } from '../pages/words/en/faults.js'
import { fault as inRussian } from '../pages/words/ru/faults.js'

/** Pause in typing before a new fault is shown, ms. Nothing is reported in the middle of a number. */
const PAUSE_MS = 700

const words = document.documentElement.lang === 'ru' ? inRussian : inEnglish

/** Faults by the id of the element that shows them. */
type Faults = Map<string, string>

/** Finds the faults of a form. */
function faultsOf(form: HTMLFormElement): Faults {
  const typed = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
  return form.dataset['check'] === undefined ? faultsOfGroup(form, typed) : faultsOfField(form, typed)
}

/** In the form of a group, paths of fields are the ids. */
function faultsOfGroup(form: HTMLFormElement, typed: Record<string, string>): Faults {
  const { faults } = checkGroup(fieldsTyped(typed, JSON.parse(form.dataset['checkGroup'] ?? '') as object))
  const found: Faults = new Map()
  for (const { path, text } of faults) {
    const at = path.join('.')
    const places = [at, path.slice(0, -1).join('.'), `${path[0]}.${languages()[0]}`, `${path[0]}.0.purpose`]
    const id = places.find(place => form.querySelector(`[id="${place}"]`))
    if (id !== undefined && !found.has(id)) found.set(id, words(text))
  }
  return found
}

function faultsOfField(form: HTMLFormElement, typed: Record<string, string>): Faults {
  const { line, field } = JSON.parse(form.dataset['check'] ?? '') as CheckedField
  const value = parseTyped(field, { ...typed, value: typed['value'] ?? '', languages: typed })
  const { faults } = checkLine(withValue(line, field, value) as Line)
  const found: Faults = new Map()
  for (const { path, text } of faults) {
    const at = path.join('.')
    // The fault of a rule about several fields is shown at the field that contains them.
    if (at !== field && !at.startsWith(`${field}.`) && !(at !== '' && field.startsWith(`${at}.`))) continue
    const own = `edited-${path.at(-1)}`
    const id = form.querySelector(`[id="${own}"]`) ? own : 'edited'
    if (!found.has(id)) found.set(id, words(text))
  }
  return found
}

/** Shows faults at their elements, and removes corrected ones. @param fresh whether new ones are shown, too */
function tell(form: HTMLFormElement, fresh: boolean): void {
  const faults = faultsOf(form)
  for (const element of form.querySelectorAll<HTMLElement>('input:not([type=hidden]), select')) {
    const id = `${element.id}-wrong`
    const shown = document.getElementById(id)
    const message = faults.get(element.id)
    if (message === undefined) {
      shown?.remove()
      element.removeAttribute('aria-invalid')
      describe(element, id, false)
    } else if (shown) {
      if (shown.textContent !== message) shown.textContent = message
    } else if (fresh && !isAwaited(element)) {
      const alert = document.createElement('p')
      alert.className = 'wrong'
      alert.id = id
      alert.setAttribute('role', 'alert')
      alert.textContent = message
      element.after(alert)
      element.setAttribute('aria-invalid', 'true')
      describe(element, id, true)
    }
  }
}

/** Adds an id to the description of an element, or removes it. */
function describe(element: HTMLElement, id: string, isAdded: boolean): void {
  const others = (element.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .filter(one => one !== '' && one !== id)
  const all = isAdded ? [id, ...others] : others
  if (all.length > 0) element.setAttribute('aria-describedby', all.join(' '))
  else element.removeAttribute('aria-describedby')
}

const formOf = ({ target }: Event): HTMLFormElement | null =>
  target instanceof Element
    ? target.closest<HTMLFormElement>('form[data-check], form[data-check-group]')
    : null

/** Fields that were edited. */
const touched = new WeakSet<EventTarget>()

/** True for an empty field that was not edited yet: its fault is not shown. */
const isAwaited = (element: HTMLElement): boolean =>
  element instanceof HTMLInputElement && element.value === '' && !touched.has(element)

let pause: ReturnType<typeof setTimeout> | undefined

document.addEventListener('input', event => {
  const form = formOf(event)
  if (!form) return
  if (event.target) touched.add(event.target)
  clearTimeout(pause)
  tell(form, false)
  pause = setTimeout(() => tell(form, true), PAUSE_MS)
})
// A message that appears under the pointer would move the pressed button.
document.addEventListener('pointerdown', () => clearTimeout(pause))
