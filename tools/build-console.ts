// Builds script and style of the console into dist/console, which the server sends and the package ships.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../src/server/console/client/', import.meta.url))
const outDir = fileURLToPath(new URL('../dist/console/', import.meta.url))

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    outDir,
    emptyOutDir: true,
    target: 'baseline-widely-available',
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      input: `${root}main.tsx`,
      output: { entryFileNames: 'console.js', assetFileNames: 'console.[ext]' },
    },
  },
})
