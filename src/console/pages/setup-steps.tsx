import type { FastifyRequest } from 'fastify'
import type { VNode } from 'preact'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { codeOf, errorText } from '../../core/errors.js'
import { languageSchema } from '../../languages/languages.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { listLines } from '../../lines/change-lines.js'
import { beginLine } from '../../lines/drafts/begin-line.js'
import { latestDraft, readDraft } from '../../lines/drafts/show-draft.js'
import { listUnknownNumbers } from '../../lines/explain-number.js'
import { changeCompany, readCompany } from '../../lines/prompts/company.js'
import { areNamesSpoken, namesToSpeak } from '../../lines/prompts/heard-names.js'
import { nameCompany } from '../../lines/prompts/name-company.js'
import { openPromptProposals } from '../../lines/prompts/propose-prompt.js'
import { ringPhones } from '../../lines/ring-draft.js'
import { inspectPbx } from '../../site/pbx.js'
import { changeTrial, hasPhoneRung, isTrial, setupProgress } from '../../site/progress.js'
import { extendKey, readHearing } from '../../site/recipients.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { addForm } from '../deed-routes.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { personOf } from '../guard.js'
import { needsProof } from '../proven.js'
import { ringing } from '../routes/ring.js'
import { serviceState } from '../service-state.js'
import { type RefusedNumber, refusedNumber, statusOf } from './line/number-field.js'
import { type Content, type PageContext, pageFor, pageSchema } from './page.js'
import { SpeakingWorks } from './prompts/speaking.js'
import { CompanyContent, type TypedCompany } from './setup/company-content.js'
import { KeyContent } from './setup/key-content.js'
import { FirstLine } from './setup/line-content.js'
import { PbxContent } from './setup/pbx-content.js'
import { PhoneContent } from './setup/phone-content.js'
import { type Step, StepPage } from './setup/steps.js'
import { viewOf } from './view.js'

/** The subject of the prompts with the company's name, among all that are being synthesized. */
const NAMES = 'company'
const language = languageSchema
const text = z.string().max(200)

/** Pages on which an administrator sets an installation up, step by step. Each can be left, and opened later. */
export const addSetupStepPages: AddRoutes = (app, deps) => {
  const works = new SpeakingWorks(app, deps)
  addCompanyPage(app, deps, works)
  addCompanyPromptsForm(app, deps, works)
  addTrialForm(app, deps)
  addKeyPage(app, deps)
  addPbxPage(app, deps)
  addLinePage(app, deps)
  addPhonePage(app, deps)
}

/** The language that most callers speak, else that of the page. */
const languageOfMost = async (deps: ConsoleDeps, request: FastifyRequest) =>
  (await readCompany(deps)).language ?? viewOf(request).language

/** Makes a page of a step. `done`: counts the step as done, without a check. */
const stepPage = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  step: Step,
  content: (context: PageContext) => VNode,
  {
    status = 200,
    scripts = [],
    headers,
    done: isDone = false,
    underWay = false,
  }: Pick<Content, 'status' | 'scripts' | 'headers'> & { done?: boolean; underWay?: boolean } = {},
): Promise<Answer> => {
  const [progress, { parts }] = await Promise.all([setupProgress(deps), serviceState(deps.config)])
  const phone = await hasPhoneRung(deps)
  const company = progress.company && (await areNamesSpoken(deps, await languageOfMost(deps, request)))
  // A draft is published at the step after it.
  const line = progress.line || (await latestDraft(deps)) !== undefined
  const known = { ...progress, company, line, you: true, pbx: parts['pbx'] === true, phone }
  const done = isDone ? { ...known, [step]: true } : known
  return pageFor(request, context => ({
    title: context.words.setup[step].title,
    ...{ status, scripts },
    ...(headers && { headers }),
    body: <StepPage {...{ step, done, underWay, words: context.words }}>{content(context)}</StepPage>,
  }))
}

const mayChange = ({ actor }: FastifyRequest) => hasRight(actor!, 'company.set')

