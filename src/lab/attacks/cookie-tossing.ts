import type { Attack } from '../attack.ts'
import { openSite, whoInBrowser } from '../pages-of-others.ts'
import { standards } from '../standards.ts'
import { outcome, signIn } from '../steps.ts'

const sibling = 'blog.app.localhost'

export const cookieTossing: Attack = {
  id: 'cookie-tossing',
  title: 'Cookie tossing from a sibling name',
  aim: 'A page on a sibling name sets the cookies of the attacker’s own session for the whole domain. The victim then works in the attacker’s account.',
  presents: ['cookie'],
  otherwise: 'No browser puts anything into an Authorization header by itself.',
  defences: [
    {
      id: 'host-prefix',
      title: 'Names with the prefix __Host-',
      on: 'The default: __Host-session and __Host-snapshot; browsers take such names from this very host only',
      off: 'Names without a prefix (insecureHttp: true)',
      rule: 'A cookie that another host can set does not count: one with Domain cannot bear the prefix.',
      code: 'src/http/cookie-options.ts',
      standard: standards.prefixes,
    },
  ],
  inBrowser: true,
  others: 'pages',
  carryOut: async (stage) => {
    const target = await stage.open(stage.has('host-prefix') ? {} : { insecureHttp: true })
    const attacker = stage.client('attacker', target)
    const { path, fields } = target.asked.login('mallory')
    const login = await attacker.send('POST', path, { json: fields })
    if (login.status !== 200) await signIn(attacker, 'mallory')
    const site = await openSite(stage)
    const lines = [...attacker.held().cookies].map(
      ([name, value]) => `${name}=${value}; Domain=app.localhost; Path=/; Secure`,
    )
    const plain = lines.map((line) => line.replace('; Secure', ''))
    const set = [...lines, ...plain].map((line) => `document.cookie = ${JSON.stringify(line)}`).join(';')
    const { victim } = await stage.browsers()
    const page = await victim.newPage()
    stage.tell('attacker', `has a page at ${sibling} that sets cookies for app.localhost`)
    await page.goto(site.page(sibling, `<script>${set}</script>`))
    await page.goto(target.origin)
    const user = await whoInBrowser(page, target)
    return outcome(user === 'mallory', `The victim, who has not signed in, is taken for ${user ?? 'nobody'}.`)
  },
}
