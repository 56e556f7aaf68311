import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EngineProcess, freePort, programOf, startEngine } from './engine-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A proxy with the snippet of deploy/, listening. */
export interface FrontProxy {
  readonly port: number
  readonly process: EngineProcess
}

export interface Upstreams {
  /** Port of Handstamp. */
  readonly handstamp: number
  /** Port of the application. */
  readonly application: number
}

export interface ProxyKind {
  readonly name: 'nginx' | 'caddy'
  /** Null where the program is not on this machine. */
  readonly start: ((upstreams: Upstreams) => Promise<FrontProxy>) | null
}

const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url))
const nginx = programOf('nginx', ['/usr/sbin'])
const caddy = programOf('caddy')

export const proxyKinds: readonly ProxyKind[] = [
  { name: 'nginx', start: nginx === null ? null : (upstreams) => startNginx(nginx, upstreams) },
  { name: 'caddy', start: caddy === null ? null : (upstreams) => startCaddy(caddy, upstreams) },
]

/** The text of a file in deploy/, with the ports of this test instead of the usual ones. */
function snippet(name: string, port: number, { handstamp, application }: Upstreams): string {
  return readFileSync(join(deploy, name), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${handstamp}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${application}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace(/^:80 /m, `http://127.0.0.1:${port} `)
}

async function startNginx(program: string, upstreams: Upstreams): Promise<FrontProxy> {
  const folder = temporaryFolder()
  const port = await freePort()
  const inside = ['nginx-forwarded.conf', 'nginx-identity.conf']
  mkdirSync(join(folder, 'deploy'))
  for (const name of inside) writeFileSync(join(folder, 'deploy', name), snippet(name, port, upstreams))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const site = snippet('nginx.conf', port, upstreams)
  // Started as root it would become somebody who may not write into our folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const conf = `daemon off; ${user} pid ${folder}/pid; error_log stderr warn; worker_processes 1;
events { worker_connections 512; }
http { access_log off; ${paths.join(' ')}
${site} }`
  writeFileSync(join(folder, 'nginx.conf'), conf)
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf')]
  return { port, process: await startEngine({ program, args, isUp: () => isListening(port) }) }
}

async function startCaddy(program: string, upstreams: Upstreams): Promise<FrontProxy> {
  const folder = temporaryFolder()
  const port = await freePort()
  const head = '{\n\tadmin off\n\tauto_https off\n}\n'
  writeFileSync(join(folder, 'Caddyfile'), head + snippet('Caddyfile', port, upstreams))
  // It keeps a copy of its configuration, which belongs here too.
  const kept = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME'].map((name) => `${name}=${folder}`)
  const args = [...kept, program, 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  return { port, process: await startEngine({ program: '/usr/bin/env', args, isUp: () => isListening(port) }) }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
