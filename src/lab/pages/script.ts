/**
 * Makes the switches live: a change carries the attack out again and shows what came of it. No page needs it: without it there is the button.
 */
export const script = `const form = document.querySelector('form.trial')
const result = document.querySelector('#result')
let asked = 0

async function carryOut(submitter) {
  const number = ++asked
  result.setAttribute('aria-busy', 'true')
  const body = new URLSearchParams(new FormData(form, submitter))
  try {
    const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const found = page.querySelector('#result')
    if (number !== asked) return
    if (found === null) throw new Error(page.querySelector('h1')?.textContent ?? 'The server has not answered.')
    result.replaceChildren(...found.childNodes)
    for (const part of page.querySelectorAll('[data-state]'))
      document.querySelector('[data-state="' + CSS.escape(part.dataset.state) + '"]')?.replaceChildren(...part.childNodes)
  } catch (error) {
    if (number === asked) result.textContent = 'The attack could not be carried out: ' + error.message
  } finally {
    if (number === asked) result.removeAttribute('aria-busy')
  }
}

if (form !== null && result !== null) {
  form.addEventListener('change', () => carryOut())
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    event.stopImmediatePropagation()
    carryOut(event.submitter)
  }, true)
}

const all = document.querySelector('form.all')
all?.addEventListener('submit', () => {
  all.querySelector('output').textContent = 'Under way: about half a minute.'
})
`
