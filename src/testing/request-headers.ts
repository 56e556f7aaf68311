import { isTrustworthy, type PublicSuffixes, siteOf } from './site.ts'

/** Header values by name; null leaves one out that would be sent. */
export type RequestHeaders = Readonly<Record<string, string | null>>

/** A request and the redirects that it has taken so far. */
export interface Journey {
  /** Origin of the page that has started it. */
  readonly page: string
  /** The last one is being asked. */
  readonly urls: readonly URL[]
  readonly method: string
  readonly mode: 'navigate' | 'cors'
}

/** What a browser says of a request besides what it was told to; `own` goes before it. */
export function headersFor(journey: Journey, suffixes: PublicSuffixes, own: RequestHeaders): Headers {
  const { page, urls, method, mode } = journey
  const url = urls.at(-1) as URL
  const navigates = mode === 'navigate'
  const needsOrigin = (method !== 'GET' && method !== 'HEAD') || (!navigates && page !== url.origin)
  const said: RequestHeaders = {
    Host: url.host,
    Accept: navigates ? 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' : '*/*',
    Origin: needsOrigin ? originFor(page, urls) : null,
    Referer: page.startsWith('https:') && url.protocol === 'http:' ? null : `${page}/`,
    ...(isTrustworthy(url) ? fetchMetadata(journey, suffixes) : {}),
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(said)) if (value !== null) headers.set(name, value)
  for (const [name, value] of Object.entries(own)) {
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return headers
}

/** Browsers tell this to places only that they trust (W3C Fetch Metadata 2). */
function fetchMetadata({ page, urls, mode }: Journey, suffixes: PublicSuffixes): RequestHeaders {
  return {
    'Sec-Fetch-Site': siteBetween(page, urls, suffixes),
    'Sec-Fetch-Mode': mode,
    'Sec-Fetch-Dest': mode === 'navigate' ? 'document' : 'empty',
  }
}

/** How far a request has gone from the page that started it: the farthest of all its URLs counts. */
export function siteBetween(
  page: string,
  urls: readonly URL[],
  suffixes: PublicSuffixes,
): 'same-origin' | 'same-site' | 'cross-site' {
  const site = siteOf(new URL(page), suffixes)
  if (urls.some((url) => siteOf(url, suffixes) !== site)) return 'cross-site'
  return urls.every((url) => url.origin === page) ? 'same-origin' : 'same-site'
}

/** `null` after a redirect from one foreign origin to another: nobody vouches for it any more (Fetch, "redirect-taint"). */
function originFor(page: string, urls: readonly URL[]): string {
  const tainted = urls.some((url, at) => at > 0 && url.origin !== urls[at - 1]?.origin && urls[at - 1]?.origin !== page)
  return tainted ? 'null' : page
}
