import { z } from 'zod'
import { SETUP, someoneIsIn } from '../../accounts/first-user.js'
import { codeOf, errorText } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { languageSchema } from '../../languages/languages.js'
import { changeCompany, checkCompanyName, readCompany } from '../../lines/prompts/company.js'
import { changeTrial, isTrial } from '../../site/progress.js'
import { access } from '../access.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import type { LeadToForm } from './invitation.js'
import { pageFor, pageSchema } from './page.js'
import { FirstUserForm } from './sign-in/first-user-form.js'

const typed = z.string().max(1024)
const firstForm = z.strictObject({
  ...{ secret: typed, name: typed },
  ...{ company: typed.optional(), language: languageSchema.optional(), trial: z.enum(['yes']).optional() },
})
type Typed = z.infer<typeof firstForm>

/** Pages by which the first person gets in, at the address that the console prints when it starts. */
export function addSetupPages(app: App, deps: ConsoleDeps, leadToForm: LeadToForm): void {
  addFormPage(app, deps)
  addFirstUserForm(app, deps, leadToForm)
}

/** The form of the first person. @param wrong why the form was refused; `company`: the operation's refusal */
const formPage = async (
  deps: ConsoleDeps,
  request: Parameters<typeof pageFor>[0],
  wrong?: 'address' | 'name' | 'nameless' | { company: Message },
) => {
  const typed = wrong && (request.body as Typed)
  const trial = typed ? typed.trial !== undefined : await isTrial(deps)
  return pageFor(request, ({ words, view: { language } }) => ({
    title: words.setup.title,
    alone: true,
    status: wrong ? 422 : 200,
    scripts: ['invitation.js'],
    body: (
      <FirstUserForm
        {...{ words, language, typed, trial }}
        secret={typed && wrong !== 'address' ? typed.secret : ''}
        wrong={
          typeof wrong === 'object' ? words.problem.inWords(wrong.company) : wrong && words.setup.wrong[wrong]
        }
      />
    ),
  }))
}

/** The page at the first address. */
const addFormPage: AddRoutes = (app, deps) => {
  app.get(
    '/setup',
    { config: access('setup.ask'), schema: pageSchema('Where the first address leads') },
    async request => {
      if (!(await someoneIsIn(deps.db))) return formPage(deps, request)
      return pageFor(request, ({ words }) => ({
        title: words.setup.title,
        alone: true,
        body: (
          <div class="stack sheet">
            <h1>{words.setup.title}</h1>
            <p>{words.setup.isThere}</p>
            <p>
              <a class="button main" href="/sign-in">
                {words.signIn.invitation.toSignIn}
              </a>
            </p>
          </div>
        ),
      }))
    },
  )
}

/** The form that makes the first user. */
function addFirstUserForm(app: App, deps: ConsoleDeps, leadToForm: LeadToForm): void {
  app.post(
    '/setup',
    {
      config: access('setup.begin'),
      schema: {
        ...pageSchema('Makes the first user'),
        body: firstForm,
      },
    },
    async request => {
      const { secret, name, company = '', language, trial } = request.body
      const named = company.trim() !== '' && language !== undefined
      // A line without either would be refused when it is to come into force, which is the last step.
      if (!named && !trial && (await readCompany(deps)).name === undefined)
        return formPage(deps, request, 'nameless')
      try {
        if (named) await checkCompanyName(company)
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return formPage(deps, request, { company: errorText(error) })
      }
      try {
        if (!deps.firstUser) return formPage(deps, request, 'address')
        const invitation = await deps.firstUser.invite(deps, secret, name.trim())
        if (named) await changeCompany(deps, SETUP, { name: company, language })
        await changeTrial(deps, SETUP, trial !== undefined)
        return await leadToForm(request, invitation.secret)
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return formPage(deps, request, 'address')
        if (codeOf(error) === 'request.invalid') return formPage(deps, request, 'name')
        throw error
      }
    },
  )
}
