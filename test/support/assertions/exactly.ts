/**
 * A pattern for `t.match` that a list inside an object fits only with exactly these items. A plain list as the pattern also fits longer
 * lists, and an empty one fits every list. `matchEach` asserts the same of a list by itself.
 */
export const exactly = (...items: unknown[]): object => Object.assign({ length: items.length }, items)

/** A pattern for `t.match` that only an empty list fits. */
export const none = exactly()
