import { once } from 'node:events'
import { doors } from './doors.ts'
import { offerControl } from './remote.ts'

/** `node serve-door.ts NAME`: a door in a process of its own, as `remote.ts` wants it. */
const door = doors.find(({ name }) => name === process.argv[2])
if (door === undefined) throw new Error(`There is no door ${process.argv[2]}.`)
process.on('warning', () => {})
const open = await door.open()
const control = await offerControl(open)
console.log(JSON.stringify({ port: open.port, control: control.port }))
process.stdin.resume()
await once(process.stdin, 'end')
control.close()
await open.close()
