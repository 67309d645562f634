// A process that holds a state directory, or writes to it until it is killed. See kill.test.ts and lock.test.ts.

import { RawNumber } from './expression/json.js'
import { openStore } from './store/embedded.js'

const [, , task, dir] = process.argv
const store = await openStore(dir, { rawNumber: RawNumber, segmentBytes: 20_000, onDisk: ['s/payload/'] })

if (task === 'hold') {
  process.stdout.write('held\n')
  setInterval(() => {}, 1000)
} else {
  // Each line says what was acknowledged; the reader compares it with what is left.
  for (const writer of [0, 1, 2, 3]) void write(writer)
}

async function write(writer) {
  for (let n = Number(store.get(`s/writer/${writer}`) ?? 0) + 1; ; n += 1) {
    await store.transact(
      ['s/'],
      (tx) => {
        tx.put(`s/writer/${writer}`, n)
        tx.put('s/total', Number(tx.get('s/total') ?? 0) + 1)
        tx.put(`s/payload/${writer}/${n % 10}`, { n, text: 'x'.repeat((n * 37) % 500) })
      },
      writer % 2 === 0 ? 'sync' : 'write',
    )
    process.stdout.write(`${writer} ${n}\n`)
  }
}
