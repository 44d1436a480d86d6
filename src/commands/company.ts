import { changeCompany, readCompany } from '../operations/setup/company.js'
import { actor, byOption } from './actor.js'
import { type Command, printJson, text, UsageError } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows or sets what callers call the company, and the language of most callers',
  details:
    'New versions of prompts say this name wherever their words have {company}. Those that were made before keep what they say. Without it the name of CONSENTRY_OPERATOR counts. Documents for authorities name the operator.',
  usage: ['', 'NAME --lang LANGUAGE [--by NAME]'],
  example: 'company "Acme Ltd" --lang en',
  options: { lang: { type: 'string' }, ...byOption },
  async run(request) {
    const [name, ...more] = request.words
    const language = text(request, 'lang')
    if (more.length > 0) throw new UsageError('put quotes around a name of several words')
    if (name === undefined && language !== undefined) throw new UsageError('--lang goes with the name')
    if (name !== undefined && language === undefined)
      throw new UsageError('say the language of most callers: --lang LANGUAGE')
    const by = name === undefined ? undefined : actor(request)
    const company = await withProject(async project => {
      if (name !== undefined && language !== undefined && by)
        await changeCompany(project, by, { name, language })
      return readCompany(project)
    })
    if (request.json)
      printJson({ ...company, name: company.name ?? null, language: company.language ?? null })
    else if (company.name === undefined)
      process.stdout.write('The company has no name yet: consentry company NAME --lang LANGUAGE\n')
    else
      process.stdout.write(
        `${company.name}${company.byDefault ? ' (by CONSENTRY_OPERATOR)' : ''}, language ${company.language ?? 'not set'}\n`,
      )
    return 0
  },
}
