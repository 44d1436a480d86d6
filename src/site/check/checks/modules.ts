import { words } from '../../../core/words.js'
import { type Check, faultsOr, sound, unknown } from '../check.js'

/** The features that consentry.conf and the service use, by the module that provides them. */
const NEEDED = [
  ...['app_mixmonitor', 'app_stack', 'app_stasis', 'format_pcm', 'codec_alaw'],
  ...['func_cut', 'func_dialplan', 'func_env', 'func_global', 'func_logic', 'func_strings', 'func_volume'],
  ...['res_ari_applications', 'res_ari_asterisk', 'res_ari_bridges', 'res_ari_channels', 'res_ari_events'],
  ...['res_ari_playbacks', 'res_stasis_playback', 'res_stasis_snoop'],
]

/** Modules that send the service the caller's speech. Only lines by voice need them. */
const NEEDED_BY_VOICE = ['chan_rtp']

/** Whether the PBX has the modules. */
export const modules: Check = {
  name: 'modules',
  title: words('Modules of Asterisk', 'Модули Asterisk'),
  async look(site) {
    const { modules: running } = await site.pbx()
    if (!running)
      return unknown('The PBX does not list its modules.', 'АТС не сообщает, какие модули загружены.')
    const lines = await site.lines().catch(() => [])
    const isByVoice = lines.some(({ mode }) => mode === 'voice-or-key')
    const needed = [...NEEDED, ...(isByVoice ? NEEDED_BY_VOICE : [])]
    const missing = needed
      .filter(name => !running.includes(`${name}.so`))
      .map(name => ({
        found: words(`The module ${name} does not run.`, `Модуль ${name} не загружен.`),
        setting: 'modules.conf',
        remedy: words(
          `Load it: asterisk -rx "module load ${name}.so", and take noload = ${name}.so out.`,
          `Загрузите его: asterisk -rx "module load ${name}.so", и уберите noload = ${name}.so.`,
        ),
      }))
    return faultsOr(missing, sound('All that are needed run.', 'Загружены все нужные.'))
  },
}
