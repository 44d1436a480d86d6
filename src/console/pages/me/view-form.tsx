import type { View } from '../view.js'
import type { Words } from '../words/words.js'

const LANGUAGES = { ru: 'Русский', en: 'English' } as const

/** Language, theme and time zone. */
export const ViewForm = ({ words: { me }, view }: { words: Words; view: View }) => (
  <section class="sheet narrow">
    <h2>{me.view}</h2>
    <form method="post" action="/me/view" class="stack">
      <div class="field">
        <label for="language">{me.language}</label>
        <select id="language" name="language">
          {(['ru', 'en'] as const).map(language => (
            <option key={language} value={language} lang={language} selected={language === view.language}>
              {LANGUAGES[language]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="theme">{me.theme}</label>
        <select id="theme" name="theme">
          {(['system', 'light', 'dark'] as const).map(theme => (
            <option key={theme} value={theme} selected={theme === (view.theme ?? 'system')}>
              {me.themes[theme]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="zone">{me.zone}</label>
        <select id="zone" name="zone">
          {zones(view.zone).map(zone => (
            <option key={zone} value={zone} selected={zone === (view.zone ?? 'UTC')}>
              {zone}
            </option>
          ))}
        </select>
      </div>
      <div>
        <button class="button main" type="submit">
          {me.save}
        </button>
      </div>
    </form>
  </section>
)

/** All time zones, and the one that is set, whose name may be an older one. */
const zones = (set: string | undefined): string[] =>
  [...new Set(['UTC', ...(set ? [set] : []), ...Intl.supportedValuesOf('timeZone')])].sort()
