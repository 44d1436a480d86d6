import type { Catalogue } from '../../translate.js'

/** Refusals and warnings about prompts: their names and versions, uploads, voices, words. */
export const PROMPTS: Catalogue = {
  'The sound takes {} s, which is unusual for these words. Listen to it: does it say what is written?':
    length =>
      `Звук длится ${length?.replace('.', ',')} с, необычно для этих слов. Послушайте его: сказано ли то, что написано?`,
  'The name of a prompt has lower-case words with hyphens between them, at most 60 characters.':
    'Имя фразы пишется маленькими латинскими буквами, слова через дефис, до 60 знаков.',
  'The language of a prompt is {}.': 'Такого языка фраз нет. Выберите другой из списка.',
  'There is no prompt {} in {}. See consentry prompt list.': 'Фразы «{1}» на этом языке ({2}) нет.',
  'Prompt {} has no version {}.': 'У фразы «{1}» нет версии {2}.',
  'Prompt {} in {} has no version {}.': 'У фразы «{1}» ({2}) нет версии {3}.',
  'Prompt {} in {} has no version {} that was made here.':
    'У фразы «{1}» ({2}) нет версии {3}, сделанной здесь.',
  'Say what callers hear from {}: it has no words with variables yet.':
    'Напишите, что слышат звонящие во фразе «{1}»: текста у неё ещё нет.',
  'Version {} of {} is in force already.': 'Версия {1} фразы «{2}» уже действует.',
  'Version {} of {} is not in force.': 'Версия {1} фразы «{2}» не действует.',
  'Version {} of {} is in force now, so it is no draft to discard. To take it away from callers, withdraw it.':
    'Версия {1} фразы «{2}» уже действует: это больше не черновик. Чтобы звонящие её не слышали, снимите её.',
  'Version {} of {} is no draft any more.': 'Версия {1} фразы «{2}» больше не черновик.',
  'Another version of {} is in force than the one that you saw. Check the prompt again before you continue.':
    'У фразы «{1}» действует уже не та версия, которую вы видели. Посмотрите фразу ещё раз, прежде чем продолжать.',
  'Somebody has changed version {} of {} meanwhile. Check the prompt again before you continue.':
    'Версию {1} фразы «{2}» тем временем изменили. Посмотрите фразу ещё раз, прежде чем продолжать.',
  'Lines in force do not agree with this.\n{}\nChange the line first, or give the new words another name and name that in the line.':
    'Действующие линии этому противоречат. Сначала измените их или выберите другой текст.\n{1}',
  'The file has more than {} MB: shorten it, or save it as FLAC.':
    'Файл больше {1} МБ. Сократите его или сохраните как FLAC.',
  'The sound is longer than {} s: shorten it.': 'Запись длиннее {1} с. Сократите её.',
  'The sound is longer than a prompt may be: shorten it.':
    'Запись длиннее, чем может быть фраза. Сократите её.',
  'The file holds no sound: record it again.': 'В файле нет звука. Запишите его снова.',
  'The sound cannot be decoded: it is damaged, or of an unusual kind. Save it again.':
    'Файл не удалось прочитать: он повреждён или необычного вида. Сохраните его снова.',
  'The file is empty: choose another.': 'Файл пуст. Выберите другой.',
  'This is a playlist, which only names sounds: give the sound itself, as {}.':
    'Это список воспроизведения. Нужен сам звук: WAV, MP3, OGG, M4A или FLAC.',
  'This is {}, and no sound: give {}.': 'Это не звук. Нужен файл WAV, MP3, OGG, M4A или FLAC.',
  'The {} file is cut short or damaged: copy or save it again.':
    'Файл {1} обрезан или повреждён. Скопируйте или сохраните его снова.',
  'Something other than sound follows in the {} file: save the sound again.':
    'В файле {1} после звука есть что-то ещё. Сохраните звук снова.',
  'The M4A file is cut short or damaged: copy or save it again.':
    'Файл M4A обрезан или повреждён. Скопируйте или сохраните его снова.',
  'The sound is shorter than {}: record the words again.': 'Запись короче {1}. Запишите фразу снова.',
  'The recording is clipped in {} places: record it again, not so loud.':
    'Запись перегружена в {1} местах. Запишите её снова, тише.',
  'The sound is silent: check the microphone and record it again.':
    'В записи тишина. Проверьте микрофон и запишите снова.',
  'The sound is too quiet: record it again, closer to the microphone.':
    'Запись слишком тихая. Запишите снова, ближе к микрофону.',
  'No speech is heard, only a steady tone or noise: record the words again.':
    'Речи не слышно, только ровный тон или шум. Запишите фразу снова.',
  'The sound cannot be brought to the loudness of the others: record it again.':
    'Громкость не удалось сравнять с другими фразами. Запишите снова.',
  'There is no such voice. {}': 'Такого голоса нет. Выберите другой из списка.',
  'This is not a whole {} file: save the sound again in one of these formats.':
    'Это не целый файл WAV, MP3, OGG, M4A или FLAC. Сохраните звук снова в одном из этих форматов.',
  'The words of a prompt have 1 to {} characters, without control characters: shorten or mend them.':
    'Во фразе от 1 до {1} знаков, без управляющих. Сократите или исправьте текст.',
  'A brace stands alone. Variables are {}.': 'Фигурная скобка стоит одна. Переменные: {1}.',
  'There is no variable {}. Variables are {}.': 'Переменной {1} нет. Есть такие: {2}.',
  '{company} has no value: set the name of the company first, on the page /setup/company of the console, or give the value itself.':
    'У {company} нет значения. Сначала назовите компанию на странице /setup/company.',
  '{} has no value: name a line that has it, or give the value itself. A term that differs between purposes is written {days:PURPOSE}.':
    'У {1} нет значения. Назовите линию, у которой оно есть, или укажите его сами. Срок, разный для разных целей, пишут как {days:ЦЕЛЬ}.',
  '"{}" names a key: write {yes}, {no} or {withdraw} in its place, so that a changed key asks for new words.':
    '«{1}» называет клавишу. Напишите вместо неё {yes}, {no} или {withdraw}: тогда после смены клавиши понадобится новая запись.',
  '"{}" names a term: write {days} or {days:PURPOSE} in its place, so that a changed term asks for new words.':
    '«{1}» называет срок. Напишите вместо него {days} или {days:ЦЕЛЬ}: тогда после смены срока понадобится новая запись.',
  'Choose at least one prompt.': 'Выберите хотя бы одну фразу.',
  'Choose a voice for the language {}.': 'Выберите голос для языка {1}.',
  'Callers of this line do not hear the prompt {} in {}.': 'Звонящие этой линии не слышат фразу {1} ({2}).',
  'The prompts could not all be spoken: try again.': 'Озвучить удалось не все фразы. Попробуйте ещё раз.',
}
