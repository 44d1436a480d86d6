import type { ColumnType } from 'kysely'

/** A column that only the journal's own SQL writes. Inserts and updates through Kysely do not compile. */
export type ReadOnly<T> = ColumnType<T, never, never>
