import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { usableGit } from '../../../src/source/git/version.js'
import { temporaryFolder } from './opened-git.js'

function git(said: string): NodeJS.ProcessEnv {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho 'git version ${said}'\n`, { mode: 0o755 })
  return { PATH: `${folder}:/usr/bin:/bin` }
}

it('a git that lacks what is needed is named with what is', async () => {
  await expect(usableGit(git('2.30.9'))).rejects.toThrow('git is of version 2.30, and 2.31 or newer is needed')
  expect(await usableGit(git('2.39.5 (Apple Git-154)'))).toEqual([2, 39])
  expect(await usableGit(git('2.45.1.windows.1'))).toEqual([2, 45])
})

it('no git is said', async () => {
  await expect(usableGit({ PATH: temporaryFolder() })).rejects.toThrow('git cannot be run: it is not installed')
})
