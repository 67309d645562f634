import { finding } from './report.mjs'
import { median, pairedRatios, spread } from './statistics.mjs'

/** How much CPU one contender of `alternate` needs for a request over what another one needs. */
export function comparison({ scenario, name, measured, of, over, target }) {
  const [one, other] = [measured[of], measured[over]]
  const value = pairedRatios(one.cpuMicros, other.cpuMicros)
  const micros = (numbers) => `${median(numbers).toFixed(1)} µs`
  const rate = (numbers) => Math.round(median(numbers)).toLocaleString('en-US')
  return finding({
    scenario,
    name,
    unit: 'ratio',
    value,
    target,
    detail: `${micros(one.cpuMicros)} over ${micros(other.cpuMicros)}; ${rate(one.rate)}/s, ${rate(other.rate)}/s`,
    data: {
      cpuMicros: { [of]: spread(one.cpuMicros), [over]: spread(other.cpuMicros) },
      requestsPerSecond: { [of]: spread(one.rate), [over]: spread(other.rate) },
    },
  })
}
