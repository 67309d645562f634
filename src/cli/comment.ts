import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { ForgeError, type PullRequest } from './forge-comment.js'
import { type Forge, forges } from './forges.js'
import { markerOf } from './plan/markdown.js'

interface CommentOptions {
  readonly forge?: string
  readonly repository?: string
  readonly number?: string
  readonly api?: string
}

export const commentCommand: CliCommand = {
  register(program, io) {
    program
      .command('comment')
      .description('put the markdown of a plan under a pull request: one comment, replaced by each later plan')
      .argument('<file>', 'what `callboard plan --output markdown` has written')
      .addOption(new Option('--forge <name>', 'default: the one whose job this is').choices([...forges.keys()]))
      .option('--repository <name>', 'owner/name, or the id of the project; default: that of the job')
      .addOption(new Option('--number <number>', 'of the pull request; default: that of the job').argParser(number))
      .option('--api <url>', 'default: that of the job')
      .addHelpText(
        'after',
        `\nThe token is taken from the environment: ${[...forges.values()].map(tokenHelp).join('; ')}.`,
      )
      .action(async (file: string, options: CommentOptions) => io.exit(await comment(file, options, io)))
  },
}

async function comment(file: string, options: CommentOptions, io: Io): Promise<number> {
  const found =
    options.forge === undefined ? [...forges.values()].find((one) => one.isHere(io.env)) : forges.get(options.forge)
  if (found === undefined) {
    io.stderr(`error: this is no job of a forge that is known; say which: --forge ${[...forges.keys()].join('|')}\n`)
    return exitCodes.usage
  }
  const target = targetOf(found, options, io.env)
  if (typeof target === 'string') {
    io.stderr(`error: ${target}\n`)
    return exitCodes.usage
  }
  const read = readPlan(file, found)
  if ('error' in read) {
    io.stderr(`error: ${read.error}\n`)
    return exitCodes.usage
  }
  try {
    const { outcome, url } = await found.comment(target, read.marker, read.body)
    io.stderr(`${outcome} ${url}\n`)
    return exitCodes.clean
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    io.stderr(`error: nothing was commented: ${error.message}\n`)
    return exitCodes.notComputed
  }
}

/** Or what is missing. */
function targetOf({ facts, tokens }: Forge, options: CommentOptions, env: Io['env']): PullRequest | string {
  const here = facts(env)
  const { api = here.api, repository = here.repository, number: pull = here.number } = options
  if (api === undefined || !/^https?:\/\//.test(api)) return 'say where the API is: --api <url>'
  if (!repository) return 'say which repository it is: --repository <name>'
  if (!pull) return 'this is no job of a pull request; say which it is: --number <number>'
  const token = tokens.map((name) => env[name]).find((value) => value !== undefined && value !== '')
  if (token === undefined) return `there is no token; give one as ${tokens.join(' or ')}`
  return { api: api.replace(/\/+$/, ''), repository, number: pull, token }
}

function readPlan(
  file: string,
  { mostCharacters }: Forge,
): { readonly marker: string; readonly body: string } | { readonly error: string } {
  let body: string
  try {
    body = readFileSync(file, 'utf8')
  } catch (error) {
    return { error: `${file} cannot be read: ${error instanceof Error ? error.message : error}` }
  }
  const marker = markerOf(body)
  if (marker === undefined) return { error: `${file} is no plan: its first line is not <!-- callboard-plan: … -->` }
  if (body.length > mostCharacters) {
    return { error: `${file} has ${body.length} characters; a comment may have ${mostCharacters}` }
  }
  return { marker, body }
}

function tokenHelp({ title, tokens }: Forge): string {
  return `${tokens.join(' or ')} for ${title}`
}

function number(text: string): string {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError('give the number of the pull request.')
  return text
}
