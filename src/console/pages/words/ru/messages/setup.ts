import type { Catalogue } from '../../translate.js'

/** Refusals of the setup: the company, and the keys that open recordings. */
export const SETUP: Catalogue = {
  "Give the company's name as callers know it, at most {} characters, without braces and angle brackets.":
    'Назовите компанию, как её знают звонящие: до {1} знаков, без фигурных и угловых скобок.',
  "“{}” is the example of the shipped prompts. Give the company's own name.":
    '«{1}» — это пример из готовых фраз. Укажите название своей компании.',
  'The language of callers is {}.': 'Такого языка звонящих нет. Выберите другой из списка.',
  'No voice of this language is installed on this machine: record the prompts on their pages.':
    'На этой машине нет голоса для этого языка. Запишите фразы на их страницах.',
  'There is no key {} any more: reload the page.':
    'Ключа {1} больше нет. Посмотрите ещё раз, кто слушает записи.',
  'CONSENTRY_RECIPIENTS says who can hear: add the public half to the file that it names, and restart the service.':
    'Кто слушает записи, сказано в CONSENTRY_RECIPIENTS. Добавьте открытую половину в файл, который там назван, и перезапустите службу.',
  'This is no public key of X25519 in base64: make the key again.':
    'Это не открытая половина ключа. Создайте ключ заново.',
  'Say for which purposes the key is, such as service.': 'Скажите, для каких целей ключ, например service.',
  'Purpose {} has a key already, {}. consentry keygen --rotate replaces it.':
    'У цели «{1}» уже есть ключ {2}. Заменит его команда consentry keygen --rotate.',
  'There is a key already, and the console brings no other one: let that one open the purpose too, or add another one on the host of the service, with consentry keygen.':
    'Ключ уже есть, и другого консоль не добавляет. Пусть он откроет и эту цель, или добавьте другой на сервере командой consentry keygen.',
}
