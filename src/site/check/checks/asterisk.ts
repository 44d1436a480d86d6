import { words } from '../../../core/words.js'
import { nameOfUser } from '../../../lib/host/accounts.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** How the process of the PBX runs: under which user, and whether it may write its memory to a disk. */
export const asterisk: Check = {
  name: 'asterisk',
  title: words('Process of Asterisk', 'Процесс Asterisk'),
  async look(site) {
    const found = site.asterisk()
    if (!found)
      return unknown(
        'Asterisk does not run on this machine, or several do.',
        'Asterisk на этой машине не работает, или их несколько.',
      )
    const faults = [
      ...(found.ignoresModes ? [AS_ROOT] : []),
      ...(found.dumpsByOption ? [DUMPS_BY_OPTION] : []),
      ...(found.realTime ? [] : [NO_PRIORITY]),
    ]
    const user = nameOfUser(site.host, found.uid)
    return faultsOr(faults, sound(`It runs as ${user}.`, `Работает от пользователя ${user}.`))
  },
}

const AS_ROOT: Fault = {
  found: words(
    'Asterisk runs as root. It may make files in the tap folder, with conversations in clear.',
    'Asterisk работает от root и может создать в папке звука файлы с открытыми разговорами.',
  ),
  setting: 'runuser (asterisk.conf)',
  remedy: words(
    'Set runuser = asterisk and rungroup = asterisk in [options], or User= of its unit, and restart it.',
    'Задайте runuser = asterisk и rungroup = asterisk в [options] или User= в его юните и перезапустите его.',
  ),
}

const DUMPS_BY_OPTION: Fault = {
  found: words(
    'Asterisk was started with -g: when it crashes, conversations get into a core file, and dumpcore = no does nothing.',
    'Asterisk запущен с -g: при сбое разговоры попадут в core-файл, и dumpcore = no тут не действует.',
  ),
  setting: '-g (ExecStart)',
  remedy: words(
    'systemctl edit asterisk: ExecStart= without -g, and LimitCORE=0. Then restart it.',
    'systemctl edit asterisk: ExecStart= без -g и LimitCORE=0. Затем перезапустите его.',
  ),
}

const NO_PRIORITY: Fault = {
  found: words(
    'Asterisk has no real-time priority: on a busy machine recordings lose packets.',
    'У Asterisk нет приоритета реального времени: на занятой машине записи теряют пакеты.',
  ),
  setting: 'highpriority (asterisk.conf)',
  remedy: words(
    'Set highpriority = yes in [options], or CPUSchedulingPolicy=rr of its unit, and restart it.',
    'Задайте highpriority = yes в [options] или CPUSchedulingPolicy=rr в его юните и перезапустите его.',
  ),
  weak: true,
}
