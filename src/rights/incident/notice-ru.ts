import { momentText } from '../../lib/documents/moments.js'
import { countedRu } from '../../lib/plural.js'
import { BY_HAND, type NoticeFacts, type NoticeWords } from './notice-words.js'

/** @returns `2 абонента, 3 вызова, 5 записей` */
const counts = ({ persons, calls, recordings }: NoticeFacts['incident']): string =>
  [
    countedRu(persons, 'абонент', 'абонента', 'абонентов'),
    countedRu(calls, 'вызов', 'вызова', 'вызовов'),
    countedRu(recordings, 'запись', 'записи', 'записей'),
  ].join(', ')

/**
 * The two notices to Roskomnadzor (Federal Law No. 152-FZ, Article 21(3.1)). Their content follows the procedure that order
 * No. 187 of Roskomnadzor of 14 November 2022 approved.
 */
export const ru: NoticeWords = {
  title: number => `Уведомления об инциденте № ${number}`,
  number: number => `Инцидент № ${number}`,
  taxId: 'ИНН',
  operator: 'Оператор: наименование, адрес, ИНН',
  place: 'Место составления',
  position: 'должность',
  signature: 'подпись',
  name: 'фамилия, имя, отчество',
  notices: facts => {
    const { incident, officer, purposes, from, to, destroyed } = facts
    const moment = (at: Date) => momentText(at, 'ru')
    const addressee =
      'В Федеральную службу по надзору в сфере связи, информационных технологий и массовых коммуникаций (Роскомнадзор)'
    const noticed: [string, string] = ['Дата и время выявления инцидента', moment(incident.noticedAt)]
    const contact: [string, string | undefined] = [
      'Лицо, уполномоченное оператором на взаимодействие с Роскомнадзором по инциденту, его контакты',
      officer,
    ]
    return [
      {
        title: 'ПЕРВИЧНОЕ УВЕДОМЛЕНИЕ',
        what: 'о факте неправомерной или случайной передачи (предоставления, распространения, доступа) персональных данных',
        form: `${addressee}. Пункт 1 части 3.1 статьи 21 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных», приказ Роскомнадзора от 14.11.2022 № 187`,
        dueLabel: 'Направить в течение 24 часов с момента выявления, до',
        clock: 'initial',
        rows: [
          noticed,
          ['Сведения о произошедшем инциденте', incident.what],
          [
            'Характеристика персональных данных',
            `Голос абонента и сведения, сообщённые им в телефонном разговоре (аудиозаписи, хранившиеся в зашифрованном виде); номер телефона, дата и время разговора. Цели записи: ${purposes}. Разговоры с ${moment(from)} по ${moment(to)}.`,
          ],
          [
            'Субъекты персональных данных',
            `Абоненты, звонившие оператору. Всего ${counts(incident)}${destroyed > 0 ? `, из них уничтожено к моменту составления: ${destroyed}` : ''}.`,
          ],
          ['Предполагаемые причины, повлекшие нарушение прав субъектов', BY_HAND],
          ['Предполагаемый вред, нанесённый правам субъектов', BY_HAND],
          ['Принятые меры по устранению последствий инцидента', BY_HAND],
          contact,
        ],
      },
      {
        title: 'ДОПОЛНИТЕЛЬНОЕ УВЕДОМЛЕНИЕ',
        what: 'о результатах внутреннего расследования выявленного инцидента',
        form: `${addressee}. Пункт 2 части 3.1 статьи 21 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных», приказ Роскомнадзора от 14.11.2022 № 187`,
        dueLabel: 'Направить в течение 72 часов с момента выявления, до',
        clock: 'result',
        rows: [
          noticed,
          ['Дата, время и номер первичного уведомления', BY_HAND],
          ['Результаты внутреннего расследования: установленные причины и вред', BY_HAND],
          ['Принятые и дополнительные меры по устранению последствий', BY_HAND],
          ['Лица, действия которых стали причиной инцидента (при наличии)', BY_HAND],
          ['Уточнённое число субъектов', `${counts(incident)}.`],
          contact,
        ],
      },
    ]
  },
}
