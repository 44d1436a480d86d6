import { words } from '../../core/words.js'
import { findAccount, nameOfGroup, nameOfUser } from '../../lib/host/accounts.js'
import { settingIn } from '../../lib/host/asterisk-config.js'
import type { HostPaths } from '../../lib/host/processes.js'
import { OPEN_FILES } from '../facts/asterisk-settings.js'
import { UNIT_FOLDERS } from '../facts/settings.js'
import { asteriskFile } from './asterisk-file.js'
import { RESTART_ASTERISK } from './asterisk-files.js'
import type { StepPlan } from './change.js'
import { type Machine, readFile, runningAsterisk } from './machine.js'
import { writeFile } from './text-file.js'

/** The part of the unit that is ours. */
export const DROP_IN = '/etc/systemd/system/asterisk.service.d/consentry.conf'
/** The first line of the part. */
export const DROP_IN_HEAD = '# Consentry: conversations in memory reach no disk.'
/** The option that lets Asterisk dump core, alone or joined with others: `-g`, `-fgp`. */
const CORE_OPTION = /(^|\s)-([a-zA-Z]*)g([a-zA-Z]*)(?=\s|$)/

/** The facts about this machine's Asterisk. */
export interface AsteriskFacts {
  /** Undefined if no Asterisk runs with this configuration. */
  version: string | undefined
  user: string | undefined
  group: string | undefined
  dumpsByOption: boolean
  realTime: boolean
}

/** Finds the user and the options of Asterisk: from its process, or else from unit and `asterisk.conf`. */
export function findAsteriskFacts(machine: Machine, version: string | undefined): AsteriskFacts {
  const running = runningAsterisk(machine)
  if (running)
    return {
      version,
      ...namesOf(machine.host, running),
      dumpsByOption: running.dumpsByOption,
      realTime: running.realTime,
    }
  const command = startCommand(machine)
  const { config } = asteriskFile(machine, 'asterisk.conf')
  const option = (letter: string, key: string) =>
    new RegExp(`\\s-${letter}\\s*(\\S+)`).exec(command)?.[1] ?? settingIn(config, 'options', key)
  const user = option('U', 'runuser')
  const account = user === undefined ? undefined : findAccount(machine.host, user)
  return {
    version,
    user,
    group: option('G', 'rungroup') ?? (account && nameOfGroup(machine.host, account.gid)),
    dumpsByOption: CORE_OPTION.test(command),
    realTime: /\s-[a-zA-Z]*p[a-zA-Z]*(?=\s|$)/.test(command),
  }
}

const namesOf = (host: HostPaths, { uid, gid }: { uid: number; gid: number }) => ({
  user: nameOfUser(host, uid),
  group: nameOfGroup(host, gid),
})

/** The command of the unit. Empty if there is no unit. */
const startCommand = (machine: Machine): string => /^ExecStart=(.+)$/m.exec(unitText(machine))?.[1] ?? ''

function unitText(machine: Machine): string {
  for (const folder of UNIT_FOLDERS) {
    const text = readFile(machine, `${folder}/asterisk.service`)
    if (text !== undefined) return text
  }
  return ''
}

/**
 * Plans the changes of Asterisk's unit, so that conversations in its memory reach no disk, and it may open enough
 * files.
 */
export function planAsteriskUnit(machine: Machine, facts: AsteriskFacts): StepPlan {
  const title = words('Asterisk', 'Asterisk')
  const found = [foundWords(facts)]
  const unit = unitText(machine)
  if (unit === '') return { title, found, changes: [], todo: facts.dumpsByOption ? [STARTED_OTHERWISE] : [] }
  const command = startCommand(machine)
  const without = command.replace(CORE_OPTION, (_, before, left, right) =>
    left || right ? `${before}-${left}${right}` : '',
  )
  const after = `${DROP_IN_HEAD}
[Service]
${without === command ? '' : `ExecStart=\nExecStart=${without}\n`}LimitCORE=0
MemorySwapMax=0
LimitNOFILE=${OPEN_FILES.wanted}
`
  const changes = writeFile(machine, DROP_IN, { after, mode: 0o644 })
  if (changes.length === 0) return { title, found, changes, todo: [] }
  const reload = { do: 'run' as const, command: ['systemctl', 'daemon-reload'], why: RELOAD_UNITS }
  return { title, found, changes: [...changes, reload], todo: [RESTART_ASTERISK] }
}

const foundWords = ({ version, user = '?', group = '?', dumpsByOption, realTime }: AsteriskFacts) =>
  words(
    `${version ?? 'It does not run'}; user ${user}, group ${group}; ${dumpsByOption ? 'dumps core (-g)' : 'no -g'}; ${realTime ? 'real-time priority' : 'usual priority'}.`,
    `${version ?? 'Не работает'}; пользователь ${user}, группа ${group}; ${dumpsByOption ? 'пишет core-файлы (-g)' : 'без -g'}; ${realTime ? 'приоритет реального времени' : 'обычный приоритет'}.`,
  )

export const RELOAD_UNITS = words('systemd reads the unit again.', 'systemd перечитывает юнит.')
const STARTED_OTHERWISE = words(
  'Asterisk has no unit of this name, and is started with -g: take that out where it is started.',
  'У Asterisk нет юнита с таким именем, и он запускается с -g: уберите этот ключ там, где его запускают.',
)
