import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { words } from '../../core/words.js'
import { childEnv } from '../../lib/process/child-env.js'
import { isInstalled } from '../facts/settings.js'
import type { StepPlan } from './change.js'
import type { Machine } from './machine.js'

const run = promisify(execFile)

/** Units of the package. Each that is installed is started, in this order. */
const UNITS = [
  'consentry-migrate.service',
  'consentry-keeper.service',
  'consentry.service',
  'consentry-console.service',
]
/** How long systemd may take to report whether a unit runs, ms. A unit without a report counts as not running. */
const LIMIT_MS = 10_000

/**
 * Plans the start of the units.
 *
 * @param embedded whether the database runs with the service, which then migrates it itself
 * @param settingsChange whether a running service must read its settings again
 */
export async function planUnits(
  machine: Machine,
  { embedded, settingsChange }: { embedded: boolean; settingsChange: boolean },
): Promise<StepPlan> {
  const installed = installedUnits(machine)
  const wanted = installed.filter(unit => !(embedded && unit === 'consentry-migrate.service'))
  const states = await Promise.all(wanted.map(async unit => ({ unit, runs: await isRunning(machine, unit) })))
  const off = states.filter(({ runs }) => !runs).map(({ unit }) => unit)
  const again = settingsChange && states.some(({ unit, runs }) => unit === 'consentry.service' && runs)
  return {
    title: words('Units', 'Юниты'),
    found:
      installed.length === 0
        ? [words('No unit of Consentry is installed.', 'Юниты Consentry не установлены.')]
        : states.map(({ unit, runs }) =>
            runs
              ? words(`${unit} runs.`, `${unit} работает.`)
              : words(`${unit} does not run.`, `${unit} не работает.`),
          ),
    changes: [
      ...(off.length > 0
        ? [
            {
              do: 'run' as const,
              command: ['systemctl', 'enable', '--now', ...off],
              why: words(
                'Starts the service, now and at each start of the machine.',
                'Запускает службу сейчас и при каждом включении.',
              ),
            },
          ]
        : []),
      ...(again
        ? [
            {
              do: 'run' as const,
              command: ['systemctl', 'restart', 'consentry.service'],
              why: words(
                'The service reads its settings. Running recordings continue.',
                'Служба читает настройки. Идущие записи продолжаются.',
              ),
            },
          ]
        : []),
    ],
    todo: installed.length === 0 ? [NO_UNITS] : [],
  }
}

/** The installed units of the package, in the order of their start. */
export const installedUnits = (machine: Machine): string[] =>
  UNITS.filter(unit => isInstalled(machine.host, unit))

const isRunning = async ({ isLive }: Machine, unit: string): Promise<boolean> =>
  isLive &&
  (await run('systemctl', ['is-active', '--quiet', unit], { timeout: LIMIT_MS, env: childEnv() }).then(
    () => true,
    () => false,
  ))

const NO_UNITS = words(
  'Start the service by what runs programs here: consentry serve.',
  'Запустите службу тем, чем здесь запускают программы: consentry serve.',
)
