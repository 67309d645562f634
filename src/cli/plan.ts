import { InvalidArgumentError, Option } from 'commander'
import { budgetExcesses, deletionBudget } from '../reconcile/deletion-budget.js'
import { isEmpty, plan } from '../reconcile/plan.js'
import type { Problem } from '../resources/problem.js'
import type { ResourceSet } from '../resources/resource.js'
import type { Settings } from '../settings.js'
import { type Snapshot, SourceError } from '../source/source.js'
import { type CliCommand, exitCodes, hasColour, type Io } from './command.js'
import { ControlError } from './control-client.js'
import { controlClient } from './control-options.js'
import { forkPoint, pathInRepository } from './git-objects.js'
import { assertFolder, DeclarationReader, type Declarations } from './offline.js'
import { changesOf } from './plan/changes.js'
import { digestChanges } from './plan/digests.js'
import { planFormats } from './plan/formats.js'
import { holdChanges } from './plan/holds.js'
import { isMarkerId } from './plan/markdown.js'
import { messageChanges } from './plan/messages.js'
import { ownersOf } from './plan/owners.js'
import { compareProblems } from './plan/problem-changes.js'
import { quotaChanges } from './plan/quotas.js'
import { recipientChanges } from './plan/recipients.js'
import { errorsOf, type Planned, type PlanReport } from './plan/report.js'
import { routeChanges } from './plan/routes.js'
import { firedBy } from './plan/webhooks.js'
import { appliedResources } from './remote-resources.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'
import { type Written, writeAll, writeOption } from './write-option.js'

interface PlanOptions extends SettingsOptions {
  readonly base?: string
  readonly head?: string
  readonly against?: string
  readonly token?: string
  readonly strict?: true
  readonly output: string
  readonly id?: string
  readonly write?: readonly Written[]
  readonly detailedExitcode?: true
}

/** One of the two states that a plan leads between. */
interface Side {
  /** In words, for people. */
  readonly name: string
  readonly resources: ResourceSet
  /** Undefined for what a controller has applied: that has no errors, and its warnings are not asked for. */
  readonly declared: { readonly problems: readonly Problem[]; readonly snapshot: Snapshot } | undefined
  /** That was read; undefined for a folder, and for a controller. */
  readonly commit?: string
  readonly notComputed: readonly string[]
  readonly notes: readonly string[]
}

export const planCommand: CliCommand = {
  register(program, io) {
    const command = program
      .command('plan')
      .description('show what a merge would create, update, move and prune')
      .argument('[dir]', 'the folder of declarations', '.')
      .addOption(
        new Option(
          '--base <git ref>',
          'what to merge into: a branch, tag or commit; compared with is the commit where the head has left it',
        ).argParser(reference),
      )
      .addOption(
        new Option('--head <git ref>', 'what would be merged; default: the folder as it is').argParser(reference),
      )
      .addOption(
        new Option('--against <control url>', 'compare with what a running controller has applied').conflicts('base'),
      )
      .addOption(new Option('--token <token>', 'bearer token for --against (env: CALLBOARD_TOKEN)'))
      .addOption(writeOption([...planFormats.keys()]))
      .option('--strict', 'warnings are errors, as for a controller that runs with --strict')
      .addOption(new Option('-o, --output <format>', 'how to show it').choices([...planFormats.keys()]).default('text'))
      .addOption(
        new Option(
          '--id <id>',
          'in the marker of the markdown, where several plans comment; default: the folder',
        ).argParser(marker),
      )
      .option('--detailed-exitcode', 'exit with 2 when there are changes')
    settingsOptions(command).action((dir: string, options: PlanOptions) =>
      withSettings(io, options, { strict: options.strict }, (settings) => answer(dir, options, settings, io)),
    )
  },
}

async function answer(dir: string, options: PlanOptions, settings: Settings, io: Io): Promise<number> {
  if (options.base === undefined && options.against === undefined) {
    io.stderr('error: say what to compare with: --base <git ref> or --against <control url>\n')
    return exitCodes.usage
  }
  try {
    await assertFolder(dir)
    const report = await makePlan(dir, options, settings, io)
    io.stdout(planFormats.get(options.output)?.(report, hasColour(io)) ?? '')
    writeAll(options.write, (format) => planFormats.get(format)?.(report, false) ?? '')
    return codeOf(report, options, io)
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof ControlError)) throw error
    io.stderr(`error: no plan could be made: ${error.message}\n`)
    return error instanceof ControlError && error.exitCode === exitCodes.usage ? exitCodes.usage : exitCodes.notComputed
  }
}

function codeOf({ planned, head, notComputed }: PlanReport, { detailedExitcode }: PlanOptions, io: Io): number {
  if (planned === undefined) {
    io.stderr(`error: no plan: ${head} has errors and would not be applied; callboard validate shows where\n`)
    return exitCodes.problems
  }
  if (!detailedExitcode) return exitCodes.clean
  if (planned.changes.length > 0) return exitCodes.changes
  return notComputed.length > 0 ? exitCodes.notComputed : exitCodes.clean
}

