import { AppError } from '../shared/errors.js'
import { purposeOf } from '../vault/store/object-name.js'
import type { ObjectSource, ObjectStore } from '../vault/store/store.js'
import type { AuditFault } from './faults.js'

/**
 * Looks at a container of a store. One that the system does not let be read is neither there nor missing, and does not keep the
 * others from being looked at.
 *
 * @param inspect what is wrong with it
 * @param ifAbsent what is wrong if the store does not have it
 * @throws AppError `store.unwritable` if the store is not there: then it says nothing of what it has; what `there` throws
 */
export async function inspectContainer(
  store: ObjectStore,
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
      return [{ kind: 'object-unreadable', what: `it cannot be read: ${error.message}`, where: object }]
    }
    if (source) throw error
    return ifAbsent
  } finally {
    await source?.close()
  }
}
