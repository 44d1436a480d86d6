import pg from 'pg'

const INT8 = 20
const DATE = 1082

const parsers = new Map<number, (text: string) => unknown>([
  // Ids and counts stay below 2^53, so a number holds them.
  [INT8, Number],
  // A day has no time zone, so it stays text, `2026-01-31`, and becomes no Date.
  [DATE, text => text],
])

/** Parsers for column values; pg's own for all other types. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}
