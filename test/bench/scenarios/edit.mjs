// From the write of an edit to the first answer that shows it, among 10,000 files.
import { execFileSync } from 'node:child_process'
import { cpSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'
import { isPlainGet, yamlPath, yamlRoute, yamlText } from '../corpus/files.mjs'
import { startCallboard } from '../harness/callboard.mjs'
import { Child, pathOf } from '../harness/child.mjs'
import { corpus } from '../harness/corpus.mjs'
import { finding } from '../harness/report.mjs'
import { percentile, spread } from '../harness/statistics.mjs'

const lostAfterMs = 10_000
/** Files that one checkout changes. */
const together = 100

export const title = 'Edit to live with 10,000 files'

export async function run(context) {
  const { directory, stateDir, files } = corpus(context.workspace)
  const plain = Array.from({ length: files }, (_, index) => index).filter(isPlainGet)
  const git = repository(directory)
  const callboard = await startCallboard({
    directory,
    stateDir,
    workspace: context.workspace,
    profile: context.profile,
  })
  const client = new Client(callboard.url)
  try {
    // What follows a start, such as warnings and caches, is no part of an edit.
    await sleep(3_000)
    const edits = { 'in place': [], 'by rename': [] }
    const least = await leastPossible(context, join(directory, yamlPath(0)))
    for (let edit = 0; edit < context.effort.edits; edit += 1) {
      const [way, take] = edit % 2 === 0 ? ['in place', writeFileSync] : ['by rename', replace]
      const index = plain[(edit * 37) % plain.length]
      const path = join(directory, yamlPath(index))
      const edition = 1_000 + edit
      edits[way].push(await live(client, yamlRoute(index), edition, () => take(path, yamlText(index, edition))))
      // Pauses of different length: what is left over after an edit sometimes meets the next one.
      await sleep(5 + ((edit * 37) % 60))
    }
    git('checkout', '-q', '--', '.')
    await sleep(1_000)
    const checkouts = await checkOut(context, { callboard, client, git, directory, indexes: plain.slice(0, together) })
    return [...editFindings(edits, least), ...checkouts]
  } finally {
    await client.close()
    await callboard.stop()
  }
}

function editFindings(edits, least) {
  const all = Object.values(edits).flat()
  const scenario = 'edit'
  const data = { ...edits, least }
  const named = (share) =>
    Object.entries({ ...edits, 'watch, parse and answer alone': least })
      .map(([way, times]) => `${way} ${percentile(times, share).toFixed(2)} ms`)
      .join(', ')
  const at = (share) => ({ ...spread(all), median: percentile(all, share) })
  return [
    finding({ scenario, name: 'edit to live, p50', unit: 'ms', value: at(0.5), target: 10, detail: named(0.5), data }),
    finding({ scenario, name: 'edit to live, p99', unit: 'ms', value: at(0.99), target: 50, detail: named(0.99) }),
  ]
}

/** Milliseconds from just before `change` to the first answer with `edition`. */
async function live(client, path, edition, change) {
  const wanted = `"edition":${edition},`
  const started = performance.now()
  change()
  for (;;) {
    const { body } = await client.request({ method: 'GET', path })
    if ((await body.text()).includes(wanted)) return performance.now() - started
    if (performance.now() - started > lostAfterMs)
      throw new Error(`${path} shows no edition ${edition} after ${lostAfterMs} ms`)
  }
}

/** As careful editors save: the new text beside the old one, then in its place. */
function replace(path, text) {
  const beside = join(dirname(path), '.edited~')
  writeFileSync(beside, text)
  renameSync(beside, path)
}

/** The same measurement of a process that does nothing but watch, parse and answer one file. */
async function leastPossible({ workspace, effort }, template) {
  const file = join(workspace, 'live-file.yaml')
  cpSync(template, file)
  const child = new Child('live-file', pathOf('../baselines/live-file.mjs', import.meta.url), [file])
  const times = []
  try {
    const { url } = await child.message((message) => message.url !== undefined)
    const client = new Client(url)
    for (let edit = 0; edit < effort.edits / 4; edit += 1) {
      times.push(await live(client, '/', 5_000 + edit, () => writeFileSync(file, yamlText(0, 5_000 + edit))))
      await sleep(5)
    }
    await client.close()
  } finally {
    await child.stop()
  }
  return times
}

function repository(directory) {
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], { cwd: directory })
  git('init', '-q', '-b', 'one')
  git('add', '.')
  git('commit', '-q', '-m', 'edition 1')
  return git
}

/** Changes many files by one `git checkout`: all of them are to go live in one generation, and none before another. */
async function checkOut({ effort }, { callboard, client, git, directory, indexes }) {
  git('checkout', '-q', '-b', 'two')
  for (const index of indexes) writeFileSync(join(directory, yamlPath(index)), yamlText(index, 2))
  git('commit', '-q', '-a', '-m', 'edition 2')
  await firstLive(client, indexes, 2)
  const fromStart = []
  const fromEnd = []
  const mixed = []
  const generations = []
  for (let round = 0; round < effort.checkouts; round += 1) {
    await sleep(300)
    const [branch, edition] = round % 2 === 0 ? ['one', 1] : ['two', 2]
    const before = await generation(callboard)
    const started = performance.now()
    git('checkout', '-q', branch)
    const ended = performance.now()
    const { at, stale } = await firstLive(client, indexes, edition)
    await sleep(200)
    fromStart.push(at - started)
    fromEnd.push(at - ended)
    mixed.push(stale)
    generations.push((await generation(callboard)) - before)
  }
  const scenario = 'edit'
  return [
    finding({
      scenario,
      name: `${together} files by one checkout: generations`,
      unit: 'count',
      value: spread(generations),
      target: 1,
    }),
    finding({
      scenario,
      name: 'answers of the old revision after one of the new',
      unit: 'count',
      value: spread(mixed),
      target: 0,
    }),
    finding({
      scenario,
      name: 'live after the checkout ended',
      unit: 'ms',
      value: spread(fromEnd),
      detail: 'from its start see JSON',
      data: { fromStart },
    }),
  ]
}

/** Asks for one mock after the other until one is new; then how many of all are still old. */
async function firstLive(client, indexes, edition) {
  const wanted = `"edition":${edition},`
  const isNew = async (index) => {
    const { body } = await client.request({ method: 'GET', path: yamlRoute(index) })
    return (await body.text()).includes(wanted)
  }
  const started = performance.now()
  for (let turn = 0; !(await isNew(indexes[turn % indexes.length])); turn += 1) {
    if (performance.now() - started > lostAfterMs) throw new Error(`a checkout was not live after ${lostAfterMs} ms`)
  }
  const at = performance.now()
  let stale = 0
  for (const index of indexes) if (!(await isNew(index))) stale += 1
  return { at, stale }
}

async function generation(callboard) {
  const { items } = await callboard.get('/api/v1/revisions?limit=20')
  return items.find((item) => item.generation !== null).generation
}
