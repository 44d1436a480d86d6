import { codeOf } from '../../core/errors.js'
import { english } from '../../core/message.js'
import { explainNumber, listUnknownNumbers } from '../../lines/explain-number.js'
import { changeGroup, type GroupView, listGroups, previewGroup, readGroup } from '../../lines/groups.js'
import { openProposal, refusedProposal } from '../../lines/propose-group.js'
import { actor } from '../actor.js'
import { print, type Request } from '../command.js'
import type { NestedVerb } from '../nested.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'
import { printChanged, readFields } from './files.js'
import { proposalVerbs, textOfPreview } from './proposal-verbs.js'

/** The verbs of groups of lines, and of the rules for any number. */
export const groupVerbs: Record<string, NestedVerb> = {
  'group set': {
    does: 'Sets what the lines of a group share. --dry-run: says which lines that would change, and how',
    usage: 'NAME --file FILE [--dry-run] [--without-approval] [--by NAME]',
    run: set,
  },
  'group show': {
    does: 'Shows a group with its versions, and the change that awaits a second person or was rejected',
    usage: 'NAME',
    run: show,
  },
  'group list': { does: 'Lists the groups', usage: '', run: list },
  ...proposalVerbs,
  explain: {
    does: 'Says what applies to callers of any number, and where each field comes from',
    usage: 'NUMBER',
    run: explain,
  },
  unknown: { does: 'Lists the numbers that rang and are no lines', usage: '', run: unknown },
}

async function set(request: Request, name: string): Promise<number> {
  const input = await readFields(request)
  if (request.options['dry-run'] === true) {
    const preview = await withProject(project => previewGroup(project, { name, input }))
    return print(request, { ...preview, warnings: preview.warnings.map(english) }, textOfPreview(preview))
  }
  const by = actor(request)
  const withoutApproval = request.options['without-approval'] === true
  return printChanged(
    request,
    await withProject(project => changeGroup(project, by, { name, input }, { withoutApproval })),
  )
}

async function list(request: Request): Promise<number> {
  const groups = await withProject(listGroups)
  return print(
    request,
    groups,
    table(
      ['group', 'version', 'fields', 'lines'],
      groups.map(({ name, version, fields, lines }) => [
        ...[name, String(version), Object.keys(fields).join(', '), lines.join(', ')],
      ]),
      'There is no group of lines.',
    ),
  )
}

async function show(request: Request, name: string): Promise<number> {
  const { group, proposal, refused, preview } = await withProject(project => readShown(project, name))
  const versions = group.versions.map(({ version, at, by, fields }) => [
    ...[String(version), at, by, JSON.stringify(fields, null, 2)],
  ])
  const words = [
    ...(proposal && preview
      ? [`proposal ${proposal.id} by ${proposal.by}, ${proposal.at}, awaits a second person\n${preview}`]
      : []),
    ...(refused
      ? [
          `proposal ${refused.id} by ${refused.by}, ${refused.at}, was rejected by ${refused.refused.by}: ${refused.refused.comment}\n`,
        ]
      : []),
    `lines: ${group.lines.join(', ') || 'none'}\n${table(['version', 'made', 'by', 'fields'], versions)}`,
  ]
  return print(request, { ...group, proposal: proposal ?? null, refused: refused ?? null }, words.join(''))
}

const OUTDATED =
  '  it cannot be approved any more: the group has changed since. Withdraw it, or propose the change again\n'

/** A group, and its open proposal with the effect. A proposed group need not exist yet. */
async function readShown(project: Parameters<typeof previewGroup>[0], name: string) {
  const proposal = await openProposal(project.db, name)
  const refused = await refusedProposal(project.db, name)
  const group = await readGroup(project, name).catch((error: unknown): GroupView => {
    if (!(proposal ?? refused) || codeOf(error) !== 'not-found') throw error
    return { name, version: 0, fields: {}, lines: [], versions: [] }
  })
  if (proposal?.outdated) return { group, proposal, refused, preview: OUTDATED }
  const preview =
    proposal &&
    (await previewGroup(project, { name, input: proposal.fields }).then(textOfPreview, (error: Error) => {
      if (codeOf(error) !== 'policy.invalid') throw error
      return `  it cannot be made: ${error.message}\n`
    }))
  return { group, proposal, refused, preview }
}

async function explain(request: Request, number: string): Promise<number> {
  const found = await withProject(project => explainNumber(project, number))
  return print(request, found, explainedText(number, found))
}

function explainedText(number: string, found: Awaited<ReturnType<typeof explainNumber>>): string {
  if (found.match === 'none') return `${number} is no line: its callers are neither asked nor recorded.\n`
  const { version, group, fields } = found
  const inherited = group ? `, group ${group.name} (version ${group.version})` : ''
  const rows = fields.map(({ field, value, source }) => [field, String(value), source])
  return `line ${number}, version ${version}${inherited}\n${table(['field', 'value', 'from'], rows)}`
}

async function unknown(request: Request): Promise<number> {
  const found = await withProject(listUnknownNumbers)
  return print(
    request,
    found,
    table(
      ['number', 'calls', 'last'],
      found.numbers.map(({ number, calls, lastAt }) => [number, String(calls), lastAt]),
      'No unknown number rang.',
    ),
  )
}
