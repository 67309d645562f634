import type { Command } from 'commander'

/** One subcommand: adds itself, its arguments and its action to `program`. */
export interface CliCommand {
  register(program: Command, io: Io): void
}

/** What a command sees of the process it runs in. */
export interface Io {
  /** What was asked for, as it is: whoever writes lines ends them. */
  stdout(text: string): void
  /** Everything else: progress, hints, errors. */
  stderr(text: string): void
  /** True when stdout is a terminal: it may be drawn over. */
  readonly isTerminal: boolean
  /** True when stderr is a terminal: progress belongs there alone. Not given: as stdout. */
  readonly isErrorTerminal?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Sets the code that the process ends with; returns. */
  exit(code: number): void
  /**
   * Aborts when the person has had enough (Ctrl-C). Whoever reads it promises to end then: what never does is ended by
   * the system. Without one, whatever goes on does so until the process ends.
   */
  readonly signal?: AbortSignal
  /** Calls `look` at every SIGHUP until the function it returns is called. */
  onHangup?(look: () => void): () => void
}

/** "Could not be computed" never looks like "nothing to report". */
export const exitCodes = { clean: 0, problems: 1, changes: 2, usage: 3, notComputed: 4 } as const

/** Whether stdout takes colours: https://no-color.org, and terminals that say they can do nothing. */
export function hasColour({ isTerminal, env }: Io): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
}
