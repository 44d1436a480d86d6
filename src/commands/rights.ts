import pc from 'picocolors'
import { counted } from '../lib/plural.js'
import { blockPerson, unblockPerson } from '../rights/block-person.js'
import { correctPerson } from '../rights/correct-person.js'
import { type ExportResult, exportPerson } from '../rights/export-person.js'
import { actor, byOption, reasonOf } from './actor.js'
import { type Command, print, printWritten, type Request, text, texts, UsageError } from './command.js'
import { nested } from './nested.js'
import { destroy } from './rights/destroy.js'
import { erase } from './rights/erase.js'
import { find } from './rights/find.js'
import { closeRequest, list, openRequest } from './rights/requests.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Answers what a person may ask for',
  details:
    'Everything about a number, a copy of it, a block on play, export and purge, a corrected number, erasure. destroy destroys one recording for somebody who is heard in it. request starts the clock of the law for access, correction, blocking or erasure; list shows which requests are open, who withdrew and is still heard in recordings of others, and how long they have (docs/rights.md).',
  example: 'rights export +74951234567 -o copy.zip',
  options: {
    reason: { type: 'string' },
    out: { type: 'string', short: 'o' },
    age: { type: 'string', multiple: true },
    purpose: { type: 'string', multiple: true },
    to: { type: 'string' },
    kind: { type: 'string' },
    law: { type: 'string' },
    received: { type: 'string' },
    outcome: { type: 'string' },
    ...byOption,
  },
  ...nested({
    find: {
      does: "Finds everything about a caller's number, the recordings of others in which that caller is heard, and who listened",
      usage: 'NUMBER [--by NAME]',
      run: find,
    },
    export: {
      does: 'Writes a copy of it as a ZIP. --age: encrypted for the caller',
      usage: 'NUMBER -o FILE.zip [--age RECIPIENT]… [--purpose P]… [--reason TEXT] [--by NAME]',
      run: exportCopy,
    },
    block: {
      does: 'Blocks play, export and purge of what is kept of a number',
      usage: 'NUMBER --reason TEXT [--by NAME]',
      run: block,
    },
    unblock: { does: 'Ends that', usage: 'NUMBER --reason TEXT [--by NAME]', run: unblock },
    correct: {
      does: 'Corrects a number',
      usage: 'NUMBER --to NUMBER --reason TEXT [--by NAME]',
      run: correct,
    },
    erase: { does: 'Erases what is kept of a number', usage: 'NUMBER --reason TEXT [--by NAME]', run: erase },
    destroy: {
      does: 'Destroys one recording for somebody who is heard in it',
      usage: 'RECORDING --reason TEXT [--by NAME]',
      run: destroy,
    },
    request: {
      does: 'Opens a request: the deadline of the law begins',
      usage: 'NUMBER --kind KIND --law 152-fz|gdpr [--received DAY] [--by NAME]',
      run: openRequest,
    },
    'request close': {
      does: 'Closes a request',
      usage: 'REQUEST --outcome TEXT [--by NAME]',
      run: closeRequest,
    },
    list: {
      does: 'Lists open requests with their deadlines, and who withdrew and is still heard in recordings of others',
      usage: '',
      run: list,
    },
  }),
}

/** `rights export NUMBER -o FILE [--age RECIPIENT]… [--purpose P]…`; exits 1 if a recording could not be opened. */
async function exportCopy(request: Request, number: string): Promise<number> {
  const out = text(request, 'out')
  if (!out) throw new UsageError('say where to: -o FILE.zip')
  const wanted = {
    number,
    file: out,
    recipients: texts(request, 'age'),
    purposes: texts(request, 'purpose'),
    reason: text(request, 'reason') ?? 'a copy for the person',
  }
  const by = actor(request)
  const exported = await withProject(project => exportPerson(project, by, wanted))
  printWritten(request, wanted.file, { document: exported, words: exportText(exported) })
  return exported.unopened.every(({ why }) => why === 'destroyed') ? 0 : 1
}

function exportText({ file, encrypted, calls, recordings, receipts, unopened }: ExportResult): string {
  const done = `${file}${encrypted ? ' (age)' : ''}: ${counted(calls, 'call', 'calls')}, ${counted(recordings, 'recording', 'recordings')}, ${counted(receipts, 'receipt', 'receipts')}\n`
  if (unopened.length === 0) return done
  const rows = unopened.map(({ recording, call, why }) => [recording, call, pc.yellow(why)])
  return `${done}${table(['not in it', 'of call', 'why'], rows)}`
}

/** `rights block NUMBER --reason TEXT`. */
async function block(request: Request, number: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const { hold, kept, gone } = await withProject(project => blockPerson(project, by, { number, reason }))
  return print(
    request,
    { hold, blocked: kept, gone },
    `${counted(kept, 'recording is', 'recordings are')} blocked (${hold}), and those to come: they can be neither played nor exported nor destroyed.${gone > 0 ? ` ${counted(gone, 'was', 'were')} destroyed before.` : ''}\n`,
  )
}

/** `rights unblock NUMBER --reason TEXT`. */
async function unblock(request: Request, number: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  const lifted = await withProject(project => unblockPerson(project, by, { number, reason }))
  return print(request, { unblocked: lifted }, 'The block is lifted: everything follows its term again.\n')
}

/** `rights correct NUMBER --to NUMBER --reason TEXT`. */
async function correct(request: Request, number: string): Promise<number> {
  const to = text(request, 'to')
  if (!to) throw new UsageError('say which number is right: --to NUMBER')
  const reason = reasonOf(request)
  const by = actor(request)
  const calls = await withProject(project => correctPerson(project, by, { number, to, reason }))
  return print(
    request,
    { calls },
    `${counted(calls, 'call is now one', 'calls are now those')} of ${to}; the old number is erased.\n`,
  )
}