async function makePlan(dir: string, options: PlanOptions, settings: Settings, io: Io): Promise<PlanReport> {
  const reader = new DeclarationReader(settings, io)
  const base = options.base === undefined ? undefined : await mergeBase(dir, options.base, options.head, reader)
  const head = await headSide(dir, options, reader, base?.resources)
  // What a controller has is asked for last: it says only what differs from the head.
  const from = base ?? (await againstSide(options, io, head.resources))
  const problems = compareProblems(head.declared.problems, from.declared?.problems ?? [])
  const isHeld = errorsOf(head.declared.problems).length > 0
  const made = isHeld ? undefined : await planned(dir, from, head, settings)
  return {
    id: options.id ?? (await pathInRepository(dir))?.replace(/\/$/, '') ?? '',
    base: from.name,
    head: head.name,
    planned: made?.planned,
    problems,
    comparesProblems: from.declared !== undefined,
    notComputed: made === undefined ? [] : [...from.notComputed, ...head.notComputed, ...made.notComputed],
    notes: [...from.notes, ...head.notes],
  }
}

async function planned(
  dir: string,
  from: Side,
  head: Side & { declared: NonNullable<Side['declared']> },
  settings: Settings,
): Promise<{ readonly planned: Planned; readonly notComputed: readonly string[] }> {
  const difference = plan(head.resources, from.resources)
  const sides = [difference, from.resources, head.resources] as const
  const tables = { catalogues: settings.catalogues, customersEnabled: settings.customers.enabled }
  const routes = await routeChanges(...sides, settings.defaultNamespace)
  const { recipients, notComputed } = await recipientChanges(...sides, tables)
  const holds = holdChanges(...sides)
  const { messages, notComputed: unread } = await messageChanges(...sides, tables)
  const { maxPrune } = settings.reconcile
  const made = {
    changes: changesOf(difference, { base: from.declared?.snapshot, head: head.declared.snapshot }),
    unchanged: difference.unchanged,
    owners: isEmpty(difference) ? undefined : await ownersOf(dir, from.commit),
    budget: deletionBudget(difference, from.resources, maxPrune),
    excesses: budgetExcesses(difference, from.resources, maxPrune),
    fires: firedBy(difference, head.resources),
    requests: routes.requests,
    requestsTried: routes.tried,
    namespaces: [...routes.namespaces, ...quotaChanges(from.resources, head.resources)],
    recipients,
    holds,
    messages,
    digests: digestChanges(from.resources, head.resources, tables, Date.now()),
  }
  return { planned: made, notComputed: [...routes.notComputed, ...notComputed, ...unread] }
}

async function headSide(dir: string, { head }: PlanOptions, reader: DeclarationReader, applied?: ResourceSet) {
  if (head === undefined) return declaredSide(dir, await reader.folder(dir, applied))
  const read = await reader.commit(dir, head, applied)
  if (!read.exists) throw new SourceError(`there is no folder ${dir} in ${nameOfCommit(head, read.commit)}`)
  const side = declaredSide(nameOfCommit(head, read.commit), read)
  return { ...side, notComputed: submoduleNotes(read.submodules) }
}

function declaredSide(name: string, { resources, problems, snapshot }: Declarations) {
  if (snapshot.files.size === 0) {
    throw new SourceError(`${name} holds no documents, and an empty source is never applied`)
  }
  return { name, resources, declared: { problems, snapshot }, notComputed: [] as string[], notes: [] as string[] }
}

/**
 * What the base holds, or held where the head has left it: what others have merged since is not the head's doing, and
 * would stay.
 */
async function mergeBase(
  dir: string,
  base: string,
  head: string | undefined,
  reader: DeclarationReader,
): Promise<Side> {
  const fork = await forkPoint(dir, base, head ?? 'HEAD')
  const read = await reader.commit(dir, fork.commit)
  const name = nameOfCommit(base, fork.base)
  const broken = new Set(errorsOf(read.problems).map(({ file }) => file))
  return {
    name,
    resources: read.resources,
    declared: { problems: read.problems, snapshot: read.snapshot },
    commit: fork.commit,
    notComputed: [
      ...[...broken].sort().map((file) => `${file} has errors in ${name}, so what is applied of it is not known`),
      ...submoduleNotes(read.submodules),
    ],
    notes: [
      ...(read.exists ? [] : [`${name} has no such folder, so everything is new`]),
      ...(fork.relation === 'forked'
        ? [`${name} has gone on since ${fork.commit.slice(0, 7)}; only what has changed from there is shown`]
        : []),
      ...(fork.relation === 'unrelated' ? [`${name} and what would be merged have no history in common`] : []),
    ],
  }
}

async function againstSide({ against, token }: PlanOptions, io: Io, head: ResourceSet): Promise<Side> {
  const client = controlClient(io, { control: against ?? '', ...(token === undefined ? {} : { token }) })
  const { name, resources } = await appliedResources(client, head)
  return { name, resources, declared: undefined, notComputed: [], notes: [] }
}

function submoduleNotes(submodules: readonly string[]): string[] {
  return submodules.map((path) => `${path} is a submodule, and what is in it is not looked at`)
}

function nameOfCommit(ref: string, commit: string): string {
  const short = commit.slice(0, 7)
  return commit.startsWith(ref) ? short : `${ref} (${short})`
}

function marker(text: string): string {
  if (!isMarkerId(text)) throw new InvalidArgumentError('give at most 100 letters, digits, ".", "_", "/" and "-".')
  return text
}

function reference(text: string): string {
  if (text === '' || text.startsWith('-')) throw new InvalidArgumentError('give a branch, tag or commit.')
  return text
}
