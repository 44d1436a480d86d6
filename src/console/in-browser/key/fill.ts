/** Puts a value into words of the page. @param words with `{0}` at the place of the value */
export const fill = (words: string, value: string | number): string => words.replace('{0}', String(value))
