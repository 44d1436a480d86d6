import { DAY_MS } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import { readHeader } from '../../vault/crypto/part-opener.js'
import { purposeOf } from '../../vault/store/object-name.js'
import type { Archive, ObjectSource } from '../../vault/store/store.js'
import type { AuditFault } from './faults.js'

/** A container younger than this may not be in the journal yet, ms. Journalling takes 2 s, or longer while the database is away. */
const NEW_CONTAINER_MS = 600_000
/**
 * A key file or a container without audio that is younger than this may belong to a call without audio yet, ms. A part
 * is journalled with its first audio, and no call is silent for a day. On the second day the sweep destroys those that
 * a killed service left.
 */
export const NEW_PART_MS = 2 * DAY_MS

/**
 * Judges a container that the journal does not know.
 *
 * @param entry its name, and when it was last written, ms since the epoch
 * @param now ms since the epoch
 * @param fault the fault if it can belong to no call
 * @returns the fault; nothing while the container may be one of a running call, or one without audio of a service that
 *   was killed
 */
export async function checkUnknown(
  store: Archive,
  { name, modifiedAt }: { name: string; modifiedAt: number },
  now: number,
  fault: AuditFault,
): Promise<AuditFault[]> {
  const age = now - modifiedAt
  if (age < NEW_CONTAINER_MS) return []
  if (age >= NEW_PART_MS) return [fault]
  return inspectContainer(store, name, async source => ((await isEmpty(source)) ? [] : [fault]))
}

/** Whether a container has no audio: the file is empty, or has only a header. */
async function isEmpty(source: ObjectSource): Promise<boolean> {
  if (source.size === 0) return true
  try {
    return source.size === (await readHeader(source)).length
  } catch (error) {
    if (codeOf(error) === 'container.invalid') return false
    throw error
  }
}

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
