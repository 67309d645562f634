import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Json, parseJson } from '../expression/json.js'
import { channelTypeNames } from '../resources/channel-types.js'
import { canonicalLocale } from '../resources/kinds/locale.js'
import type { Settings } from '../settings.js'
import { SourceError } from '../source/source.js'
import { type CliCommand, exitCodes, type Io } from './command.js'
import { printJson } from './lossless.js'
import { DeclarationReader } from './offline.js'
import { type OfflinePreview, previewOffline, UnknownEventType } from './offline-preview.js'
import { type SettingsOptions, settingsOptions, withSettings } from './settings-options.js'
import { printable } from './view.js'

interface RenderOptions extends SettingsOptions {
  readonly channelType?: string
  readonly lang?: string
  readonly namespace?: string
  readonly payload?: string
  readonly output: 'text' | 'json'
}

export const templatesCommand: CliCommand = {
  register(program, io) {
    const templates = program.command('templates').description('see how messages read')
    registerRender(templates, io)
  },
}

function registerRender(templates: Command, io: Io): void {
  const command = templates
    .command('render')
    .description('the message of an event, by the declarations in a folder; nothing is sent')
    .argument('<event>', 'id of its event type, such as deploy.failure')
    .argument('[dir]', 'the folder', '.')
    .addOption(
      new Option('-t, --channel-type <type>', 'as it reads on channels of this type').choices(channelTypeNames()),
    )
    .addOption(
      new Option('-l, --lang <tag>', 'as it reads for a person with this locale, such as de-AT').argParser(tag),
    )
    .option('-n, --namespace <namespace>', 'namespace of the event')
    .option('--payload <file>', 'JSON file with what happened, or - for standard input; default: the sample')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
  settingsOptions(command).action((event: string, dir: string, options: RenderOptions) =>
    withSettings(io, options, {}, async (settings) => {
      try {
        return await render(event, dir, options, settings, io)
      } catch (error) {
        if (!(error instanceof SourceError) && !(error instanceof UnknownEventType)) throw error
        io.stderr(`error: ${error.message}\n`)
        return error instanceof SourceError ? exitCodes.notComputed : exitCodes.usage
      }
    }),
  )
}

async function render(
  event: string,
  dir: string,
  { channelType = '', lang, namespace = '', payload, output }: RenderOptions,
  settings: Settings,
  io: Io,
): Promise<number> {
  const given = payload === undefined ? undefined : readPayload(payload)
  const { resources, problems } = await new DeclarationReader(settings, io).folder(dir)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  // What has errors is not among the resources, and another template may stand in for it.
  if (errors > 0) {
    io.stderr(`warning: ${dir} has ${errors === 1 ? 'an error' : `${errors} errors`}; see callboard validate\n`)
  }
  const request = { event, namespace, channelType, lang, payload: given }
  const preview = await previewOffline(resources, settings, request)
  io.stdout(output === 'json' ? printJson(preview, 2) : text(preview))
  return preview.failure === null && errors === 0 ? exitCodes.clean : exitCodes.problems
}

function readPayload(file: string): Json {
  try {
    return parseJson(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    throw new SourceError(`the payload ${file} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

function text({ template, eventType, severity, title, body, link, format, failure, missing }: OfflinePreview): string {
  const lines = [
    `made by   ${template ?? eventType}`,
    `severity  ${severity}`,
    ...(format === 'rich' ? [] : [`format    ${format}`]),
    `title     ${title}`,
    ...(link === null ? [] : [`link      ${link}`]),
    ...(body === '' ? [] : ['', ...body.split('\n').map((line) => (line === '' ? '' : `  ${line}`))]),
    ...(missing.length === 0 && failure === null ? [] : ['']),
    ...missing.map((path) => `warning: ${path} is not in the payload`),
    ...(failure === null ? [] : [`error: ${failure}`]),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function tag(text: string): string {
  const canonical = canonicalLocale(text)
  if (canonical === undefined) throw new InvalidArgumentError('write it as in BCP 47: en, de-AT, pt-BR.')
  return canonical
}
