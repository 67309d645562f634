// The store as another process can run it: compiled into a folder of its own, so that no earlier build is needed.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

/** Compiles before the tests of a file; the function gives the path of the child's script. */
export function compiledStore(): () => string {
  let folder = ''
  beforeAll(() => {
    // Inside the project, where its packages are found.
    folder = mkdtempSync(join(root, 'node_modules', '.store-'))
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/typescript/bin/tsc'),
        ...['--outDir', folder, '--rootDir', join(root, 'src'), '--target', 'ES2023', '--module', 'NodeNext'],
        ...['--moduleResolution', 'NodeNext', '--types', 'node', '--skipLibCheck', '--ignoreConfig'],
        join(root, 'src/store/embedded.ts'),
        join(root, 'src/expression/json.ts'),
      ],
      { encoding: 'utf8', cwd: root },
    )
    if (status !== 0) throw new Error(`the store does not compile:\n${stdout}`)
    cpSync(join(root, 'test/store/child.mjs'), join(folder, 'child.mjs'))
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => join(folder, 'child.mjs')
}
