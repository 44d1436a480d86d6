import type { Catalogue } from '../../translate.js'

const ROLES: Readonly<Record<string, string>> = {
  administrator: 'администратор',
  supervisor: 'супервизор',
  auditor: 'аудитор',
  'privacy-officer': 'ответственный за персональные данные',
  operator: 'оператор системы',
}

/** Roles, with commas between. */
export const rolesOf = (names: string): string =>
  names
    .split(', ')
    .map(name => ROLES[name] ?? name)
    .join(', ')

/** Refusals of the console itself, of the service and of the database. */
export const CONSOLE: Catalogue = {
  'Too many requests came to addresses that are none: wait a minute.':
    'Слишком много запросов к адресам, которых нет. Подождите минуту.',
  'No page has this address.': 'Страницы с таким адресом нет.',
  'The address is malformed: type it again.': 'Адрес записан неверно. Введите его заново.',
  'Sign in, or send Authorization: Bearer with a valid token. consentry token add makes one, consentry user add lets a person in.':
    'Войдите заново.',
  'The request comes from another page than the console. Open the console under its own address: see CONSENTRY_CONSOLE_ORIGIN.':
    'Запрос пришёл не со страницы консоли. Откройте консоль по её собственному адресу: его задаёт CONSENTRY_CONSOLE_ORIGIN.',
  'Too many requests came with this token or session: wait a minute.':
    'Слишком много запросов в этом сеансе. Подождите минуту.',
  'Too many requests came from this address: wait a minute.':
    'Слишком много запросов с этого адреса. Подождите минуту.',
  'Too many tokens or sessions that are none came from this address: wait a minute.':
    'С этого адреса приходит слишком много неверных токенов и сеансов. Подождите минуту или войдите заново.',
  'Too many requests came without a valid token or session: wait a minute.':
    'Слишком много запросов без входа. Подождите минуту.',
  'Only a person who has signed in may do this, and no token.':
    'Это может сделать только вошедший человек, но не программа с токеном.',
  'One of these roles is needed: {}.': (roles = '') => `Нужна одна из ролей: ${rolesOf(roles)}.`,
  'Only the command consentry does this, on the host of the service.':
    'Это делает только команда consentry, на машине службы.',
  'The body has more than {} levels.': 'В запросе больше {1} уровней вложенности.',
  '{} has the character U+0000, which no field may hold.':
    'В одном из полей есть недопустимый знак U+0000. Введите значение заново.',
  'The database does not answer. If the request changes something, that may have been done: look before you repeat it.':
    'База данных не отвечает. Если вы что-то меняли, проверьте, изменилось ли оно, прежде чем повторять.',
  'The request could not be journalled. If it changes something, that may have been done: look before you repeat it.':
    'Запрос не удалось записать в журнал. Если вы что-то меняли, проверьте, изменилось ли оно, прежде чем повторять.',
  'This was shown for 5 minutes, to the browser that asked for it: make a new one.':
    'Это показывалось 5 минут и только в том браузере, где было запрошено. Сделайте новое.',
  'Recovery codes are shown for 5 minutes, to the browser that asked for them: sign in, and make new ones under Me.':
    'Коды восстановления показывались 5 минут и только в том браузере, где были запрошены. Войдите и сделайте новые в разделе «Профиль».',
  'Too many attempts failed. Try again in {} s.': 'Слишком много неудачных попыток. Попробуйте через {1} с.',
  'This is a fault of the console: its log has the kind of it.':
    'Это сбой самой консоли. Вид сбоя записан в её журнале.',
  'Request body is too large': 'Отправлено слишком много. Сократите текст или файл.',
  'The service is not asked: {}. Run this as the user of the service.':
    'Консоль не может обратиться к службе ({1}). Она должна работать под пользователем службы.',
  'The service does not run here: start consentry serve with the same CONSENTRY_DATA, and try again.':
    'Служба здесь не работает. Запустите consentry serve с тем же CONSENTRY_DATA и попробуйте ещё раз.',
  'The service does not answer. It may do what was asked nevertheless: see its log before you try again.':
    'Служба не отвечает, но могла начать то, о чём её просили. Прежде чем повторять, загляните в её журнал.',
  'No such call is under way.': 'Такой звонок не идёт: он уже закончился.',
  'The person of this call is in no conversation now.': 'Собеседник этого звонка сейчас ни с кем не говорит.',
  'The person of this call is being asked.': 'Собеседника этого звонка уже спрашивают.',
  'The recordings of this call are paused.': 'Запись этого звонка поставлена на паузу.',
  'There is nothing to ask: the line asks for nothing to which this person has not agreed.':
    'Спрашивать не о чем: на всё, о чём спрашивает линия, этот человек уже согласился.',
  'This call came from a phone of the company, which is never asked.':
    'Звонок пришёл с телефона компании, а их не спрашивают.',
  'No caller is asked now, because calls are shed: see the alarms of the service.':
    'Сейчас никого не спрашивают: служба перегружена или не может писать записи. Посмотрите её тревоги.',
  'Too many pages are being kept up to date: close some of them.':
    'Открыто слишком много страниц, которые обновляются сами. Закройте часть из них.',
  'The service could not do it: its log has the kind of the fault.':
    'Служба не смогла этого сделать. Вид сбоя записан в её журнале.',
  'The service gave no answer that this version understands.':
    'Ответ службы непонятен этой версии консоли. Обновите консоль и службу до одной версии.',
  'The request to the service is malformed: {}.':
    'Служба не поняла запрос консоли ({1}). Обновите консоль и службу до одной версии.',
}
