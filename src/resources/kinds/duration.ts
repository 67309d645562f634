const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of a duration that passed validation: seconds, or a number with its unit. */
export function durationMs(duration: number | string): number {
  if (typeof duration === 'number') return Math.round(duration * 1000)
  return Math.round(Number(duration.slice(0, -1)) * (units[duration.slice(-1)] as number))
}

/** As people write it: `30s`, `5m`, `1h 30m`. */
export function durationText(ms: number): string {
  const parts: string[] = []
  let rest = ms
  for (const [unit, length] of [['d', 86_400_000] as const, ['h', 3_600_000] as const, ['m', 60_000] as const]) {
    const whole = Math.floor(rest / length)
    if (whole > 0) parts.push(`${whole}${unit}`)
    rest -= whole * length
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest / 1000}s`)
  return parts.join(' ')
}
