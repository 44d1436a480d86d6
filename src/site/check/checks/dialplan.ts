import { dialplanFile, shippedEntry } from '../../../asterisk/dialplan-version.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

/** Whether the dialplan has consentry.conf, in this version, and with the name of our application. */
export const dialplan: Check = {
  name: 'dialplan',
  title: words('Dialplan', 'Диалплан'),
  async look(site) {
    const { included, current, globals } = await site.pbx()
    if (included === null)
      return unknown(
        'The PBX does not say what its dialplan has.',
        'АТС не сообщает, что есть в её диалплане.',
      )
    if (!included) return { state: 'fault', faults: [NOT_INCLUDED()] }
    const { app } = site.config().ari
    const handedTo = globals.CONSENTRY_APP || 'consentry'
    const faults = [
      ...(current === false ? [OUTDATED()] : []),
      ...(globals.CONSENTRY_APP !== null && handedTo !== app ? [otherApplication(handedTo, app)] : []),
    ]
    return faultsOr(
      faults,
      sound('It has consentry.conf of this version.', 'В нём есть consentry.conf этой версии.'),
    )
  },
}

const RELOAD = 'asterisk -rx "dialplan reload"'

const NOT_INCLUDED = (): Fault => ({
  found: words(
    'The dialplan lacks contexts of consentry.conf: no call comes to the service.',
    'В диалплане нет контекстов из consentry.conf: звонки до службы не доходят.',
  ),
  setting: 'extensions.conf',
  remedy: words(
    `Run consentry setup, or copy ${shippedEntry()} beside it as consentry-extensions.conf and write #include consentry-extensions.conf into it, then: ${RELOAD}`,
    `Выполните consentry setup либо скопируйте ${shippedEntry()} рядом с ним под именем consentry-extensions.conf и добавьте в него #include consentry-extensions.conf, затем: ${RELOAD}`,
  ),
})

const OUTDATED = (): Fault => ({
  found: words(
    'The dialplan has consentry.conf of another version.',
    'В диалплане consentry.conf другой версии.',
  ),
  setting: 'extensions.conf',
  remedy: words(
    `See that it gets ${dialplanFile()}, then: ${RELOAD}`,
    `Проверьте, что в него попадает ${dialplanFile()}, затем: ${RELOAD}`,
  ),
})

const otherApplication = (handedTo: string, app: string): Fault => ({
  found: words(
    `The dialplan hands calls to the application ${handedTo}, and the service is ${app}.`,
    `Диалплан отдаёт звонки приложению ${handedTo}, а служба называется ${app}.`,
  ),
  setting: 'ARI_APP',
  remedy: words(
    `Write CONSENTRY_APP=${app} into [globals] of extensions.conf, then: ${RELOAD}`,
    `Добавьте CONSENTRY_APP=${app} в [globals] файла extensions.conf, затем: ${RELOAD}`,
  ),
})
