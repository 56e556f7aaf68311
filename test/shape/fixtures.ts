import type { rules } from './rules.ts'
import type { Tree } from './tree.ts'

export interface Fixture {
  readonly breaks: keyof typeof rules
  readonly why: string
  readonly files: Readonly<Record<string, string>>
}

/** A small house in which every rule is content. A bad fixture is this one with some files replaced or added. */
const sound: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    dependencies: { jose: '1', hono: '1' },
    peerDependencies: { next: '1' },
    exports: {
      '.': { 'handstamp-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
  }),
  'README.md': 'line\n'.repeat(150),
  'src/index.ts': `export { engine } from './engine/engine.ts'\n`,
  'src/base/clock.ts': `export const now = (): number => Date.now()\n`,
  'src/base/day.ts': `export const day = (at: number): Date => new Date(at)\n`,
  'src/model/record.ts': `import type { now } from '../base/clock.ts'\nexport type Now = typeof now\n`,
  'src/crypto/seal.ts': `import { createHmac } from 'node:crypto'\nimport { SignJWT } from 'jose'\nexport const seal = [createHmac, SignJWT]\n`,
  'src/engine/engine.ts': `import { seal } from '../crypto/seal.ts'\nimport { part } from './part.ts'\nexport const engine = [seal, part]\n`,
  'src/engine/part.ts': `export function part(): void {\n${'  work()\n'.repeat(48)}}\n`,
  'src/client/browser.ts': `import type { Answer } from '../engine/part.ts'\nexport type A = Answer\n`,
  'src/adapters/express.ts': `import type { Request } from 'express'\nexport type R = Request\n`,
  'src/adapters/next-headers.ts': `export const headers = () => import('next/headers.js')\n`,
  'src/server/app.ts': `import { Hono } from 'hono'\nexport const app = new Hono()\n`,
  'src/cli/lab.ts': `import { attack } from '../lab/attack.ts'\nexport const run = attack\n`,
  'src/lab/attack.ts': `export const attack = 1\n`,
}

const floor = 'an import goes down a floor or stays in its folder'
const never = 'no arrow that must never be'
const time = 'only the clock asks for the time'
const packages = 'packages stand on the upper floors only'
const nodeless = 'base, model, edge and client run without Node'
const names = 'names are kebab-case and say something'
const exported = 'every export leads to a source file'
const inline = 'no default export'

