import { AppError } from '../../core/errors.js'
import { purposeOf } from '../../vault/store/object-name.js'
import type { Archive, ObjectSource } from '../../vault/store/store.js'
import type { AuditFault } from './faults.js'

/**
 * Opens a container of a store and inspects it. An unreadable container gives the fault `object-unreadable`, so that
 * the audit continues with the other containers.
 *
 * @param inspect returns the faults of the opened container
 * @param ifAbsent the faults to return if the store does not have the container
 * @throws AppError `store.unwritable` if the store itself is away; the errors of `inspect`
 */
export async function inspectContainer(
  store: Archive,
  object: string,
  inspect: (source: ObjectSource) => Promise<AuditFault[]>,
  ifAbsent: AuditFault[] = [],
): Promise<AuditFault[]> {
  let source: ObjectSource | undefined
  try {
    source = await store.open(object)
    return await inspect(source)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'store.unwritable') {
      await store.checkMounted(purposeOf(object))
      return [
        { kind: 'object-unreadable', what: `the container cannot be read: ${error.message}`, where: object },
      ]
    }
    if (source) throw error
    return ifAbsent
  } finally {
    await source?.close()
  }
}
