import type { AlarmKind } from '../../../../core/alarms.js'
import { countedRu, plural } from '../../../../lib/plural.js'
import { ALARM_MEANINGS } from './alarm-meanings.js'

/** The parts of the service, by their names in `/readyz`. */
const PARTS: Record<string, string> = {
  pbx: 'АТС',
  database: 'база данных',
  keeper: 'хранитель звука',
  store: 'хранилище записей',
  keys: 'хранилище ключей',
  prompts: 'фразы',
  tap: 'снятие звука',
}

export const now = {
  title: 'Сейчас',
  well: 'Все системы работают.',
  alarmed: 'Работает, но требует внимания.',
  partly: 'Для некоторых целей записывать пока нельзя.',
  nothing: 'Пока ничего нельзя записать.',
  faulty: 'Работает не всё.',
  away: 'Служба не отвечает',
  awayAdvice:
    'Служба, которая принимает звонки, не отвечает этой консоли. Звонки идут по диалплану без записи. Посмотрите журнал службы.',
  goingOn: (calls: number, recorded: number): string =>
    calls === 0
      ? 'Звонков нет'
      : `${countedRu(calls, 'звонок', 'звонка', 'звонков')}, записывается ${recorded}`,
  today: 'Сегодня',
  agreed: 'согласились',
  asked: 'спросили о записи',
  faults: (count: number): string =>
    plural(count, { one: 'сбой', few: 'сбоя', many: 'сбоев', other: 'сбоя' }, 'ru'),
  nothingNewSince: 'Нет связи с',
  crowded:
    'Эта страница не обновляется: открыто слишком много таких страниц, в одном сеансе их может быть не больше шести. Закройте или сверните лишние, и в течение минуты эта продолжит обновляться. Данные на',
  figuresOf: 'База данных не отвечает вовремя. Страница обновится сама. Данные на',
  unknown: 'Состояние неизвестно',
  onLines: 'На линиях',
  noCalls: 'Звонков сейчас нет. Здесь появится каждый: на какой линии, что ответил, записывается ли.',
  line: 'Линия',
  noLine: 'не наша линия',
  caller: 'Звонящий',
  noNumber: 'номер скрыт',
  state: 'Ответ',
  notAsked: 'не спрашивают',
  beingAsked: 'спрашиваем',
  recorded: 'записывается',
  withdrawn: 'отозвано',
  duration: 'Длится',
  ask: 'Спросить',
  askOf: (line: string, caller: string): string => `Спросить о согласии на запись: линия ${line}, ${caller}`,
  ofCall: (line: string, caller: string): string => `Линия ${line}, ${caller}, звонок`,
  nothingToAsk: 'Сейчас в этом звонке спрашивать не о чем.',
  questionBegins: 'Вопрос задаётся. Ответ появится в таблице.',
  askRefused: 'Вопрос не задан.',
  attention: 'Требует внимания',
  quiet: 'Ничего не требует внимания. Тревог нет.',
  idle: 'Ни одна линия не спрашивает согласия, поэтому ни один звонок не записывается.',
  untrue: 'Звонящие слышат не то, что задано у линии. Что именно, сказано на её странице:',
  vague:
    'Фраза в начале не называет ни срока, ни клавиши отзыва. Послушайте, понимают ли звонящие, на что соглашаются:',
  heardElsewhere: (callers: number, dueOn: string): string =>
    `${countedRu(callers, 'звонящего', 'звонящих', 'звонящих')} после отзыва согласия ещё слышно в записях других. Решите, что с этими записями делать, не позднее ${dueOn}:`,
  more: (count: number): string => `ещё ${count}`,
  draftWaits: (line: string, by: string): string =>
    `Черновик линии ${line} ждёт одобрения. Последние изменения внёс ${by}.`,
  groupWaits: (name: string, by: string): string =>
    `Изменение группы ${name} ждёт одобрения. Его предложил ${by}.`,
  groupOutdated: (name: string, by: string): string =>
    `Изменение группы ${name}, которое предложил ${by}, уже нельзя одобрить: группа с тех пор изменилась.`,
  notPublished: (line: string): string => `Черновик линии ${line} не опубликован в срок.`,
  openDraft: 'Посмотреть черновик',
  openGroup: 'Посмотреть изменение',
  broken: (part: string): string => `Не работает: ${part}.`,
  part: (name: string): string => PARTS[name] ?? name,
  /** The meaning of an alarm, if its detail is in another language. */
  meaning: (alarm: AlarmKind): string | undefined => ALARM_MEANINGS[alarm],
  alarms: {
    'pbx-away': 'АТС не отвечает',
    'database-away': 'База данных не отвечает',
    'keeper-away': 'Хранитель звука не работает',
    'speech-away': 'Ответы голосом не слышны',
    'events-lost': 'Потеряны события',
    'log-stopped': 'Журнал не продолжается',
    'timestamp-away': 'Нет отметок времени',
    'events-refused': 'База отвергает события',
    'calls-taken': 'Звонки уходят мимо службы',
    'folder-copied': 'Папка данных скопирована',
    'name-shared': 'Две службы с одним именем',
    'store-unwritable': 'Записи некуда писать',
    'keys-unwritable': 'Ключи некуда писать',
    'key-missing': 'Нет ключа',
    'disk-low': 'Кончается место',
    'prompts-unreadable': 'Фразы не читаются',
    'prompt-unusable': 'Новая фраза не звучит',
    'tap-unavailable': 'Звук не снимается',
    'tap-unreached': 'АТС не видит папку звука',
    'file-limit': 'Мало дескрипторов',
    'clock-jumped': 'Часы скакнули',
    'clock-doubtful': 'Часам нельзя верить',
    'too-many-recordings': 'Слишком много записей сразу',
    overloaded: 'Перегрузка',
    'leg-silent': 'Одна сторона молчит',
    'tap-stopped': 'АТС остановила запись',
    'recording-short': 'Запись пуста или неполна',
    'pbx-records': 'АТС записывает сама',
    'call-spied': 'Кто-то извне слушает звонок',
    'container-stuck': 'Запись застряла',
    'pipe-filling': 'Канал переполняется',
    'memory-exposed': 'Память не защищена',
    misconfigured: 'Настроено неверно',
    'probe-failed': 'Пробный звонок не прошёл',
  } satisfies Record<AlarmKind, string>,
}
