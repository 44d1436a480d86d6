import pc from 'picocolors'
import type { WrittenLanguage } from '../core/policy.js'
import { saveDocument, saveText } from '../lib/documents/save.js'
import { counted } from '../lib/plural.js'
import { type Act, actDocument, actExtract, listActs, showAct } from '../recordings/acts/acts.js'
import { type Command, print, printWritten, type Request, text, UsageError } from './command.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows acts of destruction, or writes them',
  details:
    'With -o the act is a document to print and sign. Its extract from the journal can be verified by anybody with the public key of the log (docs/rights.md).',
  example: 'act show 3 --lang en -o act-3.pdf',
  options: { lang: { type: 'string' }, out: { type: 'string', short: 'o' } },
  ...nested({
    list: { does: 'Lists acts', usage: '', run: list },
    show: {
      does: 'Shows an act, or writes it as HTML or PDF, to sign and file',
      usage: 'N|ID [--lang ru|en] [-o FILE.html|FILE.pdf]',
      run: show,
    },
    extract: {
      does: "Writes the act's extract from the journal, with a proof of every entry",
      usage: 'N|ID [-o FILE.json]',
      run: extract,
    },
  }),
}

async function list(request: Request): Promise<number> {
  const acts = await withProject(listActs)
  return print(request, acts, table(HEAD, acts.map(row), 'No acts yet.'))
}

const HEAD = ['act', 'closed', 'cause', 'recordings', 'by', 'reason', 'kept until']

const row = ({ number, closedAt, cause, recordings, by, reason, keepUntil }: Act): string[] => [
  number === null ? '' : String(number),
  closedAt?.toISOString() ?? pc.yellow('open'),
  cause,
  String(recordings),
  by,
  reason,
  keepUntil ?? '',
]

async function show(request: Request, name: string): Promise<number> {
  const file = text(request, 'out')
  const language = languageOf(request)
  if (file !== undefined) return write(request, name, file, language)
  const { items, ...act } = await withProject(project => showAct(project, name))
  const rows = items.map(({ person, call, recording, purpose, destroyedAt }) => [
    person,
    call,
    recording,
    purpose,
    destroyedAt.toISOString(),
  ])
  return print(
    request,
    { ...act, items },
    table(HEAD, [row(act)]) + table(['caller', 'call', 'recording', 'purpose', 'destroyed'], rows),
  )
}

function write(request: Request, name: string, file: string, language: WrittenLanguage): Promise<number> {
  return withProject(async project => {
    const { act, pieces } = await actDocument(project, name, language)
    await saveDocument(file, pieces, project.config.chromium)
    return printFile(request, file, act)
  })
}

function languageOf(request: Request): WrittenLanguage {
  const lang = text(request, 'lang') ?? 'ru'
  if (lang !== 'ru' && lang !== 'en') throw new UsageError('--lang is ru or en')
  return lang
}

function extract(request: Request, name: string): Promise<number> {
  return withProject(async project => {
    const { act, pieces, fileName } = await actExtract(project, name)
    const file = text(request, 'out') ?? fileName
    await saveText(file, pieces)
    return printFile(request, file, act)
  })
}

/** Prints the name of the written file and of its act. */
function printFile(request: Request, file: string, { id, number, recordings }: Act): number {
  const document = { file, act: id, number, recordings }
  printWritten(request, file, {
    document,
    words: `${file}: act ${number}, ${counted(recordings, 'recording', 'recordings')}\n`,
  })
  return 0
}
