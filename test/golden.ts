import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** Compares with `test/fixtures/<name>.golden.txt`. UPDATE_GOLDEN=1 writes what comes out now, to be reviewed as a diff. */
export function expectGolden(name: string, text: string): void {
  const file = fileURLToPath(new URL(`fixtures/${name}.golden.txt`, import.meta.url))
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text).toBe(readFileSync(file, 'utf8'))
}
