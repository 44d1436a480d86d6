import {
  approvePrompt,
  openPromptProposals,
  refusePrompt,
  type SeenPromptProposal,
  withdrawPromptProposal,
} from '../../lines/prompts/propose-prompt.js'
import { actor } from '../actor.js'
import { print, type Request, text, UsageError } from '../command.js'
import { reasonIn } from '../line/files.js'
import type { NestedVerb } from '../nested.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'

/** The verbs of changes of prompts that await approval. */
export const proposalVerbs: Record<string, NestedVerb> = {
  proposals: { does: 'Lists the changes that await a second person', usage: '', run: list },
  'proposal approve': {
    does: 'Approves a change: the version is published or withdrawn at once',
    usage: 'NAME --lang LANGUAGE --proposal ID [--comment TEXT] [--by NAME]',
    run: approve,
  },
  'proposal refuse': {
    does: 'Rejects a change; needs a comment',
    usage: 'NAME --lang LANGUAGE --proposal ID [--comment TEXT] [--by NAME]',
    run: refuse,
  },
  'proposal withdraw': {
    does: 'Withdraws a change',
    usage: 'NAME --lang LANGUAGE --proposal ID [--by NAME]',
    run: withdraw,
  },
}

/** Options of these verbs. */
export const proposalOptions = { proposal: { type: 'string' }, comment: { type: 'string' } } as const

/** The language, which every verb for one prompt needs. @throws UsageError */
export function languageOf(request: Request): string {
  const language = text(request, 'lang')
  if (language) return language
  throw new UsageError('say the language, such as --lang ru or --lang en')
}

function seenBy(request: Request, name: string): SeenPromptProposal {
  const proposal = text(request, 'proposal')
  if (proposal) return { name, language: languageOf(request), proposal }
  throw new UsageError('say which proposal you have seen: --proposal ID. prompt proposals lists them')
}

async function list(request: Request): Promise<number> {
  const proposals = await withProject(({ db }) => openPromptProposals(db))
  return print(
    request,
    proposals,
    table(
      ['proposal', 'prompt', 'language', 'step', 'version', 'in force', 'by', 'at'],
      proposals.map(({ id, name, language, step, version, inForce, by, at }) => [
        ...[id, name, language, step, String(version)],
        ...[inForce === 0 ? 'none or shipped' : String(inForce), by, at],
      ]),
      'No change of a prompt awaits a second person.',
    ),
  )
}

async function approve(request: Request, name: string): Promise<number> {
  const [by, seen, comment] = [actor(request), seenBy(request, name), text(request, 'comment')]
  const changed = await withProject(project => approvePrompt(project, by, { ...seen, comment }))
  return print(
    request,
    changed,
    `${name} in ${changed.language}: version ${changed.version} is changed as proposed\n`,
  )
}

async function refuse(request: Request, name: string): Promise<number> {
  const [by, seen, comment] = [actor(request), seenBy(request, name), reasonIn(request)]
  await withProject(project => refusePrompt(project, by, { ...seen, comment }))
  return print(request, { refused: seen.proposal }, 'the proposal is rejected\n')
}

async function withdraw(request: Request, name: string): Promise<number> {
  const [by, seen] = [actor(request), seenBy(request, name)]
  await withProject(project => withdrawPromptProposal(project, by, seen))
  return print(request, { withdrawn: seen.proposal }, 'the proposal is withdrawn\n')
}
