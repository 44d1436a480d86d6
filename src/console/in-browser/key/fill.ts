/** Puts a value into words that came with the page. @param words with `{0}` where the value stands */
export const fill = (words: string, value: string | number): string => words.replace('{0}', String(value))
