import { InvalidArgumentError, Option } from 'commander'
import { budgetExcesses } from '../reconcile/deletion-budget.js'
import { isEmpty, type Plan, plan } from '../reconcile/plan.js'
import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import type { Settings } from '../settings.js'
import { withGitTree } from '../source/git-tree.js'
import { SourceError } from '../source/source.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { controlClient } from './control-options.js'
import { assertFolder, readDeclarations } from './offline.js'
import { planFormats } from './plan-report.js'
import { appliedResources } from './remote-resources.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'

interface PlanOptions extends SettingsOptions {
  readonly base?: string
  readonly head?: string
  readonly against?: string
  readonly token?: string
  readonly output: string
  readonly detailedExitcode?: true
}

/** One of the two states that a plan leads between. */
interface Side {
  /** In words, for people. */
  readonly name: string
  readonly resources: ResourceSet
  readonly problems: readonly Problem[]
}

export const planCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('plan')
      .description('show what a merge would create, update, move and prune')
      .argument('[dir]', 'the folder of declarations', '.')
      .addOption(new Option('--base <git ref>', 'what to compare with: a branch, tag or commit').argParser(reference))
      .addOption(
        new Option('--head <git ref>', 'what would be merged; default: the folder as it is').argParser(reference),
      )
      .addOption(
        new Option('--against <control url>', 'compare with what a running controller has applied').conflicts([
          'base',
          'head',
        ]),
      )
      .addOption(new Option('--token <token>', 'bearer token for --against (env: CALLBOARD_TOKEN)'))
      .addOption(
        new Option('-o, --output <format>', 'how to show it').choices(Object.keys(planFormats)).default('text'),
      )
      .option('--detailed-exitcode', 'exit with 2 when there are changes')
    settingsOptions(command).action((dir: string, options: PlanOptions) =>
      withSettings(io, options, {}, async (settings) => {
        if (options.base === undefined && options.against === undefined) {
          io.stderr('error: say what to compare with: --base <git ref> or --against <control url>\n')
          return exitCodes.usage
        }
        try {
          await assertFolder(dir)
          return await makePlan(dir, options, settings, io)
        } catch (error) {
          if (!(error instanceof SourceError) && !(error instanceof ControlError)) throw error
          io.stderr(`error: no plan could be made: ${error.message}\n`)
          return exitCodes.notComputed
        }
      }),
    )
  },
}

async function makePlan(dir: string, options: PlanOptions, settings: Settings, io: Io): Promise<number> {
  const head = await headSide(dir, options, settings, io)
  const errors = head.problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    for (const { file, line, column, message } of errors) io.stderr(`${file}:${line}:${column}: ${message}\n`)
    io.stderr(
      `error: no plan: ${head.name} has ${errors.length} errors and would not be applied; see callboard validate\n`,
    )
    return exitCodes.problems
  }
  const base = await baseSide(dir, options, settings, io, head.resources)
  const changes = plan(head.resources, base.resources)
  const report = {
    base: base.name,
    head: head.name,
    plan: changes,
    excesses: budgetExcesses(changes, base.resources, settings.reconcile.maxPrune),
    notComputed: notComputed(base),
  }
  io.stdout(planFormats[options.output]?.(report) ?? '')
  return options.detailedExitcode && hasChanges(changes) ? exitCodes.changes : exitCodes.clean
}

function headSide(dir: string, { head }: PlanOptions, settings: Settings, io: Io): Promise<Side> {
  return head === undefined ? folderSide(dir, dir, settings, io) : gitSide(dir, head, settings, io)
}

function baseSide(
  dir: string,
  { base, against, token }: PlanOptions,
  settings: Settings,
  io: Io,
  head: ResourceSet,
): Promise<Side> {
  if (base !== undefined) return gitSide(dir, base, settings, io)
  const client = controlClient(io, { control: against ?? '', ...(token === undefined ? {} : { token }) })
  return appliedResources(client, head)
}

function gitSide(dir: string, ref: string, settings: Settings, io: Io): Promise<Side> {
  return withGitTree(dir, ref, (folder, commit) => {
    const short = commit.slice(0, 7)
    return folderSide(folder, commit.startsWith(ref) ? short : `${ref} (${short})`, settings, io)
  })
}

async function folderSide(folder: string, name: string, settings: Settings, io: Io): Promise<Side> {
  const { resources, problems } = await readDeclarations(folder, settings, io)
  return { name, resources, problems }
}

/** Documents with errors on the base side were never applied from there: what became of them cannot be said. */
function notComputed({ name, problems }: Side): string[] {
  const files = new Set(problems.filter(({ severity }) => severity === 'error').map(({ file }) => file))
  return [...files].sort().map((file) => `${file} has errors in ${name}, so what the plan says about it may be wrong`)
}

function hasChanges(changes: Plan): boolean {
  return !isEmpty(changes)
}

function reference(text: string): string {
  if (text === '' || text.startsWith('-')) throw new InvalidArgumentError('give a branch, tag or commit.')
  return text
}
