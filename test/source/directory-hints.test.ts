import { mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Snapshot } from '../../src/source/source.js'
import { DirectoryOrigin } from './directory-origin.js'

// Few names, so that files, folders and links meet at the same paths.
const segment = fc.constantFrom('a', 'b', 'c.yaml', 'd.json', 'e.txt', '.h', '..data')
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))

type Step =
  | { do: 'write'; path: string; text: string }
  | { do: 'remove'; path: string }
  | { do: 'move'; path: string; to: string }
  | { do: 'link'; path: string; target: string }
  | { do: 'rules'; folder: string; text: string }
  | { do: 'refer'; paths: string[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), path, text: fc.string({ maxLength: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), path, to: path }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      path,
      target: fc.oneof(path, fc.constantFrom('..', '../a', '../../b', '/etc', 'c.yaml')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('rules' as const),
      folder: fc.constantFrom('', 'a', 'a/b'),
      text: fc.constantFrom('', 'b/\n', 'c.yaml\n', '*\n!d.json\n', '/a/c.yaml\n'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refer' as const), paths: fc.array(path, { maxLength: 3 }) }) },
)

/** The path as a watch on real folders names it. */
async function real(origin: DirectoryOrigin, path: string): Promise<string> {
  const rest = [basename(path)]
  for (let folder = dirname(origin.at(path)); ; folder = dirname(folder)) {
    try {
      return relative(await realpath(origin.root), join(await realpath(folder), ...rest))
    } catch {
      rest.unshift(basename(folder))
    }
  }
}

/** Does the step if the file system lets it, and returns the paths a watch would name. */
async function carryOut(origin: DirectoryOrigin, step: Step): Promise<string[]> {
  const hint = 'path' in step ? [await real(origin, step.path)] : []
  try {
    switch (step.do) {
      case 'write':
        await mkdir(dirname(origin.at(step.path)), { recursive: true })
        await writeFile(origin.at(step.path), step.text)
        // Through a link, it is another file that was written.
        hint.push(relative(await realpath(origin.root), await realpath(origin.at(step.path))))
        break
      case 'remove':
        await rm(origin.at(step.path), { recursive: true })
        break
      case 'move':
        hint.push(await real(origin, step.to))
        await rename(origin.at(step.path), origin.at(step.to))
        break
      case 'link':
        await symlink(step.target, origin.at(step.path))
        break
      case 'rules':
        await writeFile(origin.at(`${step.folder}/.callboardignore`), step.text)
        hint.push(await real(origin, join(step.folder, '.callboardignore')))
        break
      case 'refer':
        return []
    }
    return hint
  } catch {
    return []
  }
}

function described({ files, refusals, revision }: Snapshot) {
  return { files: [...files].map(([path, file]) => [path, file.path, file.hash]), refusals, revision }
}

const instant = { now: Date.now, sleep: async () => {} }

it('a fetch by hints finds what a fetch of everything finds, whatever happened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), async (rounds) => {
      const origin = await DirectoryOrigin.create({ 'a/c.yaml': '1', 'a/b/d.json': '2', 'b/e.txt': '3' })
      const source = origin.open({ clock: instant })
      try {
        let references = new Set<string>(['b/e.txt'])
        await source.fetch(references)
        for (const steps of rounds) {
          const hint = new Set<string>()
          for (const step of steps) {
            if (step.do === 'refer') references = new Set(step.paths)
            for (const path of await carryOut(origin, step)) hint.add(path)
          }
          const fresh = origin.open({ clock: instant })
          const byHint = await source.fetch(references, hint)
          const whole = await fresh.fetch(references)
          expect(described(byHint)).toEqual(described(whole))
          await fresh.close()
        }
      } finally {
        await source.close()
        await origin.remove()
      }
    }),
    { numRuns: 150 },
  )
}, 120_000)
