// The secret of an invitation follows `#` in its link, so that no server's log has it. This script hands it over in a form. Where a
// name is asked for, it only fills the field.
const secret = location.hash.slice(1)
const form = document.getElementById('invitation')
const field = document.getElementById('secret')
if (secret && field instanceof HTMLInputElement) {
  field.value = secret
  // The browser's history must not keep the secret.
  history.replaceState(null, '', location.pathname)
  if (form instanceof HTMLFormElement) form.submit()
  else field.closest('.field')?.toggleAttribute('hidden', true)
}
