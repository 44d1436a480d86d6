// Movement without reloading: a form that has `hx-` attributes exchanges a part of the page. Without this script forms
// are sent as usual. The extension lets an attribute act only if it has the page's nonce, so injected markup does
// nothing.
import 'htmx.org/dist/htmx.esm.js'
import 'htmx.org/dist/ext/hx-csp.js'
import './copy.js'
import './keep-focus.js'
import './play.js'
// Registered before `send-once`, which takes every submit event that was not prevented for sent.
import './progress.js'
import './send-once.js'
import './zone.js'
