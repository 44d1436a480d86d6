import type { Message } from '../../../../core/message.js'
import { type Catalogue, type MessageWords, translate } from '../translate.js'

/** Advice about a prompt that does not suit its line. */
const CHOOSE = 'Выберите другую фразу или запишите новые слова.'

/** What a prompt asks for, and then what the line does. */
const ASKS: Readonly<Record<string, string>> = {
  'asks for a key': 'просит нажать клавишу',
  'asks for a spoken answer': 'просит ответить голосом',
  'only gives notice': 'только предупреждает',
  'does not ask for a spoken answer': 'не просит ответить голосом',
}
const LINE_ASKS: Readonly<Record<string, string>> = {
  'only gives notice': 'только предупреждает',
  'asks for a key': 'ждёт клавишу',
  'takes spoken answers, too': 'слушает и голос',
}

/** What a prompt promises, while the line does the opposite. */
const ENDS: Readonly<Record<string, string>> = {
  'a withdrawal destroys the recording': 'обещает, что при отзыве запись уничтожат, а линия её хранит',
  'a withdrawal keeps the recording': 'говорит, что при отзыве запись сохранят, а линия её уничтожает',
  'the call ends after a no': 'говорит, что после отказа звонок завершится, а линия его продолжает',
  'the call goes on after a no': 'говорит, что после отказа звонок продолжится, а линия его завершает',
}
const CONFIRMS: Readonly<Record<string, string>> = {
  'a no': 'подтверждает отказ, а звучит после «да»',
  'a yes': 'подтверждает согласие, а звучит после «нет»',
}
const ANSWERS: Readonly<Record<string, string>> = { yes: 'да', no: 'нет' }

