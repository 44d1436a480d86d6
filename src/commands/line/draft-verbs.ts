import { approveDraft, refuseDraft, requestApproval } from '../../lines/drafts/approve-draft.js'
import { beginLine } from '../../lines/drafts/begin-line.js'
import type { SeenDraft } from '../../lines/drafts/draft.js'
import {
  beginDraft,
  beginFromVersion,
  changeDraft,
  discardDraft,
  rebaseDraft,
} from '../../lines/drafts/edit-draft.js'
import { publishDraft } from '../../lines/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../lines/drafts/schedule-draft.js'
import {
  type DraftSummary,
  type DraftView,
  draftInEnglish,
  listDrafts,
  readDraft,
  summaryInEnglish,
} from '../../lines/drafts/show-draft.js'
import { describeDifferences } from '../../lines/line-versions.js'
import { ringDraft } from '../../lines/ring-draft.js'
import { actor } from '../actor.js'
import { print, type Request, text, UsageError } from '../command.js'
import { momentOf } from '../moment.js'
import type { NestedVerb } from '../nested.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'
import { readJson, reasonIn, report } from './files.js'

const STEP = 'DRAFT --revision N [--by NAME]'

/** The verbs of drafts: `line draft new`, `line publish` and so on. */
export const draftVerbs: Record<string, NestedVerb> = {
  'draft new': {
    does: 'Begins a draft of a file, of the line in force, of an earlier version, or of a new line with the shipped prompts',
    usage: 'NUMBER [--file FILE | --lang LANGUAGE | --version N] [--by NAME]',
    run: begin,
  },
  'draft list': { does: 'Lists the drafts of a line, or all', usage: '[NUMBER]', optional: true, run: list },
  'draft show': {
    does: 'Shows a draft with its faults, and the comment of a rejection',
    usage: 'DRAFT',
    run: show,
  },
  'draft change': {
    does: 'Stores another file as the next revision',
    usage: 'DRAFT --file FILE --revision N [--by NAME]',
    run: change,
  },
  'draft rebase': { does: 'Puts a draft upon the version in force', usage: STEP, run: rebase },
  'draft request': { does: "Asks for a second person's approval", usage: STEP, run: request },
  'draft discard': { does: 'Discards a draft', usage: STEP, run: discard },
  publish: {
    does: 'Puts a draft into force, at once or at a time',
    usage: 'DRAFT --revision N [--at TIME] [--by NAME]',
    run: publish,
  },
  approve: {
    does: 'Approves a draft',
    usage: 'DRAFT --revision N [--comment TEXT] [--by NAME]',
    run: approve,
  },
  refuse: {
    does: 'Rejects a draft; needs a comment',
    usage: 'DRAFT --revision N [--comment TEXT] [--by NAME]',
    run: refuse,
  },
  unschedule: { does: 'Cancels the time of a draft', usage: STEP, run: unschedule },
  ring: {
    does: 'Rings a phone, which hears the draft as a caller of its line would',
    usage: 'DRAFT --revision N --endpoint PHONE [--by NAME]',
    run: ring,
  },
}

/** Options of these verbs. */
export const draftOptions = {
  file: { type: 'string' },
  lang: { type: 'string' },
  revision: { type: 'string' },
  at: { type: 'string' },
  endpoint: { type: 'string' },
  comment: { type: 'string' },
} as const

function seenBy(request: Request, draft: string): SeenDraft {
  const revision = Number(text(request, 'revision'))
  if (!Number.isInteger(revision) || revision < 1)
    throw new UsageError('say which revision you have seen: --revision N. line draft show DRAFT has it')
  return { draft, revision }
}

async function begin(request: Request, line: string): Promise<number> {
  const [file, language] = [text(request, 'file'), text(request, 'lang')]
  const typed = text(request, 'version')
  if ([file, language, typed].filter(one => one !== undefined).length > 1)
    throw new UsageError('give one of --file, --lang and --version')
  if (language !== undefined) return beginNew(request, { number: line, language })
  if (typed !== undefined) return beginEarlier(request, { line, version: Number(typed) })
  const input = file === undefined ? undefined : await readJson(file)
  const by = actor(request)
  return printDraft(request, await withProject(project => beginDraft(project, by, { line, input })))
}

/** Begins a line as the console does: complete, with the shipped prompts of its language. */
async function beginNew(
  request: Request,
  { number, language }: { number: string; language: string },
): Promise<number> {
  const by = actor(request)
  return printDraft(request, await withProject(project => beginLine(project, by, { number, language })))
}

/** Begins a draft that restores an earlier version. */
async function beginEarlier(request: Request, wanted: { line: string; version: number }): Promise<number> {
  if (!Number.isInteger(wanted.version)) throw new UsageError('say which version: --version N')
  const by = actor(request)
  return printDraft(request, await withProject(project => beginFromVersion(project, by, wanted)))
}

