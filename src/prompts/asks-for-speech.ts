import type { Language } from '../shared/policy.js'

/** Words with which a prompt asks its callers to speak. */
const SPEECH: Readonly<Record<Language, RegExp>> = {
  en: /\b(?:say|speak|by voice)\b/iu,
  ru: /(?<!\p{L})(?:скажите|произнесите|голосом|вслух)(?!\p{L})/iu,
}

/** Whether the words of a prompt ask callers to speak. It is decided by their wording, because recorded prompts have nothing else. */
export const asksForSpeech = (text: string, language: Language): boolean => SPEECH[language].test(text)
