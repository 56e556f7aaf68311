import 'uplot/dist/uPlot.min.css'
import './console.css'
import { render } from 'preact'
import { Accounts } from './accounts.tsx'
import { Audit } from './audit.tsx'
import { atTime } from './format.ts'
import { Live } from './live.tsx'
import { Overview } from './overview.tsx'
import { Sessions } from './sessions.tsx'
import { hrefOf, place, said, type View, views, watchPlace } from './state.ts'

const titles: Readonly<Record<View, string>> = {
  overview: 'Overview',
  live: 'Live',
  sessions: 'Sessions',
  accounts: 'Accounts',
  audit: 'Audit log',
}

const pages = { overview: Overview, live: Live, sessions: Sessions, accounts: Accounts, audit: Audit } as const

function Console({ until }: { readonly until: number | null }) {
  const { view, about } = place.value
  const Page = pages[view]
  return (
    <>
      <nav class="views" aria-label="Console">
        {views.map((name) => (
          <a key={name} href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
            {titles[name]}
          </a>
        ))}
        {until !== null && <span class="quiet">Open until {atTime(until)}</span>}
      </nav>
      <Page key={`${view}/${about}`} about={about} />
      <p class="unseen" role="status">
        {said.value}
      </p>
    </>
  )
}

const root = document.getElementById('console')
if (root !== null) {
  watchPlace()
  const until = Number(root.dataset.until)
  root.replaceChildren()
  render(<Console until={until > 0 ? until : null} />, root)
}
