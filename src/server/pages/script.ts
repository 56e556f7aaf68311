/**
 * The one script, and no page needs it. It keeps a form from being sent twice within ten seconds, says exact times in
 * the reader's own time zone, and loads a page anew that "back" would show as it was before signing out.
 */
export const script = `document.addEventListener('submit', (event) => {
  const sent = Number(event.target.dataset.sent)
  if (sent && event.timeStamp - sent < 10000) event.preventDefault()
  else event.target.dataset.sent = String(event.timeStamp)
})

for (const time of document.querySelectorAll('time[datetime]')) {
  time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })
}

addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
`
