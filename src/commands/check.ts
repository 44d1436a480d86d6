import { findSettings } from '../config/settings-file.js'
import { CHECK_NAMES, type CheckName, type CheckResult, isWrong } from '../site/check/check.js'
import { checkLine, checkSummary } from './check-text.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { commandLanguage } from './language.js'

export const command: Command = {
  summary: 'Checks the installation, and says which setting is at fault and what to do',
  details:
    "It looks at settings, database, stores, keys, the PBX and its files, the tap folder, prompts, clock and limits, and has Asterisk write a second of tone into the pipes. Run it as root, or as the user of the service: then some of Asterisk's files cannot be read. --env: the file of the settings; without it, those in the environment, or else /etc/consentry/consentry.env. Exit code 1 if something is wrong. Weak points do not change it.",
  usage: ['[--env FILE] [--only CHECK]… [--lang ru|en]'],
  example: 'check --only tap',
  options: {
    env: { type: 'string' },
    only: { type: 'string', multiple: true },
    lang: { type: 'string' },
  },
  async run(request) {
    const language = commandLanguage(request)
    const wanted = wantedChecks(request)
    const found = findSettings(process.env, text(request, 'env'))
    const onResult = (result: CheckResult) => {
      if (!request.json) process.stdout.write(checkLine(result, language))
    }
    // The subjects of the checks are loaded only here, because the help loads every verb.
    const { checkAsOwner } = await import('../site/check/as-owner.js')
    const results = await checkAsOwner(found, wanted, onResult)
    const ok = !results.some(isWrong)
    print(request, { ok, checks: results.map(checkJson) }, checkSummary(results, language))
    return ok ? 0 : 1
  },
}

/** @throws UsageError for an unknown check */
function wantedChecks({ options, words: [word] }: Request): CheckName[] | undefined {
  if (word !== undefined) throw new UsageError(`"${word}" means nothing here; --only ${word} runs one check`)
  const names = options['only']
  if (!Array.isArray(names)) return undefined
  return names.map(name => {
    const known = CHECK_NAMES.find(one => one === name)
    if (!known) throw new UsageError(`there is no check "${name}": ${CHECK_NAMES.join(', ')}`)
    return known
  })
}

const checkJson = ({ name, title, outcome }: CheckResult) => ({ name, title, ...outcome })
