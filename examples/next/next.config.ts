import type { NextConfig } from 'next'

const config: NextConfig = {
  // One copy of the library for proxy, routes and components.
  serverExternalPackages: ['handstamp'],
  // The repository around this example has a lockfile of its own.
  turbopack: { root: import.meta.dirname },
}

export default config
