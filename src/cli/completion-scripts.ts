// Completion scripts. They hold all there is to know, so that pressing Tab starts no process of ours.

/** A point on the command line, and what may follow there. */
export interface Place {
  /** The commands so far, without the program. */
  readonly path: readonly string[]
  readonly words: readonly { readonly word: string; readonly description: string }[]
  readonly options: readonly {
    readonly long: string
    readonly short: string
    readonly description: string
    readonly takesValue: boolean
    /** Empty: anything, such as a file. */
    readonly values: readonly string[]
  }[]
}

/** Lines of a shell's `case`: the words that may follow at each place. */
function wordCases(places: readonly Place[]): string {
  return places
    .map(({ path, words, options }) => {
      const all = [...words.map(({ word }) => word), ...options.map(({ long }) => long)].filter((word) => word !== '')
      return `    '${path.join(' ')}') echo '${all.join(' ')}' ;;`
    })
    .join('\n')
}

/** Lines of a shell's `case`: the values of each option that takes one of several, `*` for those that take anything. */
function valueCases(places: readonly Place[]): string {
  return places
    .flatMap(({ path, options }) =>
      options
        .filter(({ takesValue }) => takesValue)
        .map(({ long, short, values }) => {
          const names = [long, short].filter((name) => name !== '').map((name) => `'${[...path, name].join(' ')}'`)
          return `    ${names.join('|')}) echo '${values.length === 0 ? '*' : values.join(' ')}' ;;`
        }),
    )
    .join('\n')
}

/** Functions that bash and zsh both understand. */
function tables(places: readonly Place[]): string {
  return `_callboard_words() {
  case "$1" in
${wordCases(places)}
  esac
}
_callboard_values() {
  case "$1" in
${valueCases(places)}
  esac
}
`
}

export function bash(places: readonly Place[]): string {
  return `# bash completion for callboard
${tables(places)}_callboard() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="" path="" try values i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    previous="\${COMP_WORDS[i]}"
    [[ $previous == -* ]] && continue
    try="\${path:+$path }$previous"
    [[ -n "$(_callboard_words "$try")" ]] && path="$try"
  done
  values=""
  [[ $previous == -* ]] && values="$(_callboard_values "\${path:+$path }$previous")"
  if [[ -z $values ]]; then
    COMPREPLY=($(compgen -W "$(_callboard_words "$path")" -- "$current"))
  elif [[ $values != "*" ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
    return
  fi
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _callboard callboard
`
}

export function zsh(places: readonly Place[]): string {
  return `#compdef callboard
# zsh completion for callboard
${tables(places)}_callboard() {
  local current=$words[CURRENT] previous="" path_="" try values word
  for word in $words[2,CURRENT-1]; do
    previous=$word
    [[ $word == -* ]] && continue
    try="\${path_:+$path_ }$word"
    [[ -n "$(_callboard_words "$try")" ]] && path_=$try
  done
  values=""
  [[ $previous == -* ]] && values="$(_callboard_values "\${path_:+$path_ }$previous")"
  if [[ -z $values ]]; then
    compadd -- \${=$(_callboard_words "$path_")}
  elif [[ $values != "*" ]]; then
    compadd -- \${=values}
    return
  fi
  _files
}
if [[ $funcstack[1] == _callboard ]]; then
  _callboard "$@"
else
  compdef _callboard callboard
fi
`
}

export function fish(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const condition = fishCondition(place, places)
    return [
      ...place.words.map(
        ({ word, description }) =>
          `complete -c callboard -n ${condition} -f -a ${quote(word)}${described(description)}`,
      ),
      ...place.options.map(({ long, short, description, takesValue, values }) => {
        const value = values.length > 0 ? ` -x -a ${quote(values.join(' '))}` : takesValue ? ' -r' : ''
        const names = `${long === '' ? '' : ` -l ${long.slice(2)}`}${short === '' ? '' : ` -s ${short.slice(1)}`}`
        return `complete -c callboard -n ${condition}${names}${value}${described(description)}`
      }),
    ]
  })
  return `# fish completion for callboard\n${lines.join('\n')}\n`
}

/** After all words of the path, and before any word that leads on. */
function fishCondition({ path, words }: Place, places: readonly Place[]): string {
  const leadsOn = words.filter(({ word }) => places.some((other) => other.path.join(' ') === [...path, word].join(' ')))
  const names = leadsOn.map(({ word }) => word).join(' ')
  const parts = [
    ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]),
  ]
  return quote(parts.join('; and '))
}

function described(description: string): string {
  return description === '' ? '' : ` -d ${quote(description)}`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
