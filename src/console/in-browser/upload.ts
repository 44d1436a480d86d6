/** The upload. */
interface Upload {
  sound: Blob
  /** Its media type. */
  type: string
  /** Called with the share that is sent, 0 to 1. 1: the console has it all, and processes it. */
  onSent: (share: number) => void
}

/**
 * Sends a sound with its progress, which `fetch` does not report.
 *
 * @returns the answer, read to its end, because leaving the page would abort it
 * @throws Error without an answer
 */
export const upload = (address: string, { sound, type, onSent }: Upload): Promise<Response> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.setRequestHeader('content-type', type)
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 1)
    request.upload.onload = () => onSent(1)
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }))
    request.onerror = () => reject(new Error('no answer'))
    request.send(sound)
  })
