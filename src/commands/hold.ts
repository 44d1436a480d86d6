import pc from 'picocolors'
import { counted } from '../lib/plural.js'
import { dayCheckOf } from '../recordings/retain/day-check.js'
import {
  addHold,
  type HoldOn,
  type HoldSummary,
  listHolds,
  type PlacedHold,
  removeHold,
} from '../recordings/retain/manage-holds.js'
import { actor, byOption, reasonOf } from './actor.js'
import { type Command, print, type Request, UsageError } from './command.js'
import { endOf, momentOf } from './moment.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Keeps recordings past their retention, for a stated reason',
  details:
    'A hold stands against purge and erasure. It is on one recording, on those of a call, of a caller, or of a period. --until: to the end of that day.',
  example: 'hold add 907d8508-2572-43a8-98f1-cb79adc550a7 --reason "court case 8/27"',
  options: {
    reason: { type: 'string' },
    until: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    all: { type: 'boolean' },
    ...byOption,
  },
  ...nested({
    add: {
      does: 'Holds one recording, or those of a call, of a caller, or of a period',
      usage: '[RECORDING | CALL | NUMBER] [--from TIME --to TIME] --reason TEXT [--until DATE] [--by NAME]',
      optional: true,
      run: add,
    },
    remove: { does: 'Ends a hold', usage: 'HOLD --reason TEXT [--by NAME]', run: remove },
    list: { does: 'Lists holds. --all: ended ones, too', usage: '[--all]', run: list },
  }),
}

async function add(request: Request, word: string): Promise<number> {
  const reason = reasonOf(request)
  const expiresAt = endOf(request, 'until') ?? null
  const on = holdOn(word, momentOf(request, 'from'), endOf(request, 'to'))
  const by = actor(request)
  const placed = await withProject(project =>
    addHold({ ...project, day: dayCheckOf(project) }, by, { on, reason, expiresAt }),
  )
  return print(request, placed, report(placed))
}

function report({ hold, kept, gone }: PlacedHold): string {
  // Zero is right for a number that has not called yet. It may also be a typing error.
  const keeps =
    kept === 0 ? pc.yellow('keeps nothing yet') : `keeps ${counted(kept, 'recording', 'recordings')}`
  const late =
    gone > 0 ? pc.yellow(` ${counted(gone, 'was', 'were')} destroyed, or about to be, before it.`) : ''
  return `Hold ${pc.bold(hold)} ${keeps}.${late}\n`
}

function holdOn(word: string, from: Date | undefined, to: Date | undefined): HoldOn {
  if (word && !from && !to) return word
  if (word || !from || !to) throw new UsageError('give a recording, a call or a number, or --from and --to')
  if (from >= to) throw new UsageError('--from must be before --to')
  return { from, to }
}

async function remove(request: Request, hold: string): Promise<number> {
  const reason = reasonOf(request)
  const by = actor(request)
  await withProject(project => removeHold(project, by, { hold, reason }))
  return print(
    request,
    { hold, released: true },
    `Hold ${hold} is released: what it kept follows its term again.\n`,
  )
}

async function list(request: Request): Promise<number> {
  const holds = await withProject(project => listHolds(project, { all: request.options['all'] === true }))
  return print(request, holds, table(HEAD, holds.map(row), 'Nothing is held.'))
}

const HEAD = ['id', 'kind', 'on', 'keeps', 'reason', 'by', 'placed', 'until']

const row = ({ keeps, ...hold }: HoldSummary & { keeps: number }): string[] => [
  hold.id,
  hold.kind,
  onText(hold.on),
  String(keeps),
  hold.reason,
  hold.by,
  hold.placedAt,
  hold.releasedAt ? pc.dim(`released ${hold.releasedAt}`) : (hold.expiresAt ?? 'until released'),
]

/** The target of a hold, in words. */
export function onText(on: HoldSummary['on']): string {
  if ('from' in on) return `${on.from} – ${on.to}`
  return Object.entries(on)
    .map(([kind, id]) => `${kind} ${id}`)
    .join('')
}
