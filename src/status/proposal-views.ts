// What a change would do that nobody has made yet: files laid over those that are applied, judged as a whole revision.
import { flag, integer, list, nullable, object, ref, type Schemas } from './json-schema.js'
import type { ChangeView, DeletionExcess, ProblemView } from './views.js'

/** Texts by path below the source's root; null for a file that goes. */
export type ProposedFiles = Readonly<Record<string, string | null>>

export interface ProposedChange extends ChangeView {
  readonly file: string
  readonly line: number
}

export interface PlanCounts {
  readonly create: number
  readonly update: number
  readonly move: number
  readonly prune: number
  readonly unchanged: number
}

export interface Proposal {
  /** The revision that the files are laid over; null when none is applied, or they stand alone. */
  readonly base: string | null
  /** False when there are errors: none of it would be applied, and nothing is said of changes. */
  readonly computed: boolean
  readonly errors: number
  readonly warnings: number
  /** By file and line; those of the files in question come first. */
  readonly problems: readonly ProblemView[]
  readonly moreProblems: boolean
  /** Null when it was not asked for, or not computed. */
  readonly counts: PlanCounts | null
  readonly changes: readonly ProposedChange[] | null
  readonly moreChanges: boolean
  /** Why it would be held although it is valid. */
  readonly deletionBudget: readonly DeletionExcess[] | null
}

export interface ProposalOptions {
  /** The files are all there is, instead of being laid over those that are applied. */
  readonly alone: boolean
  /** Changes are worked out besides problems. */
  readonly plan: boolean
}

export type ProposalOutcome =
  | { readonly outcome: 'judged'; readonly proposal: Proposal }
  | { readonly outcome: 'refused'; readonly field: string; readonly message: string }
  | { readonly outcome: 'busy' }

/** Changes nothing. */
export type Propose = (files: ProposedFiles, options: ProposalOptions) => Promise<ProposalOutcome>

export const proposalSchemas: Schemas = {
  ProposedChange: {
    type: 'object',
    description: 'What would become of one resource',
    properties: {
      operation: { type: 'string', description: 'create, update, move, prune' },
      kind: { type: 'string', description: 'Kind' },
      namespace: { type: 'string', description: 'Empty for a global resource' },
      name: { type: 'string', description: 'metadata.name' },
      from: { type: 'string', description: '`namespace/name` before a move' },
      file: { type: 'string', description: "Path below the source's root" },
      line: integer('One-based'),
    },
    required: ['operation', 'kind', 'namespace', 'name', 'file', 'line'],
    additionalProperties: false,
  },
  PlanCounts: object<PlanCounts>('How many resources would be', {
    create: integer('Made'),
    update: integer('Changed'),
    move: integer('Renamed or moved'),
    prune: integer('Removed'),
    unchanged: integer('Left alone'),
  }),
  Proposal: object<Proposal>('What files would come to that nobody has merged yet', {
    base: nullable({ type: 'string', description: 'The revision that they are laid over' }),
    computed: flag('False when there are errors: none of it would be applied'),
    errors: integer('Problems that would hold the revision'),
    warnings: integer('Problems that would not'),
    problems: list('Those of the files in question first', ref('DeclarationProblem')),
    moreProblems: flag('There are more than are listed'),
    counts: nullable(ref('PlanCounts')),
    changes: nullable(list('What would become of single resources', ref('ProposedChange'))),
    moreChanges: flag('There are more than are listed'),
    deletionBudget: nullable(list('Why it would be held although it is valid', ref('DeletionExcess'))),
  }),
}
