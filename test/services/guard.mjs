// Runs a command for as long as the process that started this one lives, however that one ends: `node guard.mjs COMMAND ARG…`.
// The standard input is a pipe that nothing is written to. When it closes, the command and all that it started are killed.
// SIGTERM is handed on to the command alone, which may then take its time; what it left behind is killed after it.
// A process of its own because nothing inside a process can act once that process was killed.
import { spawn } from 'node:child_process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })

function killAll() {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => {
  killAll()
  process.exit(code ?? 1)
})
process.on('SIGTERM', () => child.kill('SIGTERM'))
// Ctrl+C goes to the whole terminal: the process that started this one decides when the command ends.
process.on('SIGINT', () => {})
process.stdin.on('end', killAll).on('close', killAll).on('error', killAll).resume()
