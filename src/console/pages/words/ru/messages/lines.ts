import type { Catalogue } from '../../translate.js'

const STATES: Readonly<Record<string, string>> = {
  open: 'в работе',
  'waiting for an approval': 'ждёт одобрения',
  approved: 'одобрен',
  scheduled: 'опубликуется в назначенное время',
  published: 'опубликован',
  discarded: 'удалён',
}

const INSTEAD: Readonly<Record<string, string>> = {
  'Cancel its schedule to publish it at once.': 'Чтобы опубликовать сразу, отмените назначенное время.',
  'Cancel its schedule to give it another time.': 'Чтобы назначить другое время, отмените прежнее.',
  'An approval is requested for an open draft.': 'Одобрение запрашивают для черновика, который в работе.',
  'Only a draft for which an approval was requested is approved.':
    'Одобрить можно только черновик, для которого запрошено одобрение.',
  'Only the schedule of a scheduled draft is cancelled.': 'Назначенного времени у него нет.',
}

const noLine = 'Линии {1} нет. Все линии перечислены в разделе «Линии».'

/** Refusals and warnings about lines, groups and drafts. */
export const LINES: Catalogue = {
  'This change is partly by {}: somebody else must approve it.':
    'В этом изменении участвует {1}. Одобрить его должен кто-то другой.',
  'This change is partly by the token {}, which you have added: somebody else must approve it.':
    'В этом изменении участвует токен {1}, который создали вы. Одобрить его должен кто-то другой.',
  'Here a second person must approve a draft before it is published: request the approval, and let somebody who has not changed it give it.':
    'Здесь черновик перед публикацией одобряет второй человек. Запросите одобрение; дать его может администратор, который этот черновик не менял.',
  'What line {} inherits from its group has changed since {} approved the draft. Save it again, and request another approval.':
    'То, что линия {1} берёт у группы, изменилось после одобрения ({2}). Сохраните черновик снова и запросите новое одобрение.',
  'There is no draft with this id. consentry line draft list NUMBER lists them.': 'Такого черновика нет.',
  'This draft was changed meanwhile by {}: it is revision {} now, not {}. Check it again before you continue.':
    'Черновик тем временем изменил {1}: теперь это редакция {2}, а не {3}. Посмотрите его снова, прежде чем продолжать.',
  'This draft is published as version {} of line {}. Begin another one.':
    'Этот черновик уже опубликован: версия {1} линии {2}. Начните новый.',
  'This draft is discarded. Begin another one.': 'Этот черновик удалён. Начните новый.',
  'The draft is {}. {}': (state = '', instead = '') =>
    `Черновик ${STATES[state] ?? state}. ${INSTEAD[instead] ?? 'Откройте его заново: там видно, что можно сделать.'}`,
  'The number of a line has letters, digits and * # +, at most 64.':
    'В номере линии могут быть латинские буквы, цифры и знаки * # +, всего до 64.',
  'The console has another page at the address of "{}", so no line can be called that: choose another number.':
    'По адресу «{1}» у консоли другая страница, поэтому линию так назвать нельзя. Выберите другой номер.',
  'Line {} is not in force: there is nothing to rebase on.':
    'Линия {1} не действует, поэтому переносить изменения не на что.',
  'This draft is based on version {} already.': 'Черновик и так основан на версии {1}.',
  'Give the line, as {…}.': 'Линия не указана.',
  "A draft has at most {} bytes of JSON, and a line's depth.": 'Черновик слишком велик. Сократите тексты.',
  'Line {} has changed since this draft was begun on {}: {}. Rebase the draft.{}':
    'Линию {1} изменили после того, как был начат черновик. Перенесите свои изменения на нынешнюю версию.',
  'The time lies more than a year ahead.': 'До назначенного времени больше года.',
  'The time lies in the past. To publish at once, press Publish, or give the command no time.':
    'Назначенное время уже прошло. Чтобы опубликовать сразу, нажмите «Опубликовать».',
  'This draft changes nothing yet: it is equal to version {} of line {}, which is in force.':
    'Черновик пока ничего не меняет: он совпадает с версией {1} линии {2}, которая действует.',
  'Version {} of line {} is in force already.': 'Версия {1} линии {2} и так действует.',
  'Version {} of line {} is equal to version {}, which is in force.':
    'Версия {1} линии {2} совпадает с версией {3}, которая действует.',
  'The group {} has changed since this was proposed, so it can no longer be approved. Withdraw it, or propose the change again.':
    'С тех пор группа {1} изменилась, поэтому одобрить это уже нельзя. Отзовите предложение или предложите изменение заново.',
  'There is a draft of {} already, by {}: open it, and change it there, or discard it first.':
    'Черновик линии {1} уже есть, его начал {2}. Откройте его и измените там или сначала выбросьте.',
  'The time is malformed: give a day and a time.': 'Время указано неверно. Нужны день и время.',
  'The draft is not valid.\n{}': 'В черновике есть ошибки.\n{1}',
  'The line is not valid.\n{}': 'В линии есть ошибки.\n{1}',
  'The line is not valid.\n{}\n{}': 'В линии есть ошибки.\n{1}\n{2}',
  'Change the line, or have other words spoken: see Prompts in docs/lines.md.':
    'Измените линию или запишите другие слова.',
  "Name the company and have its prompts spoken on the console's page /setup/company, or say that this installation is a trial there or by consentry company --trial.":
    'Назовите компанию и озвучьте её фразы на странице /setup/company или укажите там, что это пробная установка.',
  'There is no place for {}. Add a folder for it to that setting.':
    'Записям некуда лечь. Добавьте папку в настройку.\n{1}',
  'purpose "{}" (line {}) in {}': 'Цель «{1}» (линия {2}): {3}',
  "The line's policy is not valid: {}": 'В линии есть ошибки.\n{1}',
  'The group is not valid: {}': 'В группе есть ошибки.\n{1}',
  'Lines of the group would not be valid.\n{}': 'С такими значениями в линиях группы были бы ошибки.\n{1}',
  'Here a second person must approve a line. Save it as a draft (POST /api/v1/lines/NUMBER/drafts), request the approval, and publish it once somebody else has approved it.':
    'Здесь линию одобряет второй человек. Сохраните её как черновик, запросите одобрение и опубликуйте, когда его даст кто-то другой.',
  'Here a second person must approve a change of lines. Begin a draft (consentry line draft new NUMBER, with --version N to go back to an earlier version) or propose the change of a group (line group propose), and let somebody else approve it. In an emergency --without-approval does it at once; the journal says so.':
    'Здесь изменение линий одобряет второй человек. Начните черновик или предложите изменение группы, и пусть кто-то другой их одобрит.',
  'Here a second person must approve what callers hear. Propose it (POST /api/v1/prompts/NAME/LANGUAGE/versions/VERSION/proposals), and let somebody else approve it.':
    'Здесь то, что слышат звонящие, одобряет второй человек. Запросите одобрение на странице фразы, и пусть его даст кто-то другой.',
  'Here a second person must approve what callers hear. Propose it with --propose, and let somebody else approve it (consentry prompt proposal approve). In an emergency --without-approval does it at once; the journal says so.':
    'Здесь то, что слышат звонящие, одобряет второй человек. Предложите изменение, и пусть его одобрит кто-то другой.',
  'There is no line: give one as {…}, or several as [{…}, {…}].': 'Линия не указана.',
  'Give one line to try, as {…}.': 'Линия не указана.',
  'The name of a group is lower-case words joined by hyphens, at most 40 characters.':
    'Имя группы пишется маленькими латинскими буквами, слова через дефис, до 40 знаков.',
  'The group is too long to be journalled: shorten its legal bases and reasons.':
    'Группа слишком длинна для журнала. Сократите правовые основания и причины.',
  'Line {} is too long to be journalled with its old version: shorten its legal bases and reasons.':
    'Линия {1} слишком длинна для журнала. Сократите правовые основания и причины.',
  'Somebody has changed the group meanwhile: it has version {} now, not {}. Check it again before you continue.':
    'Группу тем временем изменили: теперь это версия {1}, а не {2}. Посмотрите её ещё раз.',
  'Somebody has changed the group {} meanwhile. Check it again before you continue.':
    'Группу {1} тем временем изменили. Посмотрите её ещё раз.',
  'This change does not wait any more: it was approved, withdrawn or replaced.':
    'Это изменение больше не ждёт одобрения: его одобрили, отозвали или заменили.',
  'There is no group with this name. See consentry line group list.': 'Такой группы линий нет.',
  'Line {} has no version {}.': 'У линии {1} нет версии {2}.',
  'There is no line {}. See consentry line list.': noLine,
  'There is no line {}, and no draft of it. See consentry line list.':
    'Нет ни линии {1}, ни её черновика. Все линии перечислены в разделе «Линии».',
  'The draft of line {} has a key or a term that cannot be: mend it first.':
    'В черновике линии {1} есть клавиша или срок, которых не бывает. Сначала исправьте их.',
  'nothing is recorded for purpose "{}" (line {}): make a key for it on the console\'s page /setup/key, or add a recipient for this purpose to CONSENTRY_RECIPIENTS':
    'Для цели «{1}» ничего не записывается (линия {2}): для неё нет ключа. Создайте его на странице /setup/key или добавьте в файл, который назван в CONSENTRY_RECIPIENTS.',
  'line {} states all of its fields now: it does not inherit from group {} any more':
    'Теперь линия {1} задаёт все значения сама и ничего не берёт из группы {2}.',
  'The language of a line is {}.': 'На таком языке линию начать нельзя. Выберите другой из списка.',
  'Line {} exists already: open it, and change it there. A new line needs another number.':
    'Линия {1} уже есть. Откройте её и измените там. Для новой линии нужен другой номер.',
  'the prompt "{}" ({}) names neither a term nor the key of a withdrawal: hear whether it tells callers of line {} what they agree to':
    'Фраза «{1}» ({2}) не называет ни срока, ни клавиши отзыва. Послушайте, понимают ли звонящие на линию {3}, на что соглашаются.',
  'There is no such field in a line.': 'Такого поля у линии нет.',
  'The draft has no such purpose.': 'Такой цели в черновике нет.',
  'This line says nothing to its callers, so there is nothing to hear.':
    'Эта линия ничего не говорит звонящим, поэтому слушать нечего.',
  'No phone may be rung: name some in CONSENTRY_RING_ENDPOINTS, such as PJSIP/anna, and restart the service.':
    'Ни на один телефон звонить не разрешено. Назовите их в CONSENTRY_RING_ENDPOINTS, например PJSIP/anna, и перезапустите службу.',
  'This phone may not be rung. These may: {}. CONSENTRY_RING_ENDPOINTS names them.':
    'На этот телефон звонить не разрешено. Можно на эти: {1}. Их задаёт CONSENTRY_RING_ENDPOINTS.',
  'Say why you reject it: the comment is for those who change it next.':
    'Напишите, почему отклоняете: это прочтёт тот, кто будет менять дальше.',
  'A comment has at most {} characters, without control characters.':
    'Комментарий не длиннее {1} знаков и без управляющих символов.',
}
