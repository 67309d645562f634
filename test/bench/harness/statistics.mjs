/** The value below which `share` of the numbers lie; nearest rank. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function spread(numbers) {
  return { min: Math.min(...numbers), median: median(numbers), max: Math.max(...numbers), count: numbers.length }
}

/** Round by round, so that what disturbs the machine for a while disturbs both sides of a ratio. */
export function pairedRatios(numbers, baseline) {
  return spread(numbers.map((number, round) => number / baseline[round]))
}
