import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { LinePolicy } from '../../../core/policy.js'
import type { FieldOrigin, LineSources } from '../../../lines/line-sources.js'
import { SelectField } from '../parts/fields.js'
import type { DraftContentProps } from './draft-content.js'
import { nameOf } from './fields.js'

const Context = createContext<(LineSources & { policy: LinePolicy }) | undefined>(undefined)

/** Gives the values below access to their origins. */
export const SourcesProvider = Context.Provider

/** The origins of the values of the line below, if known. */
export const useSources = () => useContext(Context)

const OWN: FieldOrigin = { source: 'line', below: null }

/**
 * The origin of a field's value, and the group of its line.
 * @param field as it is edited, such as `purposes.0.legalBasis`
 */
export function useOrigin(field: string): FieldOrigin & { group: string | undefined } {
  const sources = useContext(Context)
  if (!sources) return { ...OWN, group: undefined }
  const path = nameOf(field, sources.policy)
  // A step is named without its part, and the line may refuse a field as a part of a whole.
  const whole = path.slice(0, path.lastIndexOf('.'))
  const found = [path, `${path}.do`, whole].map(name => sources.fields.get(name)).find(Boolean)
  const origin = found ?? OWN
  return { ...origin, group: sources.group }
}

/** The group of a draft's line, to join, to leave, and to inherit everything from. */
export const Membership = ({ draft, sources, groups: names, words: { groups } }: DraftContentProps) => {
  const mayTake = [...sources.fields.values()].some(
    ({ source, below }) => source === 'line' && below === 'group',
  )
  if (names.length === 0) return null
  return (
    <section class="sheet no-print">
      <h2>{groups.member}</h2>
      <form method="post" action={`/drafts/${draft.id}/group`} class="stack">
        <input type="hidden" name="revision" value={draft.revision} />
        <SelectField
          id="group"
          label={groups.name}
          hint={groups.joinHint}
          options={{ '': groups.noGroup, ...Object.fromEntries(names.map(name => [name, name])) }}
          value={sources.group ?? ''}
        />
        <div class="row">
          <button class="button" type="submit">
            {groups.join}
          </button>
          {mayTake && (
            <button class="button bare" type="submit" formAction={`/drafts/${draft.id}/inherit-all`}>
              {groups.takeAll}
            </button>
          )}
        </div>
      </form>
    </section>
  )
}
