import { signal } from '@preact/signals'

export const views = ['overview', 'live', 'sessions', 'accounts', 'audit'] as const
export type View = (typeof views)[number]

/** Which view is shown, and what it is about: `#accounts/ada`. In the address, so that it can be linked and gone back to. */
export interface Place {
  readonly view: View
  readonly about: string
}

export const place = signal(placeOf(location.hash))

/** The time that relative times are counted from. */
export const now = signal(Date.now())

/** Said by a reader of the screen, and nowhere shown. */
export const said = signal('')

export function hrefOf(view: View, about = ''): string {
  return about === '' ? `#${view}` : `#${view}/${encodeURIComponent(about)}`
}

export function watchPlace(): void {
  addEventListener('hashchange', () => {
    place.value = placeOf(location.hash)
  })
  setInterval(() => {
    now.value = Date.now()
  }, 10_000)
}

function placeOf(hash: string): Place {
  const [name = '', about = ''] = hash.slice(1).split('/', 2)
  return { view: views.find((view) => view === name) ?? 'overview', about: decoded(about) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