export const fixtures: readonly Fixture[] = [
  bad(floor, 'upwards', 'src/base/a.ts', `import { x } from '../model/record.ts'`),
  bad(floor, 'upwards, only a type', 'src/model/a.ts', `import type { X } from '../engine/part.ts'`),
  bad(floor, 'upwards by re-export', 'src/model/a.ts', `export * from '../engine/part.ts'`),
  bad(floor, 'upwards by import()', 'src/model/a.ts', `export const x = () => import('../engine/part.ts')`),
  bad(floor, 'upwards by a type query', 'src/model/a.ts', `export type X = import('../engine/part.ts').X`),
  bad(floor, 'sideways on one floor', 'src/advisor/a.ts', `import { x } from '../crypto/seal.ts'`),
  bad(floor, 'from a folder unknown to the house', 'src/shed/a.ts', `import { x } from '../base/clock.ts'`),
  bad(floor, 'to a folder unknown to the house', 'src/cli/a.ts', `import { x } from '../shed/b.ts'`),
  bad(floor, 'out of src', 'src/cli/a.ts', `import { x } from '../../test/a.ts'`),
  bad('nobody imports a door', 'a room imports the door', 'src/cli/a.ts', `import { x } from '../index.ts'`),
  bad('nobody imports a door', 'a door imports a door', 'src/other.ts', `import { x } from './index.ts'`),
  bad(never, 'stores -> engine', 'src/stores/a.ts', `import { x } from '../engine/part.ts'`),
  bad(never, 'crypto -> stores', 'src/crypto/a.ts', `import { x } from '../stores/b.ts'`),
  bad(never, 'model -> crypto', 'src/model/a.ts', `import { x } from '../crypto/seal.ts'`),
  bad(never, 'engine -> http', 'src/engine/a.ts', `import { x } from '../http/b.ts'`),
  bad(never, 'a door -> lab', 'src/other.ts', `import { x } from './lab/attack.ts'`),
  bad(never, 'server -> lab', 'src/server/a.ts', `import type { X } from '../lab/attack.ts'`),
  bad(never, 'the cli -> test help', 'src/cli/a.ts', `import { x } from '../testing/b.ts'`),
  bad(never, 'edge -> crypto', 'src/edge/a.ts', `import type { X } from '../crypto/seal.ts'`),
  bad(never, 'client -> engine, a value', 'src/client/a.ts', `import { type X } from '../engine/part.ts'`),
  circle('two files', { a: `import { b } from './b.ts'`, b: `import { a } from './a.ts'` }),
  circle('only types', { a: `import type { B } from './b.ts'`, b: `import type { A } from './a.ts'` }),
  circle('three files', { a: `import './b.ts'`, b: `import './c.ts'`, c: `import './a.ts'` }),
  circle('a file and itself', { a: `import './a.ts'` }),
  bad('no file over 400 lines', '401 lines', 'src/base/a.ts', '//\n'.repeat(401)),
  long('a declaration', `export function work(): void {\n${'  x()\n'.repeat(49)}}`),
  long('a method', `export const a = {\n  work() {\n${'  x()\n'.repeat(49)}}\n}`),
  long('an arrow', `export const work = () => {\n${'  x()\n'.repeat(49)}}`),
  long('a callback', `export function work() {\n  each(() => {\n${'  x()\n'.repeat(47)}  })\n}`),
  long('around a named one', `function work() {\n${'  x()\n'.repeat(48)}  function b() {\n  }\n}`),
  bad(time, 'Date.now()', 'src/cli/a.ts', `export const x = Date.now()`),
  bad(time, 'Date.now passed on', 'src/cli/a.ts', `export const x = globalThis.Date.now`),
  bad(time, 'Date.now taken apart', 'src/cli/a.ts', `const { now } = Date\nexport const x = now`),
  bad(time, 'new Date()', 'src/cli/a.ts', `export const x = new Date()`),
  bad(time, 'new Date', 'src/cli/a.ts', `export const x = new Date`),
  bad(time, 'Date()', 'src/cli/a.ts', `export const x = Date()`),
  bad(time, 'performance.now()', 'src/cli/a.ts', `export const x = performance.now()`),
  bad(time, 'process.hrtime', 'src/cli/a.ts', `export const x = process.hrtime.bigint()`),
  bad('no Math.random', 'a call', 'src/cli/a.ts', `export const x = Math.random()`),
  bad('no Math.random', 'in brackets', 'src/cli/a.ts', `export const x = Math['random']()`),
  bad(inline, 'a value', 'src/cli/a.ts', `export default 1`),
  bad(inline, 'a function', 'src/cli/a.ts', `export default function x() {}`),
  bad(inline, 'by name', 'src/cli/a.ts', `const x = 1\nexport { x as default }`),
  bad(packages, 'http -> a framework', 'src/http/a.ts', `import type { X } from 'hono'`),
  bad(packages, 'an adapter -> a value', 'src/adapters/a.ts', `import { X } from 'hono/cookie'`),
  bad(packages, 'an adapter -> no framework', 'src/adapters/a.ts', `import type { X } from 'zod'`),
  bad(packages, 'an adapter -> its framework, at once', 'src/adapters/next.ts', `import { X } from 'next/server.js'`),
  bad(packages, 'an adapter -> another framework', 'src/adapters/next.ts', `export const x = () => import('hono')`),
  bad(packages, 'another adapter -> next', 'src/adapters/hono.ts', `export const x = () => import('next/server.js')`),
  bad(packages, 'a door', 'src/other.ts', `import { X } from '@hono/node-server'`),
  bad(packages, 'Node without node:', 'src/engine/a.ts', `import { X } from 'crypto'`),
  bad('a package that is imported is a dependency', 'not declared', 'src/cli/a.ts', `import { z } from 'zod'`),
  bad('a package that is imported is a dependency', 'a peer, at once', 'src/cli/a.ts', `import { x } from 'next'`),
  bad(
    'a package that is imported is a dependency',
    'not even there',
    'src/server/console/client/a.tsx',
    `import { x } from 'react'`,
  ),
  bad('a package that is imported is a dependency', 'ourselves', 'src/cli/a.ts', `import { x } from 'handstamp'`),
  bad(nodeless, 'base', 'src/base/a.ts', `import { x } from 'node:crypto'`),
  bad(nodeless, 'model, a type', 'src/model/a.ts', `import type { X } from 'node:http'`),
  bad(nodeless, 'edge', 'src/edge/a.ts', `import { x } from 'node:buffer'`),
  bad(nodeless, 'client', 'src/client/a.ts', `import { x } from 'crypto'`),
  bad(names, 'camel case', 'src/base/requestHead.ts', ''),
  bad(names, 'a folder', 'src/server/My_pages/a.ts', ''),
  bad(names, 'a test', 'test/base/requestHead.test.ts', ''),
  bad(names, 'types.ts', 'src/model/types.ts', ''),
  bad(names, 'utils/', 'src/base/utils/a.ts', ''),
  bad(exported, 'no such source', 'package.json', manifest('gone', 'gone')),
  bad(exported, 'another file in dist', 'package.json', manifest('index', 'main')),
  bad('the documents are short', 'README', 'README.md', 'line\n'.repeat(151)),
  bad('the documents are short', 'ARCHITECTURE', 'ARCHITECTURE.md', 'line\n'.repeat(121)),
  bad('the documents are short', 'CONTRIBUTING', 'CONTRIBUTING.md', 'line\n'.repeat(81)),
]

export const soundTree: Tree = new Map(Object.entries(sound))

export function treeOf(fixture: Fixture): Tree {
  return new Map(Object.entries({ ...sound, ...fixture.files }))
}

function bad(breaks: Fixture['breaks'], why: string, path: string, text: string): Fixture {
  return { breaks, why, files: { [path]: text } }
}

function circle(why: string, texts: Readonly<Record<string, string>>): Fixture {
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [`src/base/${name}.ts`, text]))
  return { breaks: 'no circle, not even of types', why, files }
}

function long(why: string, text: string): Fixture {
  return bad('no function over 50 lines', why, 'src/base/a.ts', text)
}

function manifest(source: string, built: string): string {
  const door = {
    'handstamp-source': `./src/${source}.ts`,
    types: `./dist/${built}.d.ts`,
    default: `./dist/${built}.js`,
  }
  return JSON.stringify({ dependencies: { jose: '1', hono: '1' }, exports: { '.': door } })
}
