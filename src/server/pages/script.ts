import { noticeParameters } from './notice.ts'

/**
 * The one script, and no page needs it. It keeps a form from being sent twice within ten seconds, says exact times in
 * the reader's own time zone, loads a page anew that "back" would show as it was before signing out, and takes from the address what
 * brought a notice, so that it is not said again.
 */
export const script = `const here = new URL(location.href)
const said = ${JSON.stringify(noticeParameters)}.filter((name) => here.searchParams.has(name))
for (const name of said) here.searchParams.delete(name)
if (said.length > 0) history.replaceState(history.state, '', here)

document.addEventListener('submit', (event) => {
  const sent = Number(event.target.dataset.sent)
  if (sent && event.timeStamp - sent < 10000) event.preventDefault()
  else event.target.dataset.sent = String(event.timeStamp)
})

const { lang } = document.documentElement
const locale = navigator.languages.find((one) => one.startsWith(lang)) ?? lang
for (const time of document.querySelectorAll('time[datetime]')) {
  time.title = new Date(time.dateTime).toLocaleString(locale, { dateStyle: 'long', timeStyle: 'short' })
}

addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
`