async function change(request: Request, draft: string): Promise<number> {
  const file = text(request, 'file')
  if (!file) throw new UsageError('say which file has the line: --file FILE')
  const seen = seenBy(request, draft)
  const input = await readJson(file)
  const by = actor(request)
  return printDraft(request, await withProject(project => changeDraft(project, by, { ...seen, input })))
}

async function show(request: Request, draft: string): Promise<number> {
  return printDraft(request, await withProject(project => readDraft(project, draft)))
}

async function list(request: Request, line: string): Promise<number> {
  const drafts = await withProject(project => listDrafts(project, line || undefined))
  return print(
    request,
    drafts.map(summaryInEnglish),
    table(
      ['draft', 'line', 'revision', 'state', 'changed', 'by'],
      drafts.map(one => [
        ...[one.id, one.line, String(one.revision)],
        ...[stateOf(one), one.changed.at, one.changed.by],
      ]),
      `There is no draft${line && ` of line ${line}`}.`,
    ),
  )
}

function stateOf({ state, scheduled, failure }: DraftSummary): string {
  if (state === 'scheduled' && scheduled) return `scheduled for ${scheduled.at}`
  return failure ? `${state}, not published at its time` : state
}

async function rebase(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const by = actor(request)
  const rebased = await withProject(project => rebaseDraft(project, by, seen))
  const inEnglish = draftInEnglish(rebased.draft)
  const conflicts = rebased.conflicts.map(
    ({ field, draft: own, inForce }) =>
      `${field}: the draft keeps ${String(own)}, the line in force has ${String(inForce)}\n`,
  )
  return print(request, { ...rebased, draft: inEnglish }, `${conflicts.join('')}${draftText(inEnglish)}`)
}

async function request(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const by = actor(request)
  return printDraft(request, await withProject(project => requestApproval(project, by, seen)))
}

async function approve(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const by = actor(request)
  const comment = text(request, 'comment')
  return printDraft(request, await withProject(project => approveDraft(project, by, { ...seen, comment })))
}

async function refuse(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const comment = reasonIn(request)
  const by = actor(request)
  return printDraft(request, await withProject(project => refuseDraft(project, by, { ...seen, comment })))
}

async function unschedule(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const by = actor(request)
  return printDraft(request, await withProject(project => cancelSchedule(project, by, seen)))
}

async function discard(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const by = actor(request)
  await withProject(project => discardDraft(project, by, seen))
  return print(request, { discarded: true }, 'the draft is discarded\n')
}

async function publish(request: Request, draft: string): Promise<number> {
  const seen = seenBy(request, draft)
  const publishAt = momentOf(request, 'at')
  const by = actor(request)
  if (publishAt)
    return printDraft(
      request,
      await withProject(project => scheduleDraft(project, by, { ...seen, publishAt })),
    )
  const { line, warnings } = await withProject(project => publishDraft(project, by, seen))
  return report(request, { lines: [line], warnings })
}

async function ring(request: Request, draft: string): Promise<number> {
  const endpoint = text(request, 'endpoint')
  if (!endpoint) throw new UsageError('say which phone: --endpoint PHONE, one of CONSENTRY_RING_ENDPOINTS')
  const seen = seenBy(request, draft)
  const by = actor(request)
  const rung = await withProject(project => ringDraft(project, by, { ...seen, endpoint }))
  return print(request, rung, `${endpoint} rings: answer it to hear the draft (trial ${rung.trial})\n`)
}

/** @returns 1 if the draft has faults, so that a script notices */
function printDraft(request: Request, view: DraftView): number {
  const draft = draftInEnglish(view)
  print(request, draft, draftText(draft))
  return draft.faults.length > 0 ? 1 : 0
}

function draftText(draft: ReturnType<typeof draftInEnglish>): string {
  const { id, line, revision, faults, warnings, differences, changedMeanwhile, failure } = draft
  const { approved, approvalComment, refused } = draft
  const lines = [
    `draft ${id} of line ${line}: revision ${revision}, ${stateOf(draft)}`,
    ...faults.map(({ field, message }) => `  fault: ${field || 'the whole'} ${message}`),
    ...warnings.map(warning => `  warning: ${warning}`),
    ...describeDifferences(differences ?? [], 'en').map(change => `  ${change}`),
    ...describeDifferences(changedMeanwhile, 'en').map(
      change => `  meanwhile in the line in force: ${change}`,
    ),
    ...(approved && approvalComment ? [`  ${approved.by} approved it: ${approvalComment}`] : []),
    ...(refused ? [`  ${refused.by} rejected revision ${refused.revision}: ${refused.comment}`] : []),
    ...(failure ? [`  not published at its time: ${failure.reason}`] : []),
  ]
  return `${lines.join('\n')}\n`
}
