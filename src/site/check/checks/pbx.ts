import { AppError } from '../../../core/errors.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** The oldest Asterisk with which the dialplan file was tried. */
const OLDEST = 16

/** Whether the PBX can be reached, knows the ARI user, and is not too old. */
export const pbx: Check = {
  name: 'pbx',
  title: words('PBX', 'АТС'),
  async look(site) {
    const { ari } = site.config()
    try {
      const { version, writable, followed, url } = await site.pbx()
      const major = Number.parseInt(version ?? '', 10)
      const faults = [
        ...(writable === false ? [READ_ONLY] : []),
        ...(followed === false ? [NOT_FOLLOWED] : []),
        ...(major < OLDEST ? [tooOld(version ?? '')] : []),
      ]
      return faultsOr(
        faults,
        sound(`Asterisk ${version ?? '?'}, ${url}`, `Asterisk ${version ?? '?'}, ${url}`),
      )
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { state: 'fault', faults: [unreachable(error.message, ari.url)] }
    }
  },
}

function unreachable(message: string, url: string): Fault {
  const refused = /\((?:401|403)\)/.test(message)
  return {
    found: words(`It is out of reach: ${message}`, `Недоступна: ${message}`),
    setting: refused ? 'ARI_USERNAME, ARI_PASSWORD' : 'ARI_URL',
    remedy: refused
      ? words(
          'Use name and password of a user in ari.conf, then: asterisk -rx "module reload res_ari.so"',
          'Укажите имя и пароль пользователя из ari.conf, затем: asterisk -rx "module reload res_ari.so"',
        )
      : words(
          `See that Asterisk runs and http.conf has enabled = yes for ${new URL(url).host}: asterisk -rx "http show status"`,
          `Проверьте, что Asterisk работает и в http.conf есть enabled = yes для ${new URL(url).host}: asterisk -rx "http show status"`,
        ),
  }
}

const READ_ONLY: Fault = {
  found: words(
    'The ARI user may only read, so no caller is asked.',
    'Пользователь ARI может только читать, поэтому никого не спрашивают.',
  ),
  setting: 'read_only (ari.conf)',
  remedy: words('Set read_only = no for this user.', 'Задайте этому пользователю read_only = no.'),
}

const NOT_FOLLOWED: Fault = {
  found: words(
    'It does not report who joins a conversation, so recordings are paused.',
    'Не сообщает, кто присоединяется к разговору, поэтому записи приостановлены.',
  ),
  setting: 'ARI_URL',
  remedy: words(
    'See that nothing between service and ARI refuses POST /ari/applications, and why in the log of Asterisk. The service asks again every 30 s.',
    'Проверьте, что между службой и ARI ничто не отклоняет POST /ari/applications; причину ищите в журнале Asterisk. Служба повторяет запрос каждые 30 с.',
  ),
}

const tooOld = (version: string): Fault => ({
  found: words(
    `Asterisk ${version} is older than ${OLDEST}, which the dialplan file needs.`,
    `Asterisk ${version} старше версии ${OLDEST}, которая нужна файлу диалплана.`,
  ),
  setting: 'Asterisk',
  remedy: words('Update Asterisk.', 'Обновите Asterisk.'),
})
