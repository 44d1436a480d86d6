/**
 * Sends the browser to the sign-in if the session has ended, with a way back to this page, as the server does with
 * forms.
 *
 * @param answer of the API
 * @returns whether the browser leaves
 */
export function isLedToSignIn({ status }: Response): boolean {
  if (status !== 401) return false
  const asked = new URLSearchParams({ next: location.pathname + location.search, ended: 'yes' })
  location.assign(`/sign-in?${asked}`)
  return true
}
