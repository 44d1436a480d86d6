import { explainNumber, listUnknownNumbers } from '../../operations/lines/explain-number.js'
import { changeGroup, listGroups, previewGroup, readGroup } from '../../operations/lines/groups.js'
import { describeDifferences } from '../../operations/lines/line-versions.js'
import { counted } from '../../shared/plural.js'
import { actor } from '../actor.js'
import { printJson, type Request, text, UsageError } from '../command.js'
import type { NestedVerb } from '../nested.js'
import { table } from '../table.js'
import { withProject } from '../with-project.js'
import { readJson, report } from './files.js'

/** The verbs of groups of lines, and of what applies to any number. */
export const groupVerbs: Record<string, NestedVerb> = {
  'group set': { usage: 'NAME --file FILE [--dry-run] [--by NAME]', run: set },
  'group list': { usage: '', run: list },
  'group show': { usage: 'NAME', run: show },
  explain: { usage: 'NUMBER', run: explain },
  unknown: { usage: '', run: unknown },
}

async function fieldsOf(request: Request): Promise<unknown> {
  const file = text(request, 'file')
  if (!file) throw new UsageError('say which file has the fields: --file FILE')
  return readJson(file)
}

async function preview(request: Request, name: string, input: unknown): Promise<number> {
  const found = await withProject(project => previewGroup(project, { name, input }))
  if (request.json) printJson(found)
  else {
    const lines = found.lines.flatMap(({ number, changes }) => [
      `line ${number}:`,
      ...describeDifferences(changes, 'en').map(change => `  ${change}`),
    ])
    const warnings = found.warnings.map(warning => `warning: ${warning}`)
    process.stdout.write(
      `${[...(lines.length > 0 ? lines : ['No line would change.']), ...warnings].join('\n')}\n`,
    )
  }
  return 0
}

async function set(request: Request, name: string): Promise<number> {
  const input = await fieldsOf(request)
  if (request.options['dry-run'] === true) return preview(request, name, input)
  const by = actor(request)
  const changed = await withProject(project => changeGroup(project, by, { name, input }))
  if (request.json) printJson(changed)
  else {
    process.stdout.write(
      `group ${name}: version ${changed.version}, ${counted(changed.lines.length, 'line is', 'lines are')} changed by it\n`,
    )
    report(request, changed)
  }
  return 0
}

async function list(request: Request): Promise<number> {
  const groups = await withProject(listGroups)
  if (request.json) printJson(groups)
  else if (groups.length === 0) process.stdout.write('There is no group of lines.\n')
  else
    process.stdout.write(
      table(
        ['group', 'version', 'fields', 'lines'],
        groups.map(({ name, version, fields, lines }) => [
          ...[name, String(version), Object.keys(fields).join(', '), lines.join(', ')],
        ]),
      ),
    )
  return 0
}

async function show(request: Request, name: string): Promise<number> {
  const group = await withProject(project => readGroup(project, name))
  if (request.json) printJson(group)
  else {
    const versions = group.versions.map(({ version, at, by, fields }) => [
      ...[String(version), at, by, JSON.stringify(fields, null, 2)],
    ])
    process.stdout.write(
      `lines: ${group.lines.join(', ') || 'none'}\n${table(['version', 'made', 'by', 'fields'], versions)}`,
    )
  }
  return 0
}

async function explain(request: Request, number: string): Promise<number> {
  const found = await withProject(project => explainNumber(project, number))
  if (request.json) printJson(found)
  else if (found.match === 'none')
    process.stdout.write(`${number} is no line: its callers are neither asked nor recorded.\n`)
  else {
    const { version, group, fields } = found
    const inherited = group ? `, group ${group.name} (version ${group.version})` : ''
    const rows = fields.map(({ field, value, source }) => [field, String(value), source])
    process.stdout.write(
      `line ${number}, version ${version}${inherited}\n${table(['field', 'value', 'from'], rows)}`,
    )
  }
  return 0
}

async function unknown(request: Request): Promise<number> {
  const found = await withProject(listUnknownNumbers)
  if (request.json) printJson(found)
  else if (found.numbers.length === 0) process.stdout.write('No unknown number rang.\n')
  else
    process.stdout.write(
      table(
        ['number', 'calls', 'last'],
        found.numbers.map(({ number, calls, lastAt }) => [number, String(calls), lastAt]),
      ),
    )
  return 0
}
