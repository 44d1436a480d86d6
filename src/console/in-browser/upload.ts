/** What is sent. */
interface Upload {
  sound: Blob
  /** Its media type. */
  type: string
  /** Gets how much is sent, 0 to 1. 1: the console has it all, and works on it. */
  onSent: (share: number) => void
}

/**
 * Sends a sound, and says how much of it is sent: `fetch` does not.
 *
 * @returns the answer, read to its end, because leaving the page would break it off
 * @throws Error if no answer comes
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
