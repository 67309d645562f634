// Options of commands that are about an event.
import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { exitCodes } from './command.js'
import { ControlError } from './control-client.js'
import { parseLossless } from './lossless.js'

/** Throws `ControlError` when the file cannot be read, or is no JSON. `-`: standard input. */
export function readPayload(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new ControlError(`the payload cannot be read: ${(error as Error).message}`, exitCodes.usage)
  }
  try {
    return parseLossless(text)
  } catch (error) {
    throw new ControlError(`${file} is no JSON: ${(error as Error).message}`, exitCodes.usage)
  }
}

/** `name=value`, added to those before it. */
export function label(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('give it as name=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
