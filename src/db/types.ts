import pg from 'pg'

const INT8 = 20
const DATE = 1082

const parsers = new Map<number, (text: string) => unknown>([
  // Ids and counts stay far below 2^53.
  [INT8, Number],
  // A day is a day in no time zone: `2026-01-31`, never a Date.
  [DATE, text => text],
])

/** How values of the database become values of ours. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}
