import { keepersOf } from '../../../audio/tap/keepers-of.js'
import { words } from '../../../core/words.js'
import { type Exposure, memoryExposures } from '../../../lib/host/memory.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Whether swap and core dumps may write keys and conversations to a disk, for each process that has them. */
export const memory: Check = {
  name: 'memory',
  title: words('Memory', 'Память'),
  async look(site) {
    const report = await site.service().catch(() => undefined)
    const holders: [unit: string, pid: number | undefined][] = [
      ['consentry.service', report?.pid],
      ...(await keepersOf(site.config().tapDir)).map(
        pid => ['consentry-keeper.service', pid] as [string, number],
      ),
      ['asterisk.service', site.asterisk()?.pid],
    ]
    const running = holders.filter(([, pid]) => pid !== undefined)
    if (running.length === 0)
      return unknown(
        'Neither service nor Asterisk runs here.',
        'Ни служба, ни Asterisk на этой машине не работают.',
      )
    const faults = running.flatMap(([unit, pid]) =>
      memoryExposures(pid, site.host).map(exposure => exposed(unit, exposure)),
    )
    return faultsOr(
      distinct(faults),
      sound(
        'It reaches no disk, neither by swap nor by core files.',
        'Не попадает на диск ни через swap, ни в core-файлы.',
      ),
    )
  },
}

/** The pattern of core files is the machine's, and is reported for each process. */
const distinct = (faults: readonly Fault[]): Fault[] =>
  faults.filter((fault, i) => faults.findIndex(other => other.found.en === fault.found.en) === i)

function exposed(unit: string, exposure: Exposure): Fault {
  if (exposure === 'swap')
    return {
      found: words(
        `Memory of ${unit} may be swapped to a disk, with keys and conversations.`,
        `Память ${unit} с ключами и разговорами может попасть в swap на диске.`,
      ),
      setting: `MemorySwapMax (${unit})`,
      remedy: words(
        `systemctl edit ${unit}: MemorySwapMax=0, or swapoff -a`,
        `systemctl edit ${unit}: MemorySwapMax=0, или swapoff -a`,
      ),
    }
  if (exposure === 'core')
    return {
      found: words(
        `A crash may write the memory of ${unit} into a core file.`,
        `При сбое память ${unit} может попасть в core-файл.`,
      ),
      setting: `LimitCORE (${unit})`,
      remedy: words(`systemctl edit ${unit}: LimitCORE=0`, `systemctl edit ${unit}: LimitCORE=0`),
    }
  return {
    found: words(
      'The kernel hands core dumps to a program, whatever the limits are.',
      'Ядро отдаёт core-файлы программе, каковы бы ни были лимиты.',
    ),
    setting: 'kernel.core_pattern',
    remedy: words('sysctl kernel.core_pattern=core', 'sysctl kernel.core_pattern=core'),
  }
}
