import { RawNumber } from '../expression/json.js'

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/

/** The number a literal stands for; as its text where a double would change it. Undefined when it is not finite. */
export function exactNumber(source: string, value: number): number | RawNumber | undefined {
  // Up to 15 digits a double always holds.
  if (source.length <= 15 && Number.isFinite(value)) return value
  if (Number.isNaN(value) || /inf/i.test(source)) return undefined
  const text = source.replaceAll('_', '')
  if (/^[-+]?0[xob]/.test(text)) {
    if (Number.isSafeInteger(value)) return value
    const magnitude = BigInt(text.replace(/^[-+]/, ''))
    return new RawNumber(`${text.startsWith('-') ? '-' : ''}${magnitude}`)
  }
  if (Number.isFinite(value) && significant(text) === significant(String(value))) return value
  const plain = text
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|[eE])/, '')
    .replace(/^(-?)0+(?=[0-9])/, '$1')
  return jsonNumber.test(plain) ? new RawNumber(plain) : undefined
}

/** Sign, digits without zeros at either end, and exponent: equal for two spellings of one number. */
function significant(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const trimmed = digits.replace(/0+$/, '')
  if (trimmed === '') return '0'
  return `${sign === '-' ? '-' : ''}${trimmed}e${Number(exponent) - fraction.length + (digits.length - trimmed.length)}`
}
