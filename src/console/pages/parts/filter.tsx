import type { ComponentChildren } from 'preact'
import type { Words } from '../words/words.js'

/** The filter of a list, from the query of its page. */
export const matches = (
  typed: string | undefined,
  ...texts: readonly (string | null | undefined)[]
): boolean => {
  const wanted = fold(typed ?? '').split(' ')
  const all = fold(texts.filter(Boolean).join(' '))
  return wanted.every(word => all.includes(word))
}

/** Normalizes text so that capitals and `ё` do not matter. */
const fold = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е').replaceAll(/\s+/g, ' ').trim()

/**
 * Filters the list of a page, by its address alone. So it works without scripts, and can be kept as a link.
 *
 * @param found how many of how many are shown
 * @param narrowed true if a filter is active, so that all can be shown again
 */
export const Filter = ({
  address,
  typed,
  found,
  narrowed,
  label,
  words: { filter },
  children,
}: {
  address: string
  typed: string | undefined
  found: { shown: number; all: number }
  narrowed: boolean
  label: string
  words: Words
  children?: ComponentChildren
}) => (
  <search class="filter no-print">
    <form class="row" method="get" action={address}>
      <input
        class="short wide"
        type="search"
        name="find"
        value={typed}
        maxLength={100}
        autocomplete="off"
        aria-label={label}
        placeholder={label}
      />
      {children}
      <button class="button" type="submit">
        {filter.find}
      </button>
      {narrowed && (
        <>
          <a href={address}>{filter.all}</a>
          <span class="soft" role="status">
            {filter.found(found.shown, found.all)}
          </span>
        </>
      )}
    </form>
  </search>
)

/** A choice of a filter. It has no room for a label, so its first option names the subject. */
export const FilterChoice = ({
  name,
  label,
  options,
  value,
}: {
  name: string
  /** The option for any value. */
  label: string
  options: Readonly<Record<string, string>>
  value: string | undefined
}) => (
  <select class="short wide" name={name} aria-label={label}>
    <option value="">{label}</option>
    {Object.entries(options).map(([one, called]) => (
      <option key={one} value={one} selected={one === value}>
        {called}
      </option>
    ))}
  </select>
)
