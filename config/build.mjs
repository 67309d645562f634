// Compiles src/ into dist/ from scratch, so that no file of an earlier build stays behind.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const windows = process.platform === 'win32'
const tsc = join(root, 'node_modules/.bin', windows ? 'tsc.cmd' : 'tsc')
rmSync(join(root, 'dist'), { recursive: true, force: true })
const { status } = spawnSync(tsc, ['-p', join(root, 'tsconfig.json')], { stdio: 'inherit', shell: windows })
if (status !== 0) process.exit(status ?? 1)
chmodSync(join(root, 'dist/cli/index.js'), 0o755)
