import { type Company, changeCompany, readCompany } from '../lines/prompts/company.js'
import { changeTrial, isTrial } from '../site/progress.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows or sets what callers call the company, and the language of most callers',
  details:
    'New versions of prompts say this name wherever their words have {company}. Those that were made before keep what they say. Without it the name of CONSENTRY_OPERATOR counts. Documents for authorities name the operator. A line does not come into force while its prompts name the example company of the shipped ones, unless --trial says that the installation is a trial.',
  usage: ['', 'NAME --lang LANGUAGE [--by NAME]', '--trial|--end-trial [--by NAME]'],
  example: 'company "Acme Ltd" --lang en',
  options: {
    lang: { type: 'string' },
    trial: { type: 'boolean' },
    'end-trial': { type: 'boolean' },
    ...byOption,
  },
  async run(request) {
    const [name, ...more] = request.words
    const language = text(request, 'lang')
    if (more.length > 0) throw new UsageError('put quotes around a name of several words')
    if (name === undefined && language !== undefined) throw new UsageError('--lang goes with the name')
    if (name !== undefined && language === undefined)
      throw new UsageError('say the language of most callers: --lang LANGUAGE')
    const trial = trialWanted(request)
    const by = name === undefined && trial === undefined ? undefined : actor(request)
    const company = await withProject(async project => {
      if (trial !== undefined && by) await changeTrial(project, by, trial)
      if (name !== undefined && language !== undefined && by)
        await changeCompany(project, by, { name, language })
      return { ...(await readCompany(project)), trial: await isTrial(project) }
    })
    return print(
      request,
      { ...company, name: company.name ?? null, language: company.language ?? null },
      `${nameText(company)}${company.trial ? TRIAL : ''}\n`,
    )
  },
}

const TRIAL = '\nThis is a trial: callers may hear the example company.'

const nameText = ({ name, byDefault, language }: Company): string =>
  name === undefined
    ? 'The company has no name yet: consentry company NAME --lang LANGUAGE'
    : `${name}${byDefault ? ' (by CONSENTRY_OPERATOR)' : ''}, language ${language ?? 'not set'}`

/** Whether a trial is declared or ended. Undefined: neither. @throws UsageError */
function trialWanted({ options }: Request): boolean | undefined {
  if (options['trial'] && options['end-trial'])
    throw new UsageError('--trial and --end-trial exclude each other')
  if (options['trial']) return true
  return options['end-trial'] ? false : undefined
}
