import type { Test } from 'tap'
import { type HostPaths, THIS_HOST } from '../../../src/lib/host/processes.js'
import type { CheckName, Fault } from '../../../src/site/check/check.js'
import { checkSite } from '../../../src/site/check/check-site.js'
import { openSite, type Settings, type Site, type SiteOptions } from '../../../src/site/facts/site.js'
import { pbx } from '../data/config.js'

/** What a check looks at in a test: settings, perhaps another machine, and parts that are not really asked. */
export interface Looked extends Partial<Omit<SiteOptions, 'settings'>> {
  settings?: Settings
  host?: HostPaths
  parts?: Partial<Site>
}

/** The settings without which a service does not start, and the one without which the check sees a weak point. */
export const NEEDED = { ...pbx, CONSENTRY_CONSOLE: 'off', CONSENTRY_INSIDE: 'PJSIP/7*' }

/** What one check finds. @returns its state, the text in English, and its faults */
export async function look(
  check: CheckName,
  { settings = {}, host = THIS_HOST, settingsFile, parts = {} }: Looked,
): Promise<{ state: string; said: string; faults: readonly Fault[] }> {
  const opened = openSite({ host, settings: { ...NEEDED, ...settings }, settingsFile })
  const site = { ...opened, ...parts }
  try {
    const [result] = await checkSite(site, [check])
    const { outcome } = result!
    return {
      state: outcome.state,
      said:
        outcome.state === 'fault' ? outcome.faults.map(({ found }) => found.en).join('\n') : outcome.found.en,
      faults: outcome.state === 'fault' ? outcome.faults : [],
    }
  } finally {
    await opened.close()
  }
}

/** A mistake: where it is planted, and what the check must name. */
export interface Planted extends Looked {
  check: CheckName
  /** The setting that is named. */
  setting: RegExp
  /** What is said to be wrong. */
  found?: RegExp
  remedy?: RegExp
  weak?: boolean
}

/** Asserts that a check finds a mistake, alone, and says setting and remedy in both languages. */
export async function assertFound(t: Test, mistake: string, planted: Planted): Promise<void> {
  const { said, faults } = await look(planted.check, planted)
  t.equal(faults.length, 1, `${mistake}: one fault is found: ${said}`)
  const [fault] = faults
  if (!fault) return
  const { found, setting, remedy, weak } = fault
  t.match(setting, planted.setting, `${mistake}: the setting at fault`)
  if (planted.found) t.match(found.en, planted.found, `${mistake}: what is wrong`)
  if (planted.remedy) t.match(remedy.en, planted.remedy, `${mistake}: what to do`)
  t.match(found.ru, /[а-яё]/i, `${mistake}: also in Russian`)
  t.ok(remedy.en.length > 0 && remedy.ru.length > 0, `${mistake}: a remedy in both languages`)
  t.equal(weak === true, planted.weak === true, `${mistake}: how grave it is`)
}

/** Asserts that a check finds nothing. */
export async function assertSound(t: Test, check: CheckName, looked: Looked): Promise<void> {
  const { state, said } = await look(check, looked)
  t.equal(state, 'sound', `${check}: ${said}`)
}
