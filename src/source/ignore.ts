import ignore, { type Ignore } from 'ignore'

export const ignoreFile = '.callboardignore'

interface Level {
  /** Path of the folder that holds the file. */
  readonly folder: string
  readonly rules: Ignore
}

/** The rules in effect in one folder: gitignore's, where the file nearest to a path has the last word. */
export class IgnoreRules {
  static readonly none: IgnoreRules = new IgnoreRules([])

  /** Nearest first. */
  readonly #levels: readonly Level[]

  private constructor(levels: readonly Level[]) {
    this.#levels = levels
  }

  /** These rules and those of the ignore file in `folder`. */
  with(folder: string, text: string): IgnoreRules {
    // Unlike the package, as git on a file system that tells cases apart.
    const rules = ignore({ ignorecase: false }).add(text.replace(/^\uFEFF/, ''))
    return new IgnoreRules([{ folder, rules }, ...this.#levels])
  }

  /** Whether what lies at `path` is left out, given that the folder it is in is not. */
  leaveOut(path: string, isFolder: boolean): boolean {
    for (const { folder, rules } of this.#levels) {
      const relative = folder === '' ? path : path.slice(folder.length + 1)
      const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative)
      if (ignored) return true
      if (unignored) return false
    }
    return false
  }
}
