import type { Attack, Defence } from './attack.ts'
import { fallFor, form, openSite, signedIn, whoInBrowser } from './pages-of-others.ts'
import type { Deed, Stage, Target } from './stage.ts'
import { standards } from './standards.ts'
import { outcome } from './steps.ts'

export const originCheck: Defence = {
  id: 'origin-check',
  title: 'Where a request was started',
  on: 'The default: Sec-Fetch-Site and Origin are checked before the application runs; other origins get 403',
  off: 'trustedOrigins lists the sibling that the attacker has taken over',
  rule: 'A request that changes something has to be started by the application itself; the browser says who has.',
  code: 'src/http/csrf.ts',
  standard: standards.csrf,
}

/** An attack by a page on a sibling name, which SameSite cookies do not stop. */
export interface Forged {
  readonly id: string
  readonly title: string
  readonly aim: string
  readonly deed: (target: Target) => Deed
  /** (a form) */
  readonly page?: (action: string, deed: Deed) => string
  /** (`origin-check` alone) */
  readonly defences?: readonly [Defence, ...Defence[]]
  readonly open?: (stage: Stage) => Parameters<Stage['open']>[0]
  /** (with pages) */
  readonly others?: Attack['others']
  /** What has become of the victim; true: the attack has succeeded. */
  readonly changed: (found: { readonly user: string | null; readonly notes: number }) => boolean
}

const sibling = 'blog.app.localhost'

export function crossSiteAttack({ id, title, aim, deed, page: pageOf, changed, ...more }: Forged): Attack {
  return {
    id,
    title,
    aim,
    presents: ['cookie'],
    otherwise: 'A page of another site cannot make a browser send an Authorization header: nothing rides along.',
    defences: more.defences ?? [originCheck],
    inBrowser: true,
    others: more.others ?? 'pages',
    carryOut: async (stage) => {
      const site = await openSite(stage)
      const origin = new URL(site.page(sibling, '')).origin
      const trustedOrigins = stage.has(originCheck.id) ? [] : [origin]
      const target = await stage.open({ trustedOrigins, ...more.open?.(stage) })
      const { victim } = await stage.browsers()
      const home = await signedIn(victim, target)
      const { path, fields } = deed(target)
      const html = (pageOf ?? ((action, { fields: given }) => form(action, given)))(target.origin + path, {
        path,
        fields,
      })
      stage.tell('attacker', `has a page at ${sibling}, and the victim opens it`)
      await fallFor(victim, site.page(sibling, html), target, path)
      const user = await whoInBrowser(home, target)
      const { notes } = target.deeds
      return outcome(
        changed({ user, notes }),
        `Afterwards the victim is signed in as ${user ?? 'nobody'}; notes written in their name: ${notes}.`,
      )
    },
  }
}