/** The page of the company. @param typed the refused input, and the fault */
const companyPage = async (
  deps: ConsoleDeps,
  works: SpeakingWorks,
  request: FastifyRequest,
  typed?: TypedCompany,
): Promise<Answer> => {
  const company = await readCompany(deps)
  const spoken = await languageOfMost(deps, request)
  const old = await namesToSpeak(deps, spoken)
  const trial = await isTrial(deps)
  const waiting = (await openPromptProposals(deps.db)).length
  const { speaking, failure, headers } = works.shown(NAMES, mayChange(request))
  return stepPage(
    deps,
    request,
    'company',
    ({ words, view }) => (
      <CompanyContent
        {...{ company, spoken, old, words, typed, speaking, failure, trial }}
        {...{ language: view.language, mayChange: mayChange(request) }}
        approval={isApprovalRequired(deps.config)}
        waiting={waiting}
      />
    ),
    { status: typed ? 422 : 200, underWay: speaking !== undefined, ...(headers && { headers }) },
  )
}

/** The page of the company, and the form of its name. */
function addCompanyPage(app: App, deps: ConsoleDeps, works: SpeakingWorks): void {
  app.get(
    '/setup/company',
    { config: access('company.read'), schema: pageSchema('What callers call the company') },
    request => companyPage(deps, works, request),
  )
  app.post(
    '/setup/company',
    {
      config: access('company.set'),
      schema: {
        ...pageSchema('Sets what callers call the company'),
        body: z.strictObject({ company: text, language }),
      },
    },
    async request => {
      const { company: name, language } = request.body
      try {
        await changeCompany(deps, request.actor!, { name, language })
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return companyPage(deps, works, request, { name, language, wrong: errorText(error) })
      }
      return Answer.seeOther('/setup/company')
    },
  )
}

/** The form that lets a voice speak the prompts with the company's name. */
function addCompanyPromptsForm(app: App, deps: ConsoleDeps, works: SpeakingWorks): void {
  app.post(
    '/setup/company/prompts',
    {
      config: access('company.speak'),
      schema: {
        ...pageSchema("Lets a voice speak all prompts that say another company's name, and publishes them"),
        body: z.strictObject({}).optional(),
      },
    },
    async request => {
      if (works.isRunning(NAMES)) return Answer.seeOther('/setup/company')
      const listed = (await namesToSpeak(deps, await languageOfMost(deps, request))).filter(one => one.voice)
      const all = listed.reduce((sum, { old }) => sum + old.length, 0)
      works.begin(NAMES, all, async report => {
        let before = 0
        for (const { language, old } of listed) {
          const names = old.map(({ name }) => name)
          const spoken = before
          before += await nameCompany(deps, request.actor!, language, names, now => report(spoken + now))
        }
      })
      return Answer.seeOther('/setup/company')
    },
  )
}

/** The form that says whether the installation is a trial. */
const addTrialForm: AddRoutes = (app, deps) => {
  app.post(
    '/setup/company/trial',
    {
      config: access('company.trial'),
      schema: {
        ...pageSchema(
          'Says whether the installation is a trial, in which callers may hear the example company',
        ),
        body: z.strictObject({ trial: z.enum(['yes', 'no']) }),
      },
    },
    async ({ body, actor }) => {
      await changeTrial(deps, actor!, body.trial === 'yes')
      return Answer.seeOther('/setup/company')
    },
  )
}

/** The page of the keys that open recordings, and the form that extends one. */
const addKeyPage: AddRoutes = (app, deps) => {
  app.get(
    '/setup/key',
    { config: access('recipient.list'), schema: pageSchema('Who can hear recordings') },
    async request => {
      const hearing = await readHearing(deps)
      const { name: company } = await readCompany(deps)
      const stale = await needsProof(deps, request, 'recipient.add')
      return stepPage(
        deps,
        request,
        'key',
        ({ words, view: { language } }) => (
          <KeyContent {...{ hearing, company, language, words, stale, mayChange: mayChange(request) }} />
        ),
        { scripts: ['key.js'] },
      )
    },
  )
  app.post(
    '/setup/key',
    {
      config: access('recipient.add'),
      schema: {
        ...pageSchema('Lets a key that is in force open the purposes that have none'),
        body: z.strictObject({ key: text }),
      },
    },
    async request => {
      const { purposes } = await readHearing(deps)
      const lacking = purposes.filter(({ keys }) => keys.length === 0).map(({ purpose }) => purpose)
      await extendKey(deps, personOf(request), { ...request.body, purposes: lacking })
      return Answer.seeOther('/setup/key')
    },
  )
}

