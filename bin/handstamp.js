#!/usr/bin/env node
// Plain JavaScript that old Nodes can parse: it must get as far as saying which Node is needed.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const needed = '24.7'
const running = process.versions.node

const [major, minor] = running.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `handstamp needs Node.js ${needed} or newer, this is ${running}: install Node.js ${needed} and try again.`,
  )
  process.exit(1)
}

const built = new URL('../dist/cli/main.js', import.meta.url)
const source = new URL('../src/cli/main.ts', import.meta.url)

import(existsSync(fileURLToPath(built)) ? built.href : source.href).catch((error) => {
  console.error(error)
  process.exit(1)
})
