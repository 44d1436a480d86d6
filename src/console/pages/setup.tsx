import { z } from 'zod'
import { languageSchema } from '../../languages/languages.js'
import { SETUP, someoneIsIn } from '../../operations/people/first-user.js'
import { changeCompany, isCompanyName } from '../../operations/setup/company.js'
import { codeOf } from '../../shared/errors.js'
import { access } from '../access.js'
import type { App, ConsoleDeps } from '../deps.js'
import type { LeadToForm } from './invitation.js'
import { pageFor, pageSchema } from './page.js'
import { FirstUserForm } from './sign-in/first-user-form.js'

const typed = z.string().max(1024)
const firstForm = z.strictObject({
  ...{ secret: typed, name: typed },
  ...{ company: typed.optional(), language: languageSchema.optional() },
})
type Typed = z.infer<typeof firstForm>

/** Pages by which the first person gets in, at the address that the console prints when it starts. */
export function addSetupPages(app: App, deps: ConsoleDeps, leadToForm: LeadToForm): void {
  const form = (request: Parameters<typeof pageFor>[0], wrong?: 'address' | 'name' | 'company') =>
    pageFor(request, ({ words, view: { language } }) => ({
      title: words.setup.title,
      alone: true,
      status: wrong ? 422 : 200,
      scripts: ['invitation.js'],
      body: (
        <FirstUserForm
          {...{ words, language }}
          secret={wrong && wrong !== 'address' ? (request.body as Typed).secret : ''}
          typed={wrong && (request.body as Typed)}
          wrong={wrong && words.setup.wrong[wrong]}
        />
      ),
    }))
  app.get(
    '/setup',
    { config: access('setup.ask', 'anyone'), schema: pageSchema('Where the first address leads') },
    async request => {
      if (!(await someoneIsIn(deps.db))) return form(request)
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
  app.post(
    '/setup',
    {
      config: access('setup.begin', 'anyone'),
      schema: {
        ...pageSchema('Makes the first user'),
        body: firstForm,
      },
    },
    async request => {
      const { secret, name, company = '', language } = request.body
      const named = company.trim() !== '' && language !== undefined
      if (named && !isCompanyName(company)) return form(request, 'company')
      try {
        if (!deps.firstUser) return form(request, 'address')
        const invitation = await deps.firstUser.invite(deps, secret, name.trim())
        if (named) await changeCompany(deps, SETUP, { name: company, language })
        return await leadToForm(request, invitation.secret)
      } catch (error) {
        if (codeOf(error) === 'sign-in.refused') return form(request, 'address')
        if (codeOf(error) === 'request.invalid') return form(request, 'name')
        throw error
      }
    },
  )
}
