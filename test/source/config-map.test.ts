import { spawn } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contents } from '../contract/source.js'
import { none, open } from './opened.js'

describe('a ConfigMap mount', () => {
  // As the kubelet does it: a new folder, a link beside the old one, a rename over it, the old folder removed.
  const swapper = `
    const fs = require('node:fs')
    const [root, keys] = [process.argv[1], Number(process.argv[2])]
    let last = '..v0'
    process.on('message', (n) => {
      const next = '..v' + n
      fs.mkdirSync(root + '/' + next)
      for (let i = 0; i < keys; i++) fs.writeFileSync(root + '/' + next + '/k' + i + '.yaml', String(n))
      fs.symlinkSync(next, root + '/..data_tmp')
      fs.renameSync(root + '/..data_tmp', root + '/..data')
      fs.rmSync(root + '/' + last, { recursive: true })
      last = next
      process.send(n)
    })
    process.send(0)
  `

  async function mount(keys: number) {
    const { source, origin } = await open()
    await mkdir(origin.at('..v0'))
    for (let i = 0; i < keys; i++) await writeFile(origin.at(`..v0/k${i}.yaml`), '0')
    await symlink('..v0', origin.at('..data'))
    for (let i = 0; i < keys; i++) await symlink(`..data/k${i}.yaml`, origin.at(`k${i}.yaml`))
    const child = spawn(process.execPath, ['-e', swapper, origin.root, String(keys)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    onTestFinished(() => {
      child.kill()
    })
    const told = (n: number): Promise<void> =>
      new Promise((resolve) => {
        const listen = (message: unknown): void => {
          if (message !== n) return
          child.off('message', listen)
          resolve()
        }
        child.on('message', listen)
      })
    await told(0)
    const swap = (n: number): Promise<void> => {
      const done = told(n)
      child.send(n)
      return done
    }
    return { source, origin, swap }
  }

  it('shows each key once', async () => {
    const { source } = await mount(3)
    const snapshot = await source.fetch(none)
    expect([...snapshot.files.keys()]).toEqual(['k0.yaml', 'k1.yaml', 'k2.yaml'])
    expect(snapshot.refusals).toEqual([])
  })

  it('is read wholly old or wholly new while it is swapped, a hundred times', async () => {
    const { source, swap } = await mount(40)
    for (let n = 1; n <= 100; n++) {
      const swapping = swap(n)
      const snapshot = await source.fetch(none, n % 2 === 0 ? 'anywhere' : new Set(['..data']))
      const versions = [...new Set(contents(snapshot).map(([, version]) => Number(version)))]
      expect(snapshot.files.size).toBe(40)
      expect(versions).toHaveLength(1)
      expect([n - 1, n]).toContain(versions[0])
      expect(snapshot.refusals).toEqual([])
      await swapping
    }
    expect(contents(await source.fetch(none, new Set(['..data'])))[0]).toEqual(['k0.yaml', '100'])
  })
})
