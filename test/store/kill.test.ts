import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RawNumber } from '../../src/expression/json.js'
import { openStore } from '../../src/store/embedded.js'
import { compiledStore } from './compiled-store.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()
const compiled = compiledStore()

/** Runs the writers until so many transactions were acknowledged, kills them, and tells the last of each. */
async function killedAfter(dir: string, acknowledgements: number): Promise<number[]> {
  const child = spawn(process.execPath, [compiled(), 'write', dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let lines = 0
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    lines += chunk.split('\n').length - 1
    if (lines >= acknowledgements) child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string]
  expect(signal).toBe('SIGKILL')
  const last = [0, 0, 0, 0]
  for (const line of text.split('\n').slice(0, -1)) {
    const [writer = 0, n = 0] = line.split(' ').map(Number)
    last[writer] = Math.max(last[writer] ?? 0, n)
  }
  return last
}

describe('a process that is killed while it writes', () => {
  it('has lost nothing that it was told is written', async () => {
    const dir = temporaryFolder()
    let before = [0, 0, 0, 0]
    for (const acknowledgements of [1, 40, 333, 1500, 700, 90]) {
      const acknowledged = await killedAfter(dir, acknowledgements)
      const store = await openStore(dir, { rawNumber: RawNumber, onDisk: ['s/payload/'] })
      const found = [0, 1, 2, 3].map((writer) => Number(store.get(`s/writer/${writer}`) ?? 0))
      found.forEach((n, writer) => {
        expect(n).toBeGreaterThanOrEqual(Math.max(acknowledged[writer] ?? 0, before[writer] ?? 0))
        // What one transaction wrote is there together.
        if (n > 0) expect(store.get(`s/payload/${writer}/${n % 10}`)).toMatchObject({ n })
      })
      expect(store.get('s/total')).toBe(found.reduce((sum, n) => sum + n, 0))
      await store.close()
      before = found
    }
  }, 120_000)
})
