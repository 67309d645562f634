import type { Command } from 'commander'
import { type CliCommand, exitCodes } from './command.js'

/** What can follow on the command line, read from the commands themselves. */
interface Candidates {
  /** Words of the path to a command, joined by a space, to what may follow there. */
  readonly [path: string]: readonly string[]
}

const shells: Readonly<Record<string, (candidates: Candidates) => string>> = { bash, zsh, fish }

export const completionCommand: CliCommand = {
  register(program, io) {
    program
      .command('completion')
      .description('print a completion script for bash, zsh or fish')
      .argument('<shell>', Object.keys(shells).join(', '))
      .addHelpText(
        'after',
        '\nFor this shell only:  source <(callboard completion bash)\nFish:                 callboard completion fish | source',
      )
      .action((shell: string) => {
        const script = shells[shell]
        if (script === undefined) {
          io.stderr(
            `error: no completion for ${JSON.stringify(shell)}; there is one for ${Object.keys(shells).join(', ')}\n`,
          )
          return io.exit(exitCodes.usage)
        }
        io.stdout(script(candidates(program)))
      })
  },
}

function candidates(program: Command): Candidates {
  const found: Record<string, string[]> = {}
  const visit = (command: Command, path: string): void => {
    const subcommands = command.commands.map((sub) => sub.name())
    const options = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
    found[path] = [...subcommands, ...choices, ...options, '--help'].sort()
    for (const sub of command.commands) visit(sub, path === '' ? sub.name() : `${path} ${sub.name()}`)
  }
  visit(program, '')
  return found
}

function cases(found: Candidates, line: (path: string, words: string) => string): string {
  return Object.entries(found)
    .map(([path, words]) => line(path, words.join(' ')))
    .join('\n')
}

function bash(found: Candidates): string {
  return `# bash completion for callboard
_callboard_words() {
  case "$1" in
${cases(found, (path, words) => `    '${path}') echo '${words}' ;;`)}
  esac
}
_callboard() {
  local key="" try i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in -*) continue ;; esac
    try="\${key:+$key }\${COMP_WORDS[i]}"
    [[ -n "$(_callboard_words "$try")" ]] && key="$try"
  done
  COMPREPLY=($(compgen -W "$(_callboard_words "$key")" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _callboard callboard
`
}

function zsh(found: Candidates): string {
  return `#compdef callboard
# zsh completion for callboard
_callboard() {
  local -A follow
  follow=(
${cases(found, (path, words) => `    '${path === '' ? '-' : path}' '${words}'`)}
  )
  local key=- word try
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    if [[ $key == - ]]; then try=$word; else try="$key $word"; fi
    (( \${+follow[$try]} )) && key=$try
  done
  compadd -- \${=follow[$key]}
  _files
}
compdef _callboard callboard
`
}

function fish(found: Candidates): string {
  const lines = Object.entries(found).map(([path, words]) => {
    const parts = path === '' ? [] : path.split(' ')
    const condition =
      path === '' ? '__fish_use_subcommand' : parts.map((part) => `__fish_seen_subcommand_from ${part}`).join('; and ')
    return `complete -c callboard -n '${condition}' -a '${words.join(' ')}'`
  })
  return `# fish completion for callboard\n${lines.join('\n')}\n`
}
