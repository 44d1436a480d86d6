/**
 * JSON in its one canonical form (RFC 8785): no white space, members in the order of their UTF-16 code units, numbers and strings
 * as ECMAScript writes them. Takes what `JSON.parse` gives.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const object = value as Record<string, unknown>
  let text = ''
  for (const name of Object.keys(object).sort()) {
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${canonical(object[name])}`
  }
  return text === '' ? '{}' : `${text}}`
}