/** The page of the PBX. */
const addPbxPage: AddRoutes = (app, deps) => {
  app.get(
    '/setup/pbx',
    { config: access('pbx.read'), schema: pageSchema('What the service found at the PBX') },
    async request => {
      const [report, lines] = await Promise.all([
        inspectPbx(deps).catch((error: unknown) => {
          if (codeOf(error) === 'service.unavailable') return undefined
          throw error
        }),
        listLines(deps),
      ])
      return stepPage(deps, request, 'pbx', ({ words, view }) => (
        <PbxContent {...{ report, words, view, number: lines[0]?.number ?? words.setup.line.example }} />
      ))
    },
  )
}

/** The page of the first line. @param refused the refused number, and why */
const linePage = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  refused?: RefusedNumber,
): Promise<Answer> => {
  const company = await readCompany(deps)
  const { numbers: unknown } = await listUnknownNumbers(deps)
  const lines = await listLines(deps)
  return stepPage(
    deps,
    request,
    'line',
    ({ words, view }) => (
      <FirstLine
        {...{ unknown, words, view, refused, lines: lines.map(({ number }) => number) }}
        language={company.language ?? view.language}
      />
    ),
    { status: statusOf(refused) },
  )
}

/** The page of the first line, and the form that begins its draft. */
const addLinePage: AddRoutes = (app, deps) => {
  app.get('/setup/line', { config: access('draft.begin'), schema: pageSchema('The first line') }, request =>
    linePage(deps, request),
  )
  app.post(
    '/setup/line',
    {
      config: access('draft.begin'),
      schema: {
        ...pageSchema('Begins a draft of the first line'),
        body: z.strictObject({ number: z.string().trim().max(200), language }),
      },
    },
    async request => {
      try {
        const { id } = await beginLine(deps, request.actor!, request.body)
        return Answer.seeOther(`/setup/phone?${new URLSearchParams({ draft: id })}`)
      } catch (error) {
        return linePage(deps, request, refusedNumber(request.body, error))
      }
    },
  )
}

/** The page on which a phone plays the draft of the first line, and the form that rings it. */
const addPhonePage: AddRoutes = (app, deps) => {
  app.get(
    '/setup/phone',
    {
      config: access('draft.ring'),
      schema: {
        ...pageSchema('Rings a phone, which hears the draft of the first line'),
        querystring: z.object({ draft: z.string().max(64).optional(), rung: text.optional() }),
      },
    },
    async request => {
      const { draft: wanted, rung } = request.query
      const id = wanted ?? (await latestDraft(deps))
      const draft = id === undefined ? undefined : await readDraft(deps, id)
      const published = draft?.state === 'published' ? draft.line : undefined
      const open = draft && !published && draft.state !== 'discarded' ? draft : undefined
      const approvalRequired = isApprovalRequired(deps.config)
      const phones = ringPhones(deps)
      const { purposes } = await readHearing(deps)
      const keyless = purposes.some(({ keys }) => keys.length === 0)
      return stepPage(
        deps,
        request,
        'phone',
        ({ words }) => (
          <PhoneContent {...{ draft: open, published, keyless, approvalRequired, phones, rung, words }} />
        ),
        { done: published !== undefined },
      )
    },
  )
  addForm(app, deps, ringing, {
    ...{ path: '/setup/phone', summary: 'Rings a phone' },
    answer: ({ endpoint: rung }, { draft }) =>
      Answer.seeOther(`/setup/phone?${new URLSearchParams({ draft, rung })}`),
  })
}
