// From a push to the first answer that shows it, among 10,000 files, beside what git alone takes to fetch the same.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'
import { isPlainGet, writeYamlFiles, yamlPath, yamlRoute, yamlText } from '../corpus/files.mjs'
import { startCallboard } from '../harness/callboard.mjs'
import { finding } from '../harness/report.mjs'
import { percentile, spread } from '../harness/statistics.mjs'

const files = 10_000
const lostAfterMs = 20_000

export const title = 'Push to live with 10,000 files in Git'

export async function run(context) {
  const { git, work, bare } = repository(context.workspace)
  const plain = Array.from({ length: files }, (_, index) => index).filter(isPlainGet)
  const baseline = clone(context.workspace, bare)
  const callboard = await startCallboard({
    directory: `file://${bare}`,
    workspace: context.workspace,
    profile: context.profile,
    settings: 'source: {interval: 3600}\n',
  })
  const client = new Client(callboard.url)
  const times = { live: [], fetch: [], empty: [], lsRemote: [] }
  try {
    await sleep(3_000)
    for (let push = 0; push < context.effort.pushes; push += 1) {
      const index = plain[(push * 37) % plain.length]
      const edition = 1_000 + push
      writeFileSync(join(work, yamlPath(index)), yamlText(index, edition))
      git('commit', '-q', '-a', '-m', `edition ${edition}`)
      git('push', '-q', 'origin', 'HEAD')
      times.live.push(await live(callboard, client, yamlRoute(index), edition))
      times.fetch.push(took(() => baseline('fetch', '-q', '--depth=1', 'origin', 'main')))
      await sleep(50)
      times.empty.push(await reconciled(callboard))
      times.lsRemote.push(took(() => baseline('ls-remote', '-q', 'origin', 'HEAD')))
    }
    return findings(times, { readyMs: callboard.readyMs })
  } finally {
    await client.close()
    await callboard.stop()
  }
}

function findings(times, { readyMs }) {
  const scenario = 'git'
  const at = (numbers, share) => ({ ...spread(numbers), median: percentile(numbers, share) })
  const beside = (name, numbers) => `${name} ${percentile(numbers, 0.5).toFixed(1)} ms`
  return [
    finding({
      scenario,
      name: 'push to live, p50',
      unit: 'ms',
      value: at(times.live, 0.5),
      target: 500,
      detail: beside('git fetch of the same', times.fetch),
      data: times,
    }),
    finding({ scenario, name: 'push to live, p99', unit: 'ms', value: at(times.live, 0.99) }),
    finding({
      scenario,
      name: 'look without a change',
      unit: 'ms',
      value: at(times.empty, 0.5),
      detail: beside('git ls-remote alone', times.lsRemote),
    }),
    finding({ scenario, name: 'start with nothing fetched yet', unit: 'ms', value: spread([readyMs]) }),
  ]
}

/** Milliseconds from the call of a receiver, just after the push, to the first answer with `edition`. */
async function live(callboard, client, path, edition) {
  const wanted = `"edition":${edition},`
  const started = performance.now()
  const asked = reconcile(callboard)
  for (;;) {
    const { body } = await client.request({ method: 'GET', path })
    if ((await body.text()).includes(wanted)) break
    if (performance.now() - started > lostAfterMs) throw new Error(`${path} shows no edition ${edition}`)
    // What asks must not take the processor from what is asked.
    await sleep(1)
  }
  const ended = performance.now()
  await asked
  return ended - started
}

async function reconciled(callboard) {
  const started = performance.now()
  const { outcome } = await reconcile(callboard)
  if (outcome !== 'unchanged') throw new Error(`a look without a change was ${outcome}`)
  return performance.now() - started
}

async function reconcile({ control, token }) {
  const response = await fetch(new URL('/api/v1/reconcile', control), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  return response.json()
}

function took(work) {
  const started = performance.now()
  work()
  return performance.now() - started
}

function repository(workspace) {
  const work = join(workspace, 'git-work')
  const bare = join(workspace, 'git-served.git')
  const git = inFolder(work)
  if (!existsSync(bare)) {
    mkdirSync(work)
    writeYamlFiles(work, files)
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare])
    execFileSync('git', ['-C', bare, 'config', 'uploadpack.allowFilter', 'true'])
    git('init', '-q', '-b', 'main')
    git('remote', 'add', 'origin', bare)
    git('add', '.')
    git('commit', '-q', '-m', 'edition 1')
    git('push', '-q', 'origin', 'HEAD')
  }
  return { git, work, bare }
}

/** A clone as plain as can be, which fetches what was pushed. */
function clone(workspace, bare) {
  const folder = mkdtempSync(join(workspace, 'git-clone-'))
  execFileSync('git', ['clone', '-q', '--bare', '--depth=1', `file://${bare}`, folder])
  return inFolder(folder)
}

function inFolder(folder) {
  const person = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'gc.auto=0']
  return (...args) => execFileSync('git', [...person, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}
