import { words } from '../../../core/words.js'
import { type Check, sound, unknown } from '../check.js'

/** Whether the PBX keeps both legs of a recording when a caller is transferred to another phone. */
export const sides: Check = {
  name: 'sides',
  title: words('Both sides after a transfer', 'Обе стороны после перевода'),
  async look(site) {
    switch (await site.sides()) {
      case 'none':
        return sound(
          'The PBX goes on recording both sides when another phone follows.',
          'После перевода АТС пишет обе стороны.',
        )
      case 'mended':
        return sound(
          'This Asterisk silences a side when another phone follows. The service restarts the tap each time.',
          'Этот Asterisk теряет одну сторону после перевода. Служба каждый раз перезапускает запись.',
        )
      case 'present':
        return { state: 'fault', faults: [NOT_RESTARTED] }
      default:
        return unknown('The service does not know it yet.', 'Служба этого пока не знает.')
    }
  },
}

const NOT_RESTARTED = {
  found: words(
    'This Asterisk silences a side of recordings when another phone follows, and the dialplan cannot restart the tap.',
    'Этот Asterisk теряет одну сторону записи после перевода, а диалплан не может перезапустить запись.',
  ),
  setting: 'CONSENTRY_ASTERISK',
  remedy: words(
    'Load func_shell.so, and name in this global variable of the dialplan how to reach the console: A side that vanishes in docs/parties.md.',
    'Загрузите func_shell.so и укажите в этой глобальной переменной диалплана, как вызвать консоль: раздел A side that vanishes в docs/parties.md.',
  ),
}
