// npm run bench: what the program costs beside what it could cost, measured in one run.
//
//   npm run bench                       everything, about six minutes
//   npm run bench -- --quick            fewer rounds, about 90 seconds on an idle machine
//   npm run bench -- --only serving,edit
//   npm run bench -- --profile <dir>    with a CPU profile of each controller in <dir>; the numbers then mean little
//
// Differences below a fifth mean nothing on a machine that does other work as well: the ratios are what to look at, and CPU
// time before rates. Builds dist/ first when it is older than src/.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildWhenStale } from './harness/build.mjs'
import { isPinned, pathOf } from './harness/child.mjs'
import { table, writeResults } from './harness/report.mjs'
import * as edit from './scenarios/edit.mjs'
import * as git from './scenarios/git.mjs'
import * as kafka from './scenarios/kafka.mjs'
import * as notifications from './scenarios/notifications.mjs'
import * as plan from './scenarios/plan.mjs'
import * as rabbitmq from './scenarios/rabbitmq.mjs'
import * as scaling from './scenarios/scaling.mjs'
import * as serving from './scenarios/serving.mjs'
import * as start from './scenarios/start.mjs'

const scenarios = { serving, scaling, start, edit, git, plan, kafka, rabbitmq, notifications }

const efforts = {
  full: {
    serving: { rounds: 11, requests: 6_000, warmup: 20_000, longestMs: 30_000 },
    scaling: { rounds: 7, requests: 12_000, warmup: 20_000, longestMs: 20_000 },
    starts: 3,
    edits: 300,
    checkouts: 10,
    pushes: 100,
    kafka: { rounds: 7, messages: 10_000 },
    rabbitmq: { rounds: 7, messages: 10_000 },
    notifications: { rounds: 10, events: 10_000, limitMs: 60_000 },
  },
  quick: {
    serving: { rounds: 5, requests: 3_000, warmup: 8_000, longestMs: 6_000 },
    scaling: { rounds: 3, requests: 3_000, warmup: 10_000, longestMs: 3_000 },
    starts: 1,
    edits: 200,
    checkouts: 3,
    pushes: 30,
    kafka: { rounds: 3, messages: 4_000 },
    rabbitmq: { rounds: 3, messages: 4_000 },
    notifications: { rounds: 5, events: 2_000, limitMs: 5_000 },
  },
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, profile: { type: 'string' } },
})
const chosen = values.only?.split(',') ?? Object.keys(scenarios)
const unknown = chosen.filter((name) => !Object.hasOwn(scenarios, name))
if (unknown.length > 0) {
  console.error(`no scenario "${unknown.join('", "')}"; there are ${Object.keys(scenarios).join(', ')}`)
  process.exit(3)
}

buildWhenStale()
const workspace = mkdtempSync(join(tmpdir(), 'callboard-bench-'))
const removeWorkspace = () => rmSync(workspace, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    removeWorkspace()
    process.exit(code)
  })
}
const started = performance.now()
const results = []
try {
  const context = {
    workspace,
    effort: values.quick ? efforts.quick : efforts.full,
    profile: values.profile === undefined ? undefined : resolve(values.profile),
  }
  for (const name of chosen) {
    const { title, run } = scenarios[name]
    console.log(`\n${title}`)
    const findings = await run(context)
    console.log(table(findings))
    results.push(...findings)
  }
} finally {
  removeWorkspace()
}

const seconds = Math.round((performance.now() - started) / 1000)
const judged = results.filter(({ ok }) => ok !== undefined)
const missed = judged.filter(({ ok }) => !ok)
console.log(`\n${judged.length - missed.length} of ${judged.length} targets met in ${seconds} s`)
console.log(
  `load average ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores${isPinned ? ', servers and load pinned' : ''}`,
)
const file = pathOf('../../bench-results.json', import.meta.url)
writeResults(file, {
  at: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  pinned: isPinned,
  loadAverage: loadavg(),
  quick: values.quick === true,
  seconds,
  results,
})
console.log(`written to ${file}`)
