// Runs the steps of a composite action as GitHub's runner does, as far as they are used here.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Step {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly if?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

export interface RanStep {
  readonly name: string | undefined
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ActionRun {
  readonly steps: readonly RanStep[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export function readAction(path: string): Action {
  return parse(readFileSync(path, 'utf8'))
}

interface Surroundings {
  readonly workspace: string
  readonly temp: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly github: object
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Steps follow one another until one fails. */
export async function runAction(
  action: Action,
  { workspace, temp, inputs = {}, github, env }: Surroundings,
): Promise<ActionRun> {
  mkdirSync(temp, { recursive: true })
  const outputs: Record<string, { outputs: Record<string, string> }> = {}
  const contexts = { github, steps: outputs, inputs: {} as Record<string, string> }
  for (const [name, { default: standard = '' }] of Object.entries(action.inputs)) {
    contexts.inputs[name] = inputs[name] ?? filled(standard, contexts)
  }
  const summary = join(temp, 'summary.md')
  writeFileSync(summary, '')
  const steps: RanStep[] = []
  for (const [index, step] of action.runs.steps.entries()) {
    if (step.run === undefined) continue
    if (step.if !== undefined && !isTrue(evaluated(step.if, contexts))) continue
    const output = join(temp, `output-${index}`)
    writeFileSync(output, '')
    const script = join(temp, `step-${index}.sh`)
    writeFileSync(script, step.run)
    const given = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([key, value]) => [key, filled(value, contexts)]),
    )
    const ran = await execute('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], workspace, {
      ...env,
      ...given,
      RUNNER_TEMP: temp,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    })
    steps.push({ name: step.name, ...ran })
    if (step.id !== undefined) outputs[step.id] = { outputs: readOutputs(output) }
    if (ran.code !== 0) break
  }
  const told = Object.entries(action.outputs).map(([name, { value }]) => [name, filled(value, contexts)])
  return { steps, outputs: Object.fromEntries(told), summary: readFileSync(summary, 'utf8') }
}

export function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Omit<RanStep, 'name'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

function readOutputs(file: string): Record<string, string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

function filled(text: string, contexts: object): string {
  return text.replace(/\$\{\{(.+?)\}\}/g, (_, expression: string) => {
    const value = evaluated(expression, contexts)
    return value === undefined || value === null ? '' : String(value)
  })
}

/** `a.b || c && d == 'text'`: all that is used. */
function evaluated(expression: string, contexts: object): unknown {
  const first = (parts: readonly unknown[], wanted: boolean) =>
    parts.find((one) => isTrue(one) === wanted) ?? parts.at(-1)
  return first(
    expression.split('||').map((any) =>
      first(
        any.split('&&').map((all) => compared(all.trim(), contexts)),
        false,
      ),
    ),
    true,
  )
}

function compared(text: string, contexts: object): unknown {
  const [left = '', right] = text.split('==').map((part) => part.trim())
  return right === undefined ? operand(left, contexts) : operand(left, contexts) === operand(right, contexts)
}

function operand(text: string, contexts: object): unknown {
  const quoted = /^'(.*)'$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted
  if (!/^[a-z_][\w.-]*$/i.test(text)) throw new Error(`this runner does not know ${JSON.stringify(text)}`)
  let at: unknown = contexts
  for (const name of text.split('.')) at = (at as Record<string, unknown> | undefined)?.[name]
  return at
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== ''
}
