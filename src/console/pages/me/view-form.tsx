import { SelectField } from '../parts/fields.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

const LANGUAGES = { ru: 'Русский', en: 'English' } as const

/** Language, theme and time zone. */
export const ViewForm = ({ words: { me }, view }: { words: Words; view: View }) => (
  <section class="sheet narrow">
    <h2>{me.view}</h2>
    <form method="post" action="/me/view" class="stack">
      <SelectField
        id="language"
        label={me.language}
        options={{ browser: me.asBrowser, ...LANGUAGES }}
        value={view.isChosen ? view.language : 'browser'}
      />
      <SelectField id="theme" label={me.theme} options={me.themes} value={view.theme ?? 'system'} />
      <SelectField id="zone" label={me.zone} options={zones(view.zone)} value={view.zone ?? 'UTC'} />
      <div>
        <button class="button main" type="submit">
          {me.save}
        </button>
      </div>
    </form>
  </section>
)

/** All time zones, and the one that is set, whose name may be an older one. */
const zones = (set: string | undefined): Record<string, string> =>
  Object.fromEntries(
    [...new Set(['UTC', ...(set ? [set] : []), ...Intl.supportedValuesOf('timeZone')])]
      .sort()
      .map(zone => [zone, zone]),
  )
