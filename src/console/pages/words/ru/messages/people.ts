import type { Catalogue } from '../../translate.js'

/** Refusals about people: signing in, accounts, rules, trainings. */
export const PEOPLE: Catalogue = {
  'The code is not that of the second factor: scan the QR code, check the time of the phone, and type the code that is shown now.':
    'Код не подходит. Снимите QR-код, проверьте время на телефоне и введите код, который показан сейчас.',
  'The code is not that of the new second factor: scan the QR code, check the time of the phone, and type the code that is shown now.':
    'Код не от нового второго фактора. Снимите QR-код, проверьте время на телефоне и введите код, который показан сейчас.',
  'The link was opened again since: its second factor is another one now. Open the link again and scan the new code. If it was not you, tell your administrator.':
    'Ссылку с тех пор открыли ещё раз, и второй фактор теперь другой. Откройте ссылку снова и снимите новый код. Если это были не вы, скажите администратору.',
  'This link is not valid: it was used, replaced, or is older than 7 days. Ask an administrator for a new one.':
    'Ссылка не действует: её использовали, заменили, или ей больше 7 дней. Попросите у администратора новую.',
  'This address is not valid any more. On this host, consentry user add NAME --role administrator makes the first user.':
    'Этот адрес больше не действует. Первого пользователя добавит на этом сервере команда consentry user add ИМЯ --role administrator.',
  'You may not hear recordings yet. {}':
    'Слушать записи пока нельзя. Примите действующие правила на странице «Профиль»; обучение записывает администратор.',
  'There is no user with this name.': 'Пользователя с таким именем нет.',
  'There is a user {} already: choose another name, or press Reset access at that person (consentry user reset {}).':
    'Пользователь {1} уже есть. Выберите другое имя или нажмите «Сбросить доступ» рядом с этим человеком.',
  'The name of a user begins with a letter and has letters, digits, dots, hyphens, underscores and @, at most 64. Its letters are all Latin or all Cyrillic.':
    'Имя начинается с буквы; в нём могут быть буквы, цифры, точки, дефисы, подчёркивания и @, всего до 64 знаков. Буквы только русские или только латинские.',
  'The name looks like that of {}, with letters of another alphabet: choose another name.':
    'Имя выглядит как имя {1}, но из букв другого алфавита. Выберите другое.',
  'The passphrase was changed meanwhile: sign in with the new one.':
    'Парольную фразу тем временем сменили. Войдите с новой.',
  'A passphrase has {} to {} characters: four words that do not belong together are good.':
    'В парольной фразе от {1} до {2} знаков. Хороши четыре слова, не связанные между собой.',
  'The passphrase is the name: choose another one.': 'Парольная фраза совпадает с именем. Придумайте другую.',
  'This passphrase is tried first by attackers: choose another one.':
    'Такую фразу подбирают первой. Придумайте другую.',
  'Too many people sign in at this moment: try again in a few seconds.':
    'Сейчас входит слишком много людей сразу. Попробуйте ещё раз через несколько секунд.',
  'First confirm that it is you: by passphrase and a current code, or by a passkey, on the page Me or by POST /me/proof. That holds for 5 minutes.':
    'Сначала подтвердите на странице «Профиль», что это вы. Подтверждение действует 5 минут.',
  'The present passphrase is wrong.': 'Нынешняя парольная фраза не подходит.',
  'Passphrase or code is wrong. A code counts once: wait for the next one, or type a recovery code.':
    'Парольная фраза или код не подходят. Каждый код действует один раз: дождитесь следующего или введите код восстановления.',
  'This passkey does not prove that it is you, or it took longer than 5 minutes: try again, or use another of your passkeys.':
    'Ключ доступа не подтвердил, что это вы, или прошло больше 5 минут. Попробуйте ещё раз или возьмите другой свой ключ.',
  'You have no passkey: confirm that it is you by passphrase and code.':
    'Ключа доступа у вас нет. Подтвердите парольной фразой и кодом, что это вы.',
  'This passkey does not let you in. Try again, or sign in by passphrase and code. An administrator can reset an account.':
    'С этим ключом доступа войти нельзя. Попробуйте ещё раз или войдите с парольной фразой и кодом. Сбросить доступ может администратор.',
  'This passkey is all that lets you in: add another one first.':
    'Кроме этого ключа доступа, войти вам нечем. Сначала добавьте другой.',
  'Give the passkey a name of at most {} characters, without control characters, such as that of the device.':
    'Назовите ключ доступа, например по устройству. В названии до {1} знаков, без управляющих.',
  'You have {} passkeys: remove one that you do not use.':
    'Ключей доступа у вас уже {1}. Удалите тот, которым не пользуетесь.',
  'This is not the passkey that was asked for, or it took longer than five minutes: try again.':
    'Это не тот ключ доступа, или прошло больше пяти минут. Попробуйте ещё раз.',
  'You have no such passkey.': 'Такого ключа доступа у вас нет.',
  'You have no passphrase, so no second factor goes with it: add a second passkey instead.':
    'Парольной фразы у вас нет, и второй фактор к ней не нужен. Лучше добавьте второй ключ доступа.',
  'Passkeys are made for a name. Give the console one: set CONSENTRY_CONSOLE_ORIGIN to an address with a host name.':
    'Ключи доступа привязаны к имени узла. Дайте консоли имя: укажите в CONSENTRY_CONSOLE_ORIGIN адрес с именем.',
  'No second factor is being replaced: begin again on the page Me, and confirm the one that is shown then.':
    'Второй фактор сейчас не меняется. Начните на странице «Профиль» заново и подтвердите тот, который будет показан.',
  'Rules have a text: write it.': 'Напишите текст правил.',
  'Rules have at most {} characters: this text has {}.': 'В правилах до {1} знаков, а в этом тексте {2}.',
  'These rules are in force already.': 'Эти правила уже действуют.',
  'Somebody has published other rules meanwhile. Read those before you replace them.':
    'Тем временем опубликовали другие правила. Прочитайте их, прежде чем заменять.',
  'Other rules are in force now: read those.': 'Теперь действуют другие правила. Прочитайте их.',
  'There is no such session.': 'Такого сеанса нет.',
  'Name, passphrase or code is wrong. A code counts once: wait for the next one. An administrator can reset an account.':
    'Имя, парольная фраза или код не подходят. Каждый код действует один раз: дождитесь следующего. Сбросить доступ может администратор.',
  'Say which training, in at most {} characters, without control characters.':
    'Назовите обучение, не длиннее {1} знаков, без управляющих.',
  'The day of the training is malformed: give a day of the calendar.':
    'День обучения указан неверно. Выберите день в календаре.',
  'The day of the training is yet to come.': 'День обучения ещё не наступил.',
  'The day of the training is more than {} years ago: check the year.':
    'День обучения был больше {1} лет назад. Проверьте год.',
  'The user {} is disabled already.': 'Пользователь {1} уже отключён.',
  'The user {} is not disabled.': 'Пользователь {1} не отключён.',
  'Somebody has changed the roles of {} meanwhile. Check them again before you continue.':
    'Роли пользователя {1} тем временем изменили. Посмотрите их ещё раз.',
  'Choose at least one role.': 'Выберите хотя бы одну роль.',
  'You cannot change your own {}: ask another administrator.': what =>
    what === 'roles'
      ? 'Свои роли менять нельзя. Попросите другого администратора.'
      : 'Свой доступ так менять нельзя. Попросите другого администратора.',
  'This is the last administrator: first make another one, who accepts the invitation.':
    'Это последний администратор. Сначала пригласите другого и дождитесь, пока он примет приглашение.',
}