/** Faults of fields, as the schema of lines, their rules and the check of their prompts state them. */
export const FAULTS: Catalogue = {
  'the prompt "{}" says key {} for {}, but this line takes {}': (name, key, answer = '', own) =>
    `Фраза «${name}» называет для «${ANSWERS[answer]}» клавишу ${key}, а у линии это ${own}. ${CHOOSE}`,
  'the prompt "{}" says {} to withdraw, but this line takes {}': `Фраза «{1}» называет для отзыва {2}, а у линии это {3}. ${CHOOSE}`,
  'the prompt "{}" says key {} for this language, but this line takes {}': `Фраза «{1}» называет для этого языка клавишу {2}, а у линии это {3}. ${CHOOSE}`,
  'the prompt "{}" says {} days, but this line keeps recordings for {}': `Фраза «{1}» называет срок хранения в днях: {2}, а у линии это {3}. ${CHOOSE}`,
  'the prompt "{}" says that {}, but on this line {}': (name, end = '') =>
    `Фраза «${name}» ${ENDS[end]}. ${CHOOSE}`,
  'the prompt "{}" confirms {}, but this line has it after {}': (name, answer = '') =>
    `Фраза «${name}» ${CONFIRMS[answer]}. ${CHOOSE}`,
  'the prompt "{}" {}, but this line {}': (name, asks = '', does = '') =>
    `Фраза «${name}» ${ASKS[asks]}, а линия ${lineAsks(asks, does)}. ${CHOOSE}`,
  'the prompt "{}" names another company, but this line has "{}"': `Фраза «{1}» называет другую компанию, а линия — компании «{2}». ${CHOOSE}`,
  'the prompt "{}" ({}) names “{}”, which is an example':
    'Фраза «{1}» ({2}) называет компанию «{3}», а это пример.',
  'the prompt "{}" is no disclosure: choose one that says that the call is recorded, what for and for how long':
    'Фраза «{1}» ничего не сообщает о записи. Выберите ту, что говорит, что разговор записывают, зачем и на какой срок.',
  'there is no prompt "{}" in {}': 'Фразы «{1}» на языке линии нет. Выберите другую.',
  'must name the engine that hears the answers, because the mode is voice-or-key':
    'Линия слушает голос: выберите, чем распознавать ответы.',
  'cannot be used where a purpose is called "{}": kept answers are recordings of that purpose':
    'Одна из целей линии называется {1}, а так называются записи сказанного «да». Переименуйте цель или не храните ответы.',
  'must be true for the engine "embedded": it was measured on too few people to be proven':
    'Встроенный движок проверен на слишком малом числе людей. Чтобы он всё же слушал, разрешите непроверенный движок.',
  'must be at least {} where callers answer by voice':
    'Слишком мало: чтобы ответить голосом, нужно не меньше {1}.',
  'must be lower-case words joined by hyphens': 'Пишите маленькими латинскими буквами, слова через дефис.',
  'must not be empty': 'Здесь нужен текст.',
  'must not hold control characters': 'Здесь есть недопустимые знаки.',
  'must not hold characters that turn the direction of writing':
    'Здесь есть невидимые знаки, которые меняют направление письма. Введите текст заново.',
  'must be one of the keys 0-9 * # A-D': 'Нужна одна клавиша: 0–9, * или #.',
  'must be one to four of the keys 0-9 * # A-D': 'Нужно от одной до четырёх клавиш: 0–9, * или #.',
  'more than {} days need a reason in longerBecause': 'Дольше {1} дней хранят только с причиной: укажите её.',
  'must be a language with a folder of its own: {}': 'Такого языка нет. Выберите другой из списка.',
  'can be "voice-or-key" only in the languages {}: in others, callers answer by key':
    'Голосом отвечают только по-русски и по-английски. На других языках отвечают клавишей.',
  'must be one of the keys 0-9': 'Нужна одна цифра: 0–9.',
  'offer two languages or more, or none': 'Предложите хотя бы два языка или ни одного.',
  'a language stands twice': 'Один язык назван дважды.',
  'two languages have one key': 'У двух языков одна и та же клавиша.',
  "must include the line's own language": 'Среди языков должен быть и язык самой линии.',
  'a line that records needs a purpose': 'Линии, которая записывает, нужна цель.',
  'a purpose stands twice': 'Одна цель названа дважды.',
  'yes, no, withdraw and pause must differ': 'Клавиши «да», «нет», отзыва и паузы должны различаться.',
  'must differ from the keys of a pause, and neither may begin with the other':
    'Эти клавиши должны отличаться от клавиш паузы, и ни одни не должны начинаться с других.',
  'must be "all", or at most {}': 'Здесь нужно число секунд, не больше {1}, или слово «всё».',
  'must be at least {}': 'Слишком мало: нужно не меньше {1}.',
  'must be at most {}': 'Слишком много: можно не больше {1}.',
  'may have at most {} characters': 'Слишком длинно: можно до {1} знаков.',
  'may have at most {} entries': 'Слишком много: можно не больше {1}.',
  'must be a number': 'Здесь нужно число.',
  'must be a whole number': 'Здесь нужно целое число.',
  'must be a text': 'Здесь нужен текст.',
  'must be true or false': 'Здесь нужно «да» или «нет».',
  'must be a list': 'Здесь нужен список.',
  'is missing': 'Здесь нужно значение.',
  'must be one of: {}': 'Такого значения нет: выберите из списка.',
  'has a form that this field cannot have': 'Такого значения здесь быть не может.',
  'may hold only letters, digits and _ * # + -': 'Можно только латинские буквы, цифры и знаки _ * # + -.',
  'may hold only letters, digits and * # +': 'Можно только латинские буквы, цифры и знаки * # +.',
  'is the address of another page of the console: choose another number':
    'По этому адресу у консоли другая страница. Выберите другой номер.',
  'is not known': 'Такого поля нет.',
  'is no group: see consentry line group list': 'Такой группы линий нет.',
  'is {} in this draft': 'Номер этого черновика — {1}.',
}

function lineAsks(asks: string, does: string): string | undefined {
  if (asks === 'only gives notice') return 'ждёт ответа'
  return asks === 'does not ask for a spoken answer' ? 'слушает голос' : LINE_ASKS[does]
}

/** The words of faults. A form shows the label of the field beside them. */
export const faultWords: MessageWords = {
  catalogue: FAULTS,
  untranslated: message => message,
  unsuitable: () => 'Такого значения здесь быть не может.',
  seconds: ms => `${String(ms / 1_000).replace('.', ',')} с`,
  label: () => undefined,
  ofPurpose: label => label,
  malformed: 'Форма не такая, какой её отправляет страница. Откройте страницу заново.',
}

/** A fault in Russian, with durations in seconds. Without a translation, the original is shown. */
export const fault = (message: Message): string => translate(message, faultWords)
