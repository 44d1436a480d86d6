/**
 * JSON in its one canonical form (RFC 8785): no white space, members in the order of their UTF-16 code units, numbers and strings
 * as ECMAScript writes them. Takes what `JSON.parse` gives.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const object = value as Record<string, unknown>
  const names = Object.keys(object)
  const order = orderOf(names)
  if (order.alphanumeric && names.every(name => isScalar(object[name]))) {
    // Made anew with its members in order, it is written by the engine itself: three times as fast, for most events.
    const sorted: Record<string, unknown> = {}
    for (const name of order.names) sorted[name] = object[name]
    return JSON.stringify(sorted)
  }
  return `{${order.names.map(name => `${JSON.stringify(name)}:${canonical(object[name])}`).join(',')}}`
}

interface Order {
  names: string[]
  /** An object keeps its members in the order in which it gets them: true of all names but numbers and `__proto__`. */
  alphanumeric: boolean
}

/** Orders found so far: events of one type have the same members. */
const orders = new Map<string, Order>()
const MAX_ORDERS = 1_000

function orderOf(names: string[]): Order {
  const key = names.join('\n')
  let order = orders.get(key)
  if (!order || order.names.length !== names.length) {
    order = {
      names: [...names].sort(),
      alphanumeric: names.every(name => /^[A-Za-z][A-Za-z0-9]*$/.test(name) && name !== 'toJSON'),
    }
    if (orders.size < MAX_ORDERS && order.alphanumeric) orders.set(key, order)
  }
  return order
}

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'
