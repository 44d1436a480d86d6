import type { FastifyRequest } from 'fastify'
import { hasRight } from '../../accounts/deeds.js'
import { codeOf, type ErrorCode, errorText } from '../../core/errors.js'
import type { Message } from '../../core/message.js'
import { isApprovalRequired } from '../../lines/approval.js'
import { readDraft } from '../../lines/drafts/show-draft.js'
import { shownLine } from '../../lines/drafts/shown-line.js'
import { listGroups } from '../../lines/groups.js'
import { sourcesOfDraft } from '../../lines/line-sources.js'
import { replayLine } from '../../lines/replay-line.js'
import { ringPhones } from '../../lines/ring-draft.js'
import { spokenWords } from '../../lines/spoken-words.js'
import { tryLine } from '../../lines/try-line.js'
import type { Answer } from '../answer.js'
import type { ConsoleDeps } from '../deps.js'
import { refusalOf } from '../problem.js'
import { DraftContent, type RefusedTime } from './line/draft-content.js'
import type { RefusedValue } from './line/editing.js'
import { pageFor } from './page.js'

/** The data of a draft's page besides the draft. */
export interface ShownWithDraft {
  /** The field whose form is open. */
  edit?: string | undefined
  replay?: 'yes' | undefined
  /** The phone that was just rung. */
  rung?: string | undefined
  time?: RefusedTime
  /** The refused input of the open field. */
  value?: RefusedValue
  /** Why a step was refused. */
  refusal?: Message
  /** The refused comment of a step, as typed. */
  comment?: string | undefined
  /** The status of the answer. */
  status?: number
}

/** Refusals that concern the draft: its page shows them, with the present draft. */
const ABOUT_DRAFT: readonly (ErrorCode | undefined)[] = [
  'request.conflict',
  'request.invalid',
  'approval.required',
  'policy.invalid',
]

/**
 * Takes a step of a draft. If it is refused, the answer is the page of the present draft, with the reason.
 *
 * @param work makes the answer
 * @param value the typed value of a field, which would be lost otherwise
 * @throws what `work` throws, if it does not concern the draft; AppError `not-found`
 */
export async function stepOrPage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  draft: string,
  work: () => Promise<Answer>,
  value?: Omit<RefusedValue, 'wrong'>,
): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    const wrong = errorText(error)
    const page = await refusedStep(deps, request, draft, error, {
      ...(value && { edit: value.field, value: { ...value, wrong } }),
    })
    if (!page) throw error
    return page
  }
}

/**
 * The page of the present draft after a refused step, with the reason. Undefined if the error does not concern the
 * draft.
 *
 * @param typed input of the step, which would be lost otherwise
 * @throws AppError `not-found`
 */
export async function refusedStep(
  deps: ConsoleDeps,
  request: FastifyRequest,
  draft: string,
  error: unknown,
  typed: Pick<ShownWithDraft, 'edit' | 'value' | 'comment'> = {},
): Promise<Answer | undefined> {
  if (!ABOUT_DRAFT.includes(codeOf(error))) return undefined
  const { status, text } = refusalOf(error as Error)
  return draftPage(deps, request, draft, { ...typed, refusal: text, status })
}

/** The page of a draft. @throws AppError `not-found` */
export async function draftPage(
  deps: ConsoleDeps,
  request: FastifyRequest,
  id: string,
  { edit, replay, rung, time, value, refusal, comment, status = 200 }: ShownWithDraft,
): Promise<Answer> {
  const draft = await readDraft(deps, id)
  const policy = await shownLine(deps.db, draft)
  const valid = draft.faults.length === 0
  const input = { ...(draft.input as object), number: draft.line }
  const prompts = await spokenWords(deps, policy.language)
  const sources = await sourcesOfDraft(deps.db, draft.input, policy)
  const groups = await listGroups(deps)
  const trial = valid ? await tryLine(input, deps.db) : undefined
  const report = valid && replay ? await replayLine(deps, { input }) : undefined
  const { name } = request.actor!
  const visitor = {
    name,
    mayChange: hasRight(request.actor!, 'draft.change'),
    approvalRequired: isApprovalRequired(deps.config),
  }
  return pageFor(request, ({ words, view, nonce }) => ({
    title: words.line.title(draft.line, policy.name),
    section: 'lines',
    scripts: ['simulator.js', ...(visitor.mayChange ? ['check-field.js'] : [])],
    part: true,
    status,
    body: (
      <DraftContent
        {...{ draft, policy, prompts, sources, words, view, nonce, visitor, open: edit, replay: report }}
        {...{ time, value, refusal, comment }}
        groups={groups.map(({ name }) => name)}
        phones={{ phones: ringPhones(deps), rung }}
        callers={trial?.callers ?? []}
      />
    ),
  }))
}
