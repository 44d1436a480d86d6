import pc from 'picocolors'
import type { Language } from '../documents/moments.js'
import { saveDocument, saveText } from '../documents/save.js'
import type { Deps } from '../operations/deps.js'
import { makeExtract } from '../receipt/extract/make-extract.js'
import { extractFileName } from '../retention/acts/act-annex.js'
import { actDocument } from '../retention/acts/act-document.js'
import { type Act, findAct, listActItems, listActs } from '../retention/acts/act-rows.js'
import { type Command, printJson, printWritten, type Request, text, UsageError } from './command.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Shows acts of destruction, or writes them',
  details:
    'With -o the act is a document to print and sign. Its extract from the journal can be verified by anybody with the public key of the log (docs/acts.md).',
  example: 'act show 3 --lang en -o act-3.pdf',
  options: { lang: { type: 'string' }, out: { type: 'string', short: 'o' } },
  ...nested({
    list: { usage: '', run: list },
    show: { usage: 'N|ID [--lang ru|en] [-o FILE.html|FILE.pdf]', run: withAct(show) },
    extract: { usage: 'N|ID [-o FILE.json]', run: withAct(extract) },
  }),
}

async function list(request: Request): Promise<number> {
  const acts = await withProject(({ db }) => listActs(db))
  if (request.json) printJson(acts)
  else process.stdout.write(acts.length === 0 ? 'No acts yet.\n' : table(HEAD, acts.map(row)))
  return 0
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

async function show(request: Request, { config, db }: Deps, act: Act): Promise<number> {
  const file = text(request, 'out')
  const language = languageOf(request)
  if (file !== undefined) {
    await saveDocument(file, actDocument(db, act, language, config.operator), config.chromium)
    return said(request, { file, act: act.id, number: act.number, recordings: act.recordings })
  }
  const items = await listActItems(db, act.id)
  if (request.json) printJson({ ...act, items })
  else {
    const rows = items.map(({ person, call, recording, purpose, destroyedAt }) => [
      person,
      call,
      recording,
      purpose,
      destroyedAt.toISOString(),
    ])
    process.stdout.write(
      table(HEAD, [row(act)]) + table(['caller', 'call', 'recording', 'purpose', 'destroyed'], rows),
    )
  }
  return 0
}

function languageOf(request: Request): Language {
  const lang = text(request, 'lang') ?? 'ru'
  if (lang !== 'ru' && lang !== 'en') throw new UsageError('--lang is ru or en')
  return lang
}

async function extract(request: Request, { config, db }: Deps, act: Act): Promise<number> {
  const file = text(request, 'out') ?? extractFileName(act.number ?? 0)
  const witnesses = config.log.witness ? [config.log.witness.key] : []
  await saveText(file, makeExtract(db, act.id, { log: config.log.dir, witnesses }))
  return said(request, { file, act: act.id, number: act.number, recordings: act.recordings })
}

/** The name of what was written, and of which act. */
function said(
  request: Request,
  written: { file: string; act: string; number: number | null; recordings: number },
): number {
  const { file, number, recordings } = written
  const words = `${file}: act ${number}, ${recordings} recordings\n`
  printWritten(request, file, { document: written, words })
  return 0
}

/** Finds the act that a verb names, and hands it on. */
function withAct(run: (request: Request, project: Deps, act: Act) => Promise<number>) {
  return (request: Request, name: string): Promise<number> =>
    withProject(async project => run(request, project, await findAct(project.db, name)))
}
