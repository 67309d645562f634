// dist/ must hold what src/ says.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathOf } from './child.mjs'

const root = pathOf('../../../', import.meta.url)

/** Builds when dist/ is missing or older than what it is made of. */
export function buildWhenStale() {
  const built = newest(join(root, 'dist'))
  const sources = Math.max(newest(join(root, 'src')), newest(join(root, 'tsconfig.json')))
  if (built >= sources) return
  console.error('dist/ is older than src/: building')
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('the build failed; run "npm run build" and mend what it says')
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
